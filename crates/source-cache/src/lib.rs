//! What a repository declares elsewhere: the lock file that names it, and the cache that has it. No network.
//!
//! A Flux repository declares charts, sources and remote bases by address and by a version that may move. `source-fetch` turns
//! each [`Declared`] source into a [`LockedSource`], a line of the [`Lock`] with a digest, and puts its bytes into the
//! [`SourceCache`] under that digest. A scan reads nothing but these two, by [`LockedSources`]: the same lock gives the same
//! result, today and in a year.
//!
//! A [`RenderingCache`] beside it keeps what charts have made, so that the next scan renders only what has changed.

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
