//! The note that catalogs are older than the repository around them.
//!
//! Determined while the catalogs are read, without a scan.

use std::thread::{self, JoinHandle};
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::Inputs;
use freshness::{Freshness, Project};
use source_tree::SourceTree;

use crate::cache;
use crate::data_folder::DATA_FOLDERS;
use crate::git::Repository;
use crate::terminal::Terminal;

/// A note that is being determined.
pub(crate) struct FreshnessNote(Option<JoinHandle<Option<Found>>>);

/// The freshness of catalogs.
struct Found {
    project: Utf8PathBuf,
    freshness: Freshness,
}

impl FreshnessNote {
    /// Starts to determine the freshness of the catalogs of a data folder, if it is in a repository.
    pub(crate) fn start(terminal: &Terminal, data: &Utf8Path) -> Self {
        let now = SystemTime::now();
        let data = data.to_owned();
        // If no thread can be started, there is no note.
        let thread = (!terminal.quiet).then(|| {
            thread::Builder::new().spawn(move || {
                let data = data.canonicalize_utf8().ok()?;
                let folder = project(&data)?;
                let cache = cache::folder();
                let freshness = Project {
                    folder,
                    data: &data,
                    cache: cache.as_deref(),
                    now,
                }
                .freshness();
                Some(Found {
                    project: folder.to_owned(),
                    freshness,
                })
            })
        });
        FreshnessNote(thread.and_then(Result::ok))
    }

    /// Prints the note, if the catalogs are old and were made from the repository around them.
    pub(crate) fn print(self, terminal: &Terminal, generated_from: &str) {
        let Some(found) = self.0.and_then(|thread| thread.join().ok()).flatten() else {
            return;
        };
        let note = match found.freshness {
            Freshness::Fresh | Freshness::Unknown => return,
            Freshness::Changed(_) => "the repository has changed since these catalogs were written",
            Freshness::OtherVersion => "another version of flux-infra-guide wrote these catalogs",
        };
        let repository = Repository::at_top(&found.project).unwrap_or_default();
        let name = repository
            .as_ref()
            .and_then(Repository::name)
            .or(found.project.file_name());
        if name == Some(generated_from) {
            terminal.err(&format!("note: {note}: `flux-infra-guide regen`\n"));
        }
    }
}

/// Remembers that newly written catalogs are current, so that the first question about them need not read the repository
/// again.
pub(crate) fn remember(
    data: &Utf8Path,
    repository: &Utf8Path,
    began: SystemTime,
    tree: &dyn SourceTree,
    inputs: &Inputs,
) {
    let Ok(data) = data.canonicalize_utf8() else {
        return;
    };
    if project(&data) == Some(repository) {
        let cache = cache::folder();
        let project = Project {
            folder: repository,
            data: &data,
            cache: cache.as_deref(),
            now: began,
        };
        project.remember(tree, inputs);
    }
}

/// The project of a data folder in one of the usual places.
fn project(data: &Utf8Path) -> Option<&Utf8Path> {
    let mut folders = data.ancestors();
    folders.find(|folder| DATA_FOLDERS.iter().any(|inner| folder.join(inner) == data))
}
