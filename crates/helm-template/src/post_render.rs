//! Post renderers.
//!
//! Rules: `annotateAndMerge` and `splitAndDeannotate` of
//! [pkg/action/action.go](https://github.com/helm/helm/blob/v4.2.4/pkg/action/action.go), over the reader and writer of
//! [kyaml](https://github.com/kubernetes-sigs/kustomize/blob/kyaml/v0.21.1/kyaml/kio/byteio_reader.go).

use std::collections::BTreeMap;
use std::sync::Arc;

use source_tree::{FileId, Limits};
use yaml_node::{Mapping, Node, Value, read_document, split_documents, write_preserving};

use crate::manifest::{Hook, Manifest, is_partial, sort_manifests, split_manifests};
use crate::{Error, RenderLimits, Stage};

/// A post renderer, which transforms a stream of manifests.
pub trait PostRenderer {
    /// Transforms YAML documents.
    ///
    /// Documents that keep the annotation `postrenderer.helm.sh/postrender-filename` keep their template.
    ///
    /// # Errors
    /// The message for the user.
    fn run(&self, manifests: &str) -> Result<String, String>;
}

/// Which manifests a [`PostRenderer`] sees together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PostRenderStrategy {
    /// Hooks and other manifests in one stream.
    #[default]
    Combined,
    /// Hooks in a separate stream.
    Separate,
    /// No hooks, as in Helm 3.
    NoHooks,
}

/// Rendered files, by the name of their template.
pub(crate) type Files = BTreeMap<Arc<str>, String>;

/// The annotation with the template of a document.
const FILE_NAME: &str = "postrenderer.helm.sh/postrender-filename";
/// Internal annotations of kyaml, which it removes.
const READER_ANNOTATIONS: [&str; 3] = [
    "config.kubernetes.io/index",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
];

/// Runs a post renderer over rendered files.
///
/// # Errors
/// Helm's message if a document cannot be read, or the renderer fails.
pub(crate) fn post_render(
    files: Files,
    renderer: &dyn PostRenderer,
    strategy: PostRenderStrategy,
    limits: &RenderLimits,
) -> Result<Files, Error> {
    let fail = |message: String| Error::new(Stage::Manifest, message);
    if strategy == PostRenderStrategy::Combined {
        let merged = merge(&files).map_err(|e| fail(format!("error merging manifests: {e}")))?;
        let changed = renderer
            .run(&merged)
            .map_err(|e| fail(format!("error while running post render on files: {e}")))?;
        return split(&changed, "")
            .map_err(|e| fail(format!("error while parsing post rendered output: {e}")));
    }

    let (manifests, hooks) = sort_manifests(&files, limits)?;
    let hooks: Vec<&Manifest> = hooks.iter().map(|Hook { manifest, .. }| manifest).collect();
    let mut result = Files::new();
    let hooks = by_source(hooks);
    if strategy == PostRenderStrategy::NoHooks {
        result = hooks;
    } else if !hooks.is_empty() {
        append(&mut result, run_group("hooks", &hooks, renderer).map_err(fail)?);
    }
    let manifests = by_source(manifests.iter());
    if !manifests.is_empty() {
        append(
            &mut result,
            run_group("manifests", &manifests, renderer).map_err(fail)?,
        );
    }
    Ok(result)
}

fn run_group(name: &str, files: &Files, renderer: &dyn PostRenderer) -> Result<Files, String> {
    let merged = merge(files).map_err(|e| format!("error merging {name}: {e}"))?;
    let changed = renderer
        .run(&merged)
        .map_err(|e| format!("error while running post render on {name}: {e}"))?;
    split(&changed, name).map_err(|e| format!("error while parsing post rendered output for {name}: {e}"))
}

fn by_source<'a>(manifests: impl IntoIterator<Item = &'a Manifest>) -> Files {
    let mut files = Files::new();
    let texts = manifests.into_iter();
    append(
        &mut files,
        texts.map(|manifest| (Arc::clone(&manifest.source), manifest.content.clone())),
    );
    files
}

fn append(files: &mut Files, more: impl IntoIterator<Item = (Arc<str>, String)>) {
    for (name, text) in more {
        let entry = files.entry(name);
        entry
            .and_modify(|present| present.extend(["\n---\n", &text]))
            .or_insert(text);
    }
}

/// Merges all files into one stream, each document annotated with its file.
fn merge(files: &Files) -> Result<String, String> {
    let mut merged = Vec::new();
    for (name, text) in files {
        if is_partial(name) {
            continue;
        }
        for document in split_manifests(text) {
            for mut node in parse_all(document).map_err(|e| format!("parsing {name}: {e}"))? {
                annotate(&mut node, name).map_err(|e| format!("annotating {name}: {e}"))?;
                merged.push(node);
            }
        }
    }
    Ok(write_all(&mut merged))
}

/// Splits a stream into files. A document without a file becomes a file.
fn split(stream: &str, group: &str) -> Result<Files, String> {
    let mut by_file: BTreeMap<Arc<str>, Vec<Node>> = BTreeMap::new();
    let nodes = parse_all(stream).map_err(|e| format!("error parsing YAML: {e}"))?;
    for (index, mut node) in nodes.into_iter().enumerate() {
        let name = node
            .text_at(&["metadata", "annotations", FILE_NAME])
            .unwrap_or_default();
        let name: Arc<str> = match (name, group) {
            ("", "") => format!("generated-by-postrender-{index}.yaml").into(),
            ("", group) => format!("generated-by-postrender-{group}-{index}.yaml").into(),
            (name, _) => name.into(),
        };
        if let Some(annotations) = annotations_mut(&mut node) {
            annotations.remove(FILE_NAME);
        }
        by_file.entry(name).or_default().push(node);
    }
    Ok(by_file
        .into_iter()
        .map(|(name, mut nodes)| (name, write_all(&mut nodes)))
        .collect())
}

/// The documents of a stream that are not empty. A stream of one List gives its items.
fn parse_all(text: &str) -> Result<Vec<Node>, String> {
    let limits = Limits::default();
    let text = text.replace("\r\n", "\n");
    let chunks = split_documents(&text, FileId::NONE).map_err(|e| e.to_string())?;
    let mut nodes = Vec::new();
    for chunk in &chunks {
        let node = read_document(chunk.text, FileId::NONE, &limits)
            .map_err(|error| format!("MalformedYAMLError: {error}"))?;
        let Some(node) = node.filter(|node| !node.is_null()) else {
            continue;
        };
        let kind = node.text_at(&["kind"]).unwrap_or_default();
        let is_list = chunks.len() == 1 && matches!(kind, "List" | "ResourceList");
        match node.get("items") {
            Some(items) if is_list => nodes.extend(items.items().iter().cloned()),
            None if is_list && node.get("functionConfig").is_some() => {}
            _ => nodes.push(node),
        }
    }
    Ok(nodes)
}

fn write_all(nodes: &mut [Node]) -> String {
    let mut text = String::new();
    for (index, node) in nodes.iter_mut().enumerate() {
        if let Some(annotations) = annotations_mut(node) {
            for name in READER_ANNOTATIONS {
                annotations.remove(name);
            }
            if annotations.is_empty()
                && let Some(metadata) = node.get_mut("metadata").and_then(Node::as_mapping_mut)
            {
                metadata.remove("annotations");
            }
        }
        if index > 0 {
            text.push_str("---\n");
        }
        text.push_str(&write_preserving(node));
    }
    text
}

fn annotations_mut(node: &mut Node) -> Option<&mut Mapping> {
    node.at_mut(&["metadata", "annotations"])?.as_mapping_mut()
}

fn annotate(node: &mut Node, file: &str) -> Result<(), String> {
    let mut current = node;
    for key in ["metadata", "annotations"] {
        let below = mapping(current)?.get_or_insert_with(key, Node::empty_mapping);
        if below.is_null() {
            *below = Node::empty_mapping();
        }
        current = below;
    }
    mapping(current)?.insert(FILE_NAME, Node::str(file));
    Ok(())
}

fn mapping(node: &mut Node) -> Result<&mut Mapping, String> {
    let found = match node.value {
        Value::Mapping(_) => "MappingNode",
        Value::Scalar(_) => "ScalarNode",
        Value::Sequence(_) => "SequenceNode",
    };
    if node.as_mapping().is_none() {
        return Err(format!(
            "wrong Node Kind for  expected: MappingNode was {found}: value: {{{}}}",
            write_preserving(node).trim_end()
        ));
    }
    node.as_mapping_mut().ok_or_else(String::new)
}
