//! Dependencies of Flux objects, nearest first.

use std::collections::BTreeSet;

use infra_model::flux::{HelmRelease, Kustomization};

use crate::facts::is_remote;
use crate::graph::{Graph, Node};
use crate::{Facts, Subject, suspended_above};

impl Wait<'_> {
    /// The key, and what keeps it from becoming ready.
    pub(super) fn text(&self) -> String {
        match (self.subject.is_some(), self.suspended, self.suspended_above) {
            (false, ..) if self.is_elsewhere => {
                format!("{} (an object of the cluster whose Flux applies this)", self.key)
            }
            (false, ..) => format!("{} (missing)", self.key),
            (_, true, None) => format!("{} (suspended)", self.key),
            (_, true, Some(above)) => {
                format!("{} (suspended, as is Kustomization {above} above it)", self.key)
            }
            (_, false, Some(above)) => format!("{} (below Kustomization {above}, suspended)", self.key),
            (_, false, None) => self.key.to_owned(),
        }
    }
}

/// A dependency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wait<'a> {
    /// Its key.
    pub key: &'a str,
    /// 1 for a direct dependency.
    pub distance: usize,
    /// The object; `None` if there is none of that name.
    pub subject: Option<Subject<'a>>,
    /// Whether it is an object of another cluster, whose Flux applies the waiting object to this remote cluster.
    pub is_elsewhere: bool,
    /// Whether it is suspended: then it is ready only if it was before.
    pub suspended: bool,
    /// The suspended Kustomization that applies it, or that is above it.
    pub suspended_above: Option<&'a str>,
}

/// All dependencies, nearest first, each once.
pub(super) fn waits_for<'a>(
    graph: &Graph<'a>,
    facts: &'a dyn Facts,
    helm_release: Option<(&'a str, &'a HelmRelease)>,
    kustomization: Option<(&'a str, &'a Kustomization)>,
) -> Vec<Wait<'a>> {
    let start = match (helm_release, kustomization) {
        (Some((key, release)), _) if !release.depends_on.is_empty() => Node::HelmRelease(key),
        (_, Some((key, _))) => Node::Kustomization(key),
        _ => return Vec::new(),
    };
    let mut waits: Vec<Wait<'a>> = Vec::new();
    let mut known: BTreeSet<Node<'a>> = BTreeSet::from([start]);
    let mut level = vec![start];
    let mut distance = 1;
    while !level.is_empty() {
        let wanted = level.into_iter().flat_map(|node| graph.depends_on(node));
        let next: Vec<(Node<'a>, Node<'a>)> = wanted
            .map(|edge| (edge.from, edge.to))
            .filter(|(_, node)| known.insert(*node))
            .collect();
        waits.extend(next.iter().map(|(from, node)| {
            let subject = node.subject(facts);
            let above = subject.and_then(|subject| suspended_above::above(facts, subject));
            Wait {
                key: node.key(),
                distance,
                subject,
                is_elsewhere: subject.is_none() && is_of_another_cluster(facts, *from),
                suspended: subject.is_some_and(suspended_above::is_suspended),
                suspended_above: above.map(|above| above.name.as_str()),
            }
        }));
        level = next.into_iter().map(|(_, node)| node).collect();
        distance += 1;
    }
    waits
}

/// Whether an object in the facts of a remote cluster belongs to the cluster that reaches it: it has a kubeConfig.
pub(super) fn is_of_another_cluster(facts: &dyn Facts, node: Node<'_>) -> bool {
    let config = match node.subject(facts) {
        Some(Subject::Kustomization(_, it)) => it.kube_config.as_ref(),
        Some(Subject::HelmRelease(_, it)) => it.kube_config.as_ref(),
        _ => None,
    };
    config.is_some() && is_remote(facts)
}
