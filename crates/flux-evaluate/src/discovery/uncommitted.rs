//! Files of `flux bootstrap` that a kustomization file lists and that are not committed.
//!
//! Bootstrapping a cluster writes them. They are missing in a template, or in a repository that ignores them.

use std::sync::Arc;

use source_tree::{FileId, Limits, RepoPath, SourceTree};
use yaml_node::{Node, read_yaml11};

use super::Entry;
use crate::generate::FILE_NAMES;

/// <https://fluxcd.io/flux/installation/configuration/boostrap-customization/>
const FILES: [&str; 2] = ["gotk-components.yaml", "gotk-sync.yaml"];

/// The missing files that the kustomization files of an entry and of its `flux-system` folder list.
pub(super) fn find(tree: &Arc<dyn SourceTree>, limits: &Limits, entry: &Entry) -> Vec<RepoPath> {
    let folders = entry
        .folders()
        .flat_map(|folder| [folder.clone(), folder.join("flux-system")]);
    let mut found: Vec<RepoPath> = folders
        .flat_map(|folder| listed(&**tree, limits, &folder))
        .filter(|path| path.file_name().is_some_and(|name| FILES.contains(&name)))
        .filter(|path| tree.kind(path).is_none())
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The `resources` of a folder's kustomization file.
fn listed(tree: &dyn SourceTree, limits: &Limits, folder: &RepoPath) -> Vec<RepoPath> {
    let files = FILE_NAMES.iter().map(|name| folder.join(name));
    let texts = files.filter_map(|file| String::from_utf8(tree.read(&file).ok()?.to_vec()).ok());
    let mut nodes = texts.filter_map(|text| read_yaml11(&text, FileId::NONE, limits).ok()?);
    let resources = nodes.next().and_then(|node| node.get("resources").cloned());
    let resources = resources.as_ref().map_or(&[][..], Node::items).iter();
    resources
        .filter_map(Node::text)
        .map(|path| folder.join(path))
        .collect()
}
