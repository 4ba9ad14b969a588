//! `trace`: how a service gets into the cluster. Its source, Kustomizations, workload, images, configuration and
//! secrets, and what it talks to.

use std::fmt;

use plain_text::{Lines, line, printable_name};

use crate::answer::display_answer;
use crate::config_use::config_of;
use crate::find::{QueryError, find_service};
use crate::graph::links::{chart_source, release_of, source_of};
use crate::graph::{EdgeKind, Graph, Node};
use crate::next_steps::{self, Answer, Step};
use crate::secret::{Reader, SecretPath, path_lines, paths_of_service};
use crate::text::{in_namespace, joined, names, places_text, use_text, write_flux_annotations};
use crate::{Facts, Subject, Text, failing, r#where};
use infra_model::Diagnostic;
use infra_model::dependency::Dependency;
use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::service::{ImageGroup, Service};

pub use crate::config_use::ConfigUse;

/// How a service gets into the cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace<'a> {
    /// Key of the service.
    pub key: &'a str,
    /// The service.
    pub service: &'a Service,
    /// The source with its manifests.
    pub source: Option<(&'a str, &'a Source)>,
    /// The Kustomizations from the top down to the one that applies it.
    pub chain: Vec<(&'a str, &'a Kustomization)>,
    /// The error of one of these, because of which Flux applies nothing of it.
    pub fails: Option<&'a Diagnostic>,
    /// The suspended ones of the Kustomizations that the last of these waits for.
    pub suspended: Vec<&'a str>,
    /// The HelmRelease that owns it.
    pub helm_release: Option<(&'a str, &'a HelmRelease)>,
    /// The source of its chart.
    pub chart_source: Option<(&'a str, &'a Source)>,
    /// The places that decide its images, in container order.
    pub image_groups: Vec<(&'a str, &'a ImageGroup)>,
    /// The ConfigMaps that it uses, with the uses.
    pub config: Vec<ConfigUse<'a>>,
    /// The paths of its secrets.
    pub secrets: Vec<SecretPath<'a>>,
    /// What it talks to.
    pub depends_on: &'a [Dependency],
    /// Keys of the services that talk to it, sorted.
    pub dependents: Vec<&'a str>,
    /// Commands to run next.
    pub next: Vec<Step>,
}

impl Answer for Trace<'_> {
    fn steps(&self) -> &[Step] {
        &self.next
    }
}

display_answer!(Trace<'_>);

/// Traces one service.
///
/// # Errors
/// [`QueryError`]
pub fn trace<'a>(facts: &'a dyn Facts, term: &str) -> Result<Trace<'a>, QueryError> {
    let (key, service) = find_service(facts, term)?;
    let graph = Graph::new(facts);
    let chain = chain(&graph, facts, Node::Service(key));
    let source = chain
        .last()
        .and_then(|(_, kustomization)| source_of(facts, kustomization));
    let helm_release = release_of(facts, service);
    let waits_for = chain.last().map(|(_, last)| last.depends_on.as_slice());
    let waits_for = waits_for.into_iter().flatten();
    let suspended = waits_for
        .filter_map(|key| facts.kustomizations().get_key_value(key))
        .filter(|(_, kustomization)| kustomization.suspend)
        .map(|(key, _)| key);
    Ok(Trace {
        fails: failing::above(facts, Subject::Service(key, service)),
        suspended: suspended.collect(),
        key,
        service,
        source,
        chain,
        helm_release,
        chart_source: helm_release.and_then(|(_, release)| chart_source(facts, release)),
        image_groups: r#where::groups_of(facts, service),
        config: config_of(facts, key, service),
        secrets: paths_of_service(facts, key),
        depends_on: &service.depends_on,
        dependents: dependents(&graph, key),
        next: next_steps::for_service(facts, service),
    })
}

/// Maximum number of Kustomizations above one another.
const MOST_PARENTS: usize = 256;

/// The Kustomizations from the top down to the one that applies a node. They end at a circle, which a repository can
/// state.
pub(super) fn chain<'a>(
    graph: &Graph<'a>,
    facts: &'a dyn Facts,
    node: Node<'a>,
) -> Vec<(&'a str, &'a Kustomization)> {
    let mut chain: Vec<(&'a str, &'a Kustomization)> = Vec::new();
    let mut next = graph.applied_by(node);
    while let Some(edge) = next {
        let Some((key, kustomization)) = facts.kustomizations().get_key_value(edge.to.key()) else {
            break;
        };
        let is_circle = edge.to == node || chain.iter().any(|(known, _)| *known == key);
        if is_circle || chain.len() == MOST_PARENTS {
            break;
        }
        chain.push((key, kustomization));
        next = graph.applied_by(edge.to);
    }
    chain.reverse();
    chain
}

/// The services that talk to a service.
fn dependents<'a>(graph: &Graph<'a>, key: &'a str) -> Vec<&'a str> {
    let edges = graph.to(Node::Service(key)).into_iter();
    let mut keys: Vec<&str> = edges
        .filter(|edge| edge.kind == EdgeKind::TalksTo)
        .map(|edge| edge.from.key())
        .collect();
    // The edges are in the order of services, which is that of keys.
    keys.dedup();
    keys
}

impl Text for Trace<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        let service = self.service;
        let what = r#where::what(self.key, service);
        let namespace = in_namespace(&service.namespace);
        line!(
            f,
            "{}: {}{namespace}",
            printable_name(self.key),
            printable_name(&what)
        )?;
        self.write_flux(f)?;
        r#where::edit(f, service)?;
        write_flux_annotations(f, &service.tells_flux)?;
        r#where::write_images(f, service, &self.image_groups)?;
        let (made, others): (Vec<&ConfigUse<'_>>, Vec<&ConfigUse<'_>>) = self
            .config
            .iter()
            .partition(|used| used.config_map.source.is_some());
        for used in made {
            let mut uses: Vec<String> = used.usage.iter().map(|usage| use_text(usage)).collect();
            uses.dedup();
            let place = places_text(&used.config_map.source, None);
            line!(f, "config: {} {}{place}", printable_name(used.key), joined(&uses))?;
        }
        let is_chart_unknown = self
            .helm_release
            .is_some_and(|(_, release)| release.is_chart_unknown());
        // A chart cannot make the ConfigMaps that its values come from.
        let (by_chart, by_nothing): (Vec<&ConfigUse<'_>>, Vec<&ConfigUse<'_>>) = others
            .into_iter()
            .partition(|used| is_chart_unknown && !used.usage.iter().any(|usage| usage.how == "valuesFrom"));
        for (used, maker) in [
            (by_nothing, "nothing in the repository makes them"),
            (by_chart, "its chart may make them"),
        ] {
            let keys: Vec<&str> = used.iter().map(|used| used.key).collect();
            if !keys.is_empty() {
                line!(f, "config: {} <- {maker}", joined(&keys))?;
            }
        }
        let reader = Reader {
            service: Some(self.key),
            containers: false,
        };
        path_lines(f, "secret: ", &self.secrets, reader, true)?;
        let targets = self
            .depends_on
            .iter()
            .map(|dependency| dependency.target.as_str());
        let mut targets: Vec<&str> = targets.collect();
        targets.dedup();
        names(f, "talks to", targets)?;
        names(f, "used by", &self.dependents)
    }
}

impl Trace<'_> {
    /// From the source to the Kustomization, and to the HelmRelease with its chart.
    fn write_flux(&self, f: &mut Lines<'_>) -> fmt::Result {
        let source = self.source.map(|(key, _)| key);
        let keys: Vec<&str> = source
            .into_iter()
            .chain(self.chain.iter().map(|(key, _)| *key))
            .collect();
        if !keys.is_empty() {
            write!(f, "flux: {}", printable_name(&keys.join(" -> ")))?;
            match self.chain.last() {
                Some((_, last)) if !last.depends_on.is_empty() => {
                    let names = last.depends_on.iter();
                    let names = names.map(|key| match self.suspended.contains(&key.as_str()) {
                        true => format!("{key} (suspended)"),
                        false => key.clone(),
                    });
                    line!(f, ", waits for {}", joined(&names.collect::<Vec<String>>()))?;
                }
                _ => line!(f)?,
            }
        }
        failing::write(f, self.fails)?;
        // The repository itself is the same source for every service.
        if let Some((key, source)) = self.source.filter(|(_, source)| !source.is_self) {
            let url = source.url.as_deref().unwrap_or("not stated in the repository");
            line!(f, "source: {} {}", printable_name(key), printable_name(url))?;
        }
        let Some((key, release)) = self.helm_release else {
            return Ok(());
        };
        write!(f, "helm:")?;
        if self.service.workload.is_some() || key != self.key {
            write!(f, " HelmRelease {},", printable_name(key))?;
        }
        write!(
            f,
            " chart {}",
            printable_name(release.chart.as_deref().unwrap_or("unknown"))
        )?;
        if let Some(version) = &release.version {
            write!(f, " {}", printable_name(version))?;
        }
        match self.chart_source {
            Some((key, _)) => line!(f, " from {}", printable_name(key)),
            None => line!(f),
        }
    }
}
