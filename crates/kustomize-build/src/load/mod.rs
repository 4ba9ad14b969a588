//! Loading of the files and directories that a kustomization names.

mod ahead;
pub(crate) mod documents;
mod loader;
mod remote;

pub use ahead::read_ahead;
pub(crate) use loader::Loader;
pub(crate) use remote::{RepoSpec, is_remote_file};
