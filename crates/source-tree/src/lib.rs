//! Confined reads by repository-relative path, over a folder, memory or an overlay.
//!
//! Every later stage reads files through [`SourceTree`] only. [`RepoPath`] names a file, [`Mark`] and [`Place`] point
//! to a line of it, [`Diagnostic`] is a problem found there.

mod budget;
pub mod codes;
mod confined;
mod diagnostic;
mod disk;
mod limits;
mod memory;
mod object_ref;
mod overlay;
mod place;
mod recording;
pub mod regular_file;
mod repo_path;
mod schema;
mod tree;

pub use budget::{Budget, Exhausted, Work};
pub use confined::ConfinedFolder;
pub use diagnostic::{Diagnostic, Severity};
pub use disk::DiskTree;
pub use limits::Limits;
pub use memory::MemoryTree;
pub use object_ref::{NotAnObject, ObjectRef};
pub use overlay::OverlayTree;
pub use place::{FileId, FileTable, Mark, Place};
pub use recording::{Asked, ReadRecord};
pub use repo_path::RepoPath;
pub use tree::{EntryKind, SourceTree, TreeAround, TreeError, canonicalize_without_links};
