//! Fields that a Kustomization ignores by `spec.ignore`.

use flux_evaluate::flux::{at_pointer, ignored_pointers};
use source_tree::Mark;

use crate::inventory::{Inventory, Object};

/// A field of an object whose edits in the file Flux ignores.
pub(crate) struct IgnoredField {
    /// A JSON pointer.
    pub(crate) pointer: String,
    /// The place in the file.
    pub(crate) mark: Mark,
}

/// The fields of an object that it states and its Kustomization ignores.
pub(crate) fn ignored_fields(inventory: &Inventory<'_>, object: &Object<'_>) -> Vec<IgnoredField> {
    let owner = inventory.owner(object);
    let kustomization = owner.and_then(|owner| owner.evaluated.object.as_ref());
    let Some(kustomization) = kustomization.filter(|_| object.applied.generated_by.is_none()) else {
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
