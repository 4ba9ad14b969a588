//! A repository turns into the paths of its manifests, with those that tell of bootstrapping picked out.

use std::sync::Arc;

use kustomize_build::Sources;
use memchr::memmem;
use rayon::prelude::*;
use source_tree::{EntryKind, Limits, RepoPath, SourceTree};
use yaml_node::{Node, read_documents};

use crate::build::build;
use crate::generate::{self, ApiVersion, FILE_NAMES, is_manifest_name, kustomization_files};
use crate::{ArtifactTree, ScanError};

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 64;

/// The manifests of a repository.
pub(super) struct Manifests {
    pub(super) sources: Arc<Sources>,
    /// Every folder, a folder before what it holds.
    pub(super) folders: Vec<RepoPath>,
    /// Every manifest, with what its text mentions.
    pub(super) files: Vec<ManifestFile>,
}

/// A manifest and what its text mentions.
#[derive(Clone, Debug)]
pub(super) struct ManifestFile {
    pub(super) path: RepoPath,
    /// `FluxInstance` or `flux-instance`.
    pub(super) mentions_instance: bool,
    /// The API group of Flux Kustomizations.
    pub(super) mentions_kustomization: bool,
}

impl Manifests {
    /// Walks the repository and searches the texts of its manifests.
    pub(super) fn read(tree: &Arc<dyn SourceTree>, limits: &Limits) -> Result<Self, ScanError> {
        let mut folders = vec![RepoPath::root()];
        let mut paths = Vec::new();
        walk(&**tree, &RepoPath::root(), 0, &mut folders, &mut paths)?;
        let files = paths
            .into_par_iter()
            .filter_map(|path| {
                let bytes = tree.read(&path).ok()?;
                let mentions = |text: &[u8]| memmem::find(&bytes, text).is_some();
                Some(ManifestFile {
                    mentions_instance: mentions(b"FluxInstance") || mentions(b"flux-instance"),
                    mentions_kustomization: mentions(b"kustomize.toolkit.fluxcd.io"),
                    path,
                })
            })
            .collect();
        Ok(Manifests {
            sources: super::sources(tree, limits),
            folders,
            files,
        })
    }

    /// The same, but builds see only what Flux's artifact of the repository holds.
    pub(super) fn in_artifact(self, tree: &Arc<dyn SourceTree>) -> Self {
        let artifact: Arc<dyn SourceTree> =
            Arc::new(ArtifactTree::new(Arc::clone(tree), RepoPath::root(), None));
        Manifests {
            sources: super::sources(&artifact, self.sources.limits()),
            ..self
        }
    }

    /// The objects of a file as written. Documents that are no YAML are left out.
    pub(super) fn objects(&self, path: &RepoPath) -> Vec<Node> {
        let Ok(text) = self.sources.text(path) else {
            return Vec::new();
        };
        read_documents(&text, self.sources.file_id(path), self.sources.limits()).unwrap_or_default()
    }

    /// The objects that a folder builds to, whether it has a kustomization file or not.
    pub(super) fn build(&self, folder: &RepoPath) -> Option<Vec<Node>> {
        let kustomization = generate::generate(&self.sources, folder, None, ApiVersion::default()).ok()?;
        let build = build(&self.sources, folder, &kustomization).ok()?;
        Some(
            build
                .resources
                .into_iter()
                .map(|resource| resource.node)
                .collect(),
        )
    }

    /// Whether a folder has a kustomization file.
    pub(super) fn has_kustomization_file(&self, folder: &RepoPath) -> bool {
        !kustomization_files(&self.sources, folder).is_empty()
    }

    /// Whether a path is a folder.
    pub(super) fn is_folder(&self, path: &RepoPath) -> bool {
        self.sources.tree().kind(path) == Some(EntryKind::Directory)
    }
}

fn walk(
    tree: &dyn SourceTree,
    folder: &RepoPath,
    depth: usize,
    folders: &mut Vec<RepoPath>,
    files: &mut Vec<RepoPath>,
) -> Result<(), ScanError> {
    let entries = match tree.list_without_links(folder) {
        Ok(entries) => entries,
        Err(error) if folder.is_root() => return Err(error.into()),
        // One folder that cannot be read costs no more than itself.
        Err(_) => return Ok(()),
    };
    for (name, kind) in entries {
        let path = folder.join(&name);
        match kind {
            EntryKind::Directory if name != ".git" && depth < MAX_DEPTH => {
                folders.push(path.clone());
                walk(tree, &path, depth + 1, folders, files)?;
            }
            EntryKind::Directory => {}
            EntryKind::File if is_manifest_name(&name) || FILE_NAMES.contains(&name.as_str()) => {
                files.push(path)
            }
            EntryKind::File => {}
        }
    }
    Ok(())
}
