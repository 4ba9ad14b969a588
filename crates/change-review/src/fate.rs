//! What Flux does with objects that leave the repository.
//!
//! A Kustomization prunes what it applied and applies no more where `spec.prune` says so; one that is deleted deletes its
//! objects as `spec.deletionPolicy` says: <https://fluxcd.io/flux/components/kustomize/kustomizations/#prune>. A release deletes
//! what its chart no longer makes, but for what carries `helm.sh/resource-policy: keep`, and for hooks:
//! <https://helm.sh/docs/topics/charts_hooks/#hook-resources-are-not-managed-with-corresponding-releases>.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::flux::Kustomization;
use flux_evaluate::{Evaluated, Evaluation, KustomizationId, Remaining};
use source_tree::ObjectRef;

use crate::compare::Side;
use crate::held::is_suspended;
use crate::keep::mark_that_keeps;
use crate::objects::{Object, Objects, makers, objects};
use crate::owner::Owner;
use crate::review::Deletion;

/// What becomes of an object, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) pruned: bool,
    pub(crate) reason: String,
    /// The namespace that takes it along, whatever is said of the object itself, and the mark that keeps that namespace.
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
            reason: reason.into(),
            namespace: None,
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
    /// Objects of which others are made, and Kustomizations, before the change.
    makers: BTreeMap<ObjectRef, (Owner, Object<'a>)>,
    /// Those of them that are there after it.
    remaining: BTreeSet<ObjectRef>,
    /// Namespaces that are deleted, each with the mark that would keep it.
    namespaces: BTreeMap<&'a str, &'static str>,
    /// Objects of Kustomizations that go on though nothing applies them any more.
    still_applied: BTreeSet<(Owner, ObjectRef)>,
    /// What Flux applied before the change.
    evaluation: &'a Evaluation,
    /// For another cluster: what becomes of the objects of the cluster whose Kustomizations apply to it.
    hub: Option<Box<Fates<'a>>>,
    /// And what that cluster holds after the change.
    in_hub: BTreeSet<ObjectRef>,
}

/// The most owners that are followed upwards: one may seem to be its own ancestor.
const MOST_PARENTS: usize = 64;

impl<'a> Fates<'a> {
    /// `objects` are those of each side.
    pub(crate) fn new(
        before: Side<'a>,
        after: Side<'a>,
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
        let mut fates = Fates {
            before: by_id(before.evaluation),
            after: by_id(after.evaluation),
            remaining: remaining
                .filter(|identity| makers.contains_key(identity))
                .collect(),
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
            fates.hub = Some(Box::new(Fates::new(
                before,
                after,
                &objects_before,
                &objects_after,
            )));
        }
        let still_applied = objects_after.iter().filter(|(key, _)| fates.is_left(&key.owner));
        fates.still_applied = still_applied
            .map(|(key, object)| (key.owner.clone(), object.identity()))
            .collect();
        let is_namespace = |object: &Object<'_>| object.kind() == "Namespace" && object.group().is_empty();
        let applied = objects_after.values().filter(|object| is_namespace(object));
        let applied: BTreeSet<&str> = applied.map(Object::name).collect();
        let gone = objects_before.iter().filter(|(key, object)| {
            is_namespace(object) && !applied.contains(object.name()) && fates.of(object, &key.owner).pruned
        });
        fates.namespaces = gone
            .map(|(_, object)| (object.name(), mark_that_keeps(object)))
            .collect();
        fates
    }

    /// What becomes of an object that `owner` applied before.
    pub(crate) fn of(&self, object: &Object<'_>, owner: &Owner) -> Fate {
        self.at_depth(object, owner, 0)
    }

    /// The namespace of an object goes with all that it holds, marked or not.
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

    /// Whether an owner goes on though nothing applies it, or what it is made of, any more.
    pub(crate) fn is_left(&self, owner: &Owner) -> bool {
        let known = &self.hub.as_deref().unwrap_or(self).after;
        let mut next = self.kustomization_of(owner);
        let mut seen = BTreeSet::new();
        while let Some(now) = next.filter(|id| seen.insert(*id)).and_then(|id| known.get(id)) {
            if now.remaining == Some(Remaining::Left) {
                return true;
            }
            next = now.parent.as_ref();
        }
        false
    }

    /// The Kustomization that applied what an owner is made of, or which it is.
    pub(crate) fn kustomization_of<'o>(&'o self, owner: &'o Owner) -> Option<&'o KustomizationId> {
        let mut owner = owner;
        for _ in 0..MOST_PARENTS {
            match owner {
                Owner::Entry => return None,
                Owner::Kustomization(id) => return Some(id),
                Owner::Controller(maker) => owner = &self.makers.get(maker)?.0,
            }
        }
        None
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
            Owner::Kustomization(id) => self.hub.as_deref().unwrap_or(self).in_kustomization(id, depth),
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

    /// What becomes of an object whose owner goes on.
    fn with_what_stays(&self, owner: &Owner, depth: usize) -> Fate {
        let (name, object) = match owner {
            Owner::Kustomization(id) => (
                format!("Kustomization {id}"),
                ObjectRef::new("Kustomization", &id.namespace, &id.name),
            ),
            Owner::Controller(maker) => (maker.to_string(), maker.clone()),
            Owner::Entry => (owner.to_string(), ObjectRef::default()),
        };
        let fates = self
            .hub
            .as_deref()
            .filter(|_| matches!(owner, Owner::Kustomization(_)));
        let fates = fates.unwrap_or(self);
        let known = fates.makers.get(&object).filter(|_| depth < MOST_PARENTS);
        let why = known.map_or(String::new(), |(owner, object)| {
            format!(": {}", fates.at_depth(object, owner, depth + 1).reason)
        });
        Fate::stays(format!("{name} stays in the cluster{why}"))
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
            let former = self
                .before
                .get(id)
                .and_then(|former| former.kustomization.as_ref());
            if former.is_some_and(|former| is_of_another_cluster(former, kustomization)) {
                return Fate::stays(format!(
                    "Kustomization {id} applies to another cluster now, and leaves what it made here"
                ));
            }
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
        let itself = ObjectRef::new("Kustomization", &id.namespace, &id.name);
        if depth < MOST_PARENTS
            && let Some((owner, object)) = self.makers.get(&itself)
        {
            let own = self.at_depth(object, owner, depth + 1);
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

/// Whether a Kustomization has other clusters to go to. Its inventory goes along, and names nothing of the cluster before
/// (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go>).
pub(crate) fn is_of_another_cluster(before: &Kustomization, after: &Kustomization) -> bool {
    let config = |view: &Kustomization| {
        let config = view.kube_config.as_ref()?;
        let holder = config.holder().map(|(kind, name)| (kind, name.to_owned()));
        Some((holder, config.secret_key.clone()))
    };
    config(before) != config(after)
}
