//! Adds the fields of a Flux Kustomization's `spec` to the kustomization.

use kustomize_build::{BuildError, Sources};
use source_tree::RepoPath;
use yaml_node::{Mapping, Node, to_go_json};

use super::file::fault;
use super::root_file::set;
use crate::flux::schema::type_name;

/// The version of the Flux Kustomization's API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ApiVersion {
    /// `v1`
    #[default]
    Stable,
    /// `v1beta1` and `v1beta2`, which have two more fields for patches.
    Beta,
}

impl ApiVersion {
    /// Reads an object's `apiVersion`.
    pub(crate) fn read(api_version: &str) -> Self {
        if api_version.contains("/v1beta") {
            ApiVersion::Beta
        } else {
            ApiVersion::Stable
        }
    }
}

/// Adds the fields in the order of Flux.
pub(super) fn apply(
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
    let converted = |field: &str, convert: fn(&Node) -> Result<Node, BuildError>| {
        let items = list(spec, field)?.iter().map(convert);
        items.collect::<Result<Vec<_>, _>>()
    };
    append(kustomization, "patches", converted("patches", patch)?);
    append(kustomization, "components", components(spec, sources, dir)?);
    if api_version == ApiVersion::Beta {
        let merges = converted("patchesStrategicMerge", json_text)?;
        append(kustomization, "patchesStrategicMerge", merges);
        let operations = converted("patchesJson6902", json_patch)?;
        append(kustomization, "patchesJson6902", operations);
    }
    for image in list(spec, "images")? {
        merge_image(kustomization, image)?;
    }
    let build_metadata = list(spec, "buildMetadata")?;
    if !build_metadata.is_empty() {
        let build_metadata = Node::sequence(build_metadata.iter().cloned());
        set(kustomization, "buildMetadata", build_metadata);
    }
    Ok(())
}

fn text<'a>(node: &'a Node, field: &str) -> Result<&'a str, BuildError> {
    node.as_str().ok_or_else(|| wrong_type(field, "a string", node))
}

fn list<'a>(spec: &'a Node, field: &str) -> Result<&'a [Node], BuildError> {
    match spec.get(field).filter(|node| !node.is_null()) {
        None => Ok(&[]),
        Some(node) => match node.as_sequence() {
            Some(items) => Ok(items),
            None => Err(wrong_type(field, "a list", node)),
        },
    }
}

fn wrong_type(field: &str, expected: &str, node: &Node) -> BuildError {
    let found = match node.shape() {
        "scalar" => type_name(node),
        shape => shape,
    };
    fault(
        format!("spec.{field}: expected {expected}, found {found}"),
        node.mark,
    )
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

/// The mapping with these of its fields only.
fn pick(node: &Node, fields: &[&str]) -> Node {
    let mut picked = Mapping::default();
    for field in fields {
        if let Some(value) = node.get(field).filter(|value| !value.is_null()) {
            picked.insert(field, value.clone());
        }
    }
    Node::new(yaml_node::Value::Mapping(picked)).with_mark(node.mark)
}

fn selector(target: &Node) -> Node {
    let own = ["group", "version", "kind", "name", "namespace"];
    pick(
        target,
        &[&own[..], &["labelSelector", "annotationSelector"]].concat(),
    )
}

fn patch(entry: &Node) -> Result<Node, BuildError> {
    if entry.as_mapping().is_none() {
        return Err(wrong_type("patches", "a mapping", entry));
    }
    let mut patch = pick(entry, &["patch"]);
    if let Some(patch) = patch.get("patch") {
        text(patch, "patches[].patch")?;
    }
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

/// Whether a component is a path in the repository rather than a URL.
fn is_local_relative(path: &str) -> bool {
    let lower = path.to_lowercase();
    let schemes = ["git::", "gh:", "ssh://", "https://", "http://"];
    let hosts = ["git@", "github.com:", "github.com/"];
    let mut prefixes = schemes.iter().chain(&hosts);
    let is_remote = prefixes.any(|prefix| lower.len() > prefix.len() && lower.starts_with(prefix));
    !is_remote && !path.starts_with('/') && !lower.starts_with("file:///")
}

/// Merges an image into the images of the file. `newTag` and `digest` are replaced together, `newName` by itself.
fn merge_image(kustomization: &mut Node, image: &Node) -> Result<(), BuildError> {
    let fields = ["name", "newName", "newTag", "digest"];
    for field in fields {
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
        append(kustomization, "images", vec![pick(image, &fields)]);
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
