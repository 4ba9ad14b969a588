//! The files that have changed since a record was made.

use std::collections::BTreeSet;
use std::time::SystemTime;

use camino::Utf8Path;
use catalog_emit::{Inputs, ScanRecord};
use foldhash::HashSet;
use source_tree::{DiskTree, Limits, RepoPath, SourceTree};

use crate::survey::{self, digest};
use crate::witness::Witness;

/// Whether catalogs are older than their repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// What decides them is as it was.
    Fresh,
    /// Files have changed, come or gone: some of them, by path.
    Changed(Vec<String>),
    /// Another version of the program wrote them: the same files may yield more now.
    OtherVersion,
    /// There is no record, or the repository cannot be read.
    Unknown,
}

/// A repository with its catalogs in it.
#[derive(Clone, Copy, Debug)]
pub struct Project<'p> {
    /// The top of the repository, as a real path.
    pub folder: &'p Utf8Path,
    /// The folder with the catalogs.
    pub data: &'p Utf8Path,
    /// Where witnesses are kept; without it, files are read each time.
    pub cache: Option<&'p Utf8Path>,
    /// The present time, before anything is read.
    pub now: SystemTime,
}

impl Project<'_> {
    /// Whether the catalogs are older than the repository.
    pub fn freshness(&self) -> Freshness {
        let Ok(text) = ScanRecord::read_text(self.data) else {
            return Freshness::Unknown;
        };
        let witness = self
            .cache
            .map(|cache| Witness::new(cache, self.folder, self.data, &text));
        let differing = witness
            .as_ref()
            .and_then(|witness| witness.differences(self.folder));
        if differing.as_ref().is_some_and(Vec::is_empty) {
            return Freshness::Fresh;
        }
        let Ok(record) = ScanRecord::parse(self.data, &text) else {
            return Freshness::Unknown;
        };
        if !record.is_of_this_version() {
            return Freshness::OtherVersion;
        }
        let Ok(tree) = DiskTree::with_limits(self.folder, Limits::default()) else {
            return Freshness::Unknown;
        };
        // Mostly a file that was read has another content, and all is said.
        if let Some(differing) = &differing {
            let changed: Vec<String> = differing
                .iter()
                .filter(|path| {
                    let before = record.inputs.files.get(*path);
                    before.is_some() && before != digest(&tree, &RepoPath::new(path)).as_ref()
                })
                .cloned()
                .collect();
            if !changed.is_empty() {
                return Freshness::Changed(changed);
            }
        }
        let differing: Option<HashSet<String>> = differing.map(|paths| paths.into_iter().collect());
        let same = |path: &str| -> Option<String> {
            let is_same = !differing.as_ref()?.contains(path);
            is_same.then(|| record.inputs.files.get(path).cloned())?
        };
        let (changed, seen) = compare(&tree, &record.inputs, &same);
        if !changed.is_empty() {
            return Freshness::Changed(changed);
        }
        if let Some(witness) = witness {
            // Where it cannot be kept, the next question takes as long as this one.
            let _ = witness.write(self.folder, seen.iter().map(String::as_str), self.now);
        }
        Freshness::Fresh
    }

    /// Remembers that the catalogs are those of the repository as it was read after [`Project::now`].
    pub fn remember(&self, tree: &dyn SourceTree, inputs: &Inputs) {
        let (Some(cache), Ok(text)) = (self.cache, ScanRecord::read_text(self.data)) else {
            return;
        };
        let witness = Witness::new(cache, self.folder, self.data, &text);
        let seen = seen(&survey::walk(tree), inputs);
        // A cache that cannot be written costs time, and no more.
        let _ = witness.write(self.folder, seen.iter().map(String::as_str), self.now);
    }
}

/// The files of a tree that have changed, come or gone since a record was made.
pub fn changed_files(tree: &dyn SourceTree, before: &Inputs) -> Vec<String> {
    compare(tree, before, &|_| None).0
}

/// The files that have changed, and everything that a change might show at.
fn compare(
    tree: &dyn SourceTree,
    before: &Inputs,
    same: &(dyn Fn(&str) -> Option<String> + Sync),
) -> (Vec<String>, BTreeSet<String>) {
    let walk = survey::walk(tree);
    let read: HashSet<&str> = before.files.keys().map(String::as_str).collect();
    let now = survey::files(tree, &walk, &read, &before.folders, same);
    let changed = before
        .files
        .iter()
        .filter(|(path, digest)| now.get(*path) != Some(digest))
        .map(|(path, _)| path);
    let come = now.keys().filter(|path| !before.files.contains_key(*path));
    let appeared = before
        .absent
        .iter()
        .filter(|path| tree.kind(&RepoPath::new(path)).is_some());
    let all: BTreeSet<String> = changed.chain(come).chain(appeared).cloned().collect();
    (all.into_iter().collect(), seen(&walk, before))
}

/// Everything that a change might show at: folders, for what is new; files that decide something; and manifests that do
/// not, but might begin to.
fn seen(walk: &survey::Walk, inputs: &Inputs) -> BTreeSet<String> {
    let manifests = walk
        .files
        .iter()
        .filter(|path| path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with("Kustomization"));
    walk.folders
        .iter()
        .chain(manifests)
        .chain(inputs.files.keys())
        .cloned()
        .collect()
}
