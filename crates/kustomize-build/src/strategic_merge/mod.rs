//! A strategic merge patch and an object turn into the patched object.
//!
//! The rules are those of kyaml's `merge2` and `walk`
//! (<https://github.com/kubernetes-sigs/kustomize/tree/kyaml/v0.21.2/kyaml/yaml/walk>). They process the whole object,
//! so parts that the patch does not mention can change too: fields without a value vanish, and keyed lists are merged
//! with nothing.

mod directive;
mod error;
mod keyed_items;
mod list;
mod tuples;
mod walk;

#[cfg(test)]
mod tests;

use yaml_node::Node;

use crate::schema::Schema;
pub(crate) use error::MergeError;
use walk::{Outcome, Walker};

/// Merges `patch` into `object`. `None` if the patch deletes the object.
///
/// A scalar of the patch takes the style of the one that it overwrites and keeps its own type and mark.
///
/// # Errors
/// [`MergeError`] if the patch does not fit.
pub(crate) fn merge(patch: &Node, object: &Node, schema: &Schema) -> Result<Option<Node>, MergeError> {
    let outcome = Walker { schema }.walk(Some(object), Some(patch), None, false)?;
    Ok(match outcome {
        Outcome::Nothing => None,
        // kustomize only uses changes in the object itself, so `$patch: replace` at the top of a patch has no effect.
        Outcome::Kept | Outcome::Added(_) => Some(object.clone()),
        Outcome::Changed(changed) => Some(changed),
    })
}
