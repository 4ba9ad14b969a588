//! Images that effective Helm values name.

use yaml_node::{Node, Value};

use crate::image_reference::{ImageReference, is_image_name};

/// An image named in values.
#[derive(Clone, Debug)]
pub(crate) struct ValuesImage {
    /// Registry and repository.
    pub(crate) name: String,
    /// Tag or digest, if stated.
    pub(crate) tag: Option<String>,
    /// The name as the file states it.
    pub(crate) image_name: String,
    /// The scalar that decides the tag; `None` if the chart does.
    pub(crate) decider: Option<Node>,
}

impl ValuesImage {
    /// `name:tag` or `name@digest`.
    pub(crate) fn reference(&self) -> String {
        match &self.tag {
            None => self.name.clone(),
            Some(digest) if is_digest(digest) => format!("{}@{digest}", self.name),
            Some(tag) => format!("{}:{tag}", self.name),
        }
    }
}

/// Whether a text is a digest, such as `sha256:…`.
pub(crate) fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hex)| {
        algorithm.starts_with("sha") && hex.len() >= 32 && hex.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

/// The images of values, in order: mappings with `repository`, and `tag`, `registry` or `digest` beside it, and texts under
/// `image`.
pub(crate) fn values_images(values: &Node) -> Vec<ValuesImage> {
    let mut images = Vec::new();
    visit(None, values, &mut images);
    images
}

fn visit(key: Option<&str>, node: &Node, images: &mut Vec<ValuesImage>) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| visit(key, item, images)),
        Value::Mapping(mapping) => {
            if let Some(image) = split_image(key, node) {
                images.push(image);
            }
            for (child, value) in mapping.iter() {
                match value.as_str() {
                    Some(text) if is_image_key(child) => images.extend(whole_image(node, value, text)),
                    Some(_) => {}
                    None => visit(Some(child), value, images),
                }
            }
        }
    }
}

fn is_image_key(key: &str) -> bool {
    key == "image" || key.ends_with("Image") || key.ends_with("_image")
}

/// `{registry, repository, tag, digest}`
fn split_image(key: Option<&str>, node: &Node) -> Option<ValuesImage> {
    let scalar = |field: &str| node.get(field).filter(|value| has_text(value));
    let under_image = key.is_some_and(|key| is_image_key(key) || key.ends_with("image") || key == "images");
    let repository_node = scalar("repository").or_else(|| {
        // A few charts have `image: {name, tag}`.
        (under_image && node.get("tag").is_some()).then(|| scalar("name"))?
    })?;
    let repository = repository_node.as_str().filter(|text| is_image_name(text))?;
    let (tag, digest) = (scalar("tag"), scalar("digest"));
    let is_bare = !under_image && tag.is_none() && digest.is_none();
    if is_bare || node.get("branch").is_some() || node.get("url").is_some() {
        return None;
    }
    let registry = scalar("registry").and_then(Node::as_str);
    let with_registry = |repository: &str| match registry {
        Some(registry) if !repository.starts_with(&format!("{registry}/")) => {
            format!("{registry}/{repository}")
        }
        _ => repository.to_owned(),
    };
    let parsed = ImageReference::parse(repository);
    // A digest wins over a tag.
    let beside = digest.or(tag);
    let decider = beside.or(parsed.tag.map(|_| repository_node));
    Some(ValuesImage {
        name: with_registry(parsed.name),
        tag: beside.map_or(parsed.tag, Node::text).map(str::to_owned),
        image_name: beside.map_or(parsed.name, |_| repository).to_owned(),
        decider: decider.cloned(),
    })
}

fn has_text(value: &Node) -> bool {
    !value.is_null() && value.text().is_some_and(|text| !text.is_empty())
}

/// `image: name:tag`, or `image: name` with `tag` beside it.
fn whole_image(parent: &Node, node: &Node, text: &str) -> Option<ValuesImage> {
    let parsed = ImageReference::parse(text);
    if !is_image_name(parsed.name) || text.contains(char::is_whitespace) {
        return None;
    }
    if parsed.tag.is_some() {
        return Some(ValuesImage {
            name: parsed.name.to_owned(),
            tag: parsed.tag.map(str::to_owned),
            image_name: parsed.name.to_owned(),
            decider: Some(node.clone()),
        });
    }
    let mut tags = ["imageTag", "tag"].iter().filter_map(|key| parent.get(key));
    let beside = tags.find(|tag| has_text(tag));
    if beside.is_none() && !text.contains('/') {
        return None;
    }
    Some(ValuesImage {
        name: text.to_owned(),
        tag: beside.and_then(Node::text).map(str::to_owned),
        image_name: text.to_owned(),
        decider: beside.cloned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits};
    use yaml_node::read_documents;

    #[track_caller]
    fn check(values: &str, expected: &[(&str, Option<&str>)]) {
        let node = read_documents(values, FileId(1), &Limits::default())
            .unwrap()
            .remove(0);
        let found: Vec<_> = values_images(&node)
            .into_iter()
            .map(|image| {
                (
                    image.reference(),
                    image.decider.and_then(|d| d.text().map(str::to_owned)),
                )
            })
            .collect();
        let found: Vec<_> = found
            .iter()
            .map(|(image, decider)| (image.as_str(), decider.as_deref()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn common_shapes() {
        check(
            "image: {repository: a/b, tag: 1.10}",
            &[("a/b:1.10", Some("1.10"))],
        );
        check(
            "image: {registry: docker.io, repository: a/b, tag: v1}",
            &[("docker.io/a/b:v1", Some("v1"))],
        );
        check("server: {image: {repository: a/b}}", &[("a/b", None)]);
        let digest = format!("sha256:{}", "0".repeat(64));
        check(
            &format!("image: {{repository: a/b, tag: v1, digest: '{digest}'}}"),
            &[(&format!("a/b@{digest}"), Some(&digest))],
        );
        check("image: a/b:1\nsidecar: {image: c}\n", &[("a/b:1", Some("a/b:1"))]);
        check("busyboxImage: busybox:1\n", &[("busybox:1", Some("busybox:1"))]);
        check("image: a/b\ntag: 2\n", &[("a/b:2", Some("2"))]);
        check("image: {repository: 'a/b:3'}", &[("a/b:3", Some("a/b:3"))]);
    }

    #[test]
    fn several_images_of_one_release() {
        check(
            "controllers:\n  main:\n    initContainers:\n      init: {image: {repository: a, tag: 1}}\n    containers:\n      app: {image: {repository: b, tag: 2}}\n",
            &[("a:1", Some("1")), ("b:2", Some("2"))],
        );
    }

    #[test]
    fn other_repositories_are_no_images() {
        check("git: {repository: 'https://example.com/x', tag: v1}", &[]);
        check("chart: {repository: org/charts}", &[]);
        check("image: {pullPolicy: Always}", &[]);
        check("image: my picture", &[]);
    }
}
