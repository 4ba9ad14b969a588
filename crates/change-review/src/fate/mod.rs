//! What Flux does with objects that leave the repository.
//!
//! A Kustomization with `spec.prune` prunes what it applied and no longer applies; one that is deleted treats its objects as
//! `spec.deletionPolicy` says: <https://fluxcd.io/flux/components/kustomize/kustomizations/#prune>. A release deletes
//! what its chart no longer makes, except hooks and objects with `helm.sh/resource-policy: keep`:
//! <https://helm.sh/docs/topics/charts_hooks/#hook-resources-are-not-managed-with-corresponding-releases>.

mod kustomizations;

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Evaluated, Evaluation, KustomizationId};
use source_tree::ObjectRef;

use crate::held::{is_in_folder_crds, is_suspended};
use crate::keep::mark_that_keeps;
use crate::objects::{Object, Objects, kustomizations, makers, objects};
use crate::owner::Owner;
use crate::review::Deletion;
use crate::side::Side;

/// Whether Flux deletes an object, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) pruned: bool,
    pub(crate) reason: String,
    /// The namespace whose deletion takes the object along, marked or not, and the mark that keeps that namespace.
    pub(crate) namespace: Option<(String, &'static str)>,
}

impl Fate {
    fn pruned(reason: impl Into<String>) -> Self {
        Fate {
            pruned: true,
            reason: reason.into(),
            namespace: None,
        }
    }

    fn stays(reason: impl Into<String>) -> Self {
        Fate {
            pruned: false,
            ..Fate::pruned(reason)
        }
    }

    pub(crate) fn deletion(&self, object: &Object<'_>) -> Deletion {
        Deletion {
            object: object.identity().to_string(),
            pruned: self.pruned,
            reason: self.reason.clone(),
        }
    }
}

/// What Flux does with objects that are gone.
pub(crate) struct Fates<'a> {
    before: BTreeMap<&'a KustomizationId, &'a Evaluated>,
    after: BTreeMap<&'a KustomizationId, &'a Evaluated>,
    /// Objects that generate others, and Kustomizations, before the change.
    makers: BTreeMap<ObjectRef, (Owner, Object<'a>)>,
    /// The makers that are still there after the change.
    remaining: BTreeSet<ObjectRef>,
    /// Deleted namespaces, each with the mark that would keep it.
    namespaces: BTreeMap<&'a str, &'static str>,
    /// Objects of Kustomizations that stay in the cluster though nothing applies these any more.
    still_applied: BTreeSet<(Owner, ObjectRef)>,
    /// What Flux applied before the change.
    evaluation: &'a Evaluation,
    /// For a remote cluster: the fates of the hub, the cluster whose Kustomizations apply to it.
    hub: Option<Box<Fates<'a>>>,
    /// Objects of the hub after the change.
    in_hub: BTreeSet<ObjectRef>,
}

/// The most owners that are followed upwards, as an owner may be its own ancestor.
const MOST_PARENTS: usize = 64;

impl<'a> Fates<'a> {
    pub(crate) fn new(
        before: Side<'a>,
        after: Side<'a>,
        objects_before: &Objects<'a>,
        objects_after: &Objects<'_>,
    ) -> Self {
        let makers = makers(objects_before);
        let remaining = objects_after.values().map(Object::identity);
        let mut fates = Fates {
            before: kustomizations(before.evaluation).collect(),
            after: kustomizations(after.evaluation).collect(),
            remaining: remaining.filter(|it| makers.contains_key(it)).collect(),
            makers,
            namespaces: BTreeMap::new(),
            still_applied: BTreeSet::new(),
            evaluation: before.evaluation,
            hub: None,
            in_hub: BTreeSet::new(),
        };
        if let (Some(before), Some(after)) = (before.of_hub(), after.of_hub()) {
            let all = |side: Side<'a>| objects(side.evaluation, side.evaluation);
            let (objects_before, objects_after) = (all(before), all(after));
            fates.in_hub = objects_after.values().map(Object::identity).collect();
            let hub = Fates::new(before, after, &objects_before, &objects_after);
            fates.hub = Some(Box::new(hub));
        }
        let still_applied = objects_after.iter().filter(|(key, _)| fates.is_left(&key.owner));
        fates.still_applied = still_applied
            .map(|(key, object)| (key.owner.clone(), object.identity()))
            .collect();
        let is_namespace = |object: &Object<'_>| object.kind() == "Namespace" && object.group().is_empty();
        let applied = objects_after.values().filter(|object| is_namespace(object));
        let applied: BTreeSet<&str> = applied.map(Object::name).collect();
        let gone = objects_before.iter().filter(|(key, object)| {
            is_namespace(object) && !applied.contains(object.name()) && fates.fate(object, &key.owner).pruned
        });
        fates.namespaces = gone
            .map(|(_, object)| (object.name(), mark_that_keeps(object)))
            .collect();
        fates
    }

    /// The fate of an object that `owner` applied before.
    pub(crate) fn fate(&self, object: &Object<'_>, owner: &Owner) -> Fate {
        self.at_depth(object, owner, 0)
    }

    /// A deleted namespace takes all its objects along, marked or not.
    fn at_depth(&self, object: &Object<'_>, owner: &Owner, depth: usize) -> Fate {
        let fate = self.by_owner(object, owner, depth);
        match self.namespaces.get_key_value(object.namespace()) {
            Some((namespace, mark)) if !fate.pruned => Fate {
                namespace: Some(((*namespace).to_owned(), *mark)),
                ..Fate::pruned(format!("with Namespace {namespace}"))
            },
            _ => fate,
        }
    }

    fn by_owner(&self, object: &Object<'_>, owner: &Owner, depth: usize) -> Fate {
        let identity = object.identity();
        if object.kind() == "HelmRelease" && self.in_hub.contains(&identity) {
            return Fate::stays(format!(
                "{identity} goes to another cluster now, and leaves what it made here"
            ));
        }
        if self.still_applied.contains(&(owner.clone(), identity)) {
            return self.with_what_stays(owner, depth);
        }
        // helm-controller reads none of these annotations.
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
            Owner::Kustomization(id) => self.hub.as_deref().unwrap_or(self).in_kustomization(id, depth),
            Owner::Controller(maker) => {
                if maker.kind == "HelmRelease" {
                    if object.mark_of_user("helm.sh/resource-policy") == Some("keep") {
                        return Fate::stays("it is marked helm.sh/resource-policy: keep");
                    }
                    if is_in_folder_crds(self.evaluation, maker, object) {
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

    /// The fate of an object that its maker no longer makes.
    fn with_its_maker(&self, maker: &ObjectRef, depth: usize) -> Fate {
        let Some((owner, object)) = self.makers.get(maker).filter(|_| depth < MOST_PARENTS) else {
            return Fate::pruned(format!("{maker} no longer makes it"));
        };
        if is_suspended(object) {
            return Fate::stays(format!("{maker} is suspended"));
        }
        if self.remaining.contains(maker) {
            let verb = match maker.kind.as_str() {
                "HelmRelease" => "has",
                _ => "makes",
            };
            return Fate::pruned(format!("{maker} no longer {verb} it"));
        }
        let own = self.at_depth(object, owner, depth + 1);
        if !own.pruned {
            return Fate::stays(format!("{maker} stays in the cluster: {}", own.reason));
        }
        Fate::pruned(format!("{maker} is deleted, with all it made"))
    }
}
