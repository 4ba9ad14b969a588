//! [`Inputs`]: what decides the catalogs of a repository.

use std::collections::{BTreeMap, BTreeSet};

use catalog_emit::Inputs;
use foldhash::HashSet;
use memchr::memmem::Finder;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use source_tree::{Asked, EntryKind, RepoPath, SourceTree, TreeError};

/// Names of kustomization files.
const KUSTOMIZATION: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// What a source leaves out of its artifact.
const IGNORE_FILE: &str = ".sourceignore";
/// What was fetched of what the repository declares elsewhere; at its top.
const LOCK: &str = "flux-infra-guide.lock";
/// The file that makes a folder a chart.
const CHART: &str = "Chart.yaml";
/// The end of Terraform's files, which make objects that a cluster needs.
const TERRAFORM: &str = ".tf";
/// Deepest folder that is looked into, as in discovery.
const MAX_DEPTH: usize = 64;

/// Everything that decides the catalogs of a repository: what was read; and of the rest what the scan would read too, such
/// as a manifest with a Flux object that nothing applies, which is a finding.
pub fn inputs(tree: &dyn SourceTree, asked: &Asked) -> Inputs {
    let walk = walk(tree);
    let text = |path: &RepoPath| path.as_str().to_owned();
    let mut inputs = Inputs {
        folders: asked.folders.iter().map(text).collect(),
        absent: BTreeSet::new(),
        files: BTreeMap::new(),
    };
    inputs.files = asked
        .files
        .iter()
        .map(|path| (text(path), String::new()))
        .collect();
    // A file that counts may let others count: at the end, no file is left that another look would add.
    loop {
        let read: HashSet<&str> = inputs.files.keys().map(String::as_str).collect();
        let known = |path: &str| {
            inputs
                .files
                .get(path)
                .filter(|digest| !digest.is_empty())
                .cloned()
        };
        let files = files(tree, &walk, &read, &inputs.folders, &known);
        let is_whole = files.keys().all(|path| read.contains(path.as_str()));
        inputs.files = files;
        if is_whole {
            break;
        }
    }
    let read_folders = folders_of(inputs.files.keys().map(String::as_str));
    // An artifact leaves files out that are there, and a folder's other kustomization files count by their name.
    inputs.absent = asked
        .absent
        .iter()
        .filter(|path| tree.kind(path).is_none())
        .filter(|path| {
            let named = path.file_name().is_some_and(|name| KUSTOMIZATION.contains(&name));
            !(named && read_folders.contains(parent(path.as_str())))
        })
        .map(text)
        .collect();
    inputs
}

/// The files that count, with their digests. `known` gives the digest of a file that is as it was.
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
    let counting = others.filter(|path| rules.counts(tree, path)).map(String::as_str);
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

/// Digest of a file: enough to notice a change, not to prove that there is none to somebody who means harm; he could write
/// the catalogs themselves. `None` where nothing is.
pub(crate) fn digest(tree: &dyn SourceTree, path: &RepoPath) -> Option<String> {
    match tree.read(path) {
        Ok(bytes) => {
            let hash = Sha256::digest(&bytes);
            Some(hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
        }
        Err(TreeError::NotFound { .. } | TreeError::IsDirectory { .. } | TreeError::NotDirectory { .. }) => {
            None
        }
        Err(_) => Some("unreadable".to_owned()),
    }
}

/// The folders of a repository, and those of its files whose names say that they may count.
pub(crate) struct Walk {
    pub(crate) folders: BTreeSet<String>,
    pub(crate) files: Vec<String>,
}

/// Walks through a repository. Links are no part of it: what is read through one is known by its path.
pub(crate) fn walk(tree: &dyn SourceTree) -> Walk {
    let mut walk = Walk {
        folders: BTreeSet::new(),
        files: Vec::new(),
    };
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

/// What makes a file count that no build has read.
struct Rules<'a> {
    listed: &'a BTreeSet<String>,
    read_folders: HashSet<&'a str>,
    charts: Vec<&'a str>,
    /// Whether files of Terraform have been looked at.
    has_terraform: bool,
    folders: &'a BTreeSet<String>,
    flux: Flux,
}

impl Rules<'_> {
    fn counts(&self, tree: &dyn SourceTree, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let folder = parent(path);
        if name == IGNORE_FILE || path == LOCK {
            return true;
        }
        if self.charts.iter().any(|chart| is_below(path, chart)) {
            return true;
        }
        if KUSTOMIZATION.contains(&name) && self.read_folders.contains(folder) {
            return true;
        }
        // Another file may make what those that were looked at do not.
        if name.ends_with(TERRAFORM) {
            return self.has_terraform;
        }
        if !is_manifest_name(name) {
            return false;
        }
        self.is_generated(folder) || self.flux.is_mentioned(tree, path)
    }

    /// Whether all manifests of a folder are part of a build: it is listed, or lies in one that is and is new.
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

/// Texts that only manifests of Flux hold.
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

/// The folders of charts that were read as such.
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
    folder.is_empty()
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
