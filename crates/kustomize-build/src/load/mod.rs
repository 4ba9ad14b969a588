//! Paths in a kustomization turn into files and directories of the tree, and files into resource documents.

mod ahead;
pub(crate) mod documents;
mod loader;
mod remote;

pub use ahead::read_ahead;
pub(crate) use loader::Loader;
pub(crate) use remote::{RepoSpec, is_remote_file};
