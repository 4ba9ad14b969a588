//! Copies of maps that share nothing, or only what lies below.

use std::collections::BTreeMap;
use std::rc::Rc;

use go_template::{Kind, Map, MapType, Value};

/// A map without entries.
pub(crate) fn empty_map() -> Map {
    Map::new(MapType::Any, BTreeMap::new())
}

/// A map of its own, down to the leaves.
pub(crate) fn copy_map(map: &Map) -> Map {
    let entries = map.entries();
    let copies = entries
        .iter()
        .map(|(key, value)| (key.clone(), copy_value(value)));
    Map::new(MapType::Any, copies.collect())
}

/// A value of its own, down to the leaves.
pub(crate) fn copy_value(value: &Value) -> Value {
    match &value.kind {
        Kind::Map(map) => Value::new(Kind::Map(Rc::new(copy_map(map)))),
        Kind::List(list) => Value::list(list.items().iter().map(copy_value).collect()),
        _ => value.clone(),
    }
}

/// A map of its own, whose values are shared.
pub(crate) fn shallow_copy(map: &Map) -> Map {
    Map::new(MapType::Any, map.entries().clone())
}

/// `b` over `a` in a new map: maps are merged, anything else is replaced, a null stays. What is not merged is shared.
pub(crate) fn merge_maps(a: &Map, b: &Map) -> Map {
    let merged = shallow_copy(a);
    for (key, value) in b.entries().iter() {
        let old = merged.get(key);
        let value = match (old.as_ref().map(|old| &old.kind), &value.kind) {
            (Some(Kind::Map(old)), Kind::Map(new)) => Value::new(Kind::Map(Rc::new(merge_maps(old, new)))),
            _ => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    merged
}
