//! `dependency-missing` and `dependency-cycle`: `dependsOn` of Kustomizations and HelmReleases, and Kustomizations that check the
//! health of others.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark, Place, Severity};
use yaml_node::Node;

use super::{if_sure, kustomization_ref, needed_first};
use crate::inventory::{Inventory, KUSTOMIZE, Owner};
use crate::linker::Linker;

/// Name and namespace of the Kustomization that `flux bootstrap` makes.
const BOOTSTRAP: &str = "flux-system";

/// What an object waits for.
#[derive(Clone, Default)]
struct Waiting {
    waits_for: Vec<ObjectRef>,
    /// Where each of these is stated.
    places: Vec<Option<Place>>,
    /// Index of the first that comes of `wait` or `healthChecks`; those before it are of `dependsOn`.
    by_health: Option<usize>,
}

impl Waiting {
    fn place(&self, position: usize) -> Option<Place> {
        self.places.get(position).cloned().flatten()
    }
}

type Graph = BTreeMap<ObjectRef, Waiting>;

/// What an object of a graph waits for; nothing if it is not in the graph.
fn waits_for<'g>(graph: &'g Graph, name: &ObjectRef) -> &'g [ObjectRef] {
    graph.get(name).map_or(&[], |waiting| &waiting.waits_for)
}

/// The findings about Kustomizations and HelmReleases.
pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut kustomizations = Graph::new();
    let mut waiting_for_health = Graph::new();
    let suspended = inventory.owners.iter().filter(|owner| owner.suspend);
    let suspended: BTreeSet<ObjectRef> = suspended.filter_map(kustomization_ref).collect();
    for owner in &inventory.owners {
        let evaluated = owner.evaluated;
        let (Some(name), Some(object), Some(kustomization)) = (
            kustomization_ref(owner),
            &evaluated.object,
            &evaluated.kustomization,
        ) else {
            continue;
        };
        let depends_on = evaluated.depends_on().iter();
        let waiting = Waiting {
            waits_for: depends_on
                .map(|id| ObjectRef::new("Kustomization", &id.namespace, &id.name))
                .collect(),
            places: places(inventory, &kustomization.depends_on_marks, object.mark),
            by_health: None,
        };
        waiting_for_health.insert(name.clone(), with_health(inventory, owner, &waiting, &suspended));
        kustomizations.insert(name, waiting);
    }
    // Kustomizations that a FluxInstance makes have no object, but others can wait for them.
    for name in inventory.owners.iter().filter_map(kustomization_ref) {
        kustomizations.entry(name).or_default();
    }
    let releases: Graph = linker
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
    // A Kustomization that failed, or whose content is elsewhere, may apply what is missing.
    let severity = if_sure(inventory.is_complete(), Severity::Error);
    // `flux bootstrap` applies its Kustomization, which need not be committed.
    if inventory.evaluation.root.id.is_none() {
        let name = ObjectRef::new("Kustomization", BOOTSTRAP, BOOTSTRAP);
        kustomizations.entry(name).or_default();
    }
    let mut findings = missing(&kustomizations, &releases, severity);
    findings.extend(missing(&releases, &kustomizations, severity));
    findings.extend(cycles(&waiting_for_health));
    findings.extend(needed_first::find(
        inventory,
        &|name| waits_for(&kustomizations, name),
        &|name| waits_for(&waiting_for_health, name),
    ));
    findings.extend(cycles(&releases));
    findings
}

/// What a Kustomization waits for before it is ready: the entries of `dependsOn` without a `readyExpr`, and the other Kustomizations
/// whose health it checks
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

/// The places of entries of `dependsOn`; that of the object for an entry without one.
fn places(inventory: &Inventory<'_>, marks: &[Mark], object: Mark) -> Vec<Option<Place>> {
    let place = |mark: &Mark| inventory.place(*mark).or_else(|| inventory.place(object));
    marks.iter().map(place).collect()
}

/// The first object of each name.
fn first_of_name(graph: &Graph) -> BTreeMap<&str, &ObjectRef> {
    let mut by_name = BTreeMap::new();
    for known in graph.keys() {
        by_name.entry(known.name.as_str()).or_insert(known);
    }
    by_name
}

/// Objects that are waited for and not in `graph`; `others` are the objects of the other kind.
fn missing(graph: &Graph, others: &Graph, severity: Severity) -> Vec<Diagnostic> {
    let by_name = LazyCell::new(|| first_of_name(graph));
    let others_by_name = LazyCell::new(|| first_of_name(others));
    let mut findings = Vec::new();
    for (name, waiting) in graph {
        let wanted = waiting.waits_for.iter().enumerate();
        for (position, wanted) in wanted.filter(|(_, wanted)| !graph.contains_key(wanted)) {
            let elsewhere = by_name.get(wanted.name.as_str());
            let other_kind = match name.kind.as_str() {
                "Kustomization" => "HelmRelease",
                _ => "Kustomization",
            };
            let exact = ObjectRef::new(other_kind, &wanted.namespace, &wanted.name);
            let exact = others.get_key_value(&exact).map(|(other, _)| other);
            let of_name = others_by_name.get(wanted.name.as_str()).copied();
            let other = exact.or(of_name.filter(|_| elsewhere.is_none()));
            let hint = match elsewhere {
                _ if let Some(other) = other => match name.kind.as_str() {
                    "Kustomization" => format!(
                        "{other} is there, and `dependsOn` of a Kustomization names only Kustomizations: name the one that applies it, \
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
            // An object of this name elsewhere is the one that is meant, whatever else may be applied.
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

/// Most cycles that are reported. Where everything waits for everything there are any number.
const MOST_CYCLES: usize = 1_000;
/// Most members of a cycle that are named.
const MOST_MEMBERS: usize = 50;

/// One finding for each cycle.
fn cycles(graph: &Graph) -> Vec<Diagnostic> {
    // Whether the walk through an object is done; it is on the stack until then.
    let mut done: HashMap<&ObjectRef, bool> = HashMap::default();
    let mut findings = Vec::new();
    for start in graph.keys() {
        if done.contains_key(start) {
            continue;
        }
        done.insert(start, false);
        // Each object with the index of the next one that it waits for.
        let mut stack: Vec<(&ObjectRef, usize)> = vec![(start, 0)];
        while let Some((name, next)) = stack.last_mut() {
            let (name, position) = (*name, *next);
            *next += 1;
            let Some(wanted) = waits_for(graph, name).get(position) else {
                done.insert(name, true);
                stack.pop();
                continue;
            };
            let Some((wanted, _)) = graph.get_key_value(wanted) else {
                continue;
            };
            match done.get(wanted) {
                Some(true) => {}
                None => {
                    done.insert(wanted, false);
                    stack.push((wanted, 0));
                }
                Some(false) if findings.len() >= MOST_CYCLES => {}
                Some(false) => {
                    let from = stack.iter().position(|(open, _)| *open == wanted);
                    let cycle = stack.get(from.unwrap_or_default()..).unwrap_or_default();
                    findings.push(cycle_finding(graph, wanted, cycle));
                }
            }
        }
    }
    findings
}

/// `first` is the first member of `cycle`, which has the index behind the edge that each member takes.
fn cycle_finding(graph: &Graph, first: &ObjectRef, cycle: &[(&ObjectRef, usize)]) -> Diagnostic {
    let edges = cycle
        .iter()
        .map(|(member, next)| (graph.get(*member), next.saturating_sub(1)));
    let place = edges
        .clone()
        .next()
        .and_then(|(waiting, edge)| waiting?.place(edge));
    let is_by_health = edges.clone().any(|(waiting, edge)| {
        let from = waiting.and_then(|waiting| waiting.by_health);
        from.is_some_and(|from| edge >= from)
    });
    let names = cycle.iter().map(|(member, _)| member.to_string());
    let mut names: Vec<String> = names.take(MOST_MEMBERS).collect();
    if cycle.len() > MOST_MEMBERS {
        names.push(format!("{} more", cycle.len() - MOST_MEMBERS));
    }
    names.push(first.to_string());
    let message = format!("{first} waits for itself: {}", names.join(" -> "));
    Diagnostic::error(codes::DEPENDENCY_CYCLE, message)
        .at(place)
        .on(first.to_string())
        .hint(match is_by_health {
            true => {
                "one waits for another by `wait: true` or `healthChecks`, which `dependsOn` leads back: remove one of them"
            }
            false => "remove the edge that is not needed",
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> Graph {
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
