//! Commands that write another tag.

use std::collections::BTreeSet;

use infra_model::service::{ImageGroup, ImageGroupKind};
use plain_text::Command;

use super::deciding;
use crate::Facts;
use crate::find::repository;
use crate::r#where::groups_of;

/// Whether a group may have only a part of a tag, like the variable in `web:v${tag}-alpine`.
pub(super) fn is_part(group: &ImageGroup) -> bool {
    let is_default = group
        .form
        .as_deref()
        .is_some_and(|form| defaulted(form).is_some());
    group.kind == ImageGroupKind::Variable || is_default
}

/// Tag and digest of an image.
pub(super) fn tag_of(image: &str) -> &str {
    image
        .get(repository(image).len()..)
        .unwrap_or_default()
        .trim_start_matches([':', '@'])
}

/// The tags of the images that a group decides, if it may have only a part of them.
pub(super) fn whole_tags<'f>(facts: &'f dyn Facts, group: &ImageGroup) -> BTreeSet<&'f str> {
    let mut found = BTreeSet::new();
    if !is_part(group) {
        return found;
    }
    let services = group.services.iter().filter_map(|key| facts.services().get(key));
    for service in services {
        let groups = groups_of(facts, service);
        let decided = service.images.iter().filter(|image| {
            let by = deciding(image, &groups);
            by.is_some_and(|by| by.source == group.source && by.pointer == group.pointer)
        });
        found.extend(decided.map(|image| tag_of(image)));
    }
    found
}

/// The part of a new tag that a group has: the whole tag if images have nothing around it, or the new tag does not have
/// their text around it. `None` if this differs between images.
pub(super) fn held_part<'t>(group: &ImageGroup, whole: &BTreeSet<&str>, tag: &'t str) -> Option<&'t str> {
    let held = group.tag.as_deref().filter(|held| !held.is_empty());
    let around = whole.iter().filter_map(|whole| whole.split_once(held?));
    let mut parts = around.map(|(before, behind)| {
        let part = tag.strip_prefix(before).and_then(|tag| tag.strip_suffix(behind));
        part.filter(|part| !part.is_empty()).unwrap_or(tag)
    });
    let first = parts.next().unwrap_or(tag);
    parts.all(|part| part == first).then_some(first)
}

/// A shell command that writes a tag at the place of a group.
pub(super) fn command(group: &ImageGroup, tag: &str) -> Option<String> {
    // A digest is replaced by a digest, also one behind a tag: it decides what the node pulls.
    let has_digest = group.tag.as_deref().is_some_and(|tag| tag.contains("@sha256:"));
    let tag: &str = &match (is_digest(group), tag) {
        (true, "NEW_TAG") => "sha256:NEW_DIGEST".to_owned(),
        (false, tag) if has_digest && !tag.contains('@') => format!("{tag}@sha256:NEW_DIGEST"),
        (_, tag) => tag.to_owned(),
    };
    let Some(yq_path) = &group.yq_path else {
        return line_command(group, tag);
    };
    let separator = if tag.starts_with("sha256:") { '@' } else { ':' };
    let value = match &group.form {
        Some(form) => form.replace("{tag}", tag),
        None if is_whole_image(group) => format!("{}{separator}{tag}", repository(&group.image_name)),
        None => tag.to_owned(),
    };
    // Without the parentheses only the part behind the last `|` of the path would be assigned to.
    let value = value.replace('\\', r"\\").replace('"', "\\\"");
    let expression = format!("({yq_path}) = \"{value}\"");
    Command::new("yq -i")
        .text(&expression)
        .file(group.file.as_str())
        .finish()
}

/// A shell command that writes a tag within a longer text, on its line only: yq would replace the whole text.
fn line_command(group: &ImageGroup, tag: &str) -> Option<String> {
    let is_once = group.within.as_deref().is_some_and(|line| line.contains("{tag}"));
    let old = group.tag.as_deref().filter(|_| is_once)?;
    let is_plain = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._:@+".contains(c))
    };
    if !is_plain(old) || !is_plain(tag) || group.source.line == 0 {
        return None;
    }
    let expression = format!("{}s|{}|{tag}|", group.source.line, old.replace('.', "\\."));
    Command::new("sed -i")
        .text(&expression)
        .file(group.file.as_str())
        .finish()
}

/// Whether the group has a digest without a tag.
pub(super) fn is_digest(group: &ImageGroup) -> bool {
    group.tag.as_deref().is_some_and(|tag| tag.starts_with("sha256:"))
}

/// Whether the scalar is the whole image and not only the tag.
fn is_whole_image(group: &ImageGroup) -> bool {
    match group.kind {
        ImageGroupKind::Manifest => true,
        ImageGroupKind::HelmValues => group.pointer.to_lowercase().ends_with("image"),
        ImageGroupKind::KustomizeImages
        | ImageGroupKind::FluxImages
        | ImageGroupKind::HelmDefault
        | ImageGroupKind::Variable => false,
    }
}

/// The variable whose default a form contains.
pub(super) fn defaulted(form: &str) -> Option<&str> {
    let (_, expression) = form
        .rsplit_once("${")
        .filter(|(_, last)| last.contains("{tag}"))?;
    let end = expression.find(|c: char| c != '_' && !c.is_ascii_alphanumeric())?;
    expression.get(..end)
}
