//! Patches and overlays that decide fields of an object, besides its manifest.

use foldhash::{HashMap, HashMapExt};
use infra_model::Place;
use source_tree::{FileId, Mark};
use yaml_node::{Node, Value};

use crate::distinct::distinct;
use crate::inventory::{Inventory, Object};

/// The first line of each other file that decides fields of an object. Patches in its own file are left out: marks do not tell them
/// from the object.
pub(crate) fn overlays(inventory: &Inventory<'_>, object: &Object<'_>) -> Vec<Place> {
    if object.applied.generated_by.is_some() {
        return Vec::new();
    }
    let own = object.applied.mark.file;
    let mut first: HashMap<FileId, u32> = HashMap::new();
    collect(&object.applied.built, &mut |mark| {
        if mark.is_some() && mark.file != own {
            let line = first.entry(mark.file).or_insert(mark.line);
            *line = (*line).min(mark.line);
        }
    });
    let first = first.into_iter();
    distinct(first.filter_map(|(file, line)| inventory.place(Mark::new(file, line))))
}

fn collect(node: &Node, found: &mut dyn FnMut(Mark)) {
    match &node.value {
        Value::Scalar(_) => found(node.mark),
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Mapping(mapping) => {
            for (key, value) in mapping.iter() {
                if !is_of_transformers(key) {
                    collect(value, found);
                }
            }
        }
    }
}

/// Whether transformers and generators set a field in many objects.
fn is_of_transformers(field: &str) -> bool {
    matches!(
        field,
        "metadata"
            | "labels"
            | "matchLabels"
            | "selector"
            | "annotations"
            | "image"
            | "name"
            | "namespace"
            | "secretName"
            | "claimName"
            | "serviceName"
    )
}
