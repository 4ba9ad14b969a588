//! A text that names a host turns into the objects behind it.

use source_tree::Mark;

use super::Found;
use crate::host_keys::{
    is_address, is_for_reading, is_issuer, is_listener, is_own_address, is_remote_address,
};
use crate::host_mentions::{Form, HostMention};
use crate::host_names::{
    is_a_name_space, is_domain, is_this_machine, is_top_level_domain, looks_like_a_file,
};
use crate::kube_services::{Backend, in_cluster};
use crate::text_place;
use crate::view::View;

impl<'a> Found<'_, 'a> {
    /// What a mention stands for; nothing where it is no host, or one of the service's own.
    pub(super) fn ends(&self, text: &Text<'_>, mention: &HostMention<'_>) -> Vec<End> {
        let key = mention.key.or(text.key);
        let bare = mention.form == Form::Word && !mention.host.contains('.');
        if bare && !key.is_some_and(is_address) {
            return Vec::new();
        }
        if (mention.host.contains("${") && text.escaped) || key.is_some_and(is_listener) {
            return Vec::new();
        }
        let host = lower_case(mention.host.trim_end_matches('.'));
        let labels: Vec<&str> = host.split('.').collect();
        if let Some((service, namespace)) = cluster_name(&labels) {
            return match self.linker.kube_services.backend(namespace, service) {
                Some(Backend::Workloads(workloads)) => workloads.into_iter().map(End::Service).collect(),
                Some(Backend::External(host)) => vec![End::External(host)],
                Some(Backend::Unknown) | None => vec![End::External(in_cluster(service, namespace))],
            };
        }
        if key.is_some_and(is_for_reading) {
            return Vec::new();
        }
        let inside = match labels.as_slice() {
            [service] => return self.in_own_namespace(service, mention, key),
            [service, namespace] if self.is_of_an_operator(service, namespace, mention, key) => {
                return vec![End::External(in_cluster(service, namespace))];
            }
            [service, namespace] if self.linker.kube_services.has_namespace(namespace) => {
                self.in_namespace(service, namespace, mention, key)
            }
            // One pod of a headless Service.
            [_, service, namespace] if self.linker.kube_services.rendered(namespace, service).is_some() => {
                self.in_namespace(service, namespace, mention, key)
            }
            _ => Vec::new(),
        };
        if !inside.is_empty() {
            return inside;
        }
        match labels.as_slice() {
            // A Service that an operator or a chart makes in a namespace of the repository.
            [service, namespace]
                if self.linker.kube_services.has_namespace(namespace)
                    && !is_top_level_domain(namespace)
                    && (mention.form != Form::Word
                        || (key.is_some_and(is_address) && (mention.whole || mention.key.is_some())))
                    && !key.is_some_and(is_own_address)
                    && !looks_like_a_file(&host) =>
            {
                vec![End::External(in_cluster(service, namespace))]
            }
            _ => self.outside(text, mention, key, host.clone()),
        }
    }

    /// `name` alone.
    pub(super) fn in_own_namespace(
        &self,
        name: &str,
        mention: &HostMention<'_>,
        key: Option<&str>,
    ) -> Vec<End> {
        let services = self.linker.kube_services;
        let sure = match mention.form {
            Form::Url => true,
            // `redis:7` is an image as well as a host; the port tells.
            Form::HostPort => services
                .rendered(self.candidate.namespace, name)
                .is_none_or(|service| mention.port.is_some_and(|port| service.has_port(port))),
            Form::Word => key.is_some_and(is_address) && (mention.whole || mention.key.is_some()),
        };
        if !sure {
            return Vec::new();
        }
        let behind = match mention.form {
            Form::Word if !services.is_stated(self.candidate.namespace, name) => None,
            Form::Word => services.backend(self.candidate.namespace, name),
            _ => services.exact_backend(self.candidate.namespace, name),
        };
        if behind.is_none() && self.is_of_an_operator(name, self.candidate.namespace, mention, key) {
            return vec![End::External(in_cluster(name, self.candidate.namespace))];
        }
        ends_of(behind)
    }

    /// Whether a name in a namespace is that of a Service which an operator makes of its resource: nothing else of the repository
    /// has it, and the resource of the longest name that it begins with is called so.
    pub(super) fn is_of_an_operator(
        &self,
        name: &str,
        namespace: &str,
        mention: &HostMention<'_>,
        key: Option<&str>,
    ) -> bool {
        let sure = mention.form == Form::Url
            || mention.port.is_some()
            || (key.is_some_and(is_address) && (mention.whole || mention.key.is_some()));
        let services = self.linker.kube_services;
        sure && services.backend(namespace, name).is_none() && services.may_be_of_custom(namespace, name)
    }

    /// `name.namespace`
    pub(super) fn in_namespace(
        &self,
        name: &str,
        namespace: &str,
        mention: &HostMention<'_>,
        key: Option<&str>,
    ) -> Vec<End> {
        let services = self.linker.kube_services;
        if mention.form == Form::Word {
            let sure = mention.whole || key.is_some_and(is_address);
            return match services.is_stated(namespace, name) && sure {
                true => ends_of(services.backend(namespace, name)),
                false => Vec::new(),
            };
        }
        ends_of(services.backend(namespace, name))
    }

    /// A domain name or an address elsewhere, unless the cluster itself answers under it.
    pub(super) fn outside(
        &self,
        text: &Text<'_>,
        mention: &HostMention<'_>,
        key: Option<&str>,
        host: String,
    ) -> Vec<End> {
        if is_this_machine(&host) || text.routed || key.is_some_and(is_own_address) {
            return Vec::new();
        }
        let address = host.parse::<std::net::IpAddr>().is_ok();
        let in_long_text = text.text.trim_end().contains('\n');
        let sure = match mention.form {
            Form::Url => address || is_domain(&host),
            Form::HostPort if address => !in_long_text,
            Form::HostPort => is_domain(&host) && !looks_like_a_file(&host),
            Form::Word => {
                !address
                    && is_domain(&host)
                    && !looks_like_a_file(&host)
                    && key.is_some_and(is_remote_address)
                    && (mention.whole || mention.key.is_some())
            }
        };
        if !sure || is_a_name_space(&host) {
            return Vec::new();
        }
        let own: Vec<usize> = self.linker.hosts.services(&host).collect();
        if own.is_empty() {
            // An issuer that is no service of the repository may be the service itself, where its own hosts are not known.
            if key.is_some_and(is_issuer) && !self.linker.hosts.has_own(self.position) {
                return Vec::new();
            }
            return vec![End::External(host)];
        }
        let for_path = self.linker.hosts.services_for(&host, mention.path(text.text));
        if for_path.contains(&self.position) {
            // Its own address, under which a proxy may answer as well.
            return Vec::new();
        }
        for_path.into_iter().map(End::Service).collect()
    }
}

/// The end of an edge before keys.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum End {
    Service(usize),
    External(String),
}

/// One text with its key and place.
pub(super) struct Text<'t> {
    pub(super) text: &'t str,
    pub(super) key: Option<&'t str>,
    /// The place of its first line.
    pub(super) mark: Mark,
    /// Whether `${…}` in it belongs to somebody else than Flux.
    pub(super) escaped: bool,
    /// Whether it says how a chart is reached from outside.
    pub(super) routed: bool,
}

impl<'t> Text<'t> {
    pub(super) fn of(view: View<'t>, key: Option<&'t str>) -> Self {
        let text = view.text().unwrap_or_default();
        Text {
            text,
            key,
            mark: text_place::first_line(view),
            // What Flux leaves is unknown to it where the author wrote the same.
            escaped: view.is_known(text),
            routed: false,
        }
    }

    pub(super) fn line(&self, line: u32) -> Mark {
        if self.mark.is_some() {
            Mark::new(self.mark.file, self.mark.line.saturating_add(line))
        } else {
            self.mark
        }
    }
}

/// Whether a text has what every host has. Nearly all texts have not, and need not be taken apart.
pub(super) fn may_name_a_host(text: &str, key: Option<&str>) -> bool {
    text.contains(['.', ':', '=']) || key.is_some_and(is_address)
}

pub(super) fn ends_of(behind: Option<Backend>) -> Vec<End> {
    match behind {
        Some(Backend::Workloads(workloads)) => workloads.into_iter().map(End::Service).collect(),
        Some(Backend::External(host)) => vec![End::External(host)],
        Some(Backend::Unknown) | None => Vec::new(),
    }
}

/// Service and namespace of `[pod.]name.namespace.svc[.domain]`.
pub(super) fn cluster_name<'h>(labels: &[&'h str]) -> Option<(&'h str, &'h str)> {
    let svc = labels
        .iter()
        .position(|label| *label == "svc")
        .filter(|at| *at >= 2)?;
    Some((labels.get(svc - 2)?, labels.get(svc - 1)?))
}

/// A host in lower case, names of variables in it aside.
pub(super) fn lower_case(host: &str) -> String {
    let mut lower = String::with_capacity(host.len());
    let mut rest = host;
    while let Some((before, after)) = rest.split_once("${") {
        lower.push_str(&before.to_ascii_lowercase());
        let end = after.find('}').map_or(after.len(), |end| end + 1);
        let (name, behind) = after.split_at(end);
        lower.push_str("${");
        lower.push_str(name);
        rest = behind;
    }
    lower.push_str(&rest.to_ascii_lowercase());
    lower
}
