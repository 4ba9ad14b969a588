//! What a repository declares elsewhere, fetched: the one crate with a network.
//!
//! Each [`Declared`](source_cache::Declared) source is resolved to a digest, as source-controller resolves it, and its bytes go
//! into the [`SourceCache`](source_cache::SourceCache). [`Fetcher`] does many at a time; its interface is synchronous, and the
//! runtime behind it stays in this crate.
//!
//! Requests to registries are written here rather than taken from a client library: a pull takes four of them, and a client
//! with connections of its own has no place to refuse an address (also of a redirect, or of the server that hands out
//! tokens), to bound a manifest or a list of tags, and to say what failed without the credentials of a URL.

mod address;
mod bucket;
mod chart_archive;
mod credentials;
mod fetcher;
mod file;
mod git;
mod helm_repository;
mod http;
mod network;
mod oci;
mod options;
mod problem;
mod semver;
mod update;

pub use fetcher::{Fetched, Fetcher, Job, Progress, Totals};
pub use options::{FetchLimits, FetchOptions, UserFiles};
pub use problem::FetchError;
pub use update::{Outdated, Plan, Update, Updated};
