//! `dependency-missing` and `dependency-cycle`: `dependsOn` of Kustomizations and of HelmReleases.

use std::collections::BTreeMap;

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark, Place, Severity};

use crate::inventory::Inventory;
use crate::linker::Linker;

/// Name and namespace of the Kustomization that `flux bootstrap` makes.
const BOOTSTRAP: &str = "flux-system";

/// One object with what it waits for.
struct Waiting {
    waits_for: Vec<ObjectRef>,
    /// Where each of these is stated.
    places: Vec<Option<Place>>,
}

impl Waiting {
    fn place(&self, position: usize) -> Option<Place> {
        self.places.get(position).cloned().flatten()
    }
}

/// Both kinds of objects.
pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut kustomizations = BTreeMap::new();
    for owner in &inventory.owners {
        let evaluated = owner.evaluated;
        let (Some(id), Some(object), Some(kustomization)) =
            (&evaluated.id, &evaluated.object, &evaluated.kustomization)
        else {
            continue;
        };
        let waits_for = evaluated
            .depends_on()
            .iter()
            .map(|id| ObjectRef::new("Kustomization", &id.namespace, &id.name))
            .collect();
        kustomizations.insert(
            ObjectRef::new("Kustomization", &id.namespace, &id.name),
            Waiting {
                waits_for,
                places: places(inventory, &kustomization.depends_on_marks, object.mark),
            },
        );
    }
    // Kustomizations that a FluxInstance makes have no object, and can be waited for all the same.
    for owner in &inventory.owners {
        if let Some(id) = &owner.evaluated.id {
            let name = ObjectRef::new("Kustomization", &id.namespace, &id.name);
            kustomizations.entry(name).or_insert(Waiting {
                waits_for: Vec::new(),
                places: Vec::new(),
            });
        }
    }
    let releases = linker
        .releases
        .iter()
        .map(|release| {
            let waiting = Waiting {
                waits_for: release.spec.depends_on.clone(),
                places: places(
                    inventory,
                    &release.spec.depends_on_marks,
                    release.object.applied.mark,
                ),
            };
            (release.object.object_name(), waiting)
        })
        .collect();
    // What failed or stands elsewhere may apply what is missing.
    let severity = if inventory.is_complete() {
        Severity::Error
    } else {
        Severity::Info
    };
    // Bootstrapping applies it, and need not be committed.
    if inventory.evaluation.root.id.is_none() {
        let name = ObjectRef::new("Kustomization", BOOTSTRAP, BOOTSTRAP);
        kustomizations.entry(name).or_insert(Waiting {
            waits_for: Vec::new(),
            places: Vec::new(),
        });
    }
    let mut findings = Vec::new();
    for graph in [kustomizations, releases] {
        findings.extend(missing(&graph, severity));
        findings.extend(cycles(&graph));
    }
    findings
}

/// The places of entries of `dependsOn`; that of the object where one is not known.
fn places(inventory: &Inventory<'_>, marks: &[Mark], object: Mark) -> Vec<Option<Place>> {
    let place = |mark: &Mark| inventory.place(*mark).or_else(|| inventory.place(object));
    marks.iter().map(place).collect()
}

fn missing(graph: &BTreeMap<ObjectRef, Waiting>, severity: Severity) -> Vec<Diagnostic> {
    let mut by_name: BTreeMap<&str, &ObjectRef> = BTreeMap::new();
    for known in graph.keys() {
        by_name.entry(&known.name).or_insert(known);
    }
    let mut findings = Vec::new();
    for (name, waiting) in graph {
        let wanted = waiting.waits_for.iter().enumerate();
        for (position, wanted) in wanted.filter(|(_, wanted)| !graph.contains_key(wanted)) {
            let elsewhere = by_name.get(wanted.name.as_str());
            let hint = match elsewhere {
                Some(known) => format!(
                    "there is one in namespace {}: give its `namespace`",
                    known.namespace
                ),
                None => {
                    "correct the name, or give the `namespace` where it is not the object's own".to_owned()
                }
            };
            findings.push(
                Diagnostic::new(
                    severity,
                    codes::DEPENDENCY_MISSING,
                    format!("{name} depends on {wanted}, which nothing applies"),
                )
                .at(waiting.place(position))
                .on(name.to_string())
                .hint(hint),
            );
        }
    }
    findings
}

/// Most circles that are reported. Where everything waits for everything there are any number.
const MOST_CIRCLES: usize = 1_000;
/// Of a longer circle only so many members are named.
const LONG_CIRCLE: usize = 50;

/// One finding for each circle.
fn cycles(graph: &BTreeMap<ObjectRef, Waiting>) -> Vec<Diagnostic> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        Open,
        Done,
    }
    let mut states: BTreeMap<&ObjectRef, State> = BTreeMap::new();
    let mut findings = Vec::new();
    for start in graph.keys() {
        if states.contains_key(start) {
            continue;
        }
        states.insert(start, State::Open);
        let mut stack: Vec<(&ObjectRef, usize)> = vec![(start, 0)];
        while let Some((name, next)) = stack.last_mut() {
            let (name, position) = (*name, *next);
            *next += 1;
            let Some(wanted) = graph
                .get(name)
                .and_then(|waiting| waiting.waits_for.get(position))
            else {
                states.insert(name, State::Done);
                stack.pop();
                continue;
            };
            let Some((wanted, waiting)) = graph.get_key_value(wanted) else {
                continue;
            };
            match states.get(wanted) {
                Some(State::Done) => {}
                None => {
                    states.insert(wanted, State::Open);
                    stack.push((wanted, 0));
                }
                Some(State::Open) if findings.len() >= MOST_CIRCLES => {}
                Some(State::Open) => {
                    let from = stack
                        .iter()
                        .position(|(open, _)| *open == wanted)
                        .unwrap_or_default();
                    let round = stack.get(from..).unwrap_or_default();
                    // Its own entry that leads around, which is behind the one that comes next.
                    let entry = round.first().map_or(0, |(_, next)| next.saturating_sub(1));
                    let names = round.iter().map(|(open, _)| open.to_string());
                    let mut circle: Vec<String> = names.take(LONG_CIRCLE).collect();
                    if round.len() > LONG_CIRCLE {
                        circle.push(format!("{} more", round.len() - LONG_CIRCLE));
                    }
                    circle.push(wanted.to_string());
                    findings.push(
                        Diagnostic::error(
                            codes::DEPENDENCY_CYCLE,
                            format!("{wanted} waits for itself: {}", circle.join(" -> ")),
                        )
                        .at(waiting.place(entry))
                        .on(wanted.to_string())
                        .hint("remove the edge that is not needed"),
                    );
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> BTreeMap<ObjectRef, Waiting> {
        let name = |name: &str| ObjectRef::new("Kustomization", "flux-system", name);
        edges
            .iter()
            .map(|(from, to)| {
                (
                    name(from),
                    Waiting {
                        waits_for: to.iter().map(|to| name(to)).collect(),
                        places: Vec::new(),
                    },
                )
            })
            .collect()
    }

    #[test]
    fn each_circle_is_found_once_and_named_whole() {
        let messages = |edges: &[(&str, &[&str])]| -> Vec<String> {
            cycles(&graph(edges))
                .into_iter()
                .map(|finding| finding.message.replace("Kustomization/flux-system/", ""))
                .collect()
        };
        assert_eq!(
            messages(&[("a", &["b"]), ("b", &["c"]), ("c", &["a"]), ("d", &["a"])]),
            ["a waits for itself: a -> b -> c -> a"]
        );
        assert_eq!(messages(&[("a", &["a"])]), ["a waits for itself: a -> a"]);
        assert_eq!(
            messages(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])]),
            [""; 0]
        );
    }

    #[test]
    fn what_nothing_applies_is_missing() {
        let found = missing(&graph(&[("a", &["b", "x"]), ("b", &[])]), Severity::Error);
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("flux-system/x"));
    }
}
