//! Commands that answer from catalogs or a scan.

pub(super) mod about;
pub(super) mod compare;
pub(super) mod config;
mod dead_end;
pub(super) mod explain;
pub(super) mod grep;
pub(super) mod image;
pub(super) mod impact;
pub(super) mod lint;
pub(super) mod list;
pub(super) mod live;
pub(super) mod secret;
mod stated;
