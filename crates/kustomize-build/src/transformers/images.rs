//! `images`: names, tags and digests.
//!
//! Rules: <https://github.com/kubernetes-sigs/kustomize/tree/api/v0.21.2/api/filters/imagetag>. There are two passes,
//! over all lists of containers and over the field specs, so a `tagSuffix` may be added twice.

use regex::Regex;
use source_tree::Mark;
use yaml_node::{Mapping, Node, Value};

use crate::field_spec::{self, Create};
use crate::kustomization::{FieldSpecEntry, ImageEntry};
use crate::node_edit::{MAPPING, SCALAR, WrongKind, expect_kind, raw_text, set_scalar, untyped};
use crate::resource::Step;
use crate::selector::{is_special, regex};
use crate::{BuildError, ResMap};

/// The keys of container lists, in any object.
const CONTAINER_LISTS: [&str; 2] = ["containers", "initContainers"];

/// Changes images in all resources but CustomResourceDefinitions.
///
/// # Errors
/// [`BuildError::Transformer`] if a list of containers has other items, or an image is not a scalar.
pub(crate) fn set_image(
    map: &mut ResMap,
    entry: &ImageEntry,
    specs: &[FieldSpecEntry],
) -> Result<(), BuildError> {
    let image = Image {
        entry,
        matcher: Matcher::new(&entry.name),
        mark: entry.decisive_mark(),
    };
    for resource in map.resources_mut() {
        if resource.kind() == "CustomResourceDefinition" {
            continue;
        }
        if image.walk(&resource.node)? {
            image.walk_mut(&mut resource.node)?;
        }
        for spec in specs {
            let wanted = |field: &Node| field.as_scalar().is_none() || image.matcher.matches(raw_text(field));
            let set = &mut |field: &mut Node, _: &[Step]| image.set(field).map_err(BuildError::from);
            field_spec::apply_where(&mut resource.node, spec, &Create::Never, &wanted, set)?;
        }
    }
    Ok(())
}

impl ImageEntry {
    // The place that sets the new tag, which users want to find. An entry that only renames keeps the mark of the
    // image.
    fn decisive_mark(&self) -> Option<Mark> {
        let texts = [&self.new_tag, &self.digest, &self.tag_suffix];
        texts
            .into_iter()
            .find(|text| !text.is_empty())
            .map(|text| text.mark)
    }
}

struct Image<'a> {
    entry: &'a ImageEntry,
    matcher: Matcher,
    mark: Option<Mark>,
}

impl Image<'_> {
    // Whether anything will change. Checking first keeps unchanged nodes shared.
    fn walk(&self, node: &Node) -> Result<bool, WrongKind> {
        let mut found = false;
        match &node.value {
            Value::Scalar(_) => {}
            Value::Sequence(items) => {
                for item in items.iter() {
                    found |= self.walk(item)?;
                }
            }
            Value::Mapping(mapping) => {
                for (key, value) in mapping.entries() {
                    found |= self.walk(value)?;
                    if !is_container_list(key) {
                        continue;
                    }
                    for item in value.items() {
                        expect_kind(item, MAPPING)?;
                        if let Some(image) = item.get("image") {
                            expect_kind(image, SCALAR)?;
                            found |= self.matcher.matches(raw_text(image));
                        }
                    }
                }
            }
        }
        Ok(found)
    }

    fn walk_mut(&self, node: &mut Node) -> Result<(), WrongKind> {
        if !self.walk(node)? {
            return Ok(());
        }
        match &mut node.value {
            Value::Scalar(_) => Ok(()),
            Value::Sequence(items) => items
                .items_mut()
                .iter_mut()
                .try_for_each(|item| self.walk_mut(item)),
            Value::Mapping(mapping) => self.walk_mapping(mapping),
        }
    }

    fn walk_mapping(&self, mapping: &mut Mapping) -> Result<(), WrongKind> {
        for (key, value) in mapping.entries_mut() {
            self.walk_mut(value)?;
            if !is_container_list(key) {
                continue;
            }
            let Some(items) = value.as_sequence_mut() else {
                continue;
            };
            let is_meant = |item: &Node| {
                let image = item.get("image");
                image.is_some_and(|image| self.matcher.matches(raw_text(image)))
            };
            if !items.iter().any(is_meant) {
                continue;
            }
            for item in items.items_mut() {
                if let (true, Some(image)) = (is_meant(item), item.get_mut("image")) {
                    self.set(image)?;
                }
            }
        }
        Ok(())
    }

    fn set(&self, field: &mut Node) -> Result<(), WrongKind> {
        expect_kind(field, SCALAR)?;
        let old = raw_text(field);
        if !self.matcher.matches(old) {
            return Ok(());
        }
        let new = self.changed(old);
        let mark = self.mark.unwrap_or(field.mark);
        set_scalar(field, untyped(new, mark))
    }

    fn changed(&self, old: &str) -> String {
        let ImageEntry {
            new_name,
            tag_suffix,
            new_tag,
            digest: new_digest,
            ..
        } = self.entry;
        let (name, tag, digest) = split(old);
        let name = if new_name.is_empty() { name } else { &**new_name };
        // A new tag or digest replaces both old ones.
        let (tag, digest) = match (new_tag.is_empty(), new_digest.is_empty()) {
            (false, _) => (new_tag.to_string(), &**new_digest),
            (true, false) => (String::new(), &**new_digest),
            (true, true) if !tag_suffix.is_empty() => (format!("{tag}{}", &**tag_suffix), ""),
            (true, true) => (tag.to_owned(), digest),
        };
        let mut image = name.to_owned();
        for (separator, part) in [(':', tag.as_str()), ('@', digest)] {
            if !part.is_empty() {
                image.push(separator);
                image.push_str(part);
            }
        }
        image
    }
}

fn is_container_list(key: &Node) -> bool {
    key.text().is_some_and(|key| CONTAINER_LISTS.contains(&key))
}

/// Splits an image into name, tag and digest. A tag or digest begins at the first `:` or `@` after the first `/`.
fn split(image: &str) -> (&str, &str, &str) {
    let domain = image.find('/').filter(|at| *at > 0).unwrap_or(0);
    let (before, rest) = image.split_at(domain);
    let end = rest.find([':', '@']).map_or(image.len(), |at| before.len() + at);
    let (name, rest) = image.split_at(end);
    match rest.strip_prefix('@') {
        Some(digest) => (name, "", digest),
        None => {
            let (tag, digest) = rest.split_once('@').unwrap_or((rest, ""));
            (name, tag.strip_prefix(':').unwrap_or(tag), digest)
        }
    }
}

/// Matches the images of an entry: its name as a regular expression, followed by a tag and a digest.
enum Matcher {
    /// A name without special characters except dots, which match any character.
    Name(String),
    Regex(Regex),
    /// The name is not a regular expression.
    Nothing,
}

impl Matcher {
    fn new(name: &str) -> Self {
        if !name.contains(|c| c != '.' && is_special(c)) {
            return Matcher::Name(name.to_owned());
        }
        let pattern = format!(
            "^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{{}}-]*)?$"
        );
        regex(&pattern).map_or(Matcher::Nothing, Matcher::Regex)
    }

    fn matches(&self, image: &str) -> bool {
        match self {
            Matcher::Nothing => false,
            Matcher::Regex(regex) => regex.is_match(image),
            Matcher::Name(name) => {
                let mut rest = image.chars();
                name.chars().all(|wanted| {
                    rest.next()
                        .is_some_and(|c| c == wanted || (wanted == '.' && c != '\n'))
                }) && is_tag_and_digest(rest.as_str())
            }
        }
    }
}

// An optional `:tag`, then an optional `@algorithm:hex`.
fn is_tag_and_digest(text: &str) -> bool {
    let is_value = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.{}-".contains(&byte))
    };
    let is_algorithm = |text: &str| {
        let mut parts = text.split(['.', '+', '_', '-']);
        parts.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    let (tag, digest) = match text.split_once('@') {
        Some((tag, digest)) => (tag, Some(digest)),
        None => (text, None),
    };
    let tag_fits = tag.is_empty() || tag.strip_prefix(':').is_some_and(is_value);
    let digest_fits = digest.is_none_or(|digest| {
        let parts = digest.split_once(':');
        parts.is_some_and(|(algorithm, value)| is_algorithm(algorithm) && is_value(value))
    });
    tag_fits && digest_fits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kustomization::Text;

    #[test]
    fn images_are_split_after_the_first_slash() {
        for (image, expected) in [
            ("nginx", ("nginx", "", "")),
            ("nginx:1", ("nginx", "1", "")),
            (
                "host:5000/a/nginx:1@sha256:ab",
                ("host:5000/a/nginx", "1", "sha256:ab"),
            ),
            ("host:5000/nginx@sha256:ab", ("host:5000/nginx", "", "sha256:ab")),
            ("/a:1", ("/a", "1", "")),
        ] {
            assert_eq!(split(image), expected);
        }
    }

    #[test]
    fn names_are_regular_expressions() {
        for (name, image, expected) in [
            ("nginx", "nginx", true),
            ("nginx", "nginx:1.2", true),
            ("nginx", "nginx:1@sha256:ab", true),
            ("nginx", "my/nginx", false),
            ("nginx", "nginx2", false),
            ("a.b/c", "axb/c:1", true),
            ("nginx", "nginx:a/b", false),
            ("nginx", "nginx@multihash+base58:Qm", true),
            ("nginx", "nginx@:x", false),
            ("a|b", "a-anything", true),
            (".*/nginx", "x/y/nginx:1", true),
            ("[", "[", false),
            ("", ":x", true),
        ] {
            assert_eq!(Matcher::new(name).matches(image), expected, "{name} {image}");
        }
    }

    #[test]
    fn a_new_tag_or_digest_replaces_both() {
        let text = |text: &str| Text::new(text, Mark::NONE);
        for (new_name, new_tag, digest, tag_suffix, expected) in [
            ("", "2", "", "", "a:2"),
            ("", "", "sha256:c", "", "a@sha256:c"),
            ("", "2", "sha256:c", "", "a:2@sha256:c"),
            ("b", "", "", "", "b:1@sha256:b"),
            ("", "", "", "-x", "a:1-x"),
            ("b", "2", "", "-x", "b:2"),
        ] {
            let entry = ImageEntry {
                new_name: text(new_name),
                new_tag: text(new_tag),
                digest: text(digest),
                tag_suffix: text(tag_suffix),
                ..ImageEntry::default()
            };
            let image = Image {
                entry: &entry,
                matcher: Matcher::Nothing,
                mark: None,
            };
            assert_eq!(image.changed("a:1@sha256:b"), expected);
        }
    }
}
