//! Fates of what Kustomizations applied: Kustomizations that are there after the change, that are deleted, or that nothing applies
//! any more and that stay in the cluster.

use std::collections::BTreeSet;

use flux_evaluate::flux::Kustomization;
use flux_evaluate::{KustomizationId, Remaining};
use source_tree::ObjectRef;

use super::{Fate, Fates, MOST_PARENTS};
use crate::owner::Owner;

impl Fates<'_> {
    /// Whether an owner stays in the cluster though nothing applies it or its parents any more.
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

    /// The Kustomization that an owner is, or that applied the object that it is made from.
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

    /// The fate of an object whose owner stays in the cluster.
    pub(super) fn with_what_stays(&self, owner: &Owner, depth: usize) -> Fate {
        let (name, object) = match owner {
            Owner::Kustomization(id) => (
                format!("Kustomization {id}"),
                ObjectRef::new("Kustomization", &id.namespace, &id.name),
            ),
            Owner::Controller(maker) => (maker.to_string(), maker.clone()),
            Owner::Entry => (owner.to_string(), ObjectRef::default()),
        };
        let is_kustomization = matches!(owner, Owner::Kustomization(_));
        let fates = self.hub.as_deref().filter(|_| is_kustomization).unwrap_or(self);
        let known = fates.makers.get(&object).filter(|_| depth < MOST_PARENTS);
        let why = known.map_or(String::new(), |(owner, object)| {
            format!(": {}", fates.at_depth(object, owner, depth + 1).reason)
        });
        Fate::stays(format!("{name} stays in the cluster{why}"))
    }

    /// The fate of the objects of a Kustomization that is gone.
    pub(crate) fn of_kustomization(&self, id: &KustomizationId) -> Fate {
        self.in_kustomization(id, 0)
    }

    pub(super) fn in_kustomization(&self, id: &KustomizationId, depth: usize) -> Fate {
        if let Some(now) = self.after.get(id) {
            let Some(kustomization) = &now.kustomization else {
                return Fate::pruned(format!("by Kustomization {id}"));
            };
            let former = self.before.get(id).and_then(|it| it.kustomization.as_ref());
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
        let former = self.before.get(id);
        let Some(kustomization) = former.and_then(|it| it.kustomization.as_ref()) else {
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
        let object = former.and_then(|it| it.object.as_ref());
        let policy = object.and_then(|object| object.node.text_at(&["spec", "deletionPolicy"]));
        if kustomization.suspend {
            return Fate::stays(format!("Kustomization {id} is suspended when it is deleted"));
        }
        match policy {
            Some("Orphan") => Fate::stays(format!("Kustomization {id} has deletionPolicy: Orphan")),
            policy if kustomization.prune || matches!(policy, Some("Delete" | "WaitForTermination")) => {
                Fate::pruned(format!("Kustomization {id} is deleted, with all it applied"))
            }
            _ => Fate::stays(format!("Kustomization {id} is deleted, but has prune: false")),
        }
    }
}

/// Whether a Kustomization applies to another cluster now. Its inventory moves along, and names nothing of the former cluster
/// (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go>).
fn is_of_another_cluster(before: &Kustomization, after: &Kustomization) -> bool {
    let config = |view: &Kustomization| {
        let config = view.kube_config.as_ref()?;
        let holder = config.holder().map(|(kind, name)| (kind, name.to_owned()));
        Some((holder, config.secret_key.clone()))
    };
    config(before) != config(after)
}
