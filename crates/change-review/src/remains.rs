//! What stays in a cluster as it was before the change. The side after the change is scanned once more together with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use flux_evaluate::{Applied, Evaluated, Evaluation, Failing, KustomizationId, Remains, flux};
use source_tree::{Diagnostic, ObjectRef};

use crate::compare::{finding_key, findings};
use crate::fate::Fates;
use crate::objects::{Object, Objects, objects};
use crate::owner::Owner;
use crate::refused::refused;
use crate::side::Side;

/// What a cluster keeps from before the change in addition to `known`: what Kustomizations applied that fail after it, and
/// Kustomizations that nothing applies any more and that Flux does not delete. `None` if there is nothing more.
///
/// `after` is scanned with `known`, and has the findings of [`findings_with_remains`].
pub fn remains(before: Side<'_>, after: Side<'_>, known: Option<&Remains>) -> Option<Remains> {
    let mut remains = known.cloned().unwrap_or_default();
    let count = |remains: &Remains| (remains.failing.len(), remains.left.len());
    let had = count(&remains);
    let objects_before = objects(before.evaluation, before.evaluation);
    let objects_after = objects(after.evaluation, after.evaluation);
    let fates = Fates::new(before, after, &objects_before, &objects_after);
    let there: BTreeSet<ObjectRef> = objects_after.values().map(Object::identity).collect();
    let deleted: BTreeSet<ObjectRef> = objects_before
        .iter()
        .filter(|(key, object)| {
            let defines = object.group().is_empty() && matches!(object.kind(), "ConfigMap" | "Secret");
            defines && !there.contains(&object.identity()) && fates.fate(object, &key.owner).pruned
        })
        .map(|(_, object)| object.identity())
        .collect();
    failing(before, after, &objects_after, &deleted, &mut remains);
    left(before, after, &objects_before, (&fates, &there), &mut remains);
    remains.files = Arc::clone(&before.evaluation.files);
    (count(&remains) > had).then_some(remains)
}

/// The findings of the side after the change: those of a scan of it `alone`, and those from `before` that the scan with remains,
/// `going_on`, still has.
pub fn findings_with_remains(
    before: &[Diagnostic],
    alone: &[Diagnostic],
    going_on: &[Diagnostic],
) -> Vec<Diagnostic> {
    let before: BTreeSet<_> = before.iter().map(finding_key).collect();
    let known: BTreeSet<_> = alone.iter().map(finding_key).collect();
    let still = going_on.iter().filter(|finding| {
        let key = finding_key(finding);
        before.contains(&key) && !known.contains(&key)
    });
    alone.iter().chain(still).cloned().collect()
}

/// Kustomizations that fail after the change and did not before. They apply nothing and prune nothing.
///
/// `deleted` are the ConfigMaps and Secrets that Flux deletes.
fn failing(
    before: Side<'_>,
    after: Side<'_>,
    objects_after: &Objects<'_>,
    deleted: &BTreeSet<ObjectRef>,
    remains: &mut Remains,
) {
    let earlier = by_id(before.evaluation);
    let findings = findings(before.infrastructure, after.infrastructure);
    let refused = refused(&findings.new, objects_after, after.evaluation);
    for (id, evaluated) in by_id(after.evaluation) {
        let is_suspended = evaluated.kustomization.as_ref().is_some_and(|view| view.suspend);
        if is_suspended || remains.failing.contains_key(&id.cloned()) {
            continue;
        }
        let refused = id.and_then(|id| refused.get(id)).cloned();
        let reason = evaluated.error.clone().or(refused);
        let Some(reason) = reason.or_else(|| lacks(evaluated, deleted)) else {
            continue;
        };
        // An entry that cannot be built shows no Kustomization that points at it.
        let root = &before.evaluation.root;
        let former = earlier.get(&id).copied().or_else(|| id.is_none().then_some(root));
        // What a Kustomization left in the cluster that failed before is not known.
        if former.is_some_and(|former| former.error.is_some() || former.external) {
            continue;
        }
        let failing = Failing {
            reason: redaction::without_credentials(&reason).into_owned(),
            objects: former.map(own_objects).unwrap_or_default(),
        };
        if let (None, Some(root)) = (id, &root.id) {
            remains.failing.insert(Some(root.clone()), failing.clone());
        }
        remains.failing.insert(id.cloned(), failing);
    }
}

/// Kustomizations that nothing applies any more and that stay, with the sources and values that stay with them.
fn left<'a>(
    before: Side<'a>,
    after: Side<'a>,
    objects_before: &Objects<'a>,
    (fates, there): (&Fates<'a>, &BTreeSet<ObjectRef>),
    remains: &mut Remains,
) {
    let sides = (by_id(before.evaluation), by_id(after.evaluation));
    let gone = |object: &Object<'_>| {
        let id = object.kustomization_id();
        object.is_kustomization() && !sides.1.contains_key(&Some(&id)) && !is_below(&id, &sides, remains)
    };
    if !objects_before.values().any(gone) {
        return;
    }
    let stays = |object: &Object<'_>, owner| !fates.fate(object, owner).pruned;
    let staying: BTreeSet<ObjectRef> = objects_before
        .iter()
        .filter(|(key, object)| gone(object) && stays(object, &key.owner))
        .map(|(_, object)| object.identity())
        .collect();
    if staying.is_empty() {
        return;
    }
    // Their own objects are found with them.
    let is_found = |owner: &Owner| {
        let id = fates.kustomization_of(owner);
        id.is_some_and(|id| staying.contains(&ObjectRef::new("Kustomization", &id.namespace, &id.name)))
    };
    let left = objects_before.iter().filter(|(key, object)| {
        let is_input = object.group() == "source.toolkit.fluxcd.io"
            || object.group().is_empty() && matches!(object.kind(), "ConfigMap" | "Secret");
        let identity = object.identity();
        let is_gone = is_input && !there.contains(&identity) && stays(object, &key.owner);
        (is_gone || staying.contains(&identity) && object.is_kustomization()) && !is_found(&key.owner)
    });
    let left: Vec<Applied> = left.map(|(_, object)| object.applied.clone()).collect();
    let known: BTreeSet<ObjectRef> = remains.left.iter().map(identity).collect();
    let is_new = |object: &Applied| !known.contains(&identity(object));
    remains.left.extend(left.into_iter().filter(is_new));
}

/// Whether a Kustomization is below one that fails after the change, whose objects include it.
fn is_below(id: &KustomizationId, (earlier, now): &(ById<'_>, ById<'_>), remains: &Remains) -> bool {
    let mut seen = BTreeSet::new();
    let parent = |id| {
        earlier
            .get(&Some(id))
            .and_then(|evaluated| evaluated.parent.as_ref())
    };
    let mut next = parent(id);
    while let Some(id) = next.filter(|id| seen.insert(*id)) {
        let is_unbuilt = now
            .get(&Some(id))
            .is_some_and(|evaluated| evaluated.external || evaluated.error.is_some());
        if is_unbuilt || remains.failing.contains_key(&Some(id.clone())) {
            return true;
        }
        next = parent(id);
    }
    remains.failing.contains_key(&None)
}

type ById<'a> = BTreeMap<Option<&'a KustomizationId>, &'a Evaluated>;

/// The entry without a Kustomization, and the Kustomizations.
fn by_id(evaluation: &Evaluation) -> ById<'_> {
    let bare = std::iter::once(&evaluation.root).filter(|root| root.id.is_none());
    bare.chain(&evaluation.kustomizations)
        .map(|evaluated| (evaluated.id.as_ref(), evaluated))
        .collect()
}

/// Why a Kustomization can no longer be built: Flux deletes an object of its `substituteFrom`.
fn lacks(evaluated: &Evaluated, deleted: &BTreeSet<ObjectRef>) -> Option<String> {
    let namespace = &evaluated.id.as_ref()?.namespace;
    let required = evaluated.substitute_from().iter().filter(|it| !it.optional);
    let mut required = required.map(|it| ObjectRef::new(&it.kind, namespace, &it.name));
    let gone = required.find(|object| evaluated.missing.contains(object) && deleted.contains(object))?;
    Some(format!("{gone}, which its substituteFrom names, is gone"))
}

fn own_objects(evaluated: &Evaluated) -> Vec<Applied> {
    let objects = evaluated.objects.iter();
    let own = objects.filter(|object| object.generated_by.is_none());
    own.cloned().collect()
}

fn identity(object: &Applied) -> ObjectRef {
    flux::object_ref(&object.node)
}
