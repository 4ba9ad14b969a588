//! [`Freshness`]: the files that have changed since catalogs were written.

use std::collections::BTreeSet;
use std::time::SystemTime;

use camino::Utf8Path;
use catalog_emit::{Inputs, ScanRecord};
use foldhash::HashSet;
use source_tree::{DiskTree, Limits, RepoPath, SourceTree};

use crate::survey::{self, digest};
use crate::witness::Witness;

/// Whether catalogs are out of date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// None of their inputs has changed.
    Fresh,
    /// Files were changed, added or removed: the paths of some of them.
    Changed(Vec<String>),
    /// Another version of the program wrote them, and this one may find more in the same files.
    OtherVersion,
    /// There is no record, or the repository cannot be read.
    Unknown,
}

/// A repository that contains its catalogs.
#[derive(Clone, Copy, Debug)]
pub struct Project<'p> {
    /// The top of the repository, as a real path.
    pub folder: &'p Utf8Path,
    /// The folder with the catalogs.
    pub data: &'p Utf8Path,
    /// The folder of witnesses; without it, files are read each time.
    pub cache: Option<&'p Utf8Path>,
    /// The time, taken before anything is read.
    pub now: SystemTime,
}

impl Project<'_> {
    /// Whether the catalogs are out of date.
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
        // In most cases a recorded file has other content, which is enough to know.
        let is_changed = |path: &&String| {
            let before = record.inputs.files.get(*path);
            before.is_some() && before != digest(&tree, &RepoPath::new(path)).as_ref()
        };
        let changed: Vec<String> = differing.iter().flatten().filter(is_changed).cloned().collect();
        if !changed.is_empty() {
            return Freshness::Changed(changed);
        }
        let differing: Option<HashSet<String>> = differing.map(|paths| paths.into_iter().collect());
        let unchanged = |path: &str| -> Option<String> {
            let is_unchanged = !differing.as_ref()?.contains(path);
            is_unchanged.then(|| record.inputs.files.get(path).cloned())?
        };
        let (changed, seen) = compare(&tree, &record.inputs, &unchanged);
        if !changed.is_empty() {
            return Freshness::Changed(changed);
        }
        if let Some(witness) = witness {
            // A failure only makes the next question as slow as this one.
            let _ = witness.write(self.folder, seen.iter().map(String::as_str), self.now);
        }
        Freshness::Fresh
    }

    /// Records that the catalogs belong to the repository as it was read after [`Project::now`].
    pub fn remember(&self, tree: &dyn SourceTree, inputs: &Inputs) {
        let (Some(cache), Ok(text)) = (self.cache, ScanRecord::read_text(self.data)) else {
            return;
        };
        let witness = Witness::new(cache, self.folder, self.data, &text);
        let seen = seen(&survey::walk(tree), inputs);
        // A failure only costs time.
        let _ = witness.write(self.folder, seen.iter().map(String::as_str), self.now);
    }
}

/// The files of a tree that were changed, added or removed since a record was made.
pub fn changed_files(tree: &dyn SourceTree, before: &Inputs) -> Vec<String> {
    compare(tree, before, &|_| None).0
}

/// The files that have changed, and the paths to watch for changes. `unchanged` gives the digest of a file that is known not to have
/// changed.
fn compare(
    tree: &dyn SourceTree,
    before: &Inputs,
    unchanged: &(dyn Fn(&str) -> Option<String> + Sync),
) -> (Vec<String>, BTreeSet<String>) {
    let walk = survey::walk(tree);
    let read: HashSet<&str> = before.files.keys().map(String::as_str).collect();
    let now = survey::files(tree, &walk, &read, &before.folders, unchanged);
    let changed = before.files.iter();
    let changed = changed.filter(|(path, digest)| now.get(*path) != Some(digest));
    let changed = changed.map(|(path, _)| path);
    let added = now.keys().filter(|path| !before.files.contains_key(*path));
    let absent = before.absent.iter();
    let appeared = absent.filter(|path| tree.kind(&RepoPath::new(path)).is_some());
    let all: BTreeSet<String> = changed.chain(added).chain(appeared).cloned().collect();
    (all.into_iter().collect(), seen(&walk, before))
}

/// The paths to watch for changes: folders, for new files; files that decide something; and manifests that do not yet, but might.
fn seen(walk: &survey::Walk, inputs: &Inputs) -> BTreeSet<String> {
    let is_manifest = |path: &&String| {
        [".yaml", ".yml", "Kustomization"]
            .iter()
            .any(|end| path.ends_with(end))
    };
    let manifests = walk.files.iter().filter(is_manifest);
    let all = walk.folders.iter().chain(manifests).chain(inputs.files.keys());
    all.cloned().collect()
}
