//! The patches and overlays that decide fields of an object, beside the manifest that states it.

use foldhash::{HashMap, HashMapExt};
use infra_model::Place;
use source_tree::{FileId, Mark};
use yaml_node::{Node, Value};

use crate::inventory::{Inventory, Object};

/// Fields that transformers and generators set in many objects: no overlay of this one.
const OF_TRANSFORMERS: &[&str] = &[
    "metadata",
    "labels",
    "matchLabels",
    "selector",
    "annotations",
    "image",
    "name",
    "namespace",
    "secretName",
    "claimName",
    "serviceName",
];

/// The first line of each other file that decides fields of an object; of its own file the lines of patches stand apart from it
/// as little as those of the object, and are left out.
pub(crate) fn of(inventory: &Inventory<'_>, object: &Object<'_>) -> Vec<Place> {
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
    let places = first
        .into_iter()
        .filter_map(|(file, line)| inventory.place(Mark::new(file, line)));
    let mut places: Vec<Place> = places.collect();
    places.sort();
    places
}

fn collect(node: &Node, found: &mut dyn FnMut(Mark)) {
    match &node.value {
        Value::Scalar(_) => found(node.mark),
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Mapping(mapping) => {
            for (key, value) in mapping.iter() {
                if !OF_TRANSFORMERS.contains(&key) {
                    collect(value, found);
                }
            }
        }
    }
}
