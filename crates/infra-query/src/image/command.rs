//! The command that writes another tag.

use std::collections::BTreeSet;

use infra_model::service::{ImageGroup, ImageGroupKind};
use plain_text::Command;

use super::*;
use crate::Facts;
use crate::find::repository;
use crate::r#where::groups_of;

/// Whether a group may hold a part of a tag alone, as a variable does in `web:v${tag}-alpine`.
pub(super) fn holds_part(group: &ImageGroup) -> bool {
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

/// The tags of the images that a group decides, where it may hold a part of them alone.
pub(super) fn whole_tags<'f>(facts: &'f dyn Facts, group: &ImageGroup) -> BTreeSet<&'f str> {
    let mut found = BTreeSet::new();
    if !holds_part(group) {
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

/// The part of a new tag that a group holds: the tag itself where images have it as a whole, or the new tag has not the present
/// text around it. None where images differ in what they make of it.
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

/// A shell command that writes a tag where a group has its own.
pub(super) fn command(group: &ImageGroup, tag: &str) -> Option<String> {
    // A digest in the place of a tag is replaced by one, and one behind a tag with it: it is what the node fetches.
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
        None if holds_image(group) => format!("{}{separator}{tag}", repository(&group.image_name)),
        None => tag.to_owned(),
    };
    // The parentheses make the whole path the left side: without them only what follows the last `|` would be.
    let value = value.replace('\\', r"\\").replace('"', "\\\"");
    let expression = format!("({yq_path}) = \"{value}\"");
    Command::new("yq -i")
        .text(&expression)
        .file(group.file.as_str())
        .finish()
}

/// A shell command that writes a tag inside of a longer text, on its line alone: yq would replace the text.
pub(super) fn line_command(group: &ImageGroup, tag: &str) -> Option<String> {
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

/// Whether a digest decides, and no tag.
pub(super) fn is_digest(group: &ImageGroup) -> bool {
    group.tag.as_deref().is_some_and(|tag| tag.starts_with("sha256:"))
}

/// Whether the scalar holds the whole image and not the tag alone.
pub(super) fn holds_image(group: &ImageGroup) -> bool {
    let last = group
        .pointer
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    match group.kind {
        ImageGroupKind::Manifest => true,
        ImageGroupKind::HelmValues => last.ends_with("image"),
        ImageGroupKind::KustomizeImages
        | ImageGroupKind::FluxImages
        | ImageGroupKind::HelmDefault
        | ImageGroupKind::Variable => false,
    }
}

/// The variable whose default a form holds.
pub(super) fn defaulted(form: &str) -> Option<&str> {
    let (_, expression) = form
        .rsplit_once("${")
        .filter(|(_, last)| last.contains("{tag}"))?;
    let end = expression.find(|c: char| c != '_' && !c.is_ascii_alphanumeric())?;
    expression.get(..end)
}
