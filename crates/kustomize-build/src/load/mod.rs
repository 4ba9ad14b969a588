//! Files and directories that a kustomization names.

mod ahead;
pub(crate) mod documents;
mod loader;
mod remote;
mod remotes;

pub use ahead::read_ahead;
pub(crate) use loader::Loader;
pub(crate) use remote::{RepoSpec, is_remote_file};
pub use remotes::{REMOTE_FOLDER, RemoteBase, Remotes};
