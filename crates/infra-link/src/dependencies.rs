//! What a service talks to: hosts named in env, args, ConfigMaps and Helm values.
//!
//! A name of the cluster's DNS leads through the rendered Service to the workload it selects; other hosts are external
//! targets. Words that are no hosts by their form or key are left alone.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use infra_model::dependency::{Dependency, Target, Via};
use infra_model::{Key, ObjectRef, Place};
use source_tree::Mark;

use crate::any_case;
use crate::config_maps::ConfigMapData;
use crate::helm_values::walk_scalars;
use crate::host_keys::{
    is_address, is_for_reading, is_issuer, is_listener, is_own_address, is_remote_address,
};
use crate::host_mentions::{Form, HostMention, host_mentions};
use crate::host_names::{
    is_a_name_space, is_domain, is_this_machine, is_top_level_domain, looks_like_a_file,
};
use crate::kube_services::{Backend, in_cluster};
use crate::linker::Linker;
use crate::pod_spec::PodTemplate;
use crate::published_hosts::is_route_path;
use crate::secret_templates::{SecretText, secret_texts};
use crate::service_candidates::ServiceCandidate;
use crate::text_place::{self, TextPlace};
use crate::uses::{Used, User};
use crate::view::View;

/// Texts longer than this are data, not configuration.
const MAX_TEXT: usize = 1 << 20;

/// What every service depends on.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, Vec<Dependency>> {
    let uses = uses_of(linker, Used::ConfigMap);
    let secret_uses = uses_of(linker, Used::Secret);
    let templates = &secret_texts(linker.inventory);
    let data = &ConfigMapData::new(linker.inventory, linker.embedded);
    let mut cache = ConfigCache::default();
    let mut all = BTreeMap::new();
    for (position, candidate) in linker.candidates.iter().enumerate() {
        let mut found = Found {
            linker,
            position,
            candidate,
            edges: BTreeSet::new(),
            known: BTreeSet::new(),
        };
        found.pods();
        found.volumes();
        found.values();
        for (name, key) in uses.get(&candidate.key).into_iter().flatten() {
            found.config_map(data, name, key.as_deref(), &mut cache);
        }
        for (name, key) in secret_uses.get(&candidate.key).into_iter().flatten() {
            let texts = templates.get(name).into_iter().flatten();
            found.secret(
                &name.name,
                texts.filter(|text| key.as_ref().is_none_or(|key| *key == text.key)),
            );
        }
        all.insert(candidate.key.clone(), found.edges.into_iter().collect());
    }
    all
}

/// ConfigMaps or Secrets that pods read, with the key where only one is read.
fn uses_of(linker: &Linker<'_>, used: Used) -> BTreeMap<Key, BTreeSet<(ObjectRef, Option<String>)>> {
    let mut uses: BTreeMap<Key, BTreeSet<_>> = BTreeMap::new();
    for one in linker.uses.iter().filter(|one| one.used == used) {
        if let User::Service(key) = &one.user {
            uses.entry(key.clone())
                .or_default()
                .insert((linker.generated.object_name(one), one.key.clone()));
        }
    }
    uses
}

/// What the texts of ConfigMaps name, looked up once whatever the number of readers.
#[derive(Default)]
struct ConfigCache {
    found: HashMap<(ObjectRef, String), Vec<Edge>>,
}

/// A dependency without the service that has it.
#[derive(Clone)]
struct Edge {
    end: End,
    evidence: String,
    mark: Mark,
}

/// The end of an edge before keys.
#[derive(Clone, PartialEq, Eq)]
enum End {
    Service(usize),
    External(String),
}

struct Found<'l, 'a> {
    linker: &'l Linker<'a>,
    position: usize,
    candidate: &'l ServiceCandidate<'a>,
    edges: BTreeSet<Dependency>,
    known: BTreeSet<(Target, Via, String)>,
}

impl<'a> Found<'_, 'a> {
    fn add(&mut self, via: Via, edge: Edge) {
        let target = match edge.end {
            End::Service(position) if position == self.position => return,
            End::Service(position) => match self.linker.candidates.get(position) {
                Some(candidate) => Target::Service(candidate.key.clone()),
                None => return,
            },
            End::External(host) => Target::External(host),
        };
        // Where two places say the same, the first counts.
        let new = self.known.insert((target.clone(), via, edge.evidence.clone()));
        if new {
            let inventory = self.linker.inventory;
            let place = inventory.place(edge.mark).or_else(|| {
                // No line states what a chart makes; its release is what a person edits.
                let release = self.candidate.is_of_chart().then_some(self.candidate.object);
                inventory.source(release?)
            });
            let (file, line) = Place::parts(place);
            self.edges.insert(Dependency {
                target,
                via,
                evidence: edge.evidence,
                file,
                line,
            });
        }
    }

    /// `env`, `command` and `args` of every container.
    fn pods(&mut self) {
        let Some(pods) = self.candidate.pods else {
            return;
        };
        for container in pods.containers() {
            for entry in container.view.get("env").into_iter().flat_map(View::items) {
                let (Some(name), Some(value)) = (entry.text_of("name"), entry.get("value")) else {
                    continue;
                };
                let text = Text::of(value, Some(name));
                for edge in self.edges_of(&text, &|shown| format!("env {name}={shown}")) {
                    self.add(Via::Env, edge);
                }
            }
            for field in ["command", "args"] {
                for item in container.view.get(field).into_iter().flat_map(View::items) {
                    let text = Text::of(item, None);
                    for edge in self.edges_of(&text, &|shown| format!("{field} {shown}")) {
                        self.add(Via::Args, edge);
                    }
                }
            }
        }
    }

    /// Volumes of other machines: https://kubernetes.io/docs/concepts/storage/volumes/#nfs
    fn volumes(&mut self) {
        let volumes = self.candidate.pods.into_iter().flat_map(PodTemplate::volumes);
        for volume in volumes {
            let name = volume.text_of("name").unwrap_or_default();
            let Some(server) = volume.at(&["nfs", "server"]) else {
                continue;
            };
            // What stands here is a host, whatever it looks like.
            let Some(host) = server.text().map(lower_case) else {
                continue;
            };
            let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
            let backend = cluster_name(&labels)
                .and_then(|(service, namespace)| self.linker.kube_services.backend(namespace, service));
            let ends = match backend {
                Some(Backend::Workloads(workloads)) => workloads.into_iter().map(End::Service).collect(),
                Some(Backend::External(host)) => vec![End::External(host)],
                Some(Backend::Unknown) | None => vec![End::External(labels.join("."))],
            };
            let evidence = format!("volume {name} nfs {host}");
            for end in ends {
                let (evidence, mark) = (evidence.clone(), server.mark());
                self.add(Via::Volume, Edge { end, evidence, mark });
            }
        }
    }

    /// The effective values of a release.
    fn values(&mut self) {
        let Some(release) = self
            .candidate
            .release
            .and_then(|release| self.linker.releases.get(release))
            .filter(|release| release.rendered().is_none())
        else {
            return;
        };
        let known = |text: &str| release.view.is_known(text);
        let mut edges = Vec::new();
        walk_scalars(&release.values.node, &mut |path, scalar| {
            let Some(value) = scalar.as_str().filter(|text| text.len() <= MAX_TEXT) else {
                return;
            };
            let key = path.last().copied();
            if !may_name_a_host(value, key) || path.iter().any(|key| is_metadata(key)) {
                return;
            }
            let text = Text {
                text: value,
                key,
                mark: text_place::first_line(View::new(scalar, None, None)),
                escaped: known(value),
                routed: is_route_path(path),
            };
            edges.extend(self.edges_of(&text, &|shown| format!("values {}={shown}", path.join("."))));
        });
        for edge in edges {
            self.add(Via::Values, edge);
        }
    }

    fn config_map(
        &mut self,
        data: &ConfigMapData<'_>,
        name: &ObjectRef,
        key: Option<&str>,
        cache: &mut ConfigCache,
    ) {
        let Some(view) = data.view(name) else {
            return;
        };
        for (entry, value) in view.get("data").into_iter().flat_map(View::entries) {
            if key.is_some_and(|key| key != entry) || value.text().is_some_and(|text| text.len() > MAX_TEXT) {
                continue;
            }
            let cached = (name.clone(), entry.to_owned());
            if !cache.found.contains_key(&cached) {
                let text = Text {
                    mark: TextPlace::of(&self.linker.inventory.evaluation.sources, value).first(),
                    ..Text::of(value, Some(entry))
                };
                let config_map = &name.name;
                let edges = self.edges_of(&text, &|shown| format!("ConfigMap {config_map} {entry}={shown}"));
                cache.found.insert(cached.clone(), edges);
            }
            for edge in cache.found.get(&cached).cloned().unwrap_or_default() {
                self.add(Via::Config, edge);
            }
        }
    }

    /// What the template of an ExternalSecret states beside the values that are fetched.
    fn secret<'t>(&mut self, name: &str, texts: impl Iterator<Item = &'t SecretText>) {
        for secret in texts.filter(|secret| secret.text.len() <= MAX_TEXT) {
            let key = secret.key.as_str();
            let text = Text {
                text: &secret.text,
                key: Some(key),
                mark: secret.mark,
                escaped: false,
                routed: false,
            };
            for edge in self.edges_of(&text, &|shown| format!("Secret {name} {key}={shown}")) {
                self.add(Via::Secret, edge);
            }
        }
    }

    fn edges_of(&self, text: &Text<'_>, evidence: &dyn Fn(&str) -> String) -> Vec<Edge> {
        if !may_name_a_host(text.text, text.key) {
            return Vec::new();
        }
        let mut edges: Vec<Edge> = Vec::new();
        for mention in host_mentions(text.text) {
            for end in self.ends(text, &mention) {
                edges.push(Edge {
                    end,
                    evidence: evidence(&mention.shown()),
                    mark: text.line(mention.line),
                });
            }
        }
        edges
    }

    /// What a mention stands for; nothing where it is no host, or one of the service's own.
    fn ends(&self, text: &Text<'_>, mention: &HostMention<'_>) -> Vec<End> {
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
    fn in_own_namespace(&self, name: &str, mention: &HostMention<'_>, key: Option<&str>) -> Vec<End> {
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
    fn is_of_an_operator(
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
    fn in_namespace(
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

/// One text with its key and place.
struct Text<'t> {
    text: &'t str,
    key: Option<&'t str>,
    /// The place of its first line.
    mark: Mark,
    /// Whether `${…}` in it belongs to somebody else than Flux.
    escaped: bool,
    /// Whether it says how a chart is reached from outside.
    routed: bool,
}

impl<'t> Text<'t> {
    fn of(view: View<'t>, key: Option<&'t str>) -> Self {
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

    fn line(&self, line: u32) -> Mark {
        if self.mark.is_some() {
            Mark::new(self.mark.file, self.mark.line.saturating_add(line))
        } else {
            self.mark
        }
    }
}

/// Whether a text has what every host has. Nearly all texts have not, and need not be taken apart.
fn may_name_a_host(text: &str, key: Option<&str>) -> bool {
    text.contains(['.', ':', '=']) || key.is_some_and(is_address)
}

fn ends_of(behind: Option<Backend>) -> Vec<End> {
    match behind {
        Some(Backend::Workloads(workloads)) => workloads.into_iter().map(End::Service).collect(),
        Some(Backend::External(host)) => vec![End::External(host)],
        Some(Backend::Unknown) | None => Vec::new(),
    }
}

/// Service and namespace of `[pod.]name.namespace.svc[.domain]`.
fn cluster_name<'h>(labels: &[&'h str]) -> Option<(&'h str, &'h str)> {
    let svc = labels
        .iter()
        .position(|label| *label == "svc")
        .filter(|at| *at >= 2)?;
    Some((labels.get(svc - 2)?, labels.get(svc - 1)?))
}

/// Parts of values that describe objects to others.
fn is_metadata(key: &str) -> bool {
    any_case::ends_with(key, "annotations")
        || any_case::ends_with(key, "labels")
        || key.eq_ignore_ascii_case("hostaliases")
}
/// A host in lower case, names of variables in it aside.
fn lower_case(host: &str) -> String {
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
