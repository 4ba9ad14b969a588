//! A repository turns into one scanned cluster per entry.

use std::sync::Arc;

use source_tree::SourceTree;

use crate::discovery::{Entry, discover, entries_at};
use crate::{ScanError, ScanOptions};

/// The entries to scan: those that the caller names, else every one that is found.
///
/// # Errors
/// As [`discover`] and [`crate::evaluate`].
pub fn entries(tree: &Arc<dyn SourceTree>, options: &ScanOptions) -> Result<Vec<Entry>, ScanError> {
    if options.clusters.is_empty() {
        discover(tree, &options.limits)
    } else {
        entries_at(tree, &options.limits, &options.clusters)
    }
}
