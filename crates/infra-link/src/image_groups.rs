//! Image groups: the one place in the repository that decides each tag.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{ValuePath, ValueStep};
use infra_model::service::{ImageGroup, ImageGroupKind};
use infra_model::{Key, Place, RepoPath};
use redaction::REDACTED;
use source_tree::Mark;
use yaml_node::Node;

use crate::image_reference::ImageReference;
use crate::image_variables::{HeldTag, Holder, ImageVariables, TAG, default_tag, literal_form};
use crate::locate::{Located, Locator, Step};
use crate::same_line;

/// What is known of an image before its place is found.
pub(crate) struct DecidedImage<'i> {
    /// The scalar's mark.
    pub(crate) mark: Mark,
    /// The image as built, variables as written; for values the tag's own scalar.
    pub(crate) written: &'i str,
    /// The tag or digest as rendered.
    pub(crate) tag: Option<&'i str>,
    /// Registry and repository as rendered.
    pub(crate) name: &'i str,
    /// For values, the text to match in the file.
    pub(crate) values_name: Option<&'i str>,
    /// Index of the Kustomization that substitutes it.
    pub(crate) owner: usize,
}

/// Position of a group until all keys are known: file, document and pointer, and the line inside of a text of several lines.
pub(crate) type GroupId = (RepoPath, usize, String, u32);

/// Collects groups.
pub(crate) struct GroupBuilder<'a> {
    locator: Locator<'a>,
    variables: ImageVariables<'a>,
    drafts: BTreeMap<GroupId, Draft>,
}

struct Draft {
    key_name: String,
    image_name: String,
    kind: ImageGroupKind,
    yq_path: Option<String>,
    written_tag: Option<String>,
    form: Option<String>,
    within: Option<String>,
    tags: BTreeSet<Option<String>>,
    image_policy: Option<String>,
    line: u32,
    services: BTreeSet<Key>,
}

impl<'a> GroupBuilder<'a> {
    /// Without groups yet.
    pub(crate) fn new(locator: Locator<'a>, variables: ImageVariables<'a>) -> Self {
        GroupBuilder {
            locator,
            variables,
            drafts: BTreeMap::new(),
        }
    }

    /// Notes that an image of a service is decided at a mark. None where no scalar there decides it.
    pub(crate) fn add(&mut self, service: &Key, image: &DecidedImage<'_>) -> Option<GroupId> {
        // What is copied out of a Secret is decided by no place that anybody should edit.
        if !image.mark.is_some() || image.written.contains(REDACTED) {
            return None;
        }
        let candidates = self.locator.candidates(image.mark);
        let found = pick(&candidates, image)?;
        let is_image = !is_tag_alone(&found, image);
        let holder = match found.embedded {
            true => None,
            false => self
                .variables
                .holder(&mut self.locator, image.owner, &found.text, is_image),
        };
        let is_of_several = match holder {
            Some(Holder::One(held)) => return Some(self.add_variable(service, image, held)),
            Some(Holder::Several) => true,
            None => false,
        };
        let line = if found.embedded { found.line } else { 0 };
        let id = (found.file.clone(), found.document, found.pointer(), line);
        let draft = self.drafts.entry(id.clone()).or_insert_with(|| Draft {
            yq_path: same_line::yq_path(&found, &candidates),
            ..Draft::new(&found, image)
        });
        if is_of_several {
            draft.yq_path = None;
            draft.form = Some(found.text.to_string());
        }
        let default = image.tag.and_then(|tag| default_tag(&found.text, tag));
        let default = default.filter(|_| !found.embedded).map(|found| found.default);
        draft.tags.insert(default.or(image.tag).map(str::to_owned));
        draft.services.insert(service.clone());
        Some(id)
    }

    /// Notes that a default of a chart decides an image of a service, for the HelmRelease at a mark. None where no one path
    /// of its manifest could decide it instead.
    pub(crate) fn add_default(
        &mut self,
        service: &Key,
        release: Mark,
        (value, default): (&ValuePath, &str),
        image: &ImageReference<'_>,
    ) -> Option<GroupId> {
        let mut path: Vec<Step> = ["spec", "values"].map(|key| Step::Key(key.into())).to_vec();
        for step in &value.0 {
            match step {
                ValueStep::Key(key) => path.push(Step::Key(key.as_str().into())),
                // Helm replaces lists whole: one item of the default list cannot be given alone.
                ValueStep::Index(_) => return None,
            }
        }
        let stated = self.locator.candidates(release).into_iter().next()?;
        let kind = stated.document_node()?.text_at(&["kind"]);
        if kind != Some("HelmRelease") || stated.embedded {
            return None;
        }
        let found = stated.at_path(path);
        let id = (found.file.clone(), found.document, found.pointer(), 0);
        let draft = self.drafts.entry(id.clone()).or_insert_with(|| Draft {
            key_name: image.short_name().to_owned(),
            image_name: image.name.to_owned(),
            kind: ImageGroupKind::HelmDefault,
            yq_path: Some(found.yq_path()),
            written_tag: None,
            form: image
                .tag
                .and_then(|tag| default.strip_suffix(tag))
                .filter(|before| before.ends_with([':', '@']))
                .map(|before| format!("{before}{{tag}}")),
            within: None,
            tags: BTreeSet::new(),
            image_policy: None,
            line: found.line,
            services: BTreeSet::new(),
        });
        draft.tags.insert(image.tag.map(str::to_owned));
        draft.services.insert(service.clone());
        Some(id)
    }

    /// Notes that a variable decides an image.
    fn add_variable(&mut self, service: &Key, image: &DecidedImage<'_>, held: HeldTag) -> GroupId {
        let HeldTag { at, name, tag, form } = held;
        let line = if at.embedded { at.line } else { 0 };
        let id = (at.file.clone(), at.document, at.pointer(), line);
        let draft = self.drafts.entry(id.clone()).or_insert_with(|| Draft {
            // One variable may decide several images.
            key_name: name,
            image_name: image.name.to_owned(),
            kind: ImageGroupKind::Variable,
            tags: BTreeSet::from([Some(tag)]),
            written_tag: None,
            form,
            ..Draft::new(&at, image)
        });
        draft.services.insert(service.clone());
        id
    }

    /// The groups by key, and the key of each position.
    pub(crate) fn finish(self) -> (BTreeMap<Key, ImageGroup>, BTreeMap<GroupId, Key>) {
        let mut by_name: BTreeMap<String, Vec<(GroupId, Draft)>> = BTreeMap::new();
        for (id, draft) in self.drafts {
            by_name
                .entry(draft.key_name.clone())
                .or_default()
                .push((id, draft));
        }
        let (mut groups, mut keys) = (BTreeMap::new(), BTreeMap::new());
        for (name, drafts) in by_name {
            let clash = drafts.len() > 1;
            let mut in_file: BTreeMap<RepoPath, usize> = BTreeMap::new();
            for ((file, ..), _) in &drafts {
                *in_file.entry(file.clone()).or_default() += 1;
            }
            for (id, draft) in drafts {
                let key = match (clash, in_file.get(&id.0)) {
                    (false, _) => name.clone(),
                    (true, Some(1)) => format!("{}#{name}", id.0),
                    // The same image several times in one file: the line tells them apart.
                    (true, _) if draft.kind == ImageGroupKind::HelmDefault => {
                        let path = id.2.trim_start_matches("/spec/values/").replace('/', ".");
                        format!("{}#{name}:{path}", id.0)
                    }
                    (true, _) => format!("{}#{name}:{}", id.0, draft.line),
                };
                let key = free_key(&groups, key, &id);
                groups.insert(key.clone(), draft.group(&id));
                keys.insert(id, key);
            }
        }
        (groups, keys)
    }
}

/// Two scalars on one line are told apart by their pointer.
fn free_key(groups: &BTreeMap<Key, ImageGroup>, key: Key, id: &GroupId) -> Key {
    if groups.contains_key(&key) {
        format!("{key}#{}", id.2)
    } else {
        key
    }
}

impl Draft {
    fn new(found: &Located, image: &DecidedImage<'_>) -> Self {
        let entry = images_entry(found);
        let short = ImageReference {
            name: image.name,
            tag: None,
        }
        .short_name();
        let tag = image.tag.unwrap_or_default();
        let literal = literal_form(found, tag);
        let (kind, image_name) = match (&entry, image.values_name) {
            (Some(name), _) => (images_kind(found), name.clone()),
            (None, Some(name)) => {
                let beside = found
                    .ancestor(1)
                    .and_then(|parent| parent.get("repository"))
                    .and_then(Node::text);
                (ImageGroupKind::HelmValues, beside.unwrap_or(name).to_owned())
            }
            // The scalar may hold the tag alone, as the source of a replacement.
            (None, None) if found.embedded || literal.is_some() || !is_whole(found, image) => (
                ImageGroupKind::Manifest,
                ImageReference::parse(image.written).name.to_owned(),
            ),
            (None, None) => (
                ImageGroupKind::Manifest,
                ImageReference::parse(&found.text).name.to_owned(),
            ),
        };
        let written_tag = match (entry.is_some() || image.values_name.is_some(), found.embedded) {
            (false, false) if literal.is_some() => Some(tag.to_owned()),
            (false, false) if is_whole(found, image) => {
                ImageReference::parse(&found.text).tag.map(str::to_owned)
            }
            (false, false) => Some(found.text.to_string()),
            (true, false) if image.values_name == Some(ImageReference::parse(&found.text).name) => {
                ImageReference::parse(&found.text).tag.map(str::to_owned)
            }
            (true, false) => Some(found.text.to_string()),
            (_, true) => ImageReference::parse(image.written).tag.map(str::to_owned),
        };
        Draft {
            key_name: entry.unwrap_or_else(|| short.to_owned()),
            image_name,
            kind,
            yq_path: (!found.embedded).then(|| found.yq_path()),
            written_tag,
            within: found.embedded.then(|| line_form(found, tag).unwrap_or_default()),
            form: literal
                .or_else(|| {
                    let default = default_tag(&found.text, tag).filter(|_| !found.embedded);
                    default.map(|found| found.form)
                })
                .or_else(|| tag_form(found, image)),
            tags: BTreeSet::new(),
            image_policy: found.line_text().and_then(image_policy),
            line: found.line,
            services: BTreeSet::new(),
        }
    }

    fn group(self, (file, document, pointer, _): &GroupId) -> ImageGroup {
        let tag = match (self.tags.len(), self.tags.first()) {
            // One place with different variables below different Kustomizations has no one rendered tag.
            (1, Some(tag)) => tag.clone(),
            _ => self.written_tag,
        };
        ImageGroup {
            file: file.clone(),
            image_name: self.image_name,
            kind: self.kind,
            yq_path: self.yq_path,
            pointer: pointer.clone(),
            document: *document,
            tag,
            form: self.form,
            within: self.within,
            services: self.services.into_iter().collect(),
            image_policy: self.image_policy,
            source: Place {
                file: file.clone(),
                line: self.line,
            },
        }
    }
}

/// `{tag}` for a scalar that holds the tag of an image and nothing of its name, and whose key does not say so.
fn tag_form(found: &Located, image: &DecidedImage<'_>) -> Option<String> {
    let is_alone = image.values_name.is_none() && !found.embedded && !is_whole(found, image);
    (is_alone && images_entry(found).is_none()).then(|| TAG.to_owned())
}

/// The line of a tag inside of a longer text, with `{tag}` in its place; none where the line does not hold the tag once as it is.
fn line_form(found: &Located, tag: &str) -> Option<String> {
    let line = found.line_text()?.trim();
    // What stands beside a tag tells it from a part of another text.
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '@');
    let mut places = line.match_indices(tag).filter(|_| !tag.is_empty());
    let (at, _) = places.next()?;
    let (before, behind) = (line.get(..at)?, line.get(at + tag.len()..)?);
    // `name@` stands before a digest.
    let is_begun = before.ends_with(is_part) && !(before.ends_with('@') && tag.starts_with("sha256:"));
    let is_cut = is_begun || behind.starts_with(is_part) || behind.starts_with(':');
    let is_single = places.next().is_none() && !line.contains("${") && !line.contains("{tag}");
    let is_shown = redaction::free_text(line) == line;
    (is_single && !is_cut && is_shown).then(|| format!("{before}{TAG}{behind}"))
}

/// The scalar among those of a line that decides an image.
fn pick(candidates: &[Located], image: &DecidedImage<'_>) -> Option<Located> {
    // A JSON patch may be one text on one line.
    let built = ImageReference::parse(image.written);
    let sought = match image.values_name {
        Some(_) => image.tag.unwrap_or_default(),
        None => built.tag.unwrap_or(built.name),
    };
    let is_patch = |text: &str| text.trim_start().starts_with(['[', '{']) && text.contains(sought);
    let texts = candidates
        .iter()
        .find(|found| !sought.is_empty() && is_patch(&found.text));
    let text = texts.map(|found| found.clone().around());
    pick_scalar(candidates, image).or(text)
}

fn pick_scalar(candidates: &[Located], image: &DecidedImage<'_>) -> Option<Located> {
    let mut best: Option<((u8, u8), &Located)> = None;
    for candidate in candidates {
        let score = (
            score(candidate, image),
            same_line::likeness(candidate, image.name),
        );
        if score.0 > 0 && best.as_ref().is_none_or(|(known, _)| score > *known) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, located)| located.clone())
}

/// How well a scalar explains an image; 0 where it cannot be what decides it.
fn score(found: &Located, image: &DecidedImage<'_>) -> u8 {
    let text = found.text.as_str();
    if image.values_name.is_some() {
        let rendered = image.tag.unwrap_or_default();
        let fits = text == image.written || text == rendered || text.contains("${");
        let last = found.keys().next_back().unwrap_or_default();
        let by_key = matches!(
            last,
            "tag" | "digest" | "imageTag" | "newTag" | "image" | "repository"
        ) || last.ends_with("mage");
        return match (found.embedded, fits) {
            (true, _) => u8::from(!rendered.is_empty() && text.contains(rendered)),
            (false, true) => 2 + u8::from(by_key),
            (false, false) => 0,
        };
    }
    let built = ImageReference::parse(image.written);
    if found.embedded {
        return u8::from(text.contains(built.tag.unwrap_or(built.name)));
    }
    if let Some(entry) = images_entry(found) {
        let decides = built
            .tag
            .is_some_and(|tag| !text.is_empty() && tag.contains(text));
        if !decides {
            return 0;
        }
        let new_name = found
            .ancestor(1)
            .and_then(|parent| parent.get("newName"))
            .and_then(Node::text);
        return if built.name == new_name.unwrap_or(&entry) {
            4
        } else {
            2
        };
    }
    let own = ImageReference::parse(text);
    if own.tag == built.tag && !own.name.is_empty() {
        // A renamed image keeps the tag of its manifest.
        return if own.name == built.name { 4 } else { 3 };
    }
    u8::from(built.tag == Some(text) || built.tag.is_some_and(|tag| literal_form(found, tag).is_some()))
}

/// Whether a scalar is meant to hold a tag, and nothing of the image's name.
fn is_tag_alone(found: &Located, image: &DecidedImage<'_>) -> bool {
    let last = found.keys().next_back().unwrap_or_default();
    images_entry(found).is_some()
        || matches!(last, "tag" | "digest" | "imageTag")
        || (image.values_name.is_none() && !is_whole(found, image))
}

/// Whether a scalar holds an image's name besides its tag.
fn is_whole(found: &Located, image: &DecidedImage<'_>) -> bool {
    ImageReference::parse(image.written).tag != Some(found.text.as_str())
}

/// `name` of the `images` entry whose `newTag` or `digest` a scalar is.
fn images_entry(found: &Located) -> Option<String> {
    let mut keys = found.keys().rev();
    if !matches!(keys.next()?, "newTag" | "digest" | "tagSuffix")
        || !matches!(keys.next()?, "images" | "imageTag")
    {
        return None;
    }
    Some(found.ancestor(1)?.get("name")?.text()?.to_owned())
}

fn images_kind(found: &Located) -> ImageGroupKind {
    let document = found.document_node();
    let api_version = document
        .and_then(|node| node.text_at(&["apiVersion"]))
        .unwrap_or_default();
    if api_version.starts_with("kustomize.toolkit.fluxcd.io/") || found.keys().next() == Some("spec") {
        match found.keys().nth(1) {
            Some("postRenderers") => ImageGroupKind::KustomizeImages,
            _ => ImageGroupKind::FluxImages,
        }
    } else {
        ImageGroupKind::KustomizeImages
    }
}

/// `flux-system:papi:tag` of `# {"$imagepolicy": "flux-system:papi:tag"}`
/// (<https://fluxcd.io/flux/guides/image-update/#configure-image-update-for-custom-resources>).
fn image_policy(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("\"$imagepolicy\"")?;
    let rest = rest
        .trim_start()
        .strip_prefix(':')?
        .trim_start()
        .strip_prefix('"')?;
    let (policy, _) = rest.split_once('"')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '.' | '_');
    (!policy.is_empty() && policy.chars().all(plain)).then(|| policy.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_names_its_policy() {
        let line = r#"    newTag: 1.2.3 # {"$imagepolicy": "flux-system:papi:tag"}"#;
        assert_eq!(image_policy(line).as_deref(), Some("flux-system:papi:tag"));
        assert_eq!(image_policy("newTag: 1 # pinned"), None);
    }
}
