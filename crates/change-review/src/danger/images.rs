//! Images and charts that move to `latest` or backwards.

use infra_link::ImageReference;
use masterminds_semver::Version;
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::codes;
use super::subject::{Subject, danger};
use crate::objects::Object;
use crate::pod::{containers, pod_spec};

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let Some(after) = &subject.after else {
        return;
    };
    let before = subject.before.as_ref();
    if let Some(pod) = pod_spec(after) {
        let old = before.and_then(pod_spec);
        for container in containers(pod) {
            let Some(image) = container.get("image") else {
                continue;
            };
            let name = container.text_at(&["name"]);
            let old = old.and_then(|pod| {
                let same = containers(pod).find(|other| other.text_at(&["name"]) == name)?;
                same.text_at(&["image"])
            });
            check_image(after, image, old, found);
        }
    }
    for path in [
        &["spec", "chart", "spec", "version"][..],
        &["spec", "ref", "tag"],
        &["spec", "ref", "semver"],
    ] {
        if !after.group().ends_with(".toolkit.fluxcd.io") {
            break;
        }
        let old = before.and_then(|object| object.node().text_at(path));
        if let (Some(part), Some(old)) = (after.node().at(path), old)
            && let Some(new) = part.text()
            && is_older(old, new)
        {
            let message = format!("{} moves back from {old} to {new}", path.join("."));
            found.push(danger(
                Severity::Warning,
                codes::IMAGE,
                after,
                Some(part),
                message,
            ));
        }
    }
}

fn check_image(object: &Object<'_>, image: &Node, old: Option<&str>, found: &mut Vec<Diagnostic>) {
    let text = image.text().unwrap_or_default();
    if text.is_empty() || Some(text) == old {
        return;
    }
    let new = ImageReference::parse(text);
    let was = old.map(ImageReference::parse);
    let message = if is_latest(&new) && was.is_none_or(|was| !is_latest(&was)) {
        format!(
            "image {} moves to latest: every pull may bring another one",
            new.name
        )
    } else if let Some(was) = was.filter(|was| was.name == new.name)
        && let (Some(old), Some(new_tag)) = (was.tag, new.tag)
        && is_older(old, new_tag)
    {
        format!("image {} moves back from {old} to {new_tag}", new.name)
    } else {
        return;
    };
    found.push(danger(
        Severity::Warning,
        codes::IMAGE,
        object,
        Some(image),
        message,
    ));
}

fn is_latest(image: &ImageReference<'_>) -> bool {
    matches!(image.tag, None | Some("latest")) && !image.name.contains("${")
}

/// Whether a version is below another. Texts that are no versions are neither.
fn is_older(old: &str, new: &str) -> bool {
    let version = |text: &str| {
        let text = text.split('@').next().unwrap_or_default();
        // A date or a number of a build is no version, but its order is known all the same.
        Version::parse(text).ok()
    };
    match (version(old), version(new)) {
        (Some(old), Some(new)) => new < old,
        _ => false,
    }
}
