//! Kustomizations and HelmReleases that fail, go elsewhere, or get another name.

use flux_evaluate::{Evaluation, KustomizationId, ReleaseChart};
use source_tree::{Diagnostic, ObjectRef, Severity};

use super::codes;
use super::subject::{Subject, danger};
use crate::objects::{Object, owners};

/// Fields of a release that make it another release.
const RELEASE: [&str; 3] = ["releaseName", "targetNamespace", "storageNamespace"];

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let Some((before, after)) = subject.both() else {
        return;
    };
    let differs = |field: &str| {
        let [old, new] = [before, after].map(|object| object.node().at(&["spec", field]));
        match (old, new) {
            (Some(old), Some(new)) => !old.same_value(new),
            (None, None) => false,
            _ => true,
        }
    };
    let text = |object: &Object<'_>, field: &str| -> String {
        let text = object.node().text_at(&["spec", field]).unwrap_or("(none)");
        text.to_owned()
    };
    let part = |field: &str| after.node().at(&["spec", field]);
    if is_kustomization(after) {
        if differs("path") || differs("sourceRef") {
            let message = match differs("path") {
                true => format!(
                    "spec.path changes from {} to {}",
                    text(before, "path"),
                    text(after, "path")
                ),
                false => "spec.sourceRef changes".to_owned(),
            };
            let field = if differs("path") { "path" } else { "sourceRef" };
            found.push(danger(
                Severity::Warning,
                codes::PATH,
                after,
                part(field),
                format!("{message}: what the new place lacks is pruned"),
            ));
        }
        if differs("targetNamespace") {
            let message = format!(
                "spec.targetNamespace changes from {} to {}: its objects are created there and pruned where they were",
                text(before, "targetNamespace"),
                text(after, "targetNamespace")
            );
            found.push(danger(
                Severity::Warning,
                codes::TARGET_NAMESPACE,
                after,
                part("targetNamespace"),
                message,
            ));
        }
    }
    if after.kind() == "HelmRelease" {
        for field in RELEASE.into_iter().filter(|field| differs(field)) {
            let message = format!(
                "spec.{field} changes from {} to {}: Flux uninstalls the release and installs another",
                text(before, field),
                text(after, field)
            );
            found.push(danger(
                Severity::Warning,
                codes::TARGET_NAMESPACE,
                after,
                part(field),
                message,
            ));
        }
    }
}

/// What shows only when all Kustomizations are seen: those that fail after the change, and those that have another name.
pub(super) fn check_all(
    subjects: &[Subject<'_>],
    before: &Evaluation,
    after: &Evaluation,
    found: &mut Vec<Diagnostic>,
) {
    for (owner, evaluated) in owners(after) {
        let failed_before =
            owners(before).any(|(other, evaluated)| other == owner && evaluated.error.is_some());
        if let (Some(error), false) = (&evaluated.error, failed_before) {
            let message = format!(
                "it fails after the change: {}",
                redaction::without_credentials(error)
            );
            let mark = evaluated.object.as_ref().map(|object| object.mark);
            found.push(
                Diagnostic::error(codes::BUILD_FAILS, message)
                    .at(mark.and_then(|mark| after.files.place(mark)))
                    .on(owner.to_string()),
            );
        }
    }
    failing_charts(before, after, found);
    let gone = subjects.iter().filter(|subject| subject.after.is_none());
    for gone in gone.filter_map(|subject| subject.before.as_ref()) {
        if !is_kustomization(gone) {
            continue;
        }
        let same = subjects
            .iter()
            .filter(|subject| subject.before.is_none())
            .filter_map(|subject| subject.after.as_ref())
            .find(|new| is_kustomization(new) && is_same_place(gone, new));
        if let Some(new) = same {
            let (old_id, new_id) = (id(gone), id(new));
            let message = format!(
                "Kustomization {old_id} is now {new_id}: Flux deletes the old one and, where it prunes, all that it applied"
            );
            found.push(
                danger(Severity::Error, codes::RENAMED, new, new.node().get("metadata"), message).hint(
                    "set prune: false in a change before this one, and take the old Kustomization away after it",
                ),
            );
        }
    }
}

/// HelmReleases whose chart does not render after the change, and did before or was not there.
fn failing_charts(before: &Evaluation, after: &Evaluation, found: &mut Vec<Diagnostic>) {
    let failure = |evaluation: &Evaluation, id: &ObjectRef| -> Option<String> {
        let release = evaluation.releases.get(id)?;
        match &release.chart {
            // What is not known may be what the chart lacks.
            ReleaseChart::Failed(message) if release.unknown_values.is_empty() => Some(message.clone()),
            _ => None,
        }
    };
    for id in after.releases.keys() {
        let Some(message) = failure(after, id).filter(|_| failure(before, id).is_none()) else {
            continue;
        };
        let message = redaction::without_credentials(&message).into_owned();
        let mut objects = after.evaluated().flat_map(|evaluated| &evaluated.objects);
        let object = objects.find(|applied| flux_evaluate::flux::object_ref(&applied.node) == *id);
        found.push(
            Diagnostic::error(
                codes::BUILD_FAILS,
                format!("its chart does not render after the change: {message}"),
            )
            .at(object.and_then(|object| after.files.place(object.mark)))
            .on(id.to_string()),
        );
    }
}

fn is_kustomization(object: &Object<'_>) -> bool {
    object.kind() == "Kustomization" && object.group() == "kustomize.toolkit.fluxcd.io"
}

fn is_same_place(a: &Object<'_>, b: &Object<'_>) -> bool {
    let same = |path: &[&str]| a.node().text_at(path) == b.node().text_at(path);
    a.node().text_at(&["spec", "path"]).is_some()
        && same(&["spec", "path"])
        && same(&["spec", "sourceRef", "name"])
        && same(&["spec", "sourceRef", "kind"])
        && same(&["spec", "targetNamespace"])
}

fn id(object: &Object<'_>) -> KustomizationId {
    KustomizationId {
        namespace: object.namespace().to_owned(),
        name: object.name().to_owned(),
    }
}
