//! Fields that a Kustomization leaves to others: `spec.ignore`.

use flux_evaluate::flux::{at_pointer, ignored_pointers};
use source_tree::Mark;

use crate::inventory::{Inventory, Object};

/// A field of an object to which an edit of its file makes no difference.
pub(crate) struct IgnoredField {
    /// As a JSON pointer.
    pub(crate) pointer: String,
    /// Where the file states it.
    pub(crate) mark: Mark,
}

/// The fields of an object that its Kustomization ignores, and the object states.
pub(crate) fn ignored_fields(inventory: &Inventory<'_>, object: &Object<'_>) -> Vec<IgnoredField> {
    let owner = inventory
        .owner(object)
        .filter(|_| object.applied.generated_by.is_none());
    let Some(kustomization) = owner.and_then(|owner| owner.evaluated.object.as_ref()) else {
        return Vec::new();
    };
    let pointers = ignored_pointers(&kustomization.node, object.node());
    let stated = pointers.into_iter().filter_map(|pointer| {
        Some(IgnoredField {
            pointer: pointer.to_owned(),
            mark: at_pointer(object.node(), pointer)?.mark,
        })
    });
    stated.collect()
}
