//! The API version of objects, in words and by its place: what the findings about versions have in common.

use source_tree::Place;

use crate::inventory::{Inventory, Object};

/// `NAME uses`, `NAME and 2 more use`.
pub(super) fn who_uses(name: &str, more: usize) -> String {
    match more {
        0 => format!("{name} uses"),
        more => format!("{name} and {more} more use"),
    }
}

/// The line of an object's `apiVersion`, else that of the object.
pub(super) fn place(inventory: &Inventory<'_>, object: &Object<'_>) -> Option<Place> {
    let mark = object.node().get("apiVersion").map(|node| node.mark);
    let place = mark
        .filter(|mark| mark.is_some())
        .and_then(|mark| inventory.place(mark));
    place.or_else(|| inventory.source(object))
}
