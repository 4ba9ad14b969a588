//! Paths of a repository's manifests, with those that mention bootstrapping picked out.

use std::sync::Arc;

use kustomize_build::{ParsedFiles, Sources};
use memchr::memmem::Finder;
use rayon::prelude::*;
use source_tree::{EntryKind, Limits, ReadRecord, RepoPath, SourceTree};
use yaml_node::{Node, decode, is_utf16, read_documents};

use super::folders::Folders;
use super::left_over::{is_left_over, is_put_away, is_template};
use crate::build::build;
use crate::flux::{self, Kind, is_remote};
use crate::generate::{self, ApiVersion, FILE_NAMES, is_manifest_name, kustomization_files};
use crate::{ArtifactTree, ScanError, ScanOptions};

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 64;

/// The manifests of a repository.
pub(super) struct Manifests {
    pub(super) sources: Arc<Sources>,
    /// Every folder, a folder before what it holds.
    pub(super) folders: Vec<RepoPath>,
    /// Every manifest, with what its text mentions.
    pub(super) files: Vec<ManifestFile>,
    /// The URLs of the repository's remotes.
    remotes: Vec<String>,
    /// Folders that Flux reconciles as they say themselves, whatever their names tell.
    reconciled: Folders,
    /// Notes what besides manifests decides the entries.
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
    /// Whether anything in it is Flux's.
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
        manifests.take(walk.folder(RepoPath::root(), 0)?);
        manifests.reconciled = manifests.reconciled();
        Ok(manifests)
    }

    /// Folders with names such as `example` at which a Kustomization points that lies in them.
    fn reconciled(&self) -> Folders {
        let mut reconciled = Folders::default();
        let is_read = |file: &&ManifestFile| {
            file.mentions_kustomization && is_left_over(&file.path) && !is_put_away(&file.path)
        };
        for file in self.files.iter().filter(is_read) {
            for object in self.objects(&file.path) {
                let is_one = flux::kind(&object) == Some(Kind::Kustomization) && !is_template(&object);
                let path = object.text_at(&["spec", "path"]).filter(|_| is_one);
                let folder = path.map(RepoPath::new).unwrap_or_default();
                if !folder.is_root() && file.path.starts_with(&folder) {
                    reconciled.insert(&folder);
                }
            }
        }
        reconciled
    }

    /// Whether a file or folder is not in use, as far as names of folders and what lies in them tell.
    pub(super) fn is_left_over(&self, path: &RepoPath) -> bool {
        is_left_over(path) && !self.reconciled.cover(path)
    }

    /// Notes that a file which is no manifest has decided an entry.
    pub(super) fn note_deciding(&self, file: RepoPath) {
        if let Some(reads) = &self.reads {
            reads.note_deciding(file);
        }
    }

    /// Whether a URL is one of the repository.
    pub(super) fn is_remote(&self, url: &str) -> bool {
        is_remote(&self.remotes, url)
    }

    /// Takes over what a walk found, a folder before what it holds.
    fn take(&mut self, found: Found) {
        match found {
            Found::Folder(path, held) => {
                self.folders.push(path);
                held.into_iter().for_each(|found| self.take(found));
            }
            Found::File(file) => self.files.push(file),
        }
    }

    /// The same, but builds see only what Flux's artifact of the repository holds.
    pub(super) fn in_artifact(self, tree: &Arc<dyn SourceTree>) -> Self {
        let artifact: Arc<dyn SourceTree> =
            Arc::new(ArtifactTree::new(Arc::clone(tree), RepoPath::root(), None));
        Manifests {
            sources: sources(&artifact, self.sources.parsed_files(), *self.sources.limits()),
            ..self
        }
    }

    /// The objects of a file as written, those of a `List` one by one. Documents that are no YAML are left out.
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

    /// Whether anything here is Flux's.
    pub(super) fn mention_flux(&self) -> bool {
        let mut files = self.files.iter();
        files.any(|file| {
            file.mentions_flux()
                || file
                    .path
                    .file_name()
                    .is_some_and(|name| name.starts_with("gotk-"))
        })
    }

    /// Whether any file mentions what makes Flux apply folders.
    pub(super) fn mention_kustomizations(&self) -> bool {
        let mut files = self.files.iter();
        files.any(|file| file.mentions_instance || file.mentions_kustomization)
    }

    /// What else than Flux applies the manifests, as most of those tell that mention such a thing.
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

    /// Whether there is a file.
    pub(super) fn has_file(&self, path: &RepoPath) -> bool {
        self.sources.tree().kind(path) == Some(EntryKind::File)
    }

    /// Whether a folder is a chart, or a part of one.
    pub(super) fn is_in_chart(&self, folder: &RepoPath) -> bool {
        let mut around = folder.ancestors();
        around.any(|folder| self.has_file(&folder.join("Chart.yaml")))
    }

    /// Whether a path is a folder.
    pub(super) fn is_folder(&self, path: &RepoPath) -> bool {
        self.sources.tree().kind(path) == Some(EntryKind::Directory)
    }
}

/// What a walk comes by.
enum Found {
    /// A folder, and what it holds in the order of names.
    Folder(RepoPath, Vec<Found>),
    File(ManifestFile),
}

/// A walk through a repository, and what it searches for.
struct Walk<'t> {
    tree: &'t dyn SourceTree,
    instance: Finder<'static>,
    instance_chart: Finder<'static>,
    kustomization: Finder<'static>,
    source: Finder<'static>,
    release: Finder<'static>,
}

impl Walk<'_> {
    /// Walks through a folder, what it holds side by side.
    fn folder(&self, folder: RepoPath, depth: usize) -> Result<Found, ScanError> {
        let entries = match self.tree.list_without_links(&folder) {
            Ok(entries) => entries,
            Err(error) if folder.is_root() => return Err(error.into()),
            // One folder that cannot be read costs no more than itself.
            Err(_) => Vec::new(),
        };
        let held = entries.into_par_iter().filter_map(|(name, kind)| {
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
        let held = held.collect::<Result<_, _>>()?;
        Ok(Found::Folder(folder, held))
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

/// The repository's files for discovery, which sees also what no artifact holds.
fn sources(tree: &Arc<dyn SourceTree>, parsed: &Arc<ParsedFiles>, limits: Limits) -> Arc<Sources> {
    Arc::new(Sources::sharing(Arc::clone(tree), Arc::clone(parsed), limits))
}
