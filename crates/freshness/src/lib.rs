//! Whether catalogs are older than the repository that they were made from, without scanning it again.
//!
//! `regen` records what decided the catalogs: the files that builds read with a digest of each, the folders whose every
//! manifest counts, and the paths that were looked for in vain ([`inputs`], in `.scan.json` beside the catalogs). A
//! repository whose [`inputs`] are still those has the same catalogs; an edit of a file that no build reads changes none
//! of them. The questions' note and `check` ask the same.
//!
//! To hash every file for each question takes longer than to answer it. So a [`Witness`] remembers what the file system
//! said of each of these files and folders (inode, size, times), and as long as it says the same nothing is read. The
//! times are a machine's own and change with each clone: they stand in a cache of the user and never beside the catalogs,
//! which are the same bytes everywhere. Git's index would be such a witness that is there already, but it knows only what
//! is tracked, disagrees where files are filtered, and is one more thing of a stranger to be parsed.
//!
//! What a scan has found can be kept by the same record, as a [`CachedResult`]: `fetch` knows by it that there is nothing to
//! fetch.

mod cached_result;
mod changes;
mod old_files;
mod survey;
mod witness;

pub use cached_result::{CachedResult, ScanReads};
pub use changes::{Freshness, Project, changed_files};
pub use survey::inputs;
pub use witness::Witness;
