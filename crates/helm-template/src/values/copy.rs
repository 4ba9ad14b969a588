//! Deep and shallow copies of maps.

use std::collections::BTreeMap;
use std::rc::Rc;

use go_template::{Kind, Map, MapType, Value};

/// An empty map.
pub(crate) fn empty_map() -> Map {
    Map::new(MapType::Any, BTreeMap::new())
}

/// A deep copy of a map.
pub(crate) fn copy_map(map: &Map) -> Map {
    let entries = map.entries();
    let copies = entries
        .iter()
        .map(|(key, value)| (key.clone(), copy_value(value)));
    Map::new(MapType::Any, copies.collect())
}

/// A deep copy of a value.
pub(crate) fn copy_value(value: &Value) -> Value {
    match &value.kind {
        Kind::Map(map) => Value::new(Kind::Map(Rc::new(copy_map(map)))),
        Kind::List(list) => Value::list(list.items().iter().map(copy_value).collect()),
        _ => value.clone(),
    }
}

/// A copy of a map that shares its values.
pub(crate) fn shallow_copy(map: &Map) -> Map {
    Map::new(MapType::Any, map.entries().clone())
}

/// `b` over `a` in a new map: maps are merged, anything else is replaced, nulls stay. Values that are not merged are shared.
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
