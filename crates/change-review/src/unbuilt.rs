//! Owners that a side does not build, so that their objects are not gone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use flux_evaluate::{Evaluated, Evaluation, KustomizationId, Remaining};
use source_tree::{EntryKind, ObjectRef, codes};

use crate::objects::{Objects, kustomizations, owners};
use crate::owner::Owner;
use crate::review::{NotCompared, Which};

/// The owners that one side does not build.
pub(crate) struct Unbuilt<'a> {
    which: Which,
    /// Why, by owner.
    reasons: BTreeMap<Owner, String>,
    /// Failing owners whose objects stay as they were, and why they fail.
    as_before: BTreeMap<Owner, String>,
    /// Kustomizations of this side.
    known: BTreeSet<&'a KustomizationId>,
    /// Objects from which controllers made others on this side.
    controllers: BTreeSet<Owner>,
    evaluation: &'a Evaluation,
}

impl<'a> Unbuilt<'a> {
    pub(crate) fn new(evaluation: &'a Evaluation, objects: &Objects<'_>, which: Which) -> Self {
        let as_before = owners(evaluation).filter_map(|(owner, evaluated)| match &evaluated.remaining {
            Some(Remaining::Failing(reason)) => Some((owner, reason.clone())),
            _ => None,
        });
        let as_before: BTreeMap<Owner, String> = as_before.collect();
        let unbuilt = owners(evaluation).filter(|(owner, _)| !as_before.contains_key(owner));
        let reasons = unbuilt.filter_map(|(owner, evaluated)| Some((owner, reason(evaluated)?)));
        // A ResourceSet that cannot be rendered deletes none of its objects.
        let unresolved = evaluation.diagnostics.iter();
        let unresolved = unresolved.filter(|found| found.code == codes::RESOURCE_SET_UNRESOLVED);
        let unresolved = unresolved.filter_map(|found| {
            let set = ObjectRef::parse(found.object.as_deref()?)?;
            Some((Owner::Controller(set), found.message.clone()))
        });
        let reasons: BTreeMap<Owner, String> = unresolved.chain(reasons).collect();
        let controllers = objects.keys().map(|key| &key.owner);
        Unbuilt {
            which,
            reasons,
            as_before,
            known: kustomizations(evaluation).map(|(id, _)| id).collect(),
            controllers: controllers
                .filter(|owner| owner.controller().is_some())
                .cloned()
                .collect(),
            evaluation,
        }
    }

    /// Removes from the objects of the other side those whose owner this side does not build, or does not reach because it does not
    /// build a parent.
    pub(crate) fn withdraw(&self, other: &Evaluation, objects: &mut Objects<'_>) -> Vec<NotCompared> {
        let mut left_out: BTreeMap<Owner, usize> = BTreeMap::new();
        let mut causes: BTreeMap<Owner, Option<Owner>> = BTreeMap::new();
        objects.retain(|key, _| {
            let owner = &key.owner;
            let cause = causes.entry(owner.clone());
            let cause = cause.or_insert_with(|| self.cause(owner, other));
            if let Some(cause) = cause {
                *left_out.entry(cause.clone()).or_default() += 1;
            }
            cause.is_none()
        });
        left_out
            .into_iter()
            .map(|(owner, objects)| NotCompared {
                reason: self.reason(&owner),
                owner: owner.to_string(),
                side: self.which,
                objects,
            })
            .collect()
    }

    /// The owners that fail on this side and whose objects stay as they were on the other side.
    pub(crate) fn as_before(&self, objects: &Objects<'_>) -> Vec<NotCompared> {
        let parts = self.as_before.iter().map(|(owner, reason)| NotCompared {
            owner: owner.to_string(),
            side: self.which,
            reason: reason.clone(),
            objects: objects.keys().filter(|key| key.owner == *owner).count(),
        });
        parts.filter(|part| part.objects > 0).collect()
    }

    /// Owners that neither side builds, and whose folder or error differs.
    pub(crate) fn on_both(&self, before: &Unbuilt<'_>) -> Vec<NotCompared> {
        let both = self.reasons.iter().filter_map(|(owner, reason)| {
            let earlier = before.reasons.get(owner)?;
            let (_, now) = owners(self.evaluation).find(|(other, _)| other == owner)?;
            let (_, then) = owners(before.evaluation).find(|(other, _)| other == owner)?;
            if now.external || then.external {
                return None;
            }
            let differs = reason != earlier || files(self.evaluation, now) != files(before.evaluation, then);
            differs.then(|| NotCompared {
                owner: owner.to_string(),
                side: self.which,
                reason: format!("neither side builds ({reason})"),
                objects: 0,
            })
        });
        both.collect()
    }

    fn reason(&self, owner: &Owner) -> String {
        let stated = self.reasons.get(owner).cloned();
        stated.unwrap_or_else(|| "its chart is not rendered".to_owned())
    }

    /// The owner that this side does not build and that keeps an owner of the other side from being built.
    fn cause(&self, owner: &Owner, other: &Evaluation) -> Option<Owner> {
        if self.reasons.contains_key(owner) {
            return Some(owner.clone());
        }
        match owner {
            Owner::Entry => None,
            Owner::Kustomization(id) => self.above(id, other),
            Owner::Controller(object) => {
                if self.controllers.contains(owner) {
                    return None;
                }
                let applies = |(_, evaluated): &(Owner, &Evaluated)| {
                    evaluated.objects.iter().any(|applied| {
                        let text = |path: &[&str]| applied.node.text_at(path);
                        text(&["kind"]) == Some(object.kind.as_str())
                            && text(&["metadata", "name"]) == Some(object.name.as_str())
                            && text(&["metadata", "namespace"]).unwrap_or_default() == object.namespace
                    })
                };
                // A release that is still there and makes nothing could not be rendered.
                if object.kind == "HelmRelease" && owners(self.evaluation).any(|owner| applies(&owner)) {
                    return Some(owner.clone());
                }
                let (owner, _) = owners(other).find(applies)?;
                self.cause(&owner, other)
            }
        }
    }

    /// The nearest parent of a Kustomization of the other side that this side has, if it is not built.
    fn above(&self, id: &KustomizationId, other: &Evaluation) -> Option<Owner> {
        let unbuilt = |owner| self.reasons.contains_key(&owner).then_some(owner);
        let mut id = id;
        let mut seen = BTreeSet::new();
        while !self.known.contains(id) && seen.insert(id) {
            let (_, evaluated) = kustomizations(other).find(|(other, _)| *other == id)?;
            match &evaluated.parent {
                Some(parent) => id = parent,
                None => return unbuilt(Owner::Entry),
            }
        }
        unbuilt(Owner::Kustomization(id.clone()))
    }
}

/// The most files of a folder that are compared.
const MOST_FILES: usize = 2000;

/// The files below the path of a Kustomization, by name.
fn files(evaluation: &Evaluation, evaluated: &Evaluated) -> BTreeMap<String, Arc<[u8]>> {
    let mut found = BTreeMap::new();
    let source = evaluated.object.as_ref().and_then(|object| {
        let reference = object.node.at(&["spec", "sourceRef"])?;
        let namespace = reference.text_at(&["namespace"]);
        let namespace = namespace.or_else(|| object.node.text_at(&["metadata", "namespace"]));
        let (kind, name) = (reference.text_at(&["kind"])?, reference.text_at(&["name"])?);
        Some(ObjectRef::new(kind, namespace.unwrap_or_default(), name))
    });
    let Some(sources) = source.and_then(|source| evaluation.contents.get(&source)) else {
        return found;
    };
    let tree = sources.tree();
    let mut folders = vec![evaluated.path.clone()];
    while let Some(folder) = folders.pop() {
        for (name, kind) in tree.list_without_links(&folder).unwrap_or_default() {
            let path = folder.join(&name);
            match kind {
                EntryKind::Directory => folders.push(path),
                EntryKind::File if found.len() < MOST_FILES => {
                    if let Ok(bytes) = tree.read(&path) {
                        found.insert(path.to_string(), bytes);
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// Why an owner has no objects though it may have some in the cluster.
fn reason(evaluated: &Evaluated) -> Option<String> {
    if evaluated.external {
        return Some("its content is not in this repository".to_owned());
    }
    let error = evaluated.error.as_ref()?;
    let has_own = evaluated
        .objects
        .iter()
        .any(|applied| applied.generated_by.is_none());
    (!has_own).then(|| redaction::without_credentials(error).into_owned())
}
