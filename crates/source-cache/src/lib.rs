//! The lock file that names the sources of a repository, and the cache that has their content. No network.
//!
//! A Flux repository declares charts, sources and remote bases by an address and a version that may move. `source-fetch` turns each
//! [`Declared`] source into a [`LockedSource`], a line of the [`Lock`] with a digest, and puts its bytes into the [`SourceCache`]
//! under that digest. A scan reads only these two, through [`LockedSources`]: the same lock gives the same result, today and in
//! a year.
//!
//! A [`RenderingCache`] keeps rendered charts, so that the next scan renders only those that have changed.

mod archive;
mod archive_tree;
mod blob_tree;
mod cache;
mod declared;
mod digest;
mod listing;
mod lock;
mod locked_sources;
mod named;
mod renderings;
mod vendor;

pub use archive::{ArchiveError, unpack};
pub use cache::{CacheError, NewBlob, SourceCache, Swept};
pub use declared::{BucketRequest, Declared, GitRevision, OciRevision, Protocol};
pub use digest::Digest;
pub use listing::{ListedFile, Listing, ListingError};
pub use lock::{LOCK_FILE, Lock, LockError, LockKey, LockedContent, LockedSource};
pub use locked_sources::{LoadedCharts, LockedSources, Unmet, UnmetReason};
pub use renderings::RenderingCache;
pub use vendor::{VendorError, Vendored, VendoredFolder, vendor};
