//! The objects behind a host that a text names.

use source_tree::Mark;

use super::ServiceDependencies;
use crate::host_keys::{
    is_address, is_for_reading, is_issuer, is_listener, is_own_address, is_remote_address,
};
use crate::host_mentions::{Form, HostMention};
use crate::host_names::{is_domain, is_file_name, is_identifier_host, is_this_machine, is_top_level_domain};
use crate::kube_services::{Backend, in_cluster};
use crate::text_place;
use crate::view::View;

impl<'a> ServiceDependencies<'_, 'a> {
    /// The ends of a mention; empty if it is no host, or one of the service's own.
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
        let services = self.linker.kube_services;
        if let Some((service, namespace)) = cluster_name(&labels) {
            return ends_or_external(services.backend(namespace, service), || {
                in_cluster(service, namespace)
            });
        }
        if key.is_some_and(is_for_reading) {
            return Vec::new();
        }
        let inside = match labels.as_slice() {
            [service] => return self.in_own_namespace(service, mention, key),
            [service, namespace] if self.is_of_an_operator(service, namespace, mention, key) => {
                return vec![End::External(in_cluster(service, namespace))];
            }
            [service, namespace] if services.has_namespace(namespace) => {
                self.in_namespace(service, namespace, mention, key)
            }
            // One pod of a headless Service.
            [_, service, namespace] if services.rendered(namespace, service).is_some() => {
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
                if services.has_namespace(namespace)
                    && !is_top_level_domain(namespace)
                    && (mention.form != Form::Word || has_address_key(mention, key))
                    && !key.is_some_and(is_own_address)
                    && !is_file_name(&host) =>
            {
                vec![End::External(in_cluster(service, namespace))]
            }
            _ => self.outside(text, mention, key, host.clone()),
        }
    }

    /// The ends of `name` alone.
    fn in_own_namespace(&self, name: &str, mention: &HostMention<'_>, key: Option<&str>) -> Vec<End> {
        let services = self.linker.kube_services;
        let namespace = self.candidate.namespace;
        let sure = match mention.form {
            Form::Url => true,
            // `redis:7` may be an image: a port of the Service decides.
            Form::HostPort => services
                .rendered(namespace, name)
                .is_none_or(|service| mention.port.is_some_and(|port| service.has_port(port))),
            Form::Word => has_address_key(mention, key),
        };
        if !sure {
            return Vec::new();
        }
        let backend = match mention.form {
            Form::Word if !services.is_stated(namespace, name) => None,
            Form::Word => services.backend(namespace, name),
            _ => services.exact_backend(namespace, name),
        };
        if backend.is_none() && self.is_of_an_operator(name, namespace, mention, key) {
            return vec![End::External(in_cluster(name, namespace))];
        }
        known_ends(backend).unwrap_or_default()
    }

    /// Whether a name in a namespace is that of a Service which an operator makes of its resource: the repository has no Service of
    /// this name, but a resource with this name or a beginning of it.
    fn is_of_an_operator(
        &self,
        name: &str,
        namespace: &str,
        mention: &HostMention<'_>,
        key: Option<&str>,
    ) -> bool {
        let sure = mention.form == Form::Url || mention.port.is_some() || has_address_key(mention, key);
        let services = self.linker.kube_services;
        sure && services.backend(namespace, name).is_none() && services.may_be_of_custom(namespace, name)
    }

    /// The ends of `name.namespace`.
    fn in_namespace(
        &self,
        name: &str,
        namespace: &str,
        mention: &HostMention<'_>,
        key: Option<&str>,
    ) -> Vec<End> {
        let services = self.linker.kube_services;
        let is_stated = || services.is_stated(namespace, name);
        let sure =
            mention.form != Form::Word || (is_stated() && (mention.whole || key.is_some_and(is_address)));
        let backend = sure.then(|| services.backend(namespace, name)).flatten();
        known_ends(backend).unwrap_or_default()
    }

    /// The ends of a domain name or an address elsewhere, unless the cluster itself answers under it.
    fn outside(
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
            Form::HostPort => is_domain(&host) && !is_file_name(&host),
            Form::Word => {
                !address
                    && is_domain(&host)
                    && !is_file_name(&host)
                    && key.is_some_and(is_remote_address)
                    && (mention.whole || mention.key.is_some())
            }
        };
        if !sure || is_identifier_host(&host) {
            return Vec::new();
        }
        if self.linker.hosts.services(&host).next().is_none() {
            // An issuer that is no service of the repository may be the service itself, whose hosts are not all known.
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

/// Whether a mention has the key of an address, and no other text beside it.
fn has_address_key(mention: &HostMention<'_>, key: Option<&str>) -> bool {
    key.is_some_and(is_address) && (mention.whole || mention.key.is_some())
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
    /// Whether its `${…}` are not Flux's variables.
    pub(super) escaped: bool,
    /// Whether it is about how a chart is exposed.
    pub(super) routed: bool,
}

impl<'t> Text<'t> {
    pub(super) fn new(view: View<'t>, key: Option<&'t str>) -> Self {
        let text = view.text().unwrap_or_default();
        Text {
            text,
            key,
            mark: text_place::first_line(view),
            // Flux leaves the variables that it does not know as they are written.
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

/// Whether a text may contain a host, by its characters or its key. Most texts need not be split.
pub(super) fn has_possible_host(text: &str, key: Option<&str>) -> bool {
    text.contains(['.', ':', '=']) || key.is_some_and(is_address)
}

/// The ends behind a Service; `None` if they are not known.
fn known_ends(backend: Option<Backend>) -> Option<Vec<End>> {
    match backend? {
        Backend::Workloads(workloads) => Some(workloads.into_iter().map(End::Service).collect()),
        Backend::External(host) => Some(vec![End::External(host)]),
        Backend::Unknown => None,
    }
}

/// The ends behind a Service, or a host if they are not known.
pub(super) fn ends_or_external(backend: Option<Backend>, host: impl FnOnce() -> String) -> Vec<End> {
    known_ends(backend).unwrap_or_else(|| vec![End::External(host())])
}

/// Service and namespace of `[pod.]name.namespace.svc[.domain]`.
pub(super) fn cluster_name<'h>(labels: &[&'h str]) -> Option<(&'h str, &'h str)> {
    let svc = labels
        .iter()
        .position(|label| *label == "svc")
        .filter(|at| *at >= 2)?;
    Some((labels.get(svc - 2)?, labels.get(svc - 1)?))
}

/// A host in lower case; the names of its variables keep their case.
pub(super) fn lower_case(host: &str) -> String {
    let mut lower = String::with_capacity(host.len());
    let mut rest = host;
    while let Some((before, after)) = rest.split_once("${") {
        lower.push_str(&before.to_ascii_lowercase());
        let end = after.find('}').map_or(after.len(), |end| end + 1);
        let (name, after) = after.split_at(end);
        lower.push_str("${");
        lower.push_str(name);
        rest = after;
    }
    lower.push_str(&rest.to_ascii_lowercase());
    lower
}
