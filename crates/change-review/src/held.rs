//! Parts of which a change does not reach the cluster: what is suspended, told to be left alone, fails after the change, or comes
//! of a chart that is not packaged anew.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Evaluation, ReleaseChart};
use source_tree::ObjectRef;
use yaml_node::Node;

use crate::objects::{Object, Objects, Pair, helm_releases, makers, owners};
use crate::owner::Owner;
use crate::release::{decided_by, is_packaged_by_version};

/// Marks of an object that keep Flux from applying a change to it.
pub(crate) const MARKS: [(&str, &[&str]); 2] = [
    ("kustomize.toolkit.fluxcd.io/reconcile", &["disabled"]),
    ("kustomize.toolkit.fluxcd.io/ssa", &["ignore", "ifnotpresent"]),
];

/// The most makers that are followed upwards.
const MOST_MAKERS: usize = 8;

/// What keeps a change from the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Nothing of it rolls out until somebody resumes it.
    Suspended,
    /// It fails after the change, and did not before.
    Failing,
    /// Its chart changes, and has the version that it had.
    SameVersion,
}

/// The owners of which nothing rolls out.
pub(crate) struct Held<'a> {
    after: &'a Evaluation,
    owners: BTreeMap<Owner, Hold>,
    /// Objects of which others are made, after the change.
    makers: BTreeMap<ObjectRef, (Owner, Object<'a>)>,
    /// The same before it.
    former: BTreeMap<ObjectRef, Object<'a>>,
}

impl<'a> Held<'a> {
    /// `objects` are those of each side, `differing` those of both that differ.
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

    /// What keeps a change of an object from the cluster; an object that is new has no `before`.
    pub(crate) fn of(&self, owner: &Owner, before: Option<&Object<'_>>, after: &Object<'_>) -> Option<Hold> {
        if let Some(hold) = self.of_owner(owner, 0) {
            return Some(hold);
        }
        (before.is_some() && (is_marked(after) || self.is_skipped(owner, after))).then_some(Hold::Suspended)
    }

    /// Whether an object is a CRD that Flux leaves as it is: one of the chart's folder `crds`, unless `spec.upgrade.crds` says
    /// otherwise (<https://fluxcd.io/flux/components/helm/helmreleases/#controlling-the-lifecycle-of-custom-resource-definitions>).
    pub(crate) fn is_skipped(&self, owner: &Owner, object: &Object<'_>) -> bool {
        let Owner::Controller(id) = owner else {
            return false;
        };
        let policy = self.makers.get(id).and_then(|(_, release)| {
            let upgrade = release.node().at(&["spec", "upgrade"])?;
            upgrade.text_at(&["crds"])
        });
        object.kind() == "CustomResourceDefinition"
            && policy != Some("CreateReplace")
            && self
                .after
                .rendered_release(id)
                .is_some_and(|rendered| rendered.crds.iter().any(|name| name == object.name()))
    }

    /// HelmReleases whose chart changes and keeps its version.
    pub(crate) fn same_versions(&self) -> impl Iterator<Item = &ObjectRef> {
        self.owners
            .iter()
            .filter_map(|(owner, hold)| match (owner, hold) {
                (Owner::Controller(id), Hold::SameVersion) => Some(id),
                _ => None,
            })
    }

    fn of_owner(&self, owner: &Owner, depth: usize) -> Option<Hold> {
        if let Some(hold) = self.owners.get(owner) {
            return Some(*hold);
        }
        let Owner::Controller(maker) = owner else {
            return None;
        };
        let (above, object) = self.makers.get(maker).filter(|_| depth < MOST_MAKERS)?;
        if is_suspended(object) {
            return Some(Hold::Suspended);
        }
        // What makes it is as before where its own change does not arrive.
        let former = self.former.get(maker)?;
        if former.node().same_value(object.node()) {
            return None;
        }
        self.of_owner(above, depth + 1)
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

/// HelmReleases whose chart, or an object with values, is there before the change alone.
fn releases(
    before: &Evaluation,
    after: &Evaluation,
    objects_before: &Objects<'_>,
    objects_after: &Objects<'_>,
    known: &BTreeMap<ObjectRef, Object<'_>>,
) -> Vec<(Owner, Hold)> {
    let identities = |objects: &Objects<'_>| -> BTreeSet<ObjectRef> {
        let values = objects
            .values()
            .filter(|object| matches!(object.kind(), "ConfigMap" | "Secret"));
        values.map(Object::identity).collect()
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

/// HelmReleases whose objects differ though nothing does that they are made of, but for the chart, which has the version that it
/// had.
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
    let makers: BTreeSet<&ObjectRef> = differing
        .iter()
        .filter_map(|(owner, _)| match owner {
            Owner::Controller(maker) if maker.kind == "HelmRelease" => Some(maker),
            _ => None,
        })
        .collect();
    makers
        .into_iter()
        .filter(|maker| {
            let version = |evaluation: &Evaluation| Some(evaluation.rendered_release(maker)?.version.clone());
            let release = known.get(maker);
            release.is_some_and(|release| is_packaged_by_version(release.node()))
                && version(before).is_some()
                && version(before) == version(after)
                && !decided_by(maker, known)
                    .iter()
                    .any(|object| changed.contains(object))
        })
        .map(|maker| (Owner::Controller(maker.clone()), Hold::SameVersion))
        .collect()
}

/// Whether a HelmRelease does without an object of its `valuesFrom`.
fn is_optional(release: Option<&Object<'_>>, values: &ObjectRef) -> bool {
    let from = release.and_then(|release| release.node().at(&["spec", "valuesFrom"]));
    from.map(Node::items).unwrap_or_default().iter().any(|item| {
        item.text_at(&["kind"]) == Some(values.kind.as_str())
            && item.text_at(&["name"]) == Some(values.name.as_str())
            && item.get("optional").and_then(Node::as_bool) == Some(true)
    })
}

/// Whether its controller leaves an object as it is for now.
pub(crate) fn is_suspended(object: &Object<'_>) -> bool {
    object.node().at(&["spec", "suspend"]).and_then(Node::as_bool) == Some(true) || is_paused(object)
}

/// Whether flux-operator is told to leave a ResourceSet or another of its objects as it is
/// (<https://fluxoperator.dev/docs/crd/resourceset/#reconciliation-configuration>).
pub(crate) fn is_paused(object: &Object<'_>) -> bool {
    let annotation = ["metadata", "annotations", "fluxcd.controlplane.io/reconcile"];
    let value = object.node().text_at(&annotation).unwrap_or_default();
    let version = object.node().text_at(&["apiVersion"]).unwrap_or_default();
    version.starts_with("fluxcd.controlplane.io/") && value.eq_ignore_ascii_case("disabled")
}

/// Whether Flux is told to leave an object alone.
fn is_marked(object: &Object<'_>) -> bool {
    MARKS.iter().any(|(key, values)| {
        let value = object.mark_of_user(key).unwrap_or_default();
        values.iter().any(|held| value.eq_ignore_ascii_case(held))
    })
}
