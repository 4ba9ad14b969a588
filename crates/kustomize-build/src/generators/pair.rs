//! A key and its value.

use smol_str::SmolStr;
use source_tree::Mark;

/// A key of a generated object with its value and place.
pub(crate) struct Pair {
    pub(super) key: SmolStr,
    pub(super) value: Vec<u8>,
    pub(super) mark: Mark,
}
