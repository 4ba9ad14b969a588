//! The commands that answer from catalogs or a scan, one file each.

pub(super) mod config;
pub(super) mod flux;
pub(super) mod grep;
pub(super) mod image;
pub(super) mod impact;
pub(super) mod lint;
pub(super) mod list;
pub(super) mod secret;
pub(super) mod trace;
pub(super) mod r#where;
