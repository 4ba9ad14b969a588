//! Functions on maps. Where Go goes over a map in any order, keys are in order here.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Type::{Any, Map as MapType, Text};
use super::strings::string_of;
use super::{Function, any, function, map, text};
use crate::slim::value::Value;

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "dict" => function(&[], Some(Any), |c, v| {
            let mut entries: BTreeMap<Rc<str>, Value> = BTreeMap::new();
            for pair in v.chunks(2) {
                let key = string_of(any(pair, 0), c)?;
                entries.insert(
                    key.as_str().into(),
                    pair.get(1).cloned().unwrap_or(Value::text("")),
                );
            }
            Ok(Value::map(entries))
        }),
        "get" => function(&[MapType, Text], None, |_, v| {
            Ok(map(v, 0)?.get(text(v, 1)).unwrap_or(Value::text("")))
        }),
        "set" => function(&[MapType, Text, Any], None, |_, v| {
            if map(v, 0)?.nil {
                return Err("assignment to entry in nil map".into());
            }
            map(v, 0)?.insert(text(v, 1), any(v, 2).clone());
            Ok(any(v, 0).clone())
        }),
        "unset" => function(&[MapType, Text], None, |_, v| {
            map(v, 0)?.entries.borrow_mut().remove(text(v, 1));
            Ok(any(v, 0).clone())
        }),
        "hasKey" => function(&[MapType, Text], None, |_, v| {
            Ok(Value::Bool(map(v, 0)?.get(text(v, 1)).is_some()))
        }),
        "pluck" => function(&[Text], Some(MapType), |_, v| {
            let mut found = Vec::new();
            for index in 1..v.len() {
                found.extend(map(v, index)?.get(text(v, 0)));
            }
            Ok(Value::list(found))
        }),
        "keys" => function(&[], Some(MapType), |_, v| {
            let mut keys = Vec::new();
            for index in 0..v.len() {
                keys.extend(map(v, index)?.entries.borrow().keys().cloned());
            }
            Ok(Value::texts(keys))
        }),
        "values" => function(&[MapType], None, |_, v| {
            Ok(Value::list(
                map(v, 0)?.entries.borrow().values().cloned().collect(),
            ))
        }),
        "pick" => function(&[MapType], Some(Text), |_, v| {
            let dict = map(v, 0)?;
            let keys = (1..v.len()).map(|index| text(v, index));
            Ok(Value::map(
                keys.filter_map(|key| Some((key.into(), dict.get(key)?)))
                    .collect(),
            ))
        }),
        "omit" => function(&[MapType], Some(Text), |_, v| {
            let mut entries = map(v, 0)?.entries.borrow().clone();
            for index in 1..v.len() {
                entries.remove(text(v, index));
            }
            Ok(Value::map(entries))
        }),
        "dig" => function(&[], Some(Any), |_, v| dig(v)),
        _ => return None,
    })
}

/// Keys, a default, and the map to look in.
fn dig(values: &[Value]) -> Result<Value, String> {
    let [keys @ .., default, dict] = values else {
        return Err("dig needs at least three arguments".into());
    };
    if keys.is_empty() {
        return Err("dig needs at least three arguments".into());
    }
    let mut value = dict.clone();
    for key in keys {
        let Value::Text(key) = key else {
            return Err(format!("a key is {}, not string", key.type_name()));
        };
        value = match &value {
            Value::Map(map) if !map.texts => match map.get(key) {
                Some(value) => value,
                None => return Ok(default.clone()),
            },
            other => {
                return Err(format!(
                    "{key:?} is looked for in {}, not in a map",
                    other.type_name()
                ));
            }
        };
    }
    Ok(value)
}
