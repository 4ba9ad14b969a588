//! The deepest tree that is written.

use crate::{Node, WriteError};

/// Deepest tree that is written. Reading allows far less; only programs make deeper ones.
pub(super) const MAX_DEPTH: usize = 500;

/// Refuses a tree that is too deep to go through.
pub(crate) fn check_depth(depth: usize, node: &Node) -> Result<(), WriteError> {
    if depth > MAX_DEPTH {
        return Err(WriteError::new(
            node.mark,
            format!("exceeded max depth of {MAX_DEPTH}"),
        ));
    }
    Ok(())
}
