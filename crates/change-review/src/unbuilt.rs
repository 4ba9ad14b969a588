//! Parts that a side does not build: their objects are not gone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use flux_evaluate::{Evaluated, Evaluation, KustomizationId, Remaining};
use source_tree::{EntryKind, ObjectRef, codes};

use crate::objects::{Objects, owners};
use crate::owner::Owner;
use crate::review::{NotCompared, Which};

/// What does not build on one side.
pub(crate) struct Unbuilt<'a> {
    which: Which,
    /// Why, by owner.
    reasons: BTreeMap<Owner, String>,
    /// What fails and goes on as it was before, and why.
    as_before: BTreeMap<Owner, String>,
    /// Kustomizations of this side.
    known: BTreeSet<&'a KustomizationId>,
    /// Controllers that made something on this side.
    controllers: BTreeSet<Owner>,
    evaluation: &'a Evaluation,
}

impl<'a> Unbuilt<'a> {
    pub(crate) fn of(evaluation: &'a Evaluation, objects: &Objects<'_>, which: Which) -> Self {
        let as_before = owners(evaluation).filter_map(|(owner, evaluated)| match &evaluated.remaining {
            Some(Remaining::Failing(reason)) => Some((owner, reason.clone())),
            _ => None,
        });
        let as_before: BTreeMap<Owner, String> = as_before.collect();
        let unbuilt = owners(evaluation).filter(|(owner, _)| !as_before.contains_key(owner));
        let reasons = unbuilt.filter_map(|(owner, evaluated)| Some((owner, reason(evaluated)?)));
        // A ResourceSet that cannot be rendered deletes nothing of what it has made.
        let unresolved = evaluation.diagnostics.iter();
        let unresolved = unresolved.filter(|found| found.code == codes::RESOURCE_SET_UNRESOLVED);
        let unresolved = unresolved.filter_map(|found| {
            let set = ObjectRef::parse(found.object.as_deref()?)?;
            Some((Owner::Controller(set), found.message.clone()))
        });
        let reasons: BTreeMap<Owner, String> = unresolved.chain(reasons).collect();
        let known = evaluation.kustomizations.iter();
        let controllers = objects.keys().map(|key| &key.owner);
        Unbuilt {
            which,
            reasons,
            as_before,
            known: known.filter_map(|evaluated| evaluated.id.as_ref()).collect(),
            controllers: controllers
                .filter(|owner| matches!(owner, Owner::Controller(_)))
                .cloned()
                .collect(),
            evaluation,
        }
    }

    /// Takes the objects whose owner this side does not build, or does not reach since something above it is not built, out of
    /// the other side's.
    pub(crate) fn withdraw(&self, other: &Evaluation, objects: &mut Objects<'_>) -> Vec<NotCompared> {
        let mut left_out: BTreeMap<Owner, usize> = BTreeMap::new();
        let mut causes: BTreeMap<Owner, Option<Owner>> = BTreeMap::new();
        objects.retain(|key, _| {
            let owner = &key.owner;
            let cause = causes
                .entry(owner.clone())
                .or_insert_with(|| self.cause(owner, other));
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

    /// What fails on this side and goes on as it was on the other, whose objects these are.
    pub(crate) fn as_before(&self, objects: &Objects<'_>) -> Vec<NotCompared> {
        let parts = self.as_before.iter().map(|(owner, reason)| NotCompared {
            owner: owner.to_string(),
            side: self.which,
            reason: reason.clone(),
            objects: objects.keys().filter(|key| key.owner == *owner).count(),
        });
        parts.filter(|part| part.objects > 0).collect()
    }

    /// What neither side builds, and whose folder, or what is wrong with it, differs.
    pub(crate) fn on_both(&self, before: &Unbuilt<'_>) -> Vec<NotCompared> {
        let both = self.reasons.iter().filter_map(|(owner, reason)| {
            let earlier = before.reasons.get(owner)?;
            let of = |side: &Unbuilt<'_>| -> Option<Evaluated> {
                let (_, evaluated) = owners(side.evaluation).find(|(other, _)| other == owner)?;
                Some(evaluated.clone())
            };
            let (now, then) = (of(self)?, of(before)?);
            if now.external || then.external {
                return None;
            }
            let differs =
                reason != earlier || files(self.evaluation, &now) != files(before.evaluation, &then);
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

    /// What of this side keeps an owner of the other side from being built.
    fn cause(&self, owner: &Owner, other: &Evaluation) -> Option<Owner> {
        if self.reasons.contains_key(owner) {
            return Some(owner.clone());
        }
        match owner {
            Owner::Entry => None,
            Owner::Kustomization(id) => self.above(id, other),
            Owner::Controller(object) => {
                // A release that is still there and makes nothing could not be rendered.
                if self.controllers.contains(owner) {
                    return None;
                }
                let of = |evaluated: &Evaluated| {
                    evaluated.objects.iter().any(|applied| {
                        applied.node.text_at(&["kind"]) == Some(object.kind.as_str())
                            && applied.node.text_at(&["metadata", "name"]) == Some(object.name.as_str())
                            && applied
                                .node
                                .text_at(&["metadata", "namespace"])
                                .unwrap_or_default()
                                == object.namespace
                    })
                };
                if object.kind == "HelmRelease" && owners(self.evaluation).any(|(_, evaluated)| of(evaluated))
                {
                    return Some(owner.clone());
                }
                let (owner, _) = owners(other).find(|(_, evaluated)| of(evaluated))?;
                self.cause(&owner, other)
            }
        }
    }

    /// The nearest Kustomization above one of the other side that this side has, where it is not built.
    fn above(&self, id: &KustomizationId, other: &Evaluation) -> Option<Owner> {
        let mut id = id;
        let mut seen = BTreeSet::new();
        while !self.known.contains(id) && seen.insert(id) {
            let evaluated = other
                .kustomizations
                .iter()
                .find(|evaluated| evaluated.id.as_ref() == Some(id))?;
            match &evaluated.parent {
                Some(parent) => id = parent,
                None => {
                    return self.reasons.contains_key(&Owner::Entry).then_some(Owner::Entry);
                }
            }
        }
        let owner = Owner::Kustomization(id.clone());
        self.reasons.contains_key(&owner).then_some(owner)
    }
}

/// The most files of a folder that are compared.
const MOST_FILES: usize = 2000;

/// The files below the path of a Kustomization, by name.
fn files(evaluation: &Evaluation, evaluated: &Evaluated) -> BTreeMap<String, Arc<[u8]>> {
    let mut found = BTreeMap::new();
    let source = evaluated.object.as_ref().and_then(|object| {
        let reference = object.node.at(&["spec", "sourceRef"])?;
        let namespace = object
            .node
            .text_at(&["metadata", "namespace"])
            .unwrap_or_default();
        Some(ObjectRef::new(
            reference.text_at(&["kind"])?,
            reference.text_at(&["namespace"]).unwrap_or(namespace),
            reference.text_at(&["name"])?,
        ))
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

/// Why a part has no objects though it may have some in the cluster.
fn reason(evaluated: &Evaluated) -> Option<String> {
    if evaluated.external {
        return Some("its content is not in this repository".to_owned());
    }
    let error = evaluated.error.as_ref()?;
    let own = |applied: &&flux_evaluate::Applied| applied.generated_by.is_none();
    (evaluated.objects.iter().filter(own).count() == 0)
        .then(|| redaction::without_credentials(error).into_owned())
}
