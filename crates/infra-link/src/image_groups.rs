//! Image groups: the places in the repository that decide tags.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{ValuePath, ValueStep};
use infra_model::service::{ImageGroup, ImageGroupKind};
use infra_model::{Key, Place, RepoPath};
use redaction::REDACTED;
use source_tree::Mark;

use crate::image_reference::ImageReference;
use crate::image_variables::{HeldTag, Holder, ImageVariables, TAG, default_tag, literal_form};
use crate::locate::{Located, Locator, Step};
use crate::same_line;

/// An image before its place is found.
pub(crate) struct DecidedImage<'i> {
    /// The scalar's mark.
    pub(crate) mark: Mark,
    /// The image as built, variables as written; for values the tag's own scalar.
    pub(crate) written: &'i str,
    /// The tag or digest as rendered.
    pub(crate) tag: Option<&'i str>,
    /// Registry and repository as rendered.
    pub(crate) name: &'i str,
    /// The name in the file, for images of values.
    pub(crate) values_name: Option<&'i str>,
    /// Index of the Kustomization that substitutes it.
    pub(crate) owner: usize,
}

/// Position of a group until all keys are known: file, document and pointer, and the line inside a text of several lines.
pub(crate) type GroupId = (RepoPath, usize, String, u32);

/// Collects groups.
pub(crate) struct GroupBuilder<'a> {
    locator: Locator<'a>,
    variables: ImageVariables<'a>,
    drafts: BTreeMap<GroupId, Draft>,
}

/// A group before all its services are known.
#[derive(Default)]
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
    pub(crate) fn new(locator: Locator<'a>, variables: ImageVariables<'a>) -> Self {
        GroupBuilder {
            locator,
            variables,
            drafts: BTreeMap::new(),
        }
    }

    /// Adds an image of a service to the group at its mark; `None` if no scalar there decides the image.
    pub(crate) fn add(&mut self, service: &Key, image: &DecidedImage<'_>) -> Option<GroupId> {
        // Nobody should edit the place of an image that is copied from a Secret.
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
        let id = group_id(&found);
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

    /// Adds an image of a service that a default of a chart decides, for the HelmRelease at a mark; `None` if no single path of its
    /// manifest could decide it instead.
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
                // Helm replaces lists as a whole: a manifest cannot set one item of the default list.
                ValueStep::Index(_) => return None,
            }
        }
        let stated = self.locator.candidates(release).into_iter().next()?;
        let kind = stated.document_node()?.text_at(&["kind"]);
        if kind != Some("HelmRelease") || stated.embedded {
            return None;
        }
        let found = stated.at_path(path);
        let id = group_id(&found);
        let draft = self.drafts.entry(id.clone()).or_insert_with(|| Draft {
            key_name: image.short_name().to_owned(),
            image_name: image.name.to_owned(),
            kind: ImageGroupKind::HelmDefault,
            yq_path: Some(found.yq_path()),
            form: image
                .tag
                .and_then(|tag| default.strip_suffix(tag))
                .filter(|before| before.ends_with([':', '@']))
                .map(|before| format!("{before}{TAG}")),
            line: found.line,
            ..Draft::default()
        });
        draft.tags.insert(image.tag.map(str::to_owned));
        draft.services.insert(service.clone());
        Some(id)
    }

    /// Adds an image of a service that a variable decides.
    fn add_variable(&mut self, service: &Key, image: &DecidedImage<'_>, held: HeldTag) -> GroupId {
        let HeldTag { at, name, tag, form } = held;
        let id = group_id(&at);
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

    /// Returns the groups by key, and the key of each position.
    pub(crate) fn finish(self) -> (BTreeMap<Key, ImageGroup>, BTreeMap<GroupId, Key>) {
        let mut by_name: BTreeMap<String, Vec<(GroupId, Draft)>> = BTreeMap::new();
        for (id, draft) in self.drafts {
            let of_name = by_name.entry(draft.key_name.clone()).or_default();
            of_name.push((id, draft));
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
                    // An image that is several times in one file gets the line.
                    (true, _) if draft.kind == ImageGroupKind::HelmDefault => {
                        let path = id.2.trim_start_matches("/spec/values/").replace('/', ".");
                        format!("{}#{name}:{path}", id.0)
                    }
                    (true, _) => format!("{}#{name}:{}", id.0, draft.line),
                };
                // Two scalars on one line differ by their pointers.
                let key = match groups.contains_key(&key) {
                    true => format!("{key}#{}", id.2),
                    false => key,
                };
                groups.insert(key.clone(), draft.group(&id));
                keys.insert(id, key);
            }
        }
        (groups, keys)
    }
}

fn group_id(found: &Located) -> GroupId {
    let line = if found.embedded { found.line } else { 0 };
    (found.file.clone(), found.document, found.pointer(), line)
}

impl Draft {
    fn new(found: &Located, image: &DecidedImage<'_>) -> Self {
        let entry = images_entry(found);
        let (name, tag) = (image.name, image.tag.unwrap_or_default());
        let literal = literal_form(found, tag);
        let (stated, written) = (
            ImageReference::parse(&found.text),
            ImageReference::parse(image.written),
        );
        let is_whole = is_whole(found, image);
        let (kind, image_name) = match (&entry, image.values_name) {
            (Some(name), _) => (images_kind(found), name.as_str()),
            (None, Some(name)) => {
                let beside = found.sibling_text("repository");
                (ImageGroupKind::HelmValues, beside.unwrap_or(name))
            }
            // The scalar may be the tag alone, as the source of a replacement.
            (None, None) if found.embedded || literal.is_some() || !is_whole => {
                (ImageGroupKind::Manifest, written.name)
            }
            (None, None) => (ImageGroupKind::Manifest, stated.name),
        };
        let image_name = image_name.to_owned();
        let is_of_manifest = entry.is_none() && image.values_name.is_none();
        let is_of_values = image.values_name == Some(stated.name);
        let written_tag = match found.embedded {
            true => written.tag,
            false if is_of_manifest && literal.is_some() => Some(tag),
            false if (is_of_manifest && is_whole) || (!is_of_manifest && is_of_values) => stated.tag,
            false => Some(found.text.as_str()),
        };
        let written_tag = written_tag.map(str::to_owned);
        Draft {
            key_name: entry.unwrap_or_else(|| ImageReference { name, tag: None }.short_name().to_owned()),
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
                // The key of a scalar in a manifest does not say that it is a tag.
                .or_else(|| (is_of_manifest && !found.embedded && !is_whole).then(|| TAG.to_owned())),
            image_policy: found.line_text().and_then(image_policy),
            line: found.line,
            ..Draft::default()
        }
    }

    fn group(self, (file, document, pointer, _): &GroupId) -> ImageGroup {
        let tag = match (self.tags.len(), self.tags.first()) {
            // A place with different variables for several Kustomizations has several rendered tags.
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

/// The line of a tag inside a longer text, with `{tag}` in its place; `None` unless the line has the tag once and unchanged.
fn line_form(found: &Located, tag: &str) -> Option<String> {
    let line = found.line_text()?.trim();
    // Characters that make a tag part of another text.
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '@');
    let mut places = line.match_indices(tag).filter(|_| !tag.is_empty());
    let (at, _) = places.next()?;
    let (before, behind) = (line.get(..at)?, line.get(at + tag.len()..)?);
    // A digest follows `name@`.
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
    let scored = candidates.iter().map(|found| {
        let likeness = same_line::likeness(found, image.name);
        ((score(found, image), likeness), found)
    });
    // Of equals the first.
    let best = scored
        .filter(|((score, _), _)| *score > 0)
        .rev()
        .max_by_key(|(score, _)| *score);
    let best = best.map(|(_, found)| found.clone());
    best.or_else(|| texts.map(|found| found.clone().around()))
}

/// How well a scalar explains an image; 0 if it cannot decide it.
fn score(found: &Located, image: &DecidedImage<'_>) -> u8 {
    let text = found.text.as_str();
    if image.values_name.is_some() {
        let rendered = image.tag.unwrap_or_default();
        let fits = text == image.written || text == rendered || text.contains("${");
        let last = found.keys().next_back().unwrap_or_default();
        let by_key =
            matches!(last, "tag" | "digest" | "imageTag" | "newTag" | "repository") || last.ends_with("mage");
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
        let decides = |tag: &str| !text.is_empty() && tag.contains(text);
        let name = found.sibling_text("newName").unwrap_or(&entry);
        return match built.tag.is_some_and(decides) {
            true if built.name == name => 4,
            true => 2,
            false => 0,
        };
    }
    let own = ImageReference::parse(text);
    if own.tag == built.tag && !own.name.is_empty() {
        // A renamed image keeps the tag of its manifest.
        return if own.name == built.name { 4 } else { 3 };
    }
    u8::from(built.tag == Some(text) || built.tag.is_some_and(|tag| literal_form(found, tag).is_some()))
}

/// Whether a scalar is meant to be a tag, without the image's name.
fn is_tag_alone(found: &Located, image: &DecidedImage<'_>) -> bool {
    let last = found.keys().next_back().unwrap_or_default();
    images_entry(found).is_some()
        || matches!(last, "tag" | "digest" | "imageTag")
        || (image.values_name.is_none() && !is_whole(found, image))
}

/// Whether a scalar contains an image's name besides its tag.
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
    found.sibling_text("name").map(str::to_owned)
}

fn images_kind(found: &Located) -> ImageGroupKind {
    let document = found.document_node();
    let api_version = document.and_then(|node| node.text_at(&["apiVersion"]));
    let is_flux = api_version.is_some_and(|version| version.starts_with("kustomize.toolkit.fluxcd.io/"));
    let mut keys = found.keys();
    let is_spec = keys.next() == Some("spec");
    match (is_flux || is_spec) && keys.next() != Some("postRenderers") {
        true => ImageGroupKind::FluxImages,
        false => ImageGroupKind::KustomizeImages,
    }
}

/// `flux-system:papi:tag` of `# {"$imagepolicy": "flux-system:papi:tag"}`
/// (<https://fluxcd.io/flux/guides/image-update/#configure-image-update-for-custom-resources>).
fn image_policy(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("\"$imagepolicy\"")?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start();
    let (policy, _) = value.strip_prefix('"')?.split_once('"')?;
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
