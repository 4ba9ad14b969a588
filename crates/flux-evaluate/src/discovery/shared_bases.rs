//! Folders that several clusters share, and that point at themselves as clusters do: the clusters take their source from them.

use source_tree::RepoPath;

use super::Entry;

/// Names of folders that clusters share.
const NAMES: [&str; 6] = ["all", "base", "bases", "common", "global", "shared"];

/// Joins such a folder to each entry whose own Kustomization takes its source from a file there. `entries` have that file. A
/// folder that is joined is not an entry.
pub(super) fn join<'f>(entries: impl Iterator<Item = (Entry, Option<&'f RepoPath>)>) -> Vec<Entry> {
    let is_base = |entry: &Entry| entry.path.file_name().is_some_and(|name| NAMES.contains(&name));
    let (mut bases, mut clusters): (Vec<_>, Vec<_>) = entries.partition(|(entry, _)| is_base(entry));
    bases.retain(|(base, _)| {
        let is_inside = |file: &&RepoPath| file.starts_with(&base.path);
        let mut is_joined = false;
        for (cluster, file) in &mut clusters {
            if file.filter(is_inside).is_some() && !cluster.path.starts_with(&base.path) {
                let name = || cluster.path.file_name().map(str::to_owned);
                cluster.called = cluster.called.take().or_else(name);
                cluster.join(base.clone());
                let files = &mut cluster.bootstrap_files;
                files.extend(base.bootstrap_files.iter().cloned());
                is_joined = true;
            }
        }
        !is_joined
    });
    let entries = clusters.into_iter().chain(bases);
    entries.map(|(entry, _)| entry).collect()
}
