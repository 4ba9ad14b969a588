//! A ResourceSet and its input providers turn into the objects that flux-operator applies.

use source_tree::{Limits, Mark};
use thiserror::Error;
use yaml_node::Node;

use crate::flux::{ResourceSet, ResourceSetInputProvider};

/// Why the objects of a ResourceSet cannot be had.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub(crate) struct ResourceSetError {
    /// What is wrong.
    pub(crate) message: String,
    /// The field, or the line of a template.
    pub(crate) mark: Mark,
}

/// The objects of `set`. `providers` are all that are applied; those that `inputsFrom` names or selects are used.
///
/// # Errors
/// [`ResourceSetError`].
pub(crate) fn render(
    set: &ResourceSet,
    _providers: &[ResourceSetInputProvider],
    _limits: &Limits,
) -> Result<Vec<Node>, ResourceSetError> {
    Err(ResourceSetError {
        message: String::new(),
        mark: set.node.mark,
    })
}
