//! Fetches the sources that a repository declares: the only crate with a network.
//!
//! Each [`Declared`](source_cache::Declared) source is resolved to a digest as source-controller resolves it, and its bytes go
//! into the [`SourceCache`](source_cache::SourceCache). [`Fetcher`] fetches many at a time; its interface is synchronous, and the
//! runtime behind it stays in this crate.
//!
//! The requests to registries are written here instead of taken from a client library: a pull takes four of them, and a client
//! with its own connections cannot refuse an address (also that of a redirect or of the token server), bound a manifest or a
//! list of tags, or report a failure without the credentials of a URL.

mod address;
mod bucket;
mod content;
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
