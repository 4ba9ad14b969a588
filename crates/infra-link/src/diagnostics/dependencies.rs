//! `dependency-missing` and `dependency-cycle`: `dependsOn` of Kustomizations and of HelmReleases, and Kustomizations that wait for
//! the health of others.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark, Place, Severity};
use yaml_node::Node;

use super::needed_first;
use crate::inventory::{Inventory, KUSTOMIZE, Owner};
use crate::linker::Linker;

/// Name and namespace of the Kustomization that `flux bootstrap` makes.
const BOOTSTRAP: &str = "flux-system";

/// One object with what it waits for.
#[derive(Clone, Default)]
struct Waiting {
    waits_for: Vec<ObjectRef>,
    /// Where each of these is stated.
    places: Vec<Option<Place>>,
    /// The first of them that it waits for by `wait` or `healthChecks`; those before it stand in `dependsOn`.
    by_health: Option<usize>,
}

impl Waiting {
    fn place(&self, position: usize) -> Option<Place> {
        self.places.get(position).cloned().flatten()
    }
}

/// Both kinds of objects.
pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut kustomizations: BTreeMap<ObjectRef, Waiting> = BTreeMap::new();
    let mut waiting_for_health = BTreeMap::new();
    let suspended = inventory.owners.iter().filter(|owner| owner.suspend);
    let suspended: BTreeSet<ObjectRef> = suspended
        .filter_map(|owner| owner.evaluated.id.as_ref())
        .map(|id| ObjectRef::new("Kustomization", &id.namespace, &id.name))
        .collect();
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
        let name = ObjectRef::new("Kustomization", &id.namespace, &id.name);
        let waiting = Waiting {
            waits_for,
            places: places(inventory, &kustomization.depends_on_marks, object.mark),
            by_health: None,
        };
        waiting_for_health.insert(name.clone(), with_health(inventory, owner, &waiting, &suspended));
        kustomizations.insert(name, waiting);
    }
    // Kustomizations that a FluxInstance makes have no object, and can be waited for all the same.
    for owner in &inventory.owners {
        if let Some(id) = &owner.evaluated.id {
            let name = ObjectRef::new("Kustomization", &id.namespace, &id.name);
            kustomizations.entry(name).or_default();
        }
    }
    let releases: BTreeMap<ObjectRef, Waiting> = linker
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
                by_health: None,
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
        kustomizations.entry(name).or_default();
    }
    let mut findings = Vec::new();
    findings.extend(missing(&kustomizations, &releases, severity));
    findings.extend(missing(&releases, &kustomizations, severity));
    findings.extend(cycles(&waiting_for_health));
    let waits_for = |name: &ObjectRef| {
        let waiting = waiting_for_health.get(name);
        waiting.map_or(&[][..], |waiting| &waiting.waits_for)
    };
    let depends_on = |name: &ObjectRef| {
        let waiting = kustomizations.get(name);
        waiting.map_or(&[][..], |waiting| &waiting.waits_for)
    };
    findings.extend(needed_first::find(inventory, &depends_on, &waits_for));
    findings.extend(cycles(&releases));
    findings
}

/// What a Kustomization waits for before it is ready: what `dependsOn` names, unless an expression of its own says when that is
/// ready, and the Kustomizations whose health it checks, but for itself
/// (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go>).
fn with_health(
    inventory: &Inventory<'_>,
    owner: &Owner<'_>,
    depends_on: &Waiting,
    suspended: &BTreeSet<ObjectRef>,
) -> Waiting {
    let mut waiting = Waiting::default();
    let evaluated = owner.evaluated;
    let (Some(id), Some(object), Some(view)) = (&evaluated.id, &evaluated.object, &evaluated.kustomization)
    else {
        return waiting;
    };
    let stated = object
        .node
        .at(&["spec", "dependsOn"])
        .map_or(&[][..], Node::items);
    let has_expression =
        |position: usize| (stated.get(position)).is_some_and(|entry| entry.get("readyExpr").is_some());
    for (position, wanted) in depends_on.waits_for.iter().enumerate() {
        if !has_expression(position) {
            waiting.waits_for.push(wanted.clone());
            waiting.places.push(depends_on.place(position));
        }
    }
    waiting.by_health = Some(waiting.waits_for.len());
    if view.suspend || owner.remote {
        return waiting;
    }
    let mark = |field: &str| object.node.at(&["spec", field]).map(|node| node.mark);
    let checked: Vec<(ObjectRef, Option<Mark>)> = if view.wait {
        let applied = evaluated.objects.iter().filter_map(|applied| {
            if applied.generated_by.is_some() || applied.node.text_at(&["kind"]) != Some("Kustomization") {
                return None;
            }
            let reference = flux_evaluate::flux::object_ref(&applied.node);
            let child = inventory.find(KUSTOMIZE, "Kustomization", &reference.namespace, &reference.name)?;
            let is_skipped =
                crate::apply_annotations::apply_annotations(child).any(|found| found.name() != "prune");
            (!is_skipped).then(|| (child.object_name(), mark("wait")))
        });
        applied.collect()
    } else {
        let checks = object
            .node
            .at(&["spec", "healthChecks"])
            .map_or(&[][..], Node::items);
        let named = checks.iter().filter_map(|check| {
            let text = |field: &str| check.text_at(&[field]).unwrap_or_default();
            let group = flux_evaluate::flux::api_group(check);
            let namespace = match text("namespace") {
                "" => &id.namespace,
                namespace => namespace,
            };
            let child = ObjectRef::new("Kustomization", namespace, text("name"));
            (group == KUSTOMIZE && text("kind") == "Kustomization").then_some((child, Some(check.mark)))
        });
        named.collect()
    };
    let is_itself = |child: &ObjectRef| child.namespace == id.namespace && child.name == id.name;
    for (child, mark) in checked {
        if !is_itself(&child) && !suspended.contains(&child) {
            let place = mark.and_then(|mark| inventory.place(mark));
            waiting.waits_for.push(child);
            waiting
                .places
                .push(place.or_else(|| inventory.place(object.mark)));
        }
    }
    waiting
}

/// The places of entries of `dependsOn`; that of the object where one is not known.
fn places(inventory: &Inventory<'_>, marks: &[Mark], object: Mark) -> Vec<Option<Place>> {
    let place = |mark: &Mark| inventory.place(*mark).or_else(|| inventory.place(object));
    marks.iter().map(place).collect()
}

/// The first object of each name.
fn first_of_name(graph: &BTreeMap<ObjectRef, Waiting>) -> BTreeMap<&str, &ObjectRef> {
    let mut by_name = BTreeMap::new();
    for known in graph.keys() {
        by_name.entry(known.name.as_str()).or_insert(known);
    }
    by_name
}

/// Names that `graph` lacks; `others` are the objects of the other kind.
fn missing(
    graph: &BTreeMap<ObjectRef, Waiting>,
    others: &BTreeMap<ObjectRef, Waiting>,
    severity: Severity,
) -> Vec<Diagnostic> {
    let (by_name, others_by_name) = (first_of_name(graph), first_of_name(others));
    let mut findings = Vec::new();
    for (name, waiting) in graph {
        let wanted = waiting.waits_for.iter().enumerate();
        for (position, wanted) in wanted.filter(|(_, wanted)| !graph.contains_key(wanted)) {
            let elsewhere = by_name.get(wanted.name.as_str());
            let exact = match name.kind.as_str() {
                "Kustomization" => ObjectRef::new("HelmRelease", &wanted.namespace, &wanted.name),
                _ => ObjectRef::new("Kustomization", &wanted.namespace, &wanted.name),
            };
            let exact = others.get_key_value(&exact).map(|(other, _)| other);
            let of_name = || {
                others_by_name
                    .get(wanted.name.as_str())
                    .filter(|_| elsewhere.is_none())
            };
            let other = exact.or_else(|| of_name().copied());
            let hint = match elsewhere {
                _ if let Some(other) = other => match name.kind.as_str() {
                    "Kustomization" => format!(
                        "{other} is there, and `dependsOn` of a Kustomization names Kustomizations alone: name the one that applies it, \
                         with `wait: true` or `healthChecks` there"
                    ),
                    _ => format!(
                        "{other} is there, and `dependsOn` of a HelmRelease names HelmReleases alone: state it in the Kustomization \
                         that applies {name}"
                    ),
                },
                Some(known) => format!(
                    "there is one in namespace {}: give its `namespace`",
                    known.namespace
                ),
                None => {
                    "correct the name, or give the `namespace` where it is not the object's own".to_owned()
                }
            };
            // One of the name elsewhere is what is meant, whatever else may be applied.
            let severity = match elsewhere.is_some() || other.is_some() {
                true => Severity::Error,
                false => severity,
            };
            let known = match severity {
                Severity::Info => "that is known ",
                _ => "",
            };
            findings.push(
                Diagnostic::new(
                    severity,
                    codes::DEPENDENCY_MISSING,
                    format!("{name} depends on {wanted}, which nothing {known}applies"),
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
                    let by_health = round.iter().any(|(open, next)| {
                        let from = graph.get(*open).and_then(|waiting| waiting.by_health);
                        from.is_some_and(|from| next.saturating_sub(1) >= from)
                    });
                    let hint = match by_health {
                        true => {
                            "one waits for another by `wait: true` or `healthChecks`, which `dependsOn` leads back: remove one of them"
                        }
                        false => "remove the edge that is not needed",
                    };
                    findings.push(
                        Diagnostic::error(
                            codes::DEPENDENCY_CYCLE,
                            format!("{wanted} waits for itself: {}", circle.join(" -> ")),
                        )
                        .at(waiting.place(entry))
                        .on(wanted.to_string())
                        .hint(hint),
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
                        ..Waiting::default()
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
        let found = missing(
            &graph(&[("a", &["b", "x"]), ("b", &[])]),
            &graph(&[]),
            Severity::Error,
        );
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("flux-system/x"));
    }
}
