//! Manifests of a repository, with the APIs that the text of each mentions.

use std::sync::Arc;

use kustomize_build::{ParsedFiles, Sources};
use memchr::memmem::Finder;
use rayon::prelude::*;
use source_tree::{EntryKind, Limits, ReadRecord, RepoPath, SourceTree};
use yaml_node::{Node, decode, is_utf16, read_documents};

use super::folders::Folders;
use super::left_over::{is_certainly_left_over, is_left_over, is_template};
use crate::build::build;
use crate::flux::{self, Kind, is_remote};
use crate::generate::{self, ApiVersion, FILE_NAMES, is_manifest_name, kustomization_files};
use crate::{ArtifactTree, ScanError, ScanOptions};

/// Depth of the deepest folder that is read.
const MAX_DEPTH: usize = 64;

/// The manifests of a repository.
pub(super) struct Manifests {
    pub(super) sources: Arc<Sources>,
    /// Every folder, before the folders in it.
    pub(super) folders: Vec<RepoPath>,
    pub(super) files: Vec<ManifestFile>,
    /// The URLs of the repository's remotes.
    remotes: Vec<String>,
    /// Folders that Flux reconciles according to a file in them, whatever their names say.
    reconciled: Folders,
    /// Records files besides manifests that decide the entries.
    reads: Option<Arc<ReadRecord>>,
}

/// A manifest and what its text mentions.
#[derive(Clone, Debug)]
pub(super) struct ManifestFile {
    pub(super) path: RepoPath,
    /// `FluxInstance` or `flux-instance`.
    pub(super) mentions_instance: bool,
    /// The API group of Flux Kustomizations.
    pub(super) mentions_kustomization: bool,
    /// The API group of sources.
    pub(super) mentions_source: bool,
    /// The API group of HelmReleases.
    pub(super) mentions_release: bool,
}

impl ManifestFile {
    pub(super) fn mentions_flux(&self) -> bool {
        self.mentions_instance || self.mentions_kustomization || self.mentions_source || self.mentions_release
    }
}

impl Manifests {
    /// Walks the repository and searches the texts of its manifests.
    pub(super) fn read(tree: &Arc<dyn SourceTree>, options: &ScanOptions) -> Result<Self, ScanError> {
        let walk = Walk {
            tree: &**tree,
            instance: Finder::new("FluxInstance"),
            instance_chart: Finder::new("flux-instance"),
            kustomization: Finder::new("kustomize.toolkit.fluxcd.io"),
            source: Finder::new("source.toolkit.fluxcd.io"),
            release: Finder::new("helm.toolkit.fluxcd.io"),
        };
        let mut manifests = Manifests {
            sources: sources(tree, &options.parsed, options.limits),
            folders: Vec::new(),
            files: Vec::new(),
            remotes: options.remotes.clone(),
            reconciled: Folders::default(),
            reads: options.reads.clone(),
        };
        manifests.add(walk.folder(RepoPath::root(), 0)?);
        manifests.reconciled = manifests.reconciled();
        Ok(manifests)
    }

    /// Folders with names such as `example` that a Kustomization in them points at.
    fn reconciled(&self) -> Folders {
        let mut reconciled = Folders::default();
        let is_read = |file: &&ManifestFile| {
            file.mentions_kustomization && is_left_over(&file.path) && !is_certainly_left_over(&file.path)
        };
        for file in self.files.iter().filter(is_read) {
            for object in self.objects(&file.path) {
                let is_kustomization =
                    flux::kind(&object) == Some(Kind::Kustomization) && !is_template(&object);
                let path = object.text_at(&["spec", "path"]).filter(|_| is_kustomization);
                let folder = path.map(RepoPath::new).unwrap_or_default();
                if !folder.is_root() && file.path.starts_with(&folder) {
                    reconciled.insert(&folder);
                }
            }
        }
        reconciled
    }

    /// Whether a file or folder is not in use, according to the names of folders and the files in them.
    pub(super) fn is_left_over(&self, path: &RepoPath) -> bool {
        is_left_over(path) && !self.reconciled.cover(path)
    }

    /// Records that a file which is not a manifest decides an entry.
    pub(super) fn note_deciding(&self, file: RepoPath) {
        if let Some(reads) = &self.reads {
            reads.note_deciding(file);
        }
    }

    /// Whether a URL is that of a remote of the repository.
    pub(super) fn is_remote(&self, url: &str) -> bool {
        is_remote(&self.remotes, url)
    }

    fn add(&mut self, found: Found) {
        match found {
            Found::Folder(path, entries) => {
                self.folders.push(path);
                entries.into_iter().for_each(|found| self.add(found));
            }
            Found::File(file) => self.files.push(file),
        }
    }

    /// Restricts builds to the files of Flux's artifact.
    pub(super) fn in_artifact(self, tree: &Arc<dyn SourceTree>) -> Self {
        let artifact: Arc<dyn SourceTree> =
            Arc::new(ArtifactTree::new(Arc::clone(tree), RepoPath::root(), None));
        Manifests {
            sources: sources(&artifact, self.sources.parsed_files(), *self.sources.limits()),
            ..self
        }
    }

    /// The objects of a file as written, with lists flattened. Invalid YAML documents are left out.
    pub(super) fn objects(&self, path: &RepoPath) -> Vec<Node> {
        // Most files are resources, which builds read too.
        if let Ok(objects) = self.sources.resources(path) {
            return objects.to_vec();
        }
        let Ok(text) = self.sources.text(path) else {
            return Vec::new();
        };
        let objects = read_documents(&text, self.sources.file_id(path), self.sources.limits());
        flux::listed(objects.unwrap_or_default())
    }

    /// The objects of a folder's build, whether it has a kustomization file or not.
    pub(super) fn build(&self, folder: &RepoPath) -> Option<Vec<Node>> {
        let kustomization = generate::generate(&self.sources, folder, None, ApiVersion::default()).ok()?;
        let build = build(&self.sources, folder, &kustomization).ok()?;
        let resources = build.resources.into_iter();
        Some(resources.map(|resource| resource.node).collect())
    }

    /// Whether any file is Flux's.
    pub(super) fn mention_flux(&self) -> bool {
        let is_of_flux = |name: &str| name.starts_with("gotk-");
        let mut files = self.files.iter();
        files.any(|file| file.mentions_flux() || file.path.file_name().is_some_and(is_of_flux))
    }

    /// Whether any file mentions Kustomizations or a FluxInstance.
    pub(super) fn mention_kustomizations(&self) -> bool {
        let mut files = self.files.iter();
        files.any(|file| file.mentions_instance || file.mentions_kustomization)
    }

    /// The other program that applies the manifests, according to most files that mention one.
    pub(super) fn applied_by_another(&self) -> Option<&'static str> {
        let mut counts = [("Argo CD", 0), ("Flux 1", 0)];
        for file in &self.files {
            let text = self.sources.text(&file.path).unwrap_or_default();
            let mentions = |name: &str| memchr::memmem::find(text.as_bytes(), name.as_bytes()).is_some();
            let marks = [
                mentions("argoproj.io/v1alpha1\nkind: Application"),
                mentions("helm.fluxcd.io/v1") || file.path.file_name() == Some(".flux.yaml"),
            ];
            for ((_, count), is_there) in counts.iter_mut().zip(marks) {
                *count += usize::from(is_there);
            }
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.filter(|(_, count)| *count > 0).map(|(name, _)| name)
    }

    /// The kustomization file of a folder.
    pub(super) fn kustomization_file(&self, folder: &RepoPath) -> Option<Node> {
        let mut files = kustomization_files(&self.sources, folder).into_iter();
        self.document(&files.next()?)
    }

    /// The first document of a file, as kustomization files are read.
    pub(super) fn document(&self, path: &RepoPath) -> Option<Node> {
        self.sources.document(path).ok()?
    }

    /// Whether a folder has a kustomization file.
    pub(super) fn has_kustomization_file(&self, folder: &RepoPath) -> bool {
        !kustomization_files(&self.sources, folder).is_empty()
    }

    /// Whether a folder is a chart, or a part of one.
    pub(super) fn is_in_chart(&self, folder: &RepoPath) -> bool {
        let kind = |folder: RepoPath| self.sources.tree().kind(&folder.join("Chart.yaml"));
        folder
            .ancestors()
            .any(|folder| kind(folder) == Some(EntryKind::File))
    }

    pub(super) fn is_folder(&self, path: &RepoPath) -> bool {
        self.sources.tree().kind(path) == Some(EntryKind::Directory)
    }
}

/// A folder or file of a walk.
enum Found {
    /// A folder with its entries, sorted by name.
    Folder(RepoPath, Vec<Found>),
    File(ManifestFile),
}

/// A walk through a repository that searches the texts of manifests.
struct Walk<'t> {
    tree: &'t dyn SourceTree,
    instance: Finder<'static>,
    instance_chart: Finder<'static>,
    kustomization: Finder<'static>,
    source: Finder<'static>,
    release: Finder<'static>,
}

impl Walk<'_> {
    /// Walks through a folder, its entries in parallel.
    fn folder(&self, folder: RepoPath, depth: usize) -> Result<Found, ScanError> {
        let entries = match self.tree.list_without_links(&folder) {
            Ok(entries) => entries,
            Err(error) if folder.is_root() => return Err(error.into()),
            // A folder that cannot be read is left out.
            Err(_) => Vec::new(),
        };
        let found = entries.into_par_iter().filter_map(|(name, kind)| {
            let path = folder.join(&name);
            match kind {
                EntryKind::Directory if name != ".git" && depth < MAX_DEPTH => {
                    Some(self.folder(path, depth + 1))
                }
                EntryKind::File if is_manifest_name(&name) || FILE_NAMES.contains(&name.as_str()) => {
                    self.file(path).map(Found::File).map(Ok)
                }
                EntryKind::Directory | EntryKind::File => None,
            }
        });
        let found = found.collect::<Result<_, _>>()?;
        Ok(Found::Folder(folder, found))
    }

    fn file(&self, path: RepoPath) -> Option<ManifestFile> {
        let bytes = self.tree.read(&path).ok()?;
        let decoded = is_utf16(&bytes).then(|| decode(&bytes).ok()).flatten();
        let bytes = decoded.as_ref().map_or(&*bytes, |text| text.as_bytes());
        let mentions = |text: &Finder<'_>| text.find(bytes).is_some();
        Some(ManifestFile {
            mentions_instance: mentions(&self.instance) || mentions(&self.instance_chart),
            mentions_kustomization: mentions(&self.kustomization),
            mentions_source: mentions(&self.source),
            mentions_release: mentions(&self.release),
            path,
        })
    }
}

/// The files for discovery, which also sees files outside of any artifact.
fn sources(tree: &Arc<dyn SourceTree>, parsed: &Arc<ParsedFiles>, limits: Limits) -> Arc<Sources> {
    Arc::new(Sources::sharing(Arc::clone(tree), Arc::clone(parsed), limits))
}
