//! Parts that a side does not build: their objects are not gone.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Evaluated, Evaluation, KustomizationId};

use crate::objects::{Objects, owners};
use crate::owner::Owner;
use crate::review::{NotCompared, Which};

/// What does not build on one side.
pub(crate) struct Unbuilt<'a> {
    which: Which,
    /// Why, by owner.
    reasons: BTreeMap<Owner, String>,
    /// Kustomizations of this side.
    known: BTreeSet<&'a KustomizationId>,
    /// Controllers that made something on this side.
    controllers: BTreeSet<Owner>,
    evaluation: &'a Evaluation,
}

impl<'a> Unbuilt<'a> {
    pub(crate) fn of(evaluation: &'a Evaluation, objects: &Objects<'_>, which: Which) -> Self {
        let reasons = owners(evaluation)
            .filter_map(|(owner, evaluated)| Some((owner, reason(evaluated)?)))
            .collect();
        let known = evaluation.kustomizations.iter();
        let controllers = objects.keys().map(|key| &key.owner);
        Unbuilt {
            which,
            reasons,
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
