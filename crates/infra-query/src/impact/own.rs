//! The dependencies of a subject.

use crate::find::Hit;
use crate::graph::{Graph, Node};
use crate::{Facts, Subject};

/// A dependency of a subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// Its key, or a host.
    pub key: String,
    /// Whether Flux waits for it; else the subject talks to it.
    pub is_waited_for: bool,
}

/// The dependencies of some hits, if they have at most one service; its HelmRelease and Kustomization may be among
/// them.
pub(super) fn needs(facts: &dyn Facts, hits: &[Hit<'_>]) -> Vec<Need> {
    let graph = Graph::new(facts);
    let mut found = Vec::new();
    let mut add = |key: &str, is_waited_for: bool| {
        found.push(Need {
            key: key.to_owned(),
            is_waited_for,
        });
    };
    let services = hits.iter().filter_map(|hit| hit.subject.service());
    if services.count() > 1 {
        return Vec::new();
    }
    for hit in hits {
        match hit.subject {
            Subject::Service(key, service) => {
                for edge in graph.talks_to(key) {
                    add(edge.to.key(), false);
                }
                if let Some(by) = &service.kustomization {
                    for edge in graph.depends_on(Node::Kustomization(by)) {
                        add(edge.to.key(), true);
                    }
                }
            }
            Subject::Kustomization(..) | Subject::HelmRelease(..) => {
                for edge in graph.depends_on(Node::from(hit.subject)) {
                    add(edge.to.key(), true);
                }
            }
            _ => {}
        }
    }
    found.sort();
    found.dedup();
    found
}
