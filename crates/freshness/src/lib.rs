//! Finds out whether catalogs are out of date without scanning their repository again.
//!
//! `regen` records the inputs of the catalogs: the files that builds read, with their digests, the folders in which every manifest
//! counts, and the paths that were looked for and missing ([`inputs`], in `.scan.json` beside the catalogs). While the [`inputs`]
//! of a repository do not change, neither do its catalogs; an edit of a file that no build reads changes neither. The note of
//! the questions and `check` rest on the same inputs.
//!
//! Hashing every file takes longer than answering a question. So a [`Witness`] records the metadata of each of these files and
//! folders (inode, size, times), and as long as they are equal nothing is read. Times are specific to a machine and a clone:
//! they are kept in the user's cache and never beside the catalogs, whose bytes are the same everywhere. Git's index would
//! serve as a witness, too, but it knows only tracked files, disagrees about filtered ones, and is one more untrusted file to
//! parse.
//!
//! The same record keeps the result of a scan as a [`CachedResult`], by which `fetch` knows that there is nothing to fetch.

mod cache_file;
mod cached_result;
mod changes;
mod survey;
mod witness;

pub use cached_result::{CachedResult, ScanReads};
pub use changes::{Freshness, Project, changed_files};
pub use survey::inputs;
pub use witness::Witness;
