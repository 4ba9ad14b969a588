//! Objects whose changes do not reach the cluster: their owner is suspended or fails after the change, they are marked to be left
//! alone, or their chart is not packaged anew.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Evaluation, ReleaseChart, RenderedRelease};
use source_tree::ObjectRef;

use crate::objects::{Object, Objects, Pair, helm_releases, makers, owners};
use crate::owner::Owner;
use crate::pod::{is_true, items};
use crate::release::{decided_by, is_packaged_by_version};

/// Annotations or labels of an object, and their values that keep Flux from applying a change to it.
const MARKS: [(&str, &[&str]); 2] = [
    ("kustomize.toolkit.fluxcd.io/reconcile", &["disabled"]),
    ("kustomize.toolkit.fluxcd.io/ssa", &["ignore", "ifnotpresent"]),
];

/// The most makers that are followed upwards.
const MOST_MAKERS: usize = 8;

/// Why a change does not reach the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Its owner is suspended, or it is marked to be left alone.
    Suspended,
    /// Its owner fails after the change, and did not before.
    Failing,
    /// Its chart changes and keeps its version.
    SameVersion,
}

/// The owners whose changes do not roll out.
pub(crate) struct Held<'a> {
    after: &'a Evaluation,
    owners: BTreeMap<Owner, Hold>,
    /// Objects that generate others, after the change.
    makers: BTreeMap<ObjectRef, (Owner, Object<'a>)>,
    /// The same objects before the change.
    former: BTreeMap<ObjectRef, Object<'a>>,
}

impl<'a> Held<'a> {
    /// `differing` are the pairs whose sides differ.
    pub(crate) fn new(
        before: &'a Evaluation,
        after: &'a Evaluation,
        objects_before: &Objects<'a>,
        objects_after: &Objects<'a>,
        differing: &[Pair<'_>],
    ) -> Self {
        let makers = makers(objects_after);
        let former = objects_before
            .values()
            .map(|object| (object.identity(), *object))
            .filter(|(identity, _)| makers.contains_key(identity));
        let known = helm_releases(objects_after);
        Held {
            after,
            former: former.collect(),
            owners: kustomizations(before, after)
                .into_iter()
                .chain(releases(before, after, objects_before, objects_after, &known))
                .chain(same_versions(before, after, &known, differing))
                .collect(),
            makers,
        }
    }

    /// Why a change of an object does not reach the cluster. A new object has no `before`.
    pub(crate) fn hold(
        &self,
        owner: &Owner,
        before: Option<&Object<'_>>,
        after: &Object<'_>,
    ) -> Option<Hold> {
        self.hold_of_owner(owner, 0).or_else(|| {
            let is_held = before.is_some() && (is_marked(after) || self.is_skipped(owner, after));
            is_held.then_some(Hold::Suspended)
        })
    }

    /// Whether an object is a CRD that Flux does not update: one of the chart's folder `crds`, unless `spec.upgrade.crds` is
    /// `CreateReplace` (<https://fluxcd.io/flux/components/helm/helmreleases/#controlling-the-lifecycle-of-custom-resource-definitions>).
    pub(crate) fn is_skipped(&self, owner: &Owner, object: &Object<'_>) -> bool {
        let Some(id) = owner.controller() else {
            return false;
        };
        let release = self.makers.get(id).map(|(_, release)| release.node());
        let policy = release.and_then(|release| release.text_at(&["spec", "upgrade", "crds"]));
        policy != Some("CreateReplace") && is_in_folder_crds(self.after, id, object)
    }

    /// HelmReleases whose chart changes and keeps its version.
    pub(crate) fn same_versions(&self) -> impl Iterator<Item = &ObjectRef> {
        let same_version = self.owners.iter().filter(|(_, hold)| **hold == Hold::SameVersion);
        same_version.filter_map(|(owner, _)| owner.controller())
    }

    fn hold_of_owner(&self, owner: &Owner, depth: usize) -> Option<Hold> {
        if let Some(hold) = self.owners.get(owner) {
            return Some(*hold);
        }
        let maker = owner.controller()?;
        let (above, object) = self.makers.get(maker).filter(|_| depth < MOST_MAKERS)?;
        if is_suspended(object) {
            return Some(Hold::Suspended);
        }
        // A change of the maker itself may not arrive either.
        let former = self.former.get(maker)?;
        if former.node().same_value(object.node()) {
            return None;
        }
        self.hold_of_owner(above, depth + 1)
            .or_else(|| is_marked(object).then_some(Hold::Suspended))
    }
}

fn kustomizations(before: &Evaluation, after: &Evaluation) -> Vec<(Owner, Hold)> {
    let former: BTreeMap<Owner, _> = owners(before).collect();
    owners(after)
        .filter_map(|(owner, evaluated)| {
            if evaluated.kustomization.as_ref().is_some_and(|view| view.suspend) {
                return Some((owner, Hold::Suspended));
            }
            let former = former.get(&owner)?;
            let fails = evaluated.error.is_some() && former.error.is_none();
            let lacks = evaluated
                .missing
                .iter()
                .any(|object| !former.missing.contains(object));
            (fails || lacks).then_some((owner, Hold::Failing))
        })
        .collect()
}

/// HelmReleases that fail because their chart, or an object with values, is there only before the change.
fn releases(
    before: &Evaluation,
    after: &Evaluation,
    objects_before: &Objects<'_>,
    objects_after: &Objects<'_>,
    known: &BTreeMap<ObjectRef, Object<'_>>,
) -> Vec<(Owner, Hold)> {
    let identities = |objects: &Objects<'_>| -> BTreeSet<ObjectRef> {
        let is_values = |object: &&Object<'_>| matches!(object.kind(), "ConfigMap" | "Secret");
        objects.values().filter(is_values).map(Object::identity).collect()
    };
    let mut gone: Option<BTreeSet<ObjectRef>> = None;
    let mut found = Vec::new();
    for (id, release) in &after.releases {
        let Some(former) = before.releases.get(id) else {
            continue;
        };
        let failed = |chart: &ReleaseChart| matches!(chart, ReleaseChart::Failed(_));
        let mut fails = failed(&release.chart) && !failed(&former.chart);
        if !fails && !release.unknown_values.is_empty() {
            let gone = gone.get_or_insert_with(|| &identities(objects_before) - &identities(objects_after));
            fails = release
                .unknown_values
                .iter()
                .any(|values| gone.contains(values) && !is_optional(known.get(id), values));
        }
        if fails {
            found.push((Owner::Controller(id.clone()), Hold::Failing));
        }
    }
    found
}

/// HelmReleases whose objects differ because of the chart alone, which keeps its version.
fn same_versions(
    before: &Evaluation,
    after: &Evaluation,
    known: &BTreeMap<ObjectRef, Object<'_>>,
    differing: &[Pair<'_>],
) -> Vec<(Owner, Hold)> {
    let sides = |pair: &Pair<'_>| {
        [&pair.before, &pair.after].map(|side| {
            side.as_ref()
                .map(|(owner, object)| (owner.clone(), object.identity()))
        })
    };
    let differing: Vec<(Owner, ObjectRef)> = differing.iter().flat_map(sides).flatten().collect();
    let changed: BTreeSet<&ObjectRef> = differing.iter().map(|(_, object)| object).collect();
    let makers = differing.iter().filter_map(|(owner, _)| owner.controller());
    let releases: BTreeSet<&ObjectRef> = makers.filter(|maker| maker.kind == "HelmRelease").collect();
    let same_version = releases.into_iter().filter(|id| {
        let version = |evaluation: &Evaluation| Some(evaluation.rendered_release(id)?.version.clone());
        let release = known.get(id);
        release.is_some_and(|release| is_packaged_by_version(release.node()))
            && version(before).is_some()
            && version(before) == version(after)
            && !decided_by(id, known)
                .iter()
                .any(|object| changed.contains(object))
    });
    same_version
        .map(|id| (Owner::Controller(id.clone()), Hold::SameVersion))
        .collect()
}

/// Whether an object of the `valuesFrom` of a HelmRelease is optional.
fn is_optional(release: Option<&Object<'_>>, values: &ObjectRef) -> bool {
    items(release.and_then(|release| release.node().at(&["spec", "valuesFrom"]))).any(|item| {
        item.text_at(&["kind"]) == Some(values.kind.as_str())
            && item.text_at(&["name"]) == Some(values.name.as_str())
            && is_true(item, "optional")
    })
}

/// Whether the controller of an object leaves it as it is for now.
pub(crate) fn is_suspended(object: &Object<'_>) -> bool {
    let spec = object.node().get("spec");
    spec.is_some_and(|spec| is_true(spec, "suspend")) || is_paused(object)
}

/// Whether an annotation pauses the reconciliation of a ResourceSet or another object of flux-operator
/// (<https://fluxoperator.dev/docs/crd/resourceset/#reconciliation-configuration>).
pub(crate) fn is_paused(object: &Object<'_>) -> bool {
    let annotation = ["metadata", "annotations", "fluxcd.controlplane.io/reconcile"];
    let value = object.node().text_at(&annotation).unwrap_or_default();
    let version = object.node().text_at(&["apiVersion"]).unwrap_or_default();
    version.starts_with("fluxcd.controlplane.io/") && value.eq_ignore_ascii_case("disabled")
}

/// Whether an object is marked to be left alone by Flux.
fn is_marked(object: &Object<'_>) -> bool {
    marks(object).next().is_some()
}

/// The marks of an object that keep Flux from applying a change to it, each with its value.
pub(crate) fn marks<'a>(object: &Object<'a>) -> impl Iterator<Item = (&'static str, &'a str)> {
    MARKS.into_iter().filter_map(|(key, values)| {
        let value = object.mark_of_user(key)?;
        let is_held = values.iter().any(|held| value.eq_ignore_ascii_case(held));
        is_held.then_some((key, value))
    })
}

/// Whether an object is a CRD from the folder `crds` of the chart of a HelmRelease.
pub(crate) fn is_in_folder_crds(evaluation: &Evaluation, release: &ObjectRef, object: &Object<'_>) -> bool {
    let is_of = |rendered: &RenderedRelease| rendered.crds.iter().any(|name| name == object.name());
    object.kind() == "CustomResourceDefinition" && evaluation.rendered_release(release).is_some_and(is_of)
}
