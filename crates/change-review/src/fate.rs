//! What Flux does with objects that leave the repository.
//!
//! A Kustomization prunes what it applied and applies no more where `spec.prune` says so; one that is deleted deletes its
//! objects as `spec.deletionPolicy` says: <https://fluxcd.io/flux/components/kustomize/kustomizations/#prune>. A release deletes
//! what its chart no longer makes, but for what carries `helm.sh/resource-policy: keep`, and for hooks:
//! <https://helm.sh/docs/topics/charts_hooks/#hook-resources-are-not-managed-with-corresponding-releases>.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Evaluated, Evaluation, KustomizationId};
use source_tree::ObjectRef;

use crate::held::is_suspended;
use crate::objects::{Object, Objects, makers};
use crate::owner::Owner;
use crate::review::Deletion;

/// What becomes of an object, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) pruned: bool,
    pub(crate) reason: String,
}

impl Fate {
    fn pruned(reason: impl Into<String>) -> Self {
        Fate {
            pruned: true,
            reason: reason.into(),
        }
    }

    fn stays(reason: impl Into<String>) -> Self {
        Fate {
            pruned: false,
            reason: reason.into(),
        }
    }

    pub(crate) fn deletion(&self, object: &ObjectRef) -> Deletion {
        Deletion {
            object: object.to_string(),
            pruned: self.pruned,
            reason: self.reason.clone(),
        }
    }
}

/// What Flux does with objects that are gone.
pub(crate) struct Fates<'a> {
    before: BTreeMap<&'a KustomizationId, &'a Evaluated>,
    after: BTreeMap<&'a KustomizationId, &'a Evaluated>,
    /// Objects of which others are made, before the change.
    makers: BTreeMap<ObjectRef, (Owner, Object<'a>)>,
    /// Those of them that are there after it.
    remaining: BTreeSet<ObjectRef>,
    /// What Flux applied before the change.
    evaluation: &'a Evaluation,
}

/// The most owners that are followed upwards: one may seem to be its own ancestor.
const MOST_PARENTS: usize = 64;

impl<'a> Fates<'a> {
    /// `objects` are those of each side.
    pub(crate) fn new(
        before: &'a Evaluation,
        after: &'a Evaluation,
        objects_before: &Objects<'a>,
        objects_after: &Objects<'_>,
    ) -> Self {
        let by_id = |evaluation: &'a Evaluation| {
            let kustomizations = evaluation.kustomizations.iter();
            kustomizations
                .filter_map(|evaluated| Some((evaluated.id.as_ref()?, evaluated)))
                .collect()
        };
        let makers = makers(objects_before);
        let remaining = objects_after.values().map(Object::identity);
        Fates {
            before: by_id(before),
            after: by_id(after),
            remaining: remaining
                .filter(|identity| makers.contains_key(identity))
                .collect(),
            makers,
            evaluation: before,
        }
    }

    /// What becomes of an object that `owner` applied before.
    pub(crate) fn of(&self, object: &Object<'_>, owner: &Owner) -> Fate {
        self.at_depth(object, owner, 0)
    }

    fn at_depth(&self, object: &Object<'_>, owner: &Owner, depth: usize) -> Fate {
        // helm-controller reads none of them.
        let keys: &[&str] = match owner {
            Owner::Controller(maker) if maker.kind == "HelmRelease" => &[],
            Owner::Controller(_) => &["fluxcd.controlplane.io/prune"],
            Owner::Entry | Owner::Kustomization(_) => &[
                "kustomize.toolkit.fluxcd.io/prune",
                "kustomize.toolkit.fluxcd.io/reconcile",
            ],
        };
        for key in keys {
            if object
                .mark_of_user(key)
                .is_some_and(|value| value.eq_ignore_ascii_case("disabled"))
            {
                let name = key.rsplit('/').next().unwrap_or(key);
                return Fate::stays(format!("it is marked {name}: disabled"));
            }
        }
        match owner {
            Owner::Entry => Fate::pruned("if what applies the entry prunes"),
            Owner::Kustomization(id) => self.in_kustomization(id, 0),
            Owner::Controller(maker) => {
                if maker.kind == "HelmRelease" {
                    if object.mark_of_user("helm.sh/resource-policy") == Some("keep") {
                        return Fate::stays("it is marked helm.sh/resource-policy: keep");
                    }
                    if object.kind() == "CustomResourceDefinition" && self.is_of_crds(maker, object) {
                        return Fate::stays("Helm never deletes what is in the folder crds of a chart");
                    }
                    if object.is_hook() {
                        return Fate::stays("it is a hook, which Helm does not delete with its release");
                    }
                }
                self.with_its_maker(maker, depth)
            }
        }
    }

    fn is_of_crds(&self, release: &ObjectRef, object: &Object<'_>) -> bool {
        let rendered = self.evaluation.rendered_release(release);
        rendered.is_some_and(|rendered| rendered.crds.iter().any(|name| name == object.name()))
    }

    /// What becomes of what an object has made and makes no more.
    fn with_its_maker(&self, maker: &ObjectRef, depth: usize) -> Fate {
        let Some((owner, object)) = self.makers.get(maker).filter(|_| depth < MOST_PARENTS) else {
            return Fate::pruned(format!("{maker} no longer makes it"));
        };
        if is_suspended(object) {
            return Fate::stays(format!("{maker} is suspended"));
        }
        if self.remaining.contains(maker) {
            let has = if maker.kind == "HelmRelease" {
                "has"
            } else {
                "makes"
            };
            return Fate::pruned(format!("{maker} no longer {has} it"));
        }
        let own = self.at_depth(object, owner, depth + 1);
        if !own.pruned {
            return Fate::stays(format!("{maker} stays in the cluster: {}", own.reason));
        }
        Fate::pruned(format!("{maker} is deleted, with all it made"))
    }

    /// What becomes of the objects of a Kustomization that is gone.
    pub(crate) fn of_kustomization(&self, id: &KustomizationId) -> Fate {
        self.in_kustomization(id, 0)
    }

    fn in_kustomization(&self, id: &KustomizationId, depth: usize) -> Fate {
        if let Some(now) = self.after.get(id) {
            let Some(kustomization) = &now.kustomization else {
                return Fate::pruned(format!("by Kustomization {id}"));
            };
            return match (kustomization.prune, kustomization.suspend) {
                (_, true) => Fate::stays(format!("Kustomization {id} is suspended")),
                (false, _) => Fate::stays(format!("Kustomization {id} has prune: false")),
                (true, false) => Fate::pruned(format!("by Kustomization {id}")),
            };
        }
        let Some((evaluated, kustomization)) = self
            .before
            .get(id)
            .and_then(|evaluated| Some((evaluated, evaluated.kustomization.as_ref()?)))
        else {
            return Fate::pruned(format!("Kustomization {id} is gone"));
        };
        if depth < MOST_PARENTS
            && let Some(parent) = &evaluated.parent
        {
            let own = self.in_kustomization(parent, depth + 1);
            if !own.pruned {
                return Fate::stays(format!("Kustomization {id} stays in the cluster: {}", own.reason));
            }
        }
        let spec = evaluated
            .object
            .as_ref()
            .and_then(|object| object.node.get("spec"));
        let policy = spec.and_then(|spec| spec.text_at(&["deletionPolicy"]));
        if kustomization.suspend {
            return Fate::stays(format!("Kustomization {id} is suspended when it is deleted"));
        }
        match policy {
            Some("Orphan") => Fate::stays(format!("Kustomization {id} has deletionPolicy: Orphan")),
            Some("Delete" | "WaitForTermination") => {
                Fate::pruned(format!("Kustomization {id} is deleted, with all it applied"))
            }
            _ if kustomization.prune => {
                Fate::pruned(format!("Kustomization {id} is deleted, with all it applied"))
            }
            _ => Fate::stays(format!("Kustomization {id} is deleted, but has prune: false")),
        }
    }
}
