//! Files of a repository, built or not: the paths in kustomization files, and the objects in other manifests.
//!
//! Nothing is parsed. Applied files are in memory already; the others are read once, and only lines with types and names count.

mod header;
mod kustomization_file;

use std::collections::BTreeMap;

use flux_evaluate::{Evaluated, Evaluation, is_left_over};
use foldhash::HashSet;
use kustomize_build::Sources;
use rayon::prelude::*;
use source_tree::{EntryKind, RepoPath, SourceTree};

pub use header::template_objects;
pub(crate) use header::{Header, headers};
pub(crate) use kustomization_file::KustomizationFile;

/// The YAML files of a tree.
#[derive(Debug, Default)]
pub(crate) struct RepositoryFiles {
    /// Other files than kustomization files, sorted by path.
    pub(crate) manifests: Vec<ManifestFile>,
    /// Kustomization files, by folder.
    pub(crate) kustomizations: BTreeMap<RepoPath, KustomizationFile>,
    /// Whether any folder has a `.sourceignore`.
    pub(crate) has_ignore_file: bool,
}

/// A file that may contain objects.
#[derive(Debug)]
pub(crate) struct ManifestFile {
    pub(crate) path: RepoPath,
    /// Whether it contains objects, or parts of some.
    pub(crate) holds_objects: bool,
    /// Its objects; empty if a cluster applies something from the file.
    pub(crate) objects: Vec<Header>,
    /// Objects in comments.
    pub(crate) commented: Vec<Header>,
}

/// Folders and files that take part in builds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Built {
    pub(crate) folders: HashSet<RepoPath>,
    pub(crate) files: HashSet<RepoPath>,
}

impl RepositoryFiles {
    /// Reads the files of a tree. `applied` are those from which a cluster applies something.
    pub(crate) fn read(sources: &Sources, applied: &HashSet<RepoPath>) -> Self {
        let mut paths = Vec::new();
        let mut has_ignore_file = false;
        collect(sources, &RepoPath::root(), &mut paths, &mut has_ignore_file);
        paths.sort();
        let (kustomizations, manifests): (Vec<RepoPath>, Vec<RepoPath>) =
            paths.into_iter().partition(is_kustomization_file);
        let kustomizations = kustomizations
            .into_par_iter()
            .filter_map(|path| {
                let folder = path.parent()?;
                let text = sources.text_once(&path).ok()?;
                Some((folder, KustomizationFile::read(path, &text)))
            })
            .collect();
        let manifests = manifests
            .into_par_iter()
            .map(|path| {
                let text = sources.text_once(&path).unwrap_or_default();
                let objects = match applied.contains(&path) {
                    true => Vec::new(),
                    false => header::headers(&text),
                };
                ManifestFile {
                    holds_objects: ["apiVersion:", "kind:"].iter().all(|field| text.contains(field)),
                    commented: header::commented(&text),
                    path,
                    objects,
                }
            })
            .collect();
        RepositoryFiles {
            manifests,
            kustomizations,
            has_ignore_file,
        }
    }

    /// The folders and files of the builds of some folders.
    pub(crate) fn built(&self, sources: &Sources, folders: impl IntoIterator<Item = RepoPath>) -> Built {
        let mut built = Built::default();
        self.add_built(sources, folders, &mut built);
        built
    }

    /// Adds the folders and files of the builds of further folders.
    pub(crate) fn add_built(
        &self,
        sources: &Sources,
        folders: impl IntoIterator<Item = RepoPath>,
        built: &mut Built,
    ) {
        let mut queue: Vec<RepoPath> = folders.into_iter().collect();
        while let Some(folder) = queue.pop() {
            if !built.folders.insert(folder.clone()) {
                continue;
            }
            let Some(file) = self.kustomizations.get(&folder) else {
                self.add_generated(&folder, &mut queue, built);
                continue;
            };
            for path in file.named() {
                if self.kustomizations.contains_key(path)
                    || sources.tree().kind(path) == Some(EntryKind::Directory)
                {
                    queue.push(path.clone());
                } else {
                    built.files.insert(path.clone());
                }
            }
        }
    }

    /// Adds the build of a folder without a kustomization file: Flux takes all files below it, and builds folders that have one.
    fn add_generated(&self, folder: &RepoPath, queue: &mut Vec<RepoPath>, built: &mut Built) {
        // The top folder with a kustomization file around a path.
        let top_around = |path: &RepoPath| {
            let start = match folder.is_root() {
                true => 0,
                false => folder.as_str().len() + 1,
            };
            let inner = path.as_str().get(start..).filter(|_| !path.is_too_long())?;
            let between = inner
                .match_indices('/')
                .filter_map(|(at, _)| path.as_str().get(..start + at));
            let mut between = between.map(RepoPath::new);
            between.find(|around| self.kustomizations.contains_key(around))
        };
        // Neighbours mostly share a folder, and so have the same folders around them.
        let mut last: Option<(&str, Option<RepoPath>)> = None;
        for file in self.below(folder) {
            let parent = file
                .path
                .as_str()
                .rsplit_once('/')
                .map_or("", |(parent, _)| parent);
            let known = last.as_ref().filter(|(of, _)| *of == parent);
            let top = match known {
                Some((_, top)) => top.clone(),
                None => {
                    let top = top_around(&file.path);
                    last = Some((parent, top.clone()));
                    top
                }
            };
            match top {
                Some(top) => queue.push(top),
                None => {
                    built.files.insert(file.path.clone());
                }
            }
        }
        let inner = self
            .kustomizations
            .range(folder.clone()..)
            .map(|(inner, _)| inner);
        let inner = inner.take_while(|inner| folder.is_root() || inner.starts_with(folder));
        queue.extend(inner.filter(|inner| top_around(inner).is_none()).cloned());
    }

    /// The files below a folder.
    fn below(&self, folder: &RepoPath) -> impl Iterator<Item = &ManifestFile> {
        let prefix = match folder.is_root() {
            true => String::new(),
            false => format!("{folder}/"),
        };
        let is_before = |file: &ManifestFile| file.path.as_str() < prefix.as_str();
        let first = self.manifests.partition_point(is_before);
        let rest = self.manifests.get(first..).unwrap_or_default().iter();
        rest.take_while(move |file| file.path.as_str().starts_with(&prefix))
    }
}

/// The objects of files, each with its file.
pub(crate) fn objects<'f>(
    files: impl Iterator<Item = &'f ManifestFile>,
) -> impl Iterator<Item = (&'f RepoPath, &'f Header)> {
    files.flat_map(|file| file.objects.iter().map(|object| (&file.path, object)))
}

/// The folder of the repository at a path of a Kustomization, whose source may be a folder of the repository.
pub(crate) fn folder_of(evaluation: &Evaluation, path: &RepoPath) -> RepoPath {
    let inner = evaluation.root.path.as_str();
    let root = evaluation.entry.as_str().strip_suffix(inner).unwrap_or_default();
    RepoPath::new(root.trim_end_matches('/')).join(path.as_str())
}

/// The folders from which a Kustomization is built.
pub(crate) fn folders_of(evaluation: &Evaluation, evaluated: &Evaluated) -> Vec<RepoPath> {
    let folder = folder_of(evaluation, &evaluated.path);
    let kustomization = evaluated.kustomization.iter();
    let components = kustomization.flat_map(|kustomization| &kustomization.components);
    let mut folders: Vec<RepoPath> = components.map(|path| folder.join(path)).collect();
    folders.insert(0, folder);
    folders
}

/// Whether a file has the name of a kustomization file.
pub(crate) fn is_kustomization_file(file: &RepoPath) -> bool {
    matches!(
        file.file_name(),
        Some("kustomization.yaml" | "kustomization.yml" | "Kustomization")
    )
}

/// Whether Flux takes a file of this name for manifests.
pub(crate) fn is_manifest_name(file: &RepoPath) -> bool {
    let name = file.file_name().unwrap_or_default();
    name.ends_with(".yaml") || name.ends_with(".yml")
}

fn collect(sources: &Sources, folder: &RepoPath, files: &mut Vec<RepoPath>, has_ignore_file: &mut bool) {
    each_entry(sources.tree(), folder, &mut |path, kind| match kind {
        // The file may be a link, which lists leave out here.
        EntryKind::Directory => {
            *has_ignore_file |= sources.tree().kind(&path.join(".sourceignore")) == Some(EntryKind::File);
        }
        EntryKind::File if is_manifest_name(path) || is_kustomization_file(path) => files.push(path.clone()),
        EntryKind::File => {}
    });
}

/// Calls `each` for a folder and its contents, without hidden files and folders, except folders of leftovers such as `.archive`.
pub(crate) fn each_entry(
    tree: &dyn SourceTree,
    folder: &RepoPath,
    each: &mut dyn FnMut(&RepoPath, EntryKind),
) {
    let Ok(entries) = tree.list_without_links(folder) else {
        return;
    };
    each(folder, EntryKind::Directory);
    for (name, kind) in entries {
        if let Some(bare) = name.strip_prefix('.')
            && (bare.starts_with('.') || kind == EntryKind::File || !is_left_over(&RepoPath::new(bare)))
        {
            continue;
        }
        let path = folder.join(&name);
        match kind {
            EntryKind::Directory => each_entry(tree, &path, each),
            EntryKind::File => each(&path, kind),
        }
    }
}
