//! Kustomization files, Flux Kustomizations and sources of a repository, as written.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};
use rayon::prelude::*;
use smol_str::SmolStr;
use source_tree::{ObjectRef, RepoPath};
use yaml_node::{Node, Value};

use super::left_over::is_template;
use super::manifests::Manifests;
use super::other_repositories;
use crate::flux::{self, Fields, Kind, Kustomization, Source, object_ref};
use crate::generate::FILE_NAMES;

/// Most folders visited by all questions together, per folder and file of the repository. Each overlay of a base visits it
/// again.
const STEPS_PER_PATH: usize = 200;

/// The kustomization file of a folder.
#[derive(Default)]
pub(super) struct KustomizationFile {
    /// `resources`, `bases` and `components`.
    pub(super) includes: Vec<RepoPath>,
    /// Other paths in it: patches, files of generators.
    names: Vec<RepoPath>,
    pub(super) is_component: bool,
    /// Whether it lists or generates anything.
    pub(super) is_filled: bool,
}

/// A Flux Kustomization as written, or a patch of one.
pub(super) struct KustomizationManifest {
    pub(super) file: RepoPath,
    pub(super) view: Kustomization,
    /// Whether it has a `spec.path`.
    pub(super) has_path: bool,
}

/// A source as written.
pub(super) struct SourceManifest {
    pub(super) file: RepoPath,
    pub(super) id: ObjectRef,
    pub(super) view: Source,
}

/// The objects and kustomization files of a repository.
pub(super) struct Survey {
    pub(super) kustomizations: BTreeMap<RepoPath, KustomizationFile>,
    pub(super) stated: Vec<KustomizationManifest>,
    pub(super) sources: Vec<SourceManifest>,
    folders: HashMap<RepoPath, Folder>,
    listed: HashSet<RepoPath>,
    /// Sources that are other repositories.
    elsewhere: Vec<ObjectRef>,
    /// Names of Kustomizations with these sources.
    built_elsewhere: HashSet<SmolStr>,
    /// Positions of Kustomizations that point at their own folder, by that folder, with the folder where their paths start.
    self_pointers: BTreeMap<RepoPath, Vec<(RepoPath, usize)>>,
    /// Whether paths start at the top of the repository: most of those that exist anywhere exist there.
    starts_at_top: bool,
    /// Whether folders count whose names say that they are not in use.
    pub(super) with_left_overs: bool,
    steps: std::cell::Cell<usize>,
}

/// Kustomizations and sources of one file.
type FluxManifests = (Vec<KustomizationManifest>, Vec<SourceManifest>);

/// The direct contents of a folder.
#[derive(Default)]
struct Folder {
    folders: Vec<RepoPath>,
    files: Vec<RepoPath>,
    /// Positions of the Kustomizations that its files define.
    kustomizations: Vec<usize>,
    /// Positions of the sources that its files define.
    sources: Vec<usize>,
}

impl Survey {
    /// Reads kustomization files and the files that mention Flux. `with_left_overs` is whether folders count whose
    /// names say that they are not in use.
    pub(super) fn new(manifests: &Manifests, with_left_overs: bool) -> Self {
        let counts = |path: &RepoPath| with_left_overs || !manifests.is_left_over(path);
        let mut folders: HashMap<RepoPath, Folder> = HashMap::default();
        for folder in &manifests.folders {
            folders.entry(folder.clone()).or_default();
            if let Some(parent) = folder.parent().filter(|_| !folder.is_root()) {
                folders.entry(parent).or_default().folders.push(folder.clone());
            }
        }
        for file in &manifests.files {
            let folder = file.path.parent().unwrap_or_default();
            folders.entry(folder).or_default().files.push(file.path.clone());
        }
        let kustomizations: BTreeMap<RepoPath, KustomizationFile> = manifests
            .files
            .par_iter()
            .filter(|file| is_kustomization_file(&file.path) && counts(&file.path))
            .map(|file| {
                let folder = file.path.parent().unwrap_or_default();
                let read = KustomizationFile::read(manifests, &folder, &file.path);
                (folder, read)
            })
            .collect();
        let listed = kustomizations
            .iter()
            .flat_map(|(folder, file)| {
                let named = file.includes.iter().chain(&file.names);
                named.filter(move |path| *path != folder).cloned()
            })
            .collect();
        let read: Vec<FluxManifests> = manifests
            .files
            .par_iter()
            .filter(|file| (file.mentions_kustomization || file.mentions_source) && counts(&file.path))
            .map(|file| stated(manifests, &file.path))
            .collect();
        let mut survey = Survey {
            kustomizations,
            stated: Vec::new(),
            sources: Vec::new(),
            folders,
            listed,
            elsewhere: Vec::new(),
            built_elsewhere: HashSet::default(),
            self_pointers: BTreeMap::new(),
            starts_at_top: false,
            with_left_overs,
            steps: std::cell::Cell::new(0),
        };
        for (stated, sources) in read {
            survey.stated.extend(stated);
            survey.sources.extend(sources);
        }
        let resolved = survey.stated.iter().filter(|stated| stated.view.source.is_some());
        let resolved = resolved.filter_map(|stated| survey.resolve(&stated.file, &stated.view.path));
        let (mut at_top, mut below) = (0, 0);
        for (root, _) in resolved.filter(|(root, target)| root != target) {
            *(if root.is_root() { &mut at_top } else { &mut below }) += 1;
        }
        survey.starts_at_top = at_top > below;
        survey.find_self_pointers();
        survey.elsewhere = other_repositories::find(&survey, manifests);
        if !survey.elsewhere.is_empty() {
            survey.find_built_elsewhere();
            survey.find_self_pointers();
        }
        survey.index_folders();
        survey
    }

    fn index_folders(&mut self) {
        for (index, stated) in self.stated.iter().enumerate() {
            let folder = stated.file.parent().unwrap_or_default();
            self.folders.entry(folder).or_default().kustomizations.push(index);
        }
        for (index, source) in self.sources.iter().enumerate() {
            let folder = source.file.parent().unwrap_or_default();
            self.folders.entry(folder).or_default().sources.push(index);
        }
    }

    /// The Kustomizations that files directly in a folder define.
    pub(super) fn stated_in(&self, folder: &RepoPath) -> impl Iterator<Item = &KustomizationManifest> {
        let folder = self.folders.get(folder).into_iter();
        let positions = folder.flat_map(|folder| &folder.kustomizations);
        positions.filter_map(|index| self.stated.get(*index))
    }

    /// The Kustomizations that these files define, in the order of the survey.
    pub(super) fn stated_by(&self, files: &HashSet<RepoPath>) -> Vec<&KustomizationManifest> {
        let folders: HashSet<RepoPath> = files.iter().filter_map(RepoPath::parent).collect();
        let folders = folders.iter().filter_map(|folder| self.folders.get(folder));
        let mut positions: Vec<usize> = folders
            .flat_map(|folder| &folder.kustomizations)
            .copied()
            .collect();
        positions.sort_unstable();
        let stated = positions.into_iter().filter_map(|index| self.stated.get(index));
        stated.filter(|stated| files.contains(&stated.file)).collect()
    }

    /// The sources that files directly in a folder define.
    pub(super) fn sources_in(&self, folder: &RepoPath) -> impl Iterator<Item = &SourceManifest> {
        let folder = self.folders.get(folder).into_iter();
        let positions = folder.flat_map(|folder| &folder.sources);
        positions.filter_map(|index| self.sources.get(*index))
    }

    fn find_self_pointers(&mut self) {
        let mut pointers: BTreeMap<RepoPath, Vec<(RepoPath, usize)>> = BTreeMap::new();
        for (index, stated) in self.stated.iter().enumerate() {
            // Paths in an artifact of an ArtifactGenerator are not folders of this repository.
            let source = stated.view.source.as_ref();
            if source.is_some_and(|source| source.id.kind != "ExternalArtifact")
                && !self.is_elsewhere(&stated.view)
                && let Some((root, target)) = self.resolve(&stated.file, &stated.view.path)
                && !target.is_root()
                && stated.file.starts_with(&target)
            {
                pointers.entry(target).or_default().push((root, index));
            }
        }
        self.self_pointers = pointers;
    }

    /// Whether the source of a Kustomization is another repository, so that its path is not a folder of this one. A patch
    /// has the source of its target.
    pub(super) fn is_elsewhere(&self, view: &Kustomization) -> bool {
        match &view.source {
            Some(source) => self.elsewhere.iter().any(|id| names(&source.id, id)),
            None => self.built_elsewhere.contains(&view.id.name),
        }
    }

    /// Finds the Kustomizations whose sources are other repositories.
    fn find_built_elsewhere(&mut self) {
        let sourced = self.stated.iter().filter(|stated| stated.view.source.is_some());
        let (elsewhere, here): (Vec<&KustomizationManifest>, Vec<&KustomizationManifest>) =
            sourced.partition(|stated| self.is_elsewhere(&stated.view));
        let here: HashSet<&str> = here.iter().map(|stated| stated.view.id.name.as_str()).collect();
        let names = elsewhere.iter().map(|stated| &stated.view.id.name);
        self.built_elsewhere = names
            .filter(|name| !here.contains(name.as_str()))
            .cloned()
            .collect();
    }

    /// The sources that a reference may name.
    pub(super) fn sources_named<'s>(
        &'s self,
        reference: &'s ObjectRef,
    ) -> impl Iterator<Item = &'s SourceManifest> {
        self.sources.iter().filter(|stated| names(reference, &stated.id))
    }

    /// The folders that Kustomizations in them point at.
    pub(super) fn self_pointed(&self) -> impl Iterator<Item = &RepoPath> {
        self.self_pointers.keys()
    }

    /// The Kustomizations in a folder that point at it, with the folder where their paths start.
    pub(super) fn pointers_at<'s>(
        &'s self,
        folder: &RepoPath,
    ) -> impl Iterator<Item = (&'s RepoPath, &'s KustomizationManifest)> + use<'s> {
        let pointers = self.self_pointers.get(folder).into_iter().flatten();
        pointers.filter_map(|(root, index)| Some((root, self.stated.get(*index)?)))
    }

    /// Whether a kustomization file elsewhere names a file or folder.
    pub(super) fn is_listed(&self, path: &RepoPath) -> bool {
        self.listed.contains(path)
    }

    pub(super) fn is_folder(&self, path: &RepoPath) -> bool {
        self.folders.contains_key(path)
    }

    pub(super) fn has_kustomization_file(&self, path: &RepoPath) -> bool {
        self.kustomizations.contains_key(path)
    }

    /// The sub-folders of a folder.
    pub(super) fn sub_folders(&self, path: &RepoPath) -> &[RepoPath] {
        self.folders.get(path).map_or(&[], |folder| &folder.folders)
    }

    /// The files that the build of a folder reads as resources.
    pub(super) fn files_in_build(&self, folder: &RepoPath) -> HashSet<RepoPath> {
        let most = STEPS_PER_PATH.saturating_mul(self.folders.len() + 1000);
        let mut files = HashSet::default();
        let mut seen = HashSet::default();
        let mut queue = vec![folder.clone()];
        while let Some(path) = queue.pop() {
            self.steps.set(self.steps.get() + 1);
            if self.steps.get() > most {
                break;
            }
            if !seen.insert(path.clone()) {
                continue;
            }
            if let Some(file) = self.kustomizations.get(&path) {
                queue.extend(file.includes.iter().cloned());
            } else if let Some(folder) = self.folders.get(&path) {
                files.extend(folder.files.iter().cloned());
                queue.extend(folder.folders.iter().cloned());
            } else {
                files.insert(path);
            }
        }
        files
    }

    /// The folders whose build contains a Kustomization as written, in a file of theirs or in what they list.
    pub(super) fn folders_with_kustomizations(&self) -> BTreeSet<RepoPath> {
        let mut listed_by: HashMap<&RepoPath, Vec<&RepoPath>> = HashMap::default();
        for (folder, file) in &self.kustomizations {
            for path in &file.includes {
                listed_by.entry(path).or_default().push(folder);
            }
        }
        let mut found = BTreeSet::new();
        let mut queue: Vec<RepoPath> = Vec::new();
        for stated in &self.stated {
            let folder = stated.file.parent().unwrap_or_default();
            if self.has_kustomization_file(&folder) || self.is_listed(&stated.file) {
                queue.push(stated.file.clone());
            } else if found.insert(folder.clone()) {
                queue.push(folder);
            }
        }
        while let Some(path) = queue.pop() {
            for folder in listed_by.get(&path).into_iter().flatten() {
                if found.insert((*folder).clone()) {
                    queue.push((*folder).clone());
                }
            }
        }
        found
    }

    /// The folders that a path in `file` may name: one, or if it contains variables that only the cluster knows, all that
    /// match. A path that begins with a variable matches none, since it may be anything.
    pub(super) fn resolve_all(&self, file: &RepoPath, path: &str) -> Vec<RepoPath> {
        let folder = |path: &str| self.resolve(file, path).map(|(_, folder)| folder);
        let Some((known, _)) = path.split_once("${") else {
            return folder(path).into_iter().collect();
        };
        let known = known.rsplit_once('/').map_or("", |(folder, _)| folder);
        if RepoPath::new(known).is_root() {
            return Vec::new();
        }
        let parts = path.get(known.len()..).unwrap_or_default();
        let mut folders: Vec<RepoPath> = folder(known).into_iter().collect();
        for part in parts.split('/').filter(|part| !part.is_empty() && *part != ".") {
            let found = folders.iter().flat_map(|folder| self.sub_folders(folder));
            folders = found
                .filter(|folder| folder.file_name().is_some_and(|name| fits(part, name)))
                .cloned()
                .collect();
        }
        folders
    }

    /// The folder where a path in `file` starts, and the folder that it names. It starts at the top of the repository, or
    /// else at the nearest folder around the file in which it exists.
    pub(super) fn resolve(&self, file: &RepoPath, path: &str) -> Option<(RepoPath, RepoPath)> {
        if path.contains("${") {
            return None;
        }
        let around = file.ancestors().skip(1).filter(|_| !self.starts_at_top);
        std::iter::once(RepoPath::root()).chain(around).find_map(|root| {
            let folder = root.join(path);
            (folder.starts_with(&root) && self.is_folder(&folder)).then_some((root, folder))
        })
    }
}

impl KustomizationFile {
    fn read(manifests: &Manifests, folder: &RepoPath, path: &RepoPath) -> Self {
        let Some(node) = manifests.document(path) else {
            return KustomizationFile::default();
        };
        let mut file = KustomizationFile {
            is_component: node.text_at(&["kind"]) == Some("Component"),
            ..KustomizationFile::default()
        };
        for (key, value) in node.iter() {
            let is_included = ["resources", "bases", "components"]
                .iter()
                .any(|field| key.eq_ignore_ascii_case(field));
            let is_generator =
                key.to_ascii_lowercase().ends_with("generator") || key.eq_ignore_ascii_case("generators");
            if is_included || is_generator || key.eq_ignore_ascii_case("helmcharts") {
                file.is_filled |= !value.items().is_empty();
            }
            let into = match is_included {
                true => &mut file.includes,
                false => &mut file.names,
            };
            paths(value, folder, into);
        }
        file
    }
}

/// Whether a reference may name an object. Either may have no namespace, since a kustomization can set it.
fn names(reference: &ObjectRef, id: &ObjectRef) -> bool {
    reference.kind == id.kind
        && reference.name == id.name
        && (reference.namespace == id.namespace || reference.namespace.is_empty() || id.namespace.is_empty())
}

/// The texts of a node that may be paths relative to `folder`.
fn paths(node: &Node, folder: &RepoPath, into: &mut Vec<RepoPath>) {
    match &node.value {
        Value::Scalar(scalar) => {
            // Generators have entries `key=file`.
            let text = scalar
                .text
                .rsplit_once('=')
                .map_or(&*scalar.text, |(_, path)| path);
            if !text.is_empty() && !text.contains(['\n', ' ', ':', '{']) {
                into.push(folder.join(text));
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| paths(item, folder, into)),
        Value::Mapping(mapping) => mapping.iter().for_each(|(_, value)| paths(value, folder, into)),
    }
}

/// Whether a name matches a part of a path, in which each variable matches any text.
fn fits(part: &str, name: &str) -> bool {
    let Some((before, rest)) = part.split_once("${") else {
        return part == name;
    };
    let (Some((_, after)), Some(name)) = (rest.split_once('}'), name.strip_prefix(before)) else {
        return false;
    };
    // The recursion is not deep: parts have one variable, or few.
    (1..=name.len()).any(|at| name.get(at..).is_some_and(|rest| fits(after, rest)))
}

fn is_kustomization_file(path: &RepoPath) -> bool {
    path.file_name().is_some_and(|name| FILE_NAMES.contains(&name))
}

fn stated(manifests: &Manifests, path: &RepoPath) -> FluxManifests {
    let (mut kustomizations, mut sources) = (Vec::new(), Vec::new());
    let objects = manifests.objects(path).into_iter();
    for object in objects.filter(|object| !is_template(object)) {
        match flux::kind(&object) {
            Some(Kind::Kustomization) => kustomizations.push(KustomizationManifest {
                file: path.clone(),
                has_path: object.text_at(&["spec", "path"]).is_some(),
                view: Kustomization::unreported(&object, ""),
            }),
            Some(Kind::Source) => sources.push(SourceManifest {
                file: path.clone(),
                id: object_ref(&object),
                view: Source::read(&object, &mut Fields::unreported(&object)),
            }),
            _ => {}
        }
    }
    (kustomizations, sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_matches_any_text() {
        for (part, name, expected) in [
            ("${ENVIRONMENT}", "dev", true),
            ("${env}-eu", "prod-eu", true),
            ("${env}-eu", "prod-us", false),
            ("x${a}y${b}", "x1y2", true),
            ("x${a}", "x", false),
            ("dev", "dev", true),
            ("dev", "prod", false),
            ("${open", "a", false),
        ] {
            assert_eq!(fits(part, name), expected, "{part} {name}");
        }
    }
}
