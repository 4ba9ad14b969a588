//! `configMapGenerator` and `secretGenerator`.

mod behavior;
mod config_map;
mod env_file;
mod files;
mod hash;
mod literals;
mod object;
mod options;
mod pair;
mod secret;

pub(crate) use behavior::absorb_all;
pub(crate) use config_map::config_map;
pub(crate) use hash::{hash, hash_text};
pub(crate) use options::merge_options;
pub(crate) use secret::secret;
