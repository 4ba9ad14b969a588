//! [`Inputs`]: the files and folders that decide the catalogs of a repository.

use std::collections::{BTreeMap, BTreeSet};

use catalog_emit::Inputs;
use foldhash::HashSet;
use memchr::memmem::Finder;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use source_tree::{Asked, EntryKind, RepoPath, SourceTree, TreeError};

/// Names of kustomization files.
const KUSTOMIZATION: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// The file that leaves files out of an artifact.
const IGNORE_FILE: &str = ".sourceignore";
/// The lock file of fetched sources, at the top of the repository.
const LOCK: &str = "flux-infra-guide.lock";
/// The file that makes a folder a chart.
const CHART: &str = "Chart.yaml";
/// Suffix of Terraform's files, which create objects that a cluster needs.
const TERRAFORM: &str = ".tf";
/// Depth of the deepest folder that is read, as in discovery.
const MAX_DEPTH: usize = 64;

/// Everything that decides the catalogs of a repository: the files that were read, and others that a scan would read, too, such as
/// a manifest with a Flux object that nothing applies, which is a finding.
pub fn inputs(tree: &dyn SourceTree, asked: &Asked) -> Inputs {
    let walk = walk(tree);
    let text = |path: &RepoPath| path.as_str().to_owned();
    let unknown = |path: &RepoPath| (text(path), String::new());
    let mut inputs = Inputs {
        folders: asked.folders.iter().map(text).collect(),
        absent: BTreeSet::new(),
        files: asked.files.iter().map(unknown).collect(),
    };
    // A file that counts may make others count: repeat until no file is added.
    loop {
        let read: HashSet<&str> = inputs.files.keys().map(String::as_str).collect();
        let known = |path: &str| {
            let digest = inputs.files.get(path);
            digest.filter(|digest| !digest.is_empty()).cloned()
        };
        let files = files(tree, &walk, &read, &inputs.folders, &known);
        let is_whole = files.keys().all(|path| read.contains(path.as_str()));
        inputs.files = files;
        if is_whole {
            break;
        }
    }
    let read_folders = folders_of(inputs.files.keys().map(String::as_str));
    // An artifact may leave out a file that exists, and the other kustomization files of a folder count by their name.
    let is_absent = |path: &&RepoPath| {
        let is_named = path.file_name().is_some_and(|name| KUSTOMIZATION.contains(&name));
        tree.kind(path).is_none() && !(is_named && read_folders.contains(parent(path.as_str())))
    };
    inputs.absent = asked.absent.iter().filter(is_absent).map(text).collect();
    inputs
}

/// The files that count, with their digests. `known` gives the digest of a file that has not changed.
pub(crate) fn files(
    tree: &dyn SourceTree,
    walk: &Walk,
    read: &HashSet<&str>,
    listed: &BTreeSet<String>,
    known: &(dyn Fn(&str) -> Option<String> + Sync),
) -> BTreeMap<String, String> {
    let rules = Rules {
        listed,
        read_folders: folders_of(read.iter().copied()),
        charts: charts(read, listed),
        has_terraform: read.iter().any(|path| path.ends_with(TERRAFORM)),
        folders: &walk.folders,
        flux: Flux::new(),
    };
    let others = walk.files.par_iter().filter(|path| !read.contains(path.as_str()));
    let counting = others
        .filter(|path| rules.is_input(tree, path))
        .map(String::as_str);
    let mut paths: Vec<&str> = counting.collect();
    paths.extend(read.iter().copied());
    paths
        .into_par_iter()
        .filter_map(|path| {
            let digest = known(path).or_else(|| digest(tree, &RepoPath::new(path)))?;
            Some((path.to_owned(), digest))
        })
        .collect()
}

/// Digest of a file. It is long enough to notice changes, but not to withstand an attacker, who could change the catalogs
/// themselves. `None` for a missing file.
pub(crate) fn digest(tree: &dyn SourceTree, path: &RepoPath) -> Option<String> {
    match tree.read(path) {
        Ok(bytes) => {
            let hash = Sha256::digest(&bytes);
            let start = hash.first_chunk().copied().unwrap_or_default();
            Some(format!("{:016x}", u64::from_be_bytes(start)))
        }
        Err(TreeError::NotFound { .. } | TreeError::IsDirectory { .. } | TreeError::NotDirectory { .. }) => {
            None
        }
        Err(_) => Some("unreadable".to_owned()),
    }
}

/// The folders and files of a repository.
#[derive(Default)]
pub(crate) struct Walk {
    pub(crate) folders: BTreeSet<String>,
    pub(crate) files: Vec<String>,
}

/// Lists a repository without following links: files that are read through a link are recorded by their path.
pub(crate) fn walk(tree: &dyn SourceTree) -> Walk {
    let mut walk = Walk::default();
    let mut level = vec![RepoPath::root()];
    for _ in 0..=MAX_DEPTH {
        let lists: Vec<_> = level
            .par_iter()
            .map(|folder| tree.list_without_links(folder).unwrap_or_default())
            .collect();
        let mut below = Vec::new();
        for (folder, list) in level.iter().zip(lists) {
            walk.folders.insert(folder.as_str().to_owned());
            for (name, kind) in list {
                match kind {
                    EntryKind::Directory if name != ".git" => below.push(folder.join(&name)),
                    EntryKind::Directory => {}
                    EntryKind::File => walk.files.push(folder.join(&name).as_str().to_owned()),
                }
            }
        }
        level = below;
    }
    walk
}

/// The rules by which a file counts that no build has read.
struct Rules<'a> {
    listed: &'a BTreeSet<String>,
    read_folders: HashSet<&'a str>,
    charts: Vec<&'a str>,
    /// Whether Terraform's files were read.
    has_terraform: bool,
    folders: &'a BTreeSet<String>,
    flux: Flux,
}

impl Rules<'_> {
    fn is_input(&self, tree: &dyn SourceTree, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let folder = parent(path);
        if name == IGNORE_FILE
            || path == LOCK
            || self.charts.iter().any(|chart| is_below(path, chart))
            || (KUSTOMIZATION.contains(&name) && self.read_folders.contains(folder))
        {
            return true;
        }
        // A new file may create objects that the others do not.
        if name.ends_with(TERRAFORM) {
            return self.has_terraform;
        }
        is_manifest_name(name) && (self.is_generated(folder) || self.flux.is_mentioned(tree, path))
    }

    /// Whether all manifests of a folder are part of a build: it is listed, or is a new folder within a listed one.
    fn is_generated(&self, mut folder: &str) -> bool {
        loop {
            if self.listed.contains(folder) {
                return true;
            }
            if folder.is_empty() || self.read_folders.contains(folder) || !self.folders.contains(folder) {
                return false;
            }
            folder = parent(folder);
        }
    }
}

/// Texts that only manifests of Flux contain.
struct Flux([Finder<'static>; 3]);

impl Flux {
    fn new() -> Self {
        Flux(["toolkit.fluxcd.io", "FluxInstance", "flux-instance"].map(Finder::new))
    }

    fn is_mentioned(&self, tree: &dyn SourceTree, path: &str) -> bool {
        let bytes = tree.read(&RepoPath::new(path)).unwrap_or_default();
        self.0.iter().any(|text| text.find(&bytes).is_some())
    }
}

/// The folders that were read as charts.
fn charts<'a>(read: &HashSet<&'a str>, listed: &BTreeSet<String>) -> Vec<&'a str> {
    let charts = read.iter().filter_map(|path| {
        let folder = path.strip_suffix(CHART)?.trim_end_matches('/');
        listed.contains(folder).then_some(folder)
    });
    charts.collect()
}

fn folders_of<'a>(files: impl Iterator<Item = &'a str>) -> HashSet<&'a str> {
    files.map(parent).collect()
}

fn is_manifest_name(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml") || KUSTOMIZATION.contains(&name)
}

fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    folder.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
