//! The resources that a selector selects, by position.

use crate::kustomization::SelectorEntry;
use crate::selector::Selector;
use crate::{BuildError, ResMap};

/// Positions of the resources that a selector selects.
pub(super) fn select(map: &ResMap, entry: &SelectorEntry) -> Result<Vec<usize>, BuildError> {
    Selector::new(entry)?.select(map)
}
