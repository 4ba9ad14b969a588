//! Paths in a kustomization turn into files and directories of the tree, and files into resource documents.

pub(crate) mod documents;
mod loader;
mod remote;

pub(crate) use loader::Loader;
pub(crate) use remote::{RepoSpec, is_remote_file};
