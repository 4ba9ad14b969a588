//! A folder that every cluster runs beside its own, and that points at itself as clusters do: the clusters take their source from it.

use source_tree::RepoPath;

use super::Entry;

/// Names of folders that hold what clusters have in common.
const NAMES: [&str; 6] = ["all", "base", "bases", "common", "global", "shared"];

/// Joins such a folder to each entry beside it whose own Kustomization takes its source from a file there, given for each entry.
/// Where there are such entries it is no cluster of its own.
pub(super) fn join<'f>(
    entries: &mut Vec<Entry>,
    source_files: impl IntoIterator<Item = Option<&'f RepoPath>>,
) {
    let is_base = |entry: &Entry| entry.path.file_name().is_some_and(|name| NAMES.contains(&name));
    let (mut bases, mut clusters) = (Vec::new(), Vec::new());
    for (entry, file) in std::mem::take(entries).into_iter().zip(source_files) {
        match is_base(&entry) {
            true => bases.push((entry, false)),
            false => clusters.push((entry, file)),
        }
    }
    for (base, is_used) in &mut bases {
        let stands_there = |file: &&RepoPath| file.starts_with(&base.path);
        for (cluster, file) in &mut clusters {
            let is_lent = file.filter(stands_there).is_some() && !cluster.path.starts_with(&base.path);
            if is_lent {
                let called = cluster
                    .called
                    .take()
                    .or_else(|| cluster.path.file_name().map(str::to_owned));
                cluster.join(base.clone());
                cluster
                    .bootstrap_files
                    .extend(base.bootstrap_files.iter().cloned());
                cluster.called = called;
                *is_used = true;
            }
        }
    }
    entries.extend(clusters.into_iter().map(|(entry, _)| entry));
    entries.extend(
        bases
            .into_iter()
            .filter(|(_, is_used)| !is_used)
            .map(|(entry, _)| entry),
    );
}
