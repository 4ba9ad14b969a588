//! Fields of a Flux Kustomization's `spec` as fields of the kustomization.

use kustomize_build::{BuildError, Sources};
use source_tree::RepoPath;
use yaml_node::{Mapping, Node, to_go_json};

use super::file::fault;
use super::root_file::set;

/// The version of the Flux Kustomization's API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ApiVersion {
    /// `v1`
    #[default]
    Stable,
    /// `v1beta1` and `v1beta2`, which have two more kinds of patches.
    Beta,
}

impl ApiVersion {
    /// From an object's `apiVersion`.
    pub(crate) fn of(api_version: &str) -> Self {
        if api_version.contains("/v1beta") {
            ApiVersion::Beta
        } else {
            ApiVersion::Stable
        }
    }
}

/// Puts the fields in, in the order in which Flux does.
pub(super) fn put_in(
    kustomization: &mut Node,
    spec: &Node,
    api_version: ApiVersion,
    sources: &Sources,
    dir: &RepoPath,
) -> Result<(), BuildError> {
    for (from, to) in [
        ("targetNamespace", "namespace"),
        ("namePrefix", "namePrefix"),
        ("nameSuffix", "nameSuffix"),
    ] {
        if let Some(value) = spec.get(from).filter(|node| !node.is_null()) {
            text(value, from)?;
            if value.text() != Some("") {
                set(kustomization, to, value.clone());
            }
        }
    }
    let patches = list(spec, "patches")?
        .iter()
        .map(patch)
        .collect::<Result<Vec<_>, _>>()?;
    append(kustomization, "patches", patches);
    append(kustomization, "components", components(spec, sources, dir)?);
    if api_version == ApiVersion::Beta {
        let merges = list(spec, "patchesStrategicMerge")?
            .iter()
            .map(json_text)
            .collect::<Result<Vec<_>, _>>()?;
        append(kustomization, "patchesStrategicMerge", merges);
        let operations = list(spec, "patchesJson6902")?
            .iter()
            .map(json_patch)
            .collect::<Result<Vec<_>, _>>()?;
        append(kustomization, "patchesJson6902", operations);
    }
    for image in list(spec, "images")? {
        put_image(kustomization, image)?;
    }
    let build_metadata = list(spec, "buildMetadata")?;
    if !build_metadata.is_empty() {
        set(
            kustomization,
            "buildMetadata",
            Node::sequence(build_metadata.iter().cloned()),
        );
    }
    Ok(())
}

fn text<'a>(node: &'a Node, field: &str) -> Result<&'a str, BuildError> {
    node.as_str().ok_or_else(|| {
        fault(
            format!("spec.{field}: expected a string, found {}", found(node)),
            node.mark,
        )
    })
}

fn list<'a>(spec: &'a Node, field: &str) -> Result<&'a [Node], BuildError> {
    match spec.get(field) {
        None => Ok(&[]),
        Some(node) if node.is_null() => Ok(&[]),
        Some(node) => match node.as_sequence() {
            Some(items) => Ok(items),
            None => Err(fault(
                format!("spec.{field}: expected a list, found {}", found(node)),
                node.mark,
            )),
        },
    }
}

fn found(node: &Node) -> &str {
    match node.as_scalar() {
        Some(scalar) => match scalar.tag {
            yaml_node::Tag::Bool => "a boolean",
            yaml_node::Tag::Int | yaml_node::Tag::Float => "a number",
            yaml_node::Tag::Null => "null",
            _ => "a string",
        },
        None => node.shape(),
    }
}

fn append(kustomization: &mut Node, field: &'static str, items: Vec<Node>) {
    if items.is_empty() {
        return;
    }
    let Some(object) = kustomization.as_mapping_mut() else {
        return;
    };
    let list = object.get_or_insert_with(field, || Node::sequence([]));
    if let Some(list) = list.as_sequence_mut() {
        list.items_mut().extend(items);
    }
}

fn picked(node: &Node, fields: &[&str]) -> Node {
    let mut kept = Mapping::default();
    for field in fields {
        if let Some(value) = node.get(field).filter(|value| !value.is_null()) {
            kept.insert(field, value.clone());
        }
    }
    Node::new(yaml_node::Value::Mapping(kept)).with_mark(node.mark)
}

fn selector(target: &Node) -> Node {
    picked(
        target,
        &[
            "group",
            "version",
            "kind",
            "name",
            "namespace",
            "labelSelector",
            "annotationSelector",
        ],
    )
}

fn patch(entry: &Node) -> Result<Node, BuildError> {
    if entry.as_mapping().is_none() {
        return Err(fault(
            format!("spec.patches: expected a mapping, found {}", found(entry)),
            entry.mark,
        ));
    }
    if let Some(patch) = entry.get("patch").filter(|patch| !patch.is_null()) {
        text(patch, "patches[].patch")?;
    }
    let mut patch = picked(entry, &["patch"]);
    if let Some(target) = entry.get("target").filter(|target| !target.is_null()) {
        set(&mut patch, "target", selector(target));
    }
    Ok(patch)
}

fn json_text(patch: &Node) -> Result<Node, BuildError> {
    let json = to_go_json(patch).map_err(|error| fault(error.to_string(), patch.mark))?;
    Ok(Node::str(json).with_mark(patch.mark))
}

fn json_patch(entry: &Node) -> Result<Node, BuildError> {
    let mut patch = Node::empty_mapping().with_mark(entry.mark);
    if let Some(operations) = entry.get("patch") {
        set(&mut patch, "patch", json_text(operations)?);
    }
    if let Some(target) = entry.get("target") {
        set(&mut patch, "target", selector(target));
    }
    Ok(patch)
}

fn components(spec: &Node, sources: &Sources, dir: &RepoPath) -> Result<Vec<Node>, BuildError> {
    let ignore_missing = spec.get("ignoreMissingComponents").and_then(Node::as_bool) == Some(true);
    let mut components = Vec::new();
    for component in list(spec, "components")? {
        let path = text(component, "components")?;
        if !is_local_relative(path) {
            let message = format!("component path '{path}' must be local and relative");
            return Err(fault(message, component.mark));
        }
        let exists = dir
            .checked_join(path)
            .is_some_and(|path| sources.tree().kind(&path).is_some());
        if exists || !ignore_missing {
            components.push(component.clone());
        }
    }
    Ok(components)
}

/// Whether a component is a path in the repository rather than an URL.
fn is_local_relative(path: &str) -> bool {
    let lower = path.to_lowercase();
    let remote = [
        "git::",
        "gh:",
        "ssh://",
        "https://",
        "http://",
        "git@",
        "github.com:",
        "github.com/",
    ];
    let is_remote = remote
        .iter()
        .any(|prefix| lower.len() > prefix.len() && lower.starts_with(prefix));
    !is_remote && !path.starts_with('/') && !lower.starts_with("file:///")
}

/// Merges an image into the file's images: the name is taken over by itself, tag and digest as one.
fn put_image(kustomization: &mut Node, image: &Node) -> Result<(), BuildError> {
    for field in ["name", "newName", "newTag", "digest"] {
        if let Some(value) = image.get(field).filter(|value| !value.is_null()) {
            text(value, &format!("images[].{field}"))?;
        }
    }
    let stated = |field: &str| {
        image
            .get(field)
            .filter(|value| value.text().is_some_and(|text| !text.is_empty()))
    };
    let name = image.text_at(&["name"]).unwrap_or_default();
    let existing = kustomization.get("images").map_or(&[][..], Node::items);
    let position = existing
        .iter()
        .position(|entry| entry.text_at(&["name"]).unwrap_or_default() == name);
    let Some(position) = position else {
        append(
            kustomization,
            "images",
            vec![picked(image, &["name", "newName", "newTag", "digest"])],
        );
        return Ok(());
    };
    let images = kustomization.get_mut("images").and_then(Node::as_sequence_mut);
    let entry = images.and_then(|images| images.items_mut().get_mut(position));
    if let Some(entry) = entry.and_then(Node::as_mapping_mut) {
        if let Some(new_name) = stated("newName") {
            entry.insert("newName", new_name.clone());
        }
        if stated("newTag").is_some() || stated("digest").is_some() {
            for field in ["newTag", "digest"] {
                entry.remove(field);
                if let Some(value) = stated(field) {
                    entry.insert(field, value.clone());
                }
            }
        }
    }
    Ok(())
}
