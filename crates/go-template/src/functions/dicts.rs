//! Functions on maps. Keys are sorted where Go's iteration order is random.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::MAX_DEPTH;
use super::convert::to_text;
use super::merge::merge;
use super::result::Result;
use crate::Type::{Any, Map as Dict, Text as Str};
use crate::{Arguments, Caller, Function, FunctionError, Kind, Map, MapType, Text, Value};

const DEEP_COPY: Function = Function::new(&[Any], deep_copy).keeping_mark();
const MERGE: Function = Function::variadic(&[Dict], Dict, |c, a| merge(c, a, false));
const MERGE_OVERWRITE: Function = Function::variadic(&[Dict], Dict, |c, a| merge(c, a, true));

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("deepCopy", DEEP_COPY),
    ("dict", Function::variadic(&[], Any, dict)),
    ("dig", Function::variadic(&[], Any, dig)),
    ("get", Function::new(&[Dict, Str], get)),
    ("hasKey", Function::new(&[Dict, Str], has_key)),
    ("keys", Function::variadic(&[], Dict, keys)),
    ("merge", MERGE),
    ("mergeOverwrite", MERGE_OVERWRITE),
    ("mustDeepCopy", DEEP_COPY),
    ("mustMerge", MERGE),
    ("mustMergeOverwrite", MERGE_OVERWRITE),
    ("omit", Function::variadic(&[Dict], Str, omit)),
    ("pick", Function::variadic(&[Dict], Str, pick)),
    ("pluck", Function::variadic(&[Str], Dict, pluck)),
    ("set", Function::new(&[Dict, Str, Any], set)),
    ("unset", Function::new(&[Dict, Str], unset)),
    ("values", Function::new(&[Dict], values)),
];

/// A map that a function got as a parameter and returns: the same map, with the type of the parameter.
pub(super) fn returned(map: &Rc<Map>) -> Value {
    match map.map_type() {
        MapType::Named(_) => Value::new(Kind::Map(Rc::new(map.converted(MapType::Any)))),
        _ => Value::new(Kind::Map(Rc::clone(map))),
    }
}

fn dict(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let mut entries = BTreeMap::new();
    caller
        .budget()
        .allocate(Map::bytes(arguments.len().div_ceil(2)))?;
    for pair in arguments.rest(0).chunks(2) {
        let key = to_text(caller, pair.first().unwrap_or(&Value::NIL))?;
        let value = pair.get(1).cloned().unwrap_or_else(|| Value::text(""));
        entries.insert(key, value);
    }
    Ok(Value::map(entries))
}

fn get(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let value = arguments.map(0).get(arguments.text(1));
    Ok(value.unwrap_or_else(|| Value::text("")))
}

fn has_key(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(Value::bool(arguments.map(0).contains(arguments.text(1))))
}

fn set(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let map = arguments.map(0);
    if map.is_nil() {
        return Err("assignment to entry in nil map".into());
    }
    caller.budget().allocate(3 * size_of::<Value>())?;
    map.insert(arguments.text(1).clone(), arguments.any(2).clone());
    Ok(returned(&map))
}

fn unset(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let map = arguments.map(0);
    map.remove(arguments.text(1));
    Ok(returned(&map))
}

fn pluck(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let maps = 1..arguments.len();
    let values = maps.filter_map(|index| arguments.map(index).get(arguments.text(0)));
    Ok(Value::list(values.collect()))
}

fn keys(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let mut keys: Vec<Text> = Vec::new();
    for index in 0..arguments.len() {
        let map = arguments.map(index);
        caller.budget().spend(map.len() as u64)?;
        keys.extend(map.entries().keys().cloned());
    }
    caller.budget().allocate_values(keys.len())?;
    Ok(Value::texts(keys))
}

fn values(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let map = arguments.map(0);
    caller.budget().spend(map.len() as u64)?;
    caller.budget().allocate_values(map.len())?;
    Ok(Value::list(map.entries().values().cloned().collect()))
}

fn pick(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let map = arguments.map(0);
    let picked = (1..arguments.len()).filter_map(|index| {
        let key = arguments.text(index);
        Some((key.clone(), map.get(key)?))
    });
    Ok(Value::map(picked.collect()))
}

fn omit(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let map = arguments.map(0);
    caller.budget().spend(map.len() as u64)?;
    caller.budget().allocate(Map::bytes(map.len()))?;
    let mut entries = map.entries().clone();
    for index in 1..arguments.len() {
        entries.remove(arguments.bytes(index));
    }
    Ok(Value::map(entries))
}

/// The value at a path of keys, or a default. Named map types on the way are an error.
fn dig(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let Some(last) = arguments.len().checked_sub(1).filter(|last| *last >= 2) else {
        return Err("dig needs at least three arguments".into());
    };
    let mut map = plain_map(arguments.any(last))?;
    let mut path = Vec::new();
    for index in 0..last - 1 {
        match &arguments.any(index).kind {
            Kind::Text(key) => path.push(key),
            _ => return Err(conversion(arguments.any(index), "string")),
        }
    }
    let end = path.len() - 1;
    for (index, key) in path.into_iter().enumerate() {
        let Some(value) = map.get(key) else {
            break;
        };
        if index == end {
            return Ok(value);
        }
        map = plain_map(&value)?;
    }
    Ok(arguments.any(last - 1).clone())
}

fn plain_map(value: &Value) -> Result<Rc<Map>> {
    match &value.kind {
        Kind::Map(map) if map.map_type() == MapType::Any => Ok(Rc::clone(map)),
        _ => Err(conversion(value, "map[string]interface {}")),
    }
}

/// Go's panic for a failed type assertion.
fn conversion(value: &Value, wanted: &str) -> FunctionError {
    let found = if value.is_nil() { "nil" } else { value.type_name() };
    FunctionError::new(format!(
        "interface conversion: interface {{}} is {found}, not {wanted}"
    ))
}

fn deep_copy(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    if arguments.any(0).is_nil() {
        return Err("reflect: call of reflect.Value.Type on zero Value".into());
    }
    copy(caller, arguments.any(0), 0)
}

fn copy(caller: &mut dyn Caller<'_>, value: &Value, depth: u32) -> Result {
    caller.budget().spend(4)?;
    if depth > MAX_DEPTH {
        return Err(FunctionError::limit("a value is too deep to copy"));
    }
    match &value.kind {
        Kind::List(list) if !list.is_nil() => {
            caller.budget().allocate(size_of_val(list.items()))?;
            let items: Result<Vec<Value>> = list
                .items()
                .iter()
                .map(|item| copy(caller, item, depth + 1))
                .collect();
            Ok(Value::list_of(list.list_type(), items?))
        }
        Kind::Map(map) if !map.is_nil() => {
            caller.budget().allocate(Map::bytes(map.len()))?;
            let mut entries = BTreeMap::new();
            for (key, item) in map.snapshot() {
                entries.insert(key, copy(caller, &item, depth + 1)?);
            }
            Ok(Value::map_of(map.map_type(), entries))
        }
        _ => Ok(value.clone()),
    }
}
