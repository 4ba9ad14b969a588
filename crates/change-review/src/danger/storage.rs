//! Volumes that shrink, and volumes that a renamed StatefulSet leaves behind.

use infra_link::ImageReference;
use source_tree::Diagnostic;

use super::codes;
use super::subject::{Subject, error, refusal, warning};
use crate::objects::Object;
use crate::pod::{containers, items, pod_spec};
use crate::quantity::amount;

/// Renamed StatefulSets, which start with empty volumes: the name of a claim contains that of its StatefulSet.
pub(super) fn check_all(subjects: &[Subject<'_>], found: &mut Vec<Diagnostic>) {
    let has_claims = |object: &&Object<'_>| {
        object.kind() == "StatefulSet" && object.group() == "apps" && !claims(object).is_empty()
    };
    let gone = subjects.iter().filter(|subject| subject.after.is_none());
    for before in gone
        .filter_map(|subject| subject.before.as_ref())
        .filter(has_claims)
    {
        let new = subjects
            .iter()
            .filter(|subject| subject.before.is_none())
            .filter_map(|subject| subject.after.as_ref())
            .filter(has_claims)
            .find(|after| {
                claims(after) == claims(before)
                    && images(after) == images(before)
                    && (after.name() == before.name() || after.namespace() == before.namespace())
            });
        if let Some(after) = new {
            let message = format!(
                "{} is now {}: it starts with new, empty volumes, and those that the old one filled stay behind",
                before.identity(),
                after.identity()
            );
            found.push(warning(
                codes::STORAGE,
                after,
                after.node().at(&["metadata", "name"]),
                message,
            ));
        }
    }
}

/// Names of the claims of a StatefulSet.
fn claims<'a>(object: &Object<'a>) -> Vec<&'a str> {
    let templates = object.node().at(&["spec", "volumeClaimTemplates"]);
    items(templates)
        .filter_map(|template| template.text_at(&["metadata", "name"]))
        .collect()
}

/// Images of a workload's containers, without tags.
fn images<'a>(object: &Object<'a>) -> Vec<&'a str> {
    let containers = pod_spec(object).into_iter().flat_map(containers);
    containers
        .filter_map(|container| Some(ImageReference::parse(container.text_at(&["image"])?).name))
        .collect()
}

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let Some((before, after)) = subject.both() else {
        return;
    };
    if after.kind() != "PersistentVolumeClaim" {
        return;
    }
    let size = ["spec", "resources", "requests", "storage"];
    let (Some(old), Some(new)) = (before.node().text_at(&size), after.node().text_at(&size)) else {
        return;
    };
    if let (Some(old_amount), Some(new_amount)) = (amount(old), amount(new))
        && new_amount < old_amount
    {
        let message = format!(
            "the volume shrinks from {old} to {new}: {}",
            refusal(&subject.owner)
        );
        found.push(error(codes::STORAGE, after, after.node().at(&size), message));
    }
}
