//! Look-up by dotted path.

use std::rc::Rc;

use go_template::{Kind, Map, Value};

/// The map at a path; `None` if a part of the path is missing or not a map.
pub(crate) fn table(values: &Map, path: &str) -> Option<Rc<Map>> {
    let mut parts = path.split('.');
    let first = map_at(values, parts.next()?)?;
    parts.try_fold(first, |map, name| map_at(&map, name))
}

/// The value at a path, unless it is a map.
pub(crate) fn value_at(values: &Map, path: &str) -> Option<Value> {
    let value = match path.rsplit_once('.') {
        Some((folder, name)) => table(values, folder)?.get(name)?,
        None => values.get(path)?,
    };
    (!matches!(value.kind, Kind::Map(_))).then_some(value)
}

fn map_at(values: &Map, name: &str) -> Option<Rc<Map>> {
    match values.get(name)?.kind {
        Kind::Map(map) => Some(map),
        _ => None,
    }
}
