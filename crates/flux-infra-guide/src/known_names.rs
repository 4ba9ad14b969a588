//! Names that a shell completes in questions, from the catalogs of the current folder.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use catalog_emit::CatalogStore;
use clap_complete::CompletionCandidate;
use infra_query::Subject;

use crate::data_folder::data_folder;

/// Most names that are offered.
const MOST: usize = 200;

/// The names that begin with a text, each with its kind.
pub(crate) fn names(begins: &OsStr) -> Vec<CompletionCandidate> {
    let begins = begins.to_string_lossy().to_lowercase();
    let Ok(data) = data_folder(None) else {
        return Vec::new();
    };
    let names = catalog_emit::cluster_names(&data).unwrap_or_default();
    let clusters: Vec<Option<&str>> = match names.as_slice() {
        [] => vec![None],
        names => names.iter().map(|name| Some(name.as_str())).collect(),
    };
    let mut found: BTreeSet<(String, String)> = BTreeSet::new();
    for cluster in clusters {
        let Ok(store) = CatalogStore::open(&data, cluster) else {
            continue;
        };
        for subject in Subject::all(&store) {
            let key = subject.key();
            // A shell would split or change other names.
            let is_plain = key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@".contains(&byte));
            if is_plain && key.to_lowercase().starts_with(&begins) {
                found.insert((key.to_owned(), subject.kind().to_owned()));
            }
        }
    }
    let mut found: Vec<(String, String)> = found.into_iter().collect();
    found.dedup_by(|(name, _), (last, _)| name == last);
    found.truncate(MOST);
    let found = found.into_iter();
    found
        .map(|(name, kind)| CompletionCandidate::new(name).help(Some(kind.into())))
        .collect()
}

/// The names of clusters that begin with a text.
pub(crate) fn clusters(begins: &OsStr) -> Vec<CompletionCandidate> {
    let begins = begins.to_string_lossy();
    let names = data_folder(None).map(|data| catalog_emit::cluster_names(&data).unwrap_or_default());
    let names = names.unwrap_or_default().into_iter();
    names
        .filter(|name| name.starts_with(&*begins))
        .map(CompletionCandidate::new)
        .collect()
}
