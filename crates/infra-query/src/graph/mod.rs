//! Graph of a cluster: who needs, reads, applies and waits for what.
//!
//! Answers, tables and drawings take their edges from here; `infra-link` only sorts Kustomizations and fills
//! `dependents`. Edges are derived on demand, so that a question about one subject reads only the entries around it.

mod edge;
pub(crate) mod links;
mod node;

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;

use infra_model::config::Usage;
use infra_model::dependency::Target;
use infra_model::flux::{HelmRelease, Kustomization};
use infra_model::object::OtherObject;
use infra_model::service::Service;
use infra_model::{ObjectRef, Place};

use crate::facts::entries;
use crate::secret::{SecretPath, paths, paths_through};
use crate::text::use_text;
use crate::{Facts, Keyed, Subject};

pub use edge::{Edge, EdgeKind};
pub use node::Node;

use links::{chart_source, release_among, release_of, source_of, source_of_chart};

/// Up to this number, the users of a node are found by searching for its names. After that an index is made, which
/// takes longer than a search.
const MOST_SEARCHES: usize = 4;

/// The relations between the subjects of a cluster.
///
/// ```
/// use infra_model::{Infrastructure, flux::Kustomization};
/// use infra_query::{EdgeKind, Graph, Node};
///
/// let mut model = Infrastructure::default();
/// let apps = Kustomization { depends_on: vec!["vault".into()], ..Kustomization::default() };
/// model.kustomizations.insert("apps".into(), apps);
///
/// let graph = Graph::new(&model);
/// let edges: Vec<_> = graph.depends_on(Node::Kustomization("apps")).collect();
/// assert_eq!(edges[0].to, Node::Kustomization("vault"));
/// assert_eq!(edges[0].kind, EdgeKind::DependsOn);
/// ```
pub struct Graph<'a> {
    facts: &'a dyn Facts,
    searches: Cell<usize>,
    /// The edges that services and HelmReleases state, by the node to which they lead.
    index: OnceCell<BTreeMap<Node<'a>, Vec<Edge<'a>>>>,
}

impl<'a> Graph<'a> {
    /// The graph of facts.
    pub fn new(facts: &'a dyn Facts) -> Self {
        Graph {
            facts,
            searches: Cell::new(0),
            index: OnceCell::new(),
        }
    }

    /// All nodes, in the order of [`Subject::all`].
    pub fn nodes(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        Subject::all(self.facts).into_iter().map(Node::from)
    }

    /// All edges, by the node to which they lead.
    pub fn edges(&self) -> impl Iterator<Item = Edge<'a>> {
        self.nodes().flat_map(|node| self.to(node))
    }

    /// The edges to the services and hosts that a service talks to.
    pub fn talks_to(&self, service: &str) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        let service = self.facts.services().get_key_value(service);
        service.into_iter().flat_map(talks_to)
    }

    /// The edges of a Kustomization's or HelmRelease's `dependsOn`.
    pub fn depends_on(&self, node: Node<'a>) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        let (names, source): (&[String], _) = match node.subject(self.facts) {
            Some(Subject::Kustomization(_, it)) => (&it.depends_on, it.source.as_ref()),
            Some(Subject::HelmRelease(_, it)) => (&it.depends_on, it.source.as_ref()),
            _ => (&[], None),
        };
        names.iter().map(move |name| {
            let to = match node {
                Node::HelmRelease(_) => Node::HelmRelease(name),
                _ => Node::Kustomization(name),
            };
            edge(node, to, EdgeKind::DependsOn, "", source)
        })
    }

    /// The edge to the Kustomization that applies a service or an object of Flux.
    pub fn applied_by(&self, node: Node<'a>) -> Option<Edge<'a>> {
        let subject = match node {
            Node::Service(_) | Node::Kustomization(_) | Node::HelmRelease(_) | Node::Source(_) => {
                node.subject(self.facts)?
            }
            _ => return None,
        };
        let by = Node::Kustomization(subject.kustomization()?);
        Some(edge(node, by, EdgeKind::AppliedBy, "", subject.place()))
    }

    /// The edge to the HelmRelease that installs a service.
    pub fn installed_by(&self, service: &str) -> Option<Edge<'a>> {
        let (key, service) = self.facts.services().get_key_value(service)?;
        let (release, _) = release_of(self.facts, service)?;
        Some(installed_by((key, service), release))
    }

    /// The edge to the source of a Kustomization, or of the chart of a HelmRelease; if the latter refers to a
    /// HelmChart, also that to the source of the HelmChart.
    pub fn sourced_from(&self, node: Node<'a>) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        let (sources, place) = match node.subject(self.facts) {
            Some(Subject::Kustomization(_, it)) => ([source_of(self.facts, it), None], it.source.as_ref()),
            Some(Subject::HelmRelease(_, it)) => {
                let sources = [chart_source(self.facts, it), source_of_chart(self.facts, it)];
                (sources, it.source.as_ref())
            }
            _ => ([None, None], None),
        };
        let sources = sources.into_iter().flatten();
        sources.map(move |(key, _)| edge(node, Node::Source(key), EdgeKind::SourcedFrom, "", place))
    }

    /// The edges that lead to a node, from all its dependents.
    pub fn to(&self, node: Node<'a>) -> Vec<Edge<'a>> {
        match node.subject(self.facts) {
            Some(Subject::Service(key, service)) => {
                let mut edges = self.stated_elsewhere(node, &[key]);
                edges.extend(ready_with(self.facts, key, service));
                edges.extend(readers_through(self.facts, node, service));
                edges
            }
            Some(Subject::External(host)) => self.stated_elsewhere(node, &[host]),
            Some(Subject::Kustomization(_, kustomization)) => {
                self.users_of_kustomization(node, kustomization)
            }
            Some(Subject::HelmRelease(key, release)) => self.stated_elsewhere(node, &[key, &release.name]),
            Some(Subject::Source(key, source)) => users(&source.used_by)
                .map(|user| edge(user, node, EdgeKind::SourcedFrom, format!("uses {key}"), None))
                .collect(),
            Some(Subject::ConfigMap(key, config_map)) => {
                let mut edges = uses(self.facts, &config_map.usage, node, key);
                for user in users(&config_map.used_by) {
                    let is_user = |edge: &Edge<'_>| edge.from == user && edge.kind == EdgeKind::Reads;
                    if !edges.iter().any(is_user) {
                        edges.push(edge(user, node, EdgeKind::Reads, format!("uses {key}"), None));
                    }
                }
                edges
            }
            Some(Subject::Variable(_, variable)) => {
                let users = variable.used_by.iter();
                users
                    .map(|key| edge(Node::Kustomization(key), node, EdgeKind::Substitutes, "", None))
                    .collect()
            }
            Some(Subject::ImageGroup(_, group)) => {
                let place = Some(&group.source);
                let services = group.services.iter();
                services
                    .map(|key| edge(Node::Service(key), node, EdgeKind::RunsImage, "", place))
                    .collect()
            }
            Some(Subject::Object(_, object)) => {
                let how = match object.kind.as_str() {
                    "ServiceAccount" => "runs as it",
                    "PersistentVolumeClaim" => "mounts it",
                    "StorageClass" => "its volumes are of it",
                    _ => "its pods name it",
                };
                let users = object.used_by.iter();
                users
                    .map(|key| match talk(self.facts, key, &object.dns) {
                        Some(talk) => Edge { to: node, ..talk },
                        None => {
                            let place = mounted_at(self.facts, key, object);
                            edge(Node::Service(key), node, EdgeKind::Reads, how, place.as_ref())
                        }
                    })
                    .collect()
            }
            Some(subject) => readers_of_secret(self.facts, subject),
            None => Vec::new(),
        }
    }

    fn users_of_kustomization(&self, node: Node<'a>, kustomization: &'a Kustomization) -> Vec<Edge<'a>> {
        let place = |user: Node<'a>| user.subject(self.facts).and_then(|subject| subject.place());
        let waiting = kustomization.dependents.iter();
        let waiting = waiting.map(|key| (Node::Kustomization(key), EdgeKind::DependsOn));
        let children = kustomization.children.iter().map(|key| Node::Kustomization(key));
        let services = kustomization.manages.iter().map(|key| Node::Service(key));
        let applied = children.chain(services).map(|user| (user, EdgeKind::AppliedBy));
        let mut edges: Vec<Edge<'a>> = waiting
            .chain(applied)
            .map(|(user, kind)| edge(user, node, kind, "", place(user)))
            .collect();
        edges.extend(self.stated_elsewhere(node, &[node.key()]));
        edges
    }

    /// The edges to a node that only the dependents state, whose entries mention one of the names.
    fn stated_elsewhere(&self, node: Node<'a>, names: &[&str]) -> Vec<Edge<'a>> {
        if self.index.get().is_none() && self.searches.get() < MOST_SEARCHES {
            self.searches.set(self.searches.get() + 1);
            return self.search(node, names);
        }
        let index = self.index.get_or_init(|| self.index());
        index.get(&node).cloned().unwrap_or_default()
    }

    fn search(&self, node: Node<'a>, names: &[&str]) -> Vec<Edge<'a>> {
        let facts = self.facts;
        let services = || entries(facts.services(), names);
        let releases = || entries(facts.helm_releases(), names).map(|(key, _)| Node::HelmRelease(key));
        let is_to_node = |edge: &Edge<'a>| edge.to == node;
        match node {
            Node::Service(_) | Node::External(_) => {
                services().flat_map(talks_to).filter(is_to_node).collect()
            }
            Node::HelmRelease(_) => {
                let waiting = releases().flat_map(|release| self.depends_on(release));
                let installed = services().filter_map(|(key, _)| self.installed_by(key));
                waiting.chain(installed).filter(is_to_node).collect()
            }
            Node::Kustomization(_) => {
                let sources = entries(facts.sources(), names).map(|(key, _)| Node::Source(key));
                let applied = releases().chain(sources).filter_map(|it| self.applied_by(it));
                applied.filter(is_to_node).collect()
            }
            _ => Vec::new(),
        }
    }

    fn index(&self) -> BTreeMap<Node<'a>, Vec<Edge<'a>>> {
        let facts = self.facts;
        let mut by_name: BTreeMap<&str, Vec<Keyed<'a, HelmRelease>>> = BTreeMap::new();
        for (key, release) in facts.helm_releases().iter() {
            by_name.entry(&release.name).or_default().push((key, release));
        }
        let keys = || facts.helm_releases().iter().map(|(key, _)| key);
        let releases = || keys().map(Node::HelmRelease);
        let sources = facts.sources().iter().map(|(key, _)| Node::Source(key));
        let installed = facts.services().iter().filter_map(|(key, service)| {
            let name = service.helm_release.as_deref()?;
            let of_name = by_name.get(name).into_iter().flatten().copied();
            let (release, _) = release_among(facts, service, of_name)?;
            Some(installed_by((key, service), release))
        });
        let edges = facts
            .services()
            .iter()
            .flat_map(talks_to)
            .chain(releases().flat_map(|release| self.depends_on(release)))
            .chain(installed)
            .chain(releases().chain(sources).filter_map(|it| self.applied_by(it)));
        let mut index: BTreeMap<Node<'a>, Vec<Edge<'a>>> = BTreeMap::new();
        for edge in edges {
            index.entry(edge.to).or_default().push(edge);
        }
        index
    }
}

fn edge<'a>(
    from: Node<'a>,
    to: Node<'a>,
    kind: EdgeKind,
    evidence: impl Into<Cow<'a, str>>,
    place: Option<&Place>,
) -> Edge<'a> {
    Edge {
        from,
        to,
        kind,
        evidence: evidence.into(),
        place: place.cloned(),
    }
}

/// The edge by which a service talks to one of some hosts.
fn talk<'a>(facts: &'a dyn Facts, key: &str, hosts: &[String]) -> Option<Edge<'a>> {
    if hosts.is_empty() {
        return None;
    }
    let mut talks = talks_to(facts.services().get_key_value(key)?);
    talks.find(|talk| matches!(talk.to, Node::External(host) if hosts.iter().any(|own| own == host)))
}

/// The place of the value by which a HelmRelease whose chart is not available mounts a claim.
fn mounted_at(facts: &dyn Facts, service: &str, claim: &OtherObject) -> Option<Place> {
    if claim.kind != "PersistentVolumeClaim" {
        return None;
    }
    let service = facts.services().get(service)?;
    let (_, release) = release_of(facts, service).filter(|_| service.workload.is_none())?;
    let named = release.claims().find(|named| named.name == claim.name)?;
    named.field.place(release.source.as_ref())
}

fn talks_to<'a>((key, service): Keyed<'a, Service>) -> impl Iterator<Item = Edge<'a>> + use<'a> {
    service.depends_on.iter().map(move |dependency| {
        let to = match &dependency.target {
            Target::Service(target) => Node::Service(target),
            Target::External(host) => Node::External(host),
        };
        Edge {
            from: Node::Service(key),
            to,
            kind: EdgeKind::TalksTo,
            evidence: dependency.evidence.as_str().into(),
            place: dependency.place(),
        }
    })
}

fn installed_by<'a>((key, service): Keyed<'a, Service>, release: &'a str) -> Edge<'a> {
    let (from, to) = (Node::Service(key), Node::HelmRelease(release));
    edge(from, to, EdgeKind::InstalledBy, "", service.source.as_ref())
}

/// The edge from the Kustomization of a service, if it is ready only when the service is.
fn ready_with<'a>(facts: &'a dyn Facts, key: &'a str, service: &'a Service) -> Option<Edge<'a>> {
    let (by, kustomization) = facts
        .kustomizations()
        .get_key_value(service.kustomization.as_ref()?)?;
    let is_checked = service.workload.as_ref().is_some_and(|workload| {
        let object = ObjectRef::new(&workload.kind, &service.namespace, &workload.name);
        kustomization.health_checks.contains(&object)
    });
    let evidence = match (is_checked, kustomization.wait) {
        (true, _) => "healthChecks",
        (false, true) => "wait",
        (false, false) => return None,
    };
    let (from, to) = (Node::Kustomization(by), Node::Service(key));
    let place = kustomization.source.as_ref();
    Some(edge(from, to, EdgeKind::ReadyWith, evidence, place))
}

/// The Kustomizations, HelmReleases and sources among users as entries write them.
fn users(used_by: &[String]) -> impl Iterator<Item = Node<'_>> {
    used_by.iter().filter_map(|user| Node::of_user(user))
}

/// The edges of the uses of a node, with its name in the evidence.
fn uses<'a>(
    facts: &'a dyn Facts,
    usage: impl IntoIterator<Item = &'a Usage>,
    node: Node<'a>,
    name: &str,
) -> Vec<Edge<'a>> {
    let uses = usage.into_iter().filter_map(|usage| {
        let user = match (&usage.service, &usage.object) {
            (Some(service), _) => Node::Service(service),
            (None, Some(object)) => Node::of_user(object).or_else(|| {
                let (key, _) = facts.objects().get_key_value(object)?;
                Some(Node::Object(key))
            })?,
            (None, None) => return None,
        };
        let kind = match usage.optional {
            true => EdgeKind::MayRead,
            false => EdgeKind::Reads,
        };
        let of_service = usage.service.as_deref().and_then(|key| facts.services().get(key));
        // The container is named only if there are several.
        let is_one =
            of_service.is_none_or(|service| service.workload.is_some() && service.containers.len() < 2);
        let container = usage.container.as_deref().filter(|_| !is_one && !usage.init);
        let container = container.map(|container| format!(" in container {container}"));
        let evidence = format!("{} {name}{}", use_text(usage), container.unwrap_or_default());
        Some(edge(user, node, kind, evidence, usage.source.as_ref()))
    });
    uses.collect()
}

/// The edges from readers of secrets whose path leads through a store, a Secret or an object that makes one.
fn readers_of_secret<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Vec<Edge<'a>> {
    let leads_through = |path: &SecretPath<'a>| match subject {
        Subject::SecretStore(store, _) => path.store.is_some_and(|(key, _)| key == store),
        Subject::SecretReference(_, reference) => path.is_of(reference),
        carrier => path.carrier == Some(carrier),
    };
    readers(
        facts,
        paths(facts).into_iter().filter(leads_through),
        Node::from(subject),
    )
}

/// The edges from readers of secrets that a service such as Vault keeps for others.
fn readers_through<'a>(facts: &'a dyn Facts, node: Node<'a>, service: &Service) -> Vec<Edge<'a>> {
    readers(facts, paths_through(facts, service).into_iter(), node)
}

fn readers<'a>(
    facts: &'a dyn Facts,
    paths: impl Iterator<Item = SecretPath<'a>>,
    node: Node<'a>,
) -> Vec<Edge<'a>> {
    let mut edges: Vec<Edge<'a>> = Vec::new();
    for path in paths {
        let name = match (path.secret, path.carrier) {
            (Some((_, name)), _) => format!("Secret {name}"),
            (None, Some(carrier)) => format!("{} {}", carrier.kind(), carrier.key()),
            (None, None) => "the secret".to_owned(),
        };
        let place = path.carrier.and_then(|carrier| carrier.place());
        let read = |service: &'a str, evidence: String| {
            edge(Node::Service(service), node, EdgeKind::Reads, evidence, place)
        };
        let mounts = path.mounts.iter();
        let mounts = mounts.map(|mount| read(&mount.service, format!("mounts {}", mount.path)));
        let injected = path.injected.iter().flat_map(|(file, services)| {
            let services = services.iter();
            services.map(move |service| read(service, format!("reads the injected file {file}")))
        });
        let uses = uses(facts, path.usage.iter().copied(), node, &name);
        for edge in mounts.chain(injected).chain(uses) {
            // A Secret has a path for each of its keys.
            if !edges.contains(&edge) {
                edges.push(edge);
            }
        }
    }
    edges
}
