//! Kustomizations and HelmReleases that fail, move, or get another name.

use std::collections::BTreeSet;

use flux_evaluate::{Evaluation, ReleaseChart};
use source_tree::{Diagnostic, ObjectRef, Severity};

use super::codes;
use super::subject::{Subject, error, of_release, warning};
use crate::fate::Fates;
use crate::held::Hold;
use crate::objects::{Object, is_same_value, owners};
use crate::owner::Owner;
use crate::review::FindingChanges;

/// Fields of a HelmRelease that identify the Helm release.
const RELEASE: [&str; 3] = ["releaseName", "targetNamespace", "storageNamespace"];

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let Some((before, after)) = subject.both() else {
        return;
    };
    let differs = |field: &str| {
        let [old, new] = [before, after].map(|object| object.node().at(&["spec", field]));
        !is_same_value(old, new)
    };
    let change = |field: &str| -> String {
        let text = |object: &Object<'_>| {
            object
                .node()
                .text_at(&["spec", field])
                .unwrap_or("(none)")
                .to_owned()
        };
        format!("spec.{field} changes from {} to {}", text(before), text(after))
    };
    let part = |field: &str| after.node().at(&["spec", field]);
    if after.is_kustomization() {
        if differs("path") || differs("sourceRef") {
            let (field, change) = match differs("path") {
                true => ("path", change("path")),
                false => ("sourceRef", "spec.sourceRef changes".to_owned()),
            };
            let message = format!("{change}: what the new place lacks is pruned");
            found.push(warning(codes::PATH, after, part(field), message));
        }
        if differs("kubeConfig") {
            let message = "spec.kubeConfig changes: all of it is applied to the other cluster, and its objects in the former cluster stay there, unmanaged";
            found.push(warning(codes::PATH, after, part("kubeConfig"), message));
        }
        const RENAMED: &str = "created under other names, and those of the old names pruned";
        let fields = [
            ("targetNamespace", "created there and pruned where they were"),
            ("namePrefix", RENAMED),
            ("nameSuffix", RENAMED),
        ];
        for (field, fate) in fields.into_iter().filter(|(field, _)| differs(field)) {
            let message = format!("{}: its objects are {fate}", change(field));
            found.push(warning(codes::TARGET_NAMESPACE, after, part(field), message));
        }
    }
    if after.kind() == "HelmRelease" {
        // A chart from a source's folder has its name in Chart.yaml.
        let chart = |object: &Object<'_>| {
            let spec = object.node().at(&["spec", "chart", "spec"])?;
            let is_named = spec.text_at(&["sourceRef", "kind"]) == Some("HelmRepository");
            is_named.then(|| spec.text_at(&["chart"]).unwrap_or_default().to_owned())
        };
        let strategy = ["spec", "upgrade", "chartNameChangeStrategy"];
        let strategy = after.node().text_at(&strategy);
        if let (Some(old), Some(new)) = (chart(before), chart(after))
            && old != new
            && strategy != Some("InPlaceUpgrade")
        {
            let message = format!(
                "the chart changes from {old} to {new}: Flux uninstalls the release and installs another"
            );
            found.push(warning(
                codes::TARGET_NAMESPACE,
                after,
                after.node().at(&["spec", "chart", "spec", "chart"]),
                message,
            ));
        }
        for field in RELEASE.into_iter().filter(|field| differs(field)) {
            let message = format!(
                "{}: Flux uninstalls the release and installs another",
                change(field)
            );
            found.push(warning(codes::TARGET_NAMESPACE, after, part(field), message));
        }
    }
}

/// Kustomizations and charts that fail after the change.
pub(super) fn check_all(
    subjects: &[Subject<'_>],
    before: &Evaluation,
    after: &Evaluation,
    findings: &FindingChanges,
    found: &mut Vec<Diagnostic>,
) {
    let failed_before = owners(before).filter(|(_, evaluated)| evaluated.error.is_some());
    let failed_before: BTreeSet<Owner> = failed_before.map(|(owner, _)| owner).collect();
    for (owner, evaluated) in owners(after) {
        if let (Some(error), false) = (&evaluated.error, failed_before.contains(&owner)) {
            let error = redaction::without_credentials(error);
            let message = format!("it fails after the change: {error}");
            let name = owner.to_string();
            // The line at fault, if the scan knows it.
            let finding = findings.new.iter().find(|finding| {
                finding.severity == Severity::Error && finding.object.as_ref() == Some(&name)
            });
            let mark = evaluated.object.as_ref().map(|object| object.mark);
            let place = finding.and_then(|finding| finding.place.clone());
            found.push(
                Diagnostic::error(codes::BUILD_FAILS, message)
                    .at(place.or_else(|| after.files.place(mark?)))
                    .on(name),
            );
        }
    }
    failing_charts(before, after, found);
    lacking_values(subjects, after, found);
}

/// HelmReleases that fail because an object of their `valuesFrom` is gone.
fn lacking_values(subjects: &[Subject<'_>], after: &Evaluation, found: &mut Vec<Diagnostic>) {
    let gone: BTreeSet<ObjectRef> = subjects
        .iter()
        .filter(|subject| subject.after.is_none())
        .filter_map(|subject| Some(subject.before.as_ref()?.identity()))
        .collect();
    let mut reported = BTreeSet::new();
    for subject in subjects {
        let Owner::Controller(id) = &subject.owner else {
            continue;
        };
        let is_failing = subject.hold == Some(Hold::Failing);
        let Some(release) = after.releases.get(id).filter(|_| is_failing) else {
            continue;
        };
        let lacks = release.unknown_values.iter().find(|values| gone.contains(values));
        if let (Some(values), ReleaseChart::Rendered(_), true) = (lacks, &release.chart, reported.insert(id))
        {
            let message = format!("it fails after the change: {values}, which its valuesFrom names, is gone");
            found.push(of_release(
                Diagnostic::error(codes::BUILD_FAILS, message),
                after,
                id,
            ));
        }
    }
}

/// Kustomizations and HelmReleases that get another name.
pub(super) fn check_names(subjects: &[Subject<'_>], fates: &Fates<'_>, found: &mut Vec<Diagnostic>) {
    for subject in subjects {
        let (Some(gone), None) = (&subject.before, &subject.after) else {
            continue;
        };
        let is_same: fn(&Object<'_>, &Object<'_>) -> bool = match gone.kind() {
            "Kustomization" if gone.is_kustomization() => is_same_place,
            "HelmRelease" => is_same_chart,
            _ => continue,
        };
        let new = subjects
            .iter()
            .filter(|subject| subject.before.is_none())
            .filter_map(|subject| subject.after.as_ref())
            .find(|new| new.kind() == gone.kind() && new.group() == gone.group() && is_same(gone, new));
        let Some(new) = new else {
            continue;
        };
        let (kind, old_id, new_id) = (gone.kind(), gone.kustomization_id(), new.kustomization_id());
        // An object that stays in the cluster deletes nothing.
        if subject.fate.as_ref().is_some_and(|fate| !fate.pruned) {
            continue;
        }
        let (message, hint) = if kind == "HelmRelease" {
            let (old, new) = (release_name(gone), release_name(new));
            let rest = match old == new {
                true => ", which both name, and all that it made".to_owned(),
                false => format!(" and installs {new}"),
            };
            let message =
                format!("HelmRelease {old_id} is now {new_id}: Flux uninstalls the release {old}{rest}");
            (
                message,
                "suspend the old HelmRelease in a change before this one: a suspended one is deleted without its release",
            )
        } else {
            if !fates.of_kustomization(&old_id).pruned {
                continue;
            }
            (
                format!(
                    "Kustomization {old_id} is now {new_id}: Flux deletes the old one and, where it prunes, all that it applied"
                ),
                "set prune: false in a change before this one, and take the old Kustomization away after it",
            )
        };
        let part = new.node().get("metadata");
        found.push(error(codes::RENAMED, new, part, message).hint(hint));
    }
}

/// HelmReleases whose chart does not render after the change, and did before or was not there.
fn failing_charts(before: &Evaluation, after: &Evaluation, found: &mut Vec<Diagnostic>) {
    fn failure<'e>(evaluation: &'e Evaluation, id: &ObjectRef) -> Option<&'e str> {
        let release = evaluation.releases.get(id)?;
        match &release.chart {
            // The chart may lack just the values that are unknown.
            ReleaseChart::Failed(message) if release.unknown_values.is_empty() => Some(message),
            _ => None,
        }
    }
    for id in after.releases.keys() {
        if let (Some(error), None) = (failure(after, id), failure(before, id)) {
            let error = redaction::without_credentials(error);
            let message = format!("its chart does not render after the change: {error}");
            found.push(of_release(
                Diagnostic::error(codes::BUILD_FAILS, message),
                after,
                id,
            ));
        }
    }
}

fn is_same_place(a: &Object<'_>, b: &Object<'_>) -> bool {
    let is_same = |path: &[&str]| a.node().text_at(path) == b.node().text_at(path);
    a.node().text_at(&["spec", "path"]).is_some()
        && is_same(&["spec", "path"])
        && is_same(&["spec", "sourceRef", "name"])
        && is_same(&["spec", "sourceRef", "kind"])
        && is_same(&["spec", "targetNamespace"])
}

/// Whether two HelmReleases install the same chart in the same namespace.
fn is_same_chart(a: &Object<'_>, b: &Object<'_>) -> bool {
    let is_same = |path: &[&str]| a.node().text_at(path) == b.node().text_at(path);
    let stated = |path: &[&str]| a.node().text_at(path).is_some();
    a.namespace() == b.namespace()
        && is_same(&["spec", "targetNamespace"])
        && (stated(&["spec", "chart", "spec", "chart"]) || stated(&["spec", "chartRef", "name"]))
        && is_same(&["spec", "chart", "spec", "chart"])
        && is_same(&["spec", "chart", "spec", "sourceRef", "name"])
        && is_same(&["spec", "chartRef", "kind"])
        && is_same(&["spec", "chartRef", "name"])
}

/// The name of the release: as stated, or after the HelmRelease.
fn release_name(object: &Object<'_>) -> String {
    let text = |field: &str| object.node().text_at(&["spec", field]);
    match (text("releaseName"), text("targetNamespace")) {
        (Some(name), _) => name.to_owned(),
        (None, Some(namespace)) => format!("{namespace}-{}", object.name()),
        (None, None) => object.name().to_owned(),
    }
}
