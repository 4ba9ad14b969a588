//! Puts the files of a commit into the cache.

use camino::Utf8Path;
use git_plumbing::{NoAnswer, files, read_files};
use source_cache::{ListedFile, Listing, SourceCache};
use source_tree::RepoPath;

use crate::http::too_large;
use crate::options::FetchLimits;
use crate::problem::Problem;

/// Keeps the files of a commit, without links, as in every artifact.
pub(super) fn keep(
    folder: &Utf8Path,
    commit: &str,
    cache: &SourceCache,
    limits: &FetchLimits,
) -> Result<Listing, Problem> {
    let mut files = files(folder, commit)?;
    files.retain(|file| !file.is_link);
    if files.len() > limits.tree_files {
        return Err(Problem::new(format!(
            "it has more than {} files, the limit",
            limits.tree_files
        )));
    }
    let mut listing = Listing::default();
    let mut total = 0;
    let mut failed = None;
    let read = read_files(folder, &files, |file, bytes, content| {
        total += bytes;
        if total > limits.tree_bytes {
            failed = Some(too_large("the whole of its files", limits.tree_bytes));
            return Err(NoAnswer(String::new()));
        }
        let mut text = Vec::new();
        content
            .read_to_end(&mut text)
            .map_err(|error| NoAnswer(format!("git ended early: {error}")))?;
        match cache.write(&text) {
            Ok(digest) => {
                let path = RepoPath::new(file.path.as_str());
                listing.insert(path, ListedFile { digest, bytes });
                Ok(())
            }
            Err(error) => {
                failed = Some(error.into());
                Err(NoAnswer(String::new()))
            }
        }
    });
    match (read, failed) {
        (_, Some(problem)) => Err(problem),
        (read, None) => {
            read?;
            Ok(listing)
        }
    }
}
