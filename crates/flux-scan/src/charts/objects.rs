//! The objects of a rendered chart, after the release's `postRenderers` and `commonMetadata`.
//!
//! As <https://github.com/fluxcd/helm-controller/blob/main/internal/postrender/build.go>.

use std::sync::Arc;

use flux_evaluate::{put_metadata, steps};
use infra_link::LocalRelease;
use kustomize_build::{Gvk, Sources};
use source_tree::{FileId, FileTable, Limits, MemoryTree, RepoPath};
use yaml_node::{Node, read_documents, write_document};

/// The file that a post-renderer reads.
const OUTPUT: &str = "helm-output.yaml";

/// Hooks whose objects are there only when a release goes or is tested.
const PASSING_HOOKS: [&str; 5] = [
    "pre-delete",
    "post-delete",
    "pre-rollback",
    "post-rollback",
    "test",
];

/// The objects in a text of manifests.
pub(super) fn read(mut text: String, release: &LocalRelease, limits: &Limits) -> Result<Vec<Node>, String> {
    if text.len() as u64 > limits.file_bytes {
        return Err(format!("it makes more than {} bytes", limits.file_bytes));
    }
    for renderer in &release.post_renderers {
        if let Some(kustomize) = renderer.get("kustomize") {
            text = post_rendered(text, kustomize, limits)?;
        }
    }
    let documents =
        read_documents(&text, FileId::NONE, limits).map_err(|_| "what it makes is no YAML".to_owned())?;
    let mut objects = Vec::new();
    for document in documents {
        if document
            .text_at(&["kind"])
            .is_some_and(|kind| kind.ends_with("List"))
            && document.get("items").is_some()
        {
            objects.extend(document.get("items").map_or(&[][..], Node::items).iter().cloned());
        } else {
            objects.push(document);
        }
    }
    objects.retain(|object| is_object(object) && !is_passing(object));
    for object in &mut objects {
        put_in_namespace(object, &release.namespace);
        for (field, entries) in &release.common_metadata {
            put_metadata(object, field, entries);
        }
    }
    Ok(objects)
}

fn post_rendered(text: String, kustomize: &Node, limits: &Limits) -> Result<String, String> {
    let fault = |_| "its postRenderers fail".to_owned();
    let mut tree = MemoryTree::new();
    tree.insert(OUTPUT, text.into_bytes());
    let mut kustomization = Node::mapping([
        ("apiVersion", Node::str("kustomize.config.k8s.io/v1beta1")),
        ("kind", Node::str("Kustomization")),
        ("resources", Node::sequence([Node::str(OUTPUT)])),
    ]);
    if let Some(fields) = kustomization.as_mapping_mut() {
        for field in ["images", "patches"] {
            if let Some(value) = kustomize.get(field).filter(|value| !value.items().is_empty()) {
                fields.insert(field, value.clone());
            }
        }
    }
    let sources = Sources::new(Arc::new(tree), FileTable::new(), *limits);
    let build =
        steps::build_kustomization(&sources, &RepoPath::root(), &kustomization).map_err(|_| fault(()))?;
    let documents = build
        .resources
        .iter()
        .map(|resource| write_document(&resource.node));
    let documents: Result<Vec<String>, _> = documents.collect();
    Ok(documents.map_err(|_| fault(()))?.join("---\n"))
}

fn is_object(node: &Node) -> bool {
    [&["apiVersion"][..], &["kind"], &["metadata", "name"]]
        .iter()
        .all(|path| node.text_at(path).is_some_and(|text| !text.is_empty()))
}

fn is_passing(object: &Node) -> bool {
    let hooks = object.text_at(&["metadata", "annotations", "helm.sh/hook"]);
    hooks.is_some_and(|hooks| {
        hooks
            .split(',')
            .map(str::trim)
            .all(|hook| PASSING_HOOKS.contains(&hook) || hook.starts_with("test-"))
    })
}

/// Helm installs what states no namespace into the release's.
fn put_in_namespace(object: &mut Node, namespace: &str) {
    let (Some(api_version), Some(kind)) = (object.text_at(&["apiVersion"]), object.text_at(&["kind"])) else {
        return;
    };
    let stated = object
        .text_at(&["metadata", "namespace"])
        .is_some_and(|namespace| !namespace.is_empty());
    if stated || Gvk::from_api_version(api_version, kind).is_cluster_scoped() {
        return;
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Node::as_mapping_mut) {
        metadata.insert("namespace", Node::str(namespace));
    }
}
