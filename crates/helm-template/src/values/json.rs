//! Conversion of values from and to JSON, and from YAML trees.

use std::rc::Rc;

use go_std::json::{write_float, write_string};
use go_template::{Kind, Map, MapType, Value};
use yaml_node::{Node, Scalar, Tag, Value as NodeValue};

/// JSON as `encoding/json` decodes it into an `interface {}`: every number is a float.
pub(crate) fn value_of_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::NIL,
        serde_json::Value::Bool(value) => Value::bool(*value),
        serde_json::Value::Number(number) => Value::float(number.as_f64().unwrap_or_default()),
        serde_json::Value::String(text) => Value::text(text.as_str()),
        serde_json::Value::Array(items) => Value::list(items.iter().map(value_of_json).collect()),
        serde_json::Value::Object(entries) => {
            let entries = entries.iter();
            Value::map(
                entries
                    .map(|(key, value)| (key.as_str().into(), value_of_json(value)))
                    .collect(),
            )
        }
    }
}

/// A tree as `sigs.k8s.io/yaml` decodes it into an `interface {}`. It must have the types of [`yaml_node::read_yaml11`].
pub(crate) fn value_of_node(node: &Node) -> Value {
    match &node.value {
        NodeValue::Scalar(scalar) if node.mark.is_some() => value_of_scalar(scalar).at(node.mark),
        NodeValue::Scalar(scalar) => value_of_scalar(scalar),
        NodeValue::Sequence(items) => Value::list(items.iter().map(value_of_node).collect()),
        NodeValue::Mapping(_) => Value::new(Kind::Map(Rc::new(map_of_node(node)))),
    }
}

/// As [`value_of_node`], for a mapping; other nodes have no entries.
pub(crate) fn map_of_node(node: &Node) -> Map {
    let entries = node.iter().map(|(key, value)| (key.into(), value_of_node(value)));
    Map::new(MapType::Any, entries.collect())
}

/// The number of scalars, lists and maps in a tree.
pub(crate) fn node_count(node: &Node) -> usize {
    let entries = node.iter().map(|(_, value)| node_count(value)).sum::<usize>();
    1 + entries + node.items().iter().map(node_count).sum::<usize>()
}

fn value_of_scalar(scalar: &Scalar) -> Value {
    let text = scalar.text.as_str();
    match scalar.tag {
        Tag::Null => Value::NIL,
        Tag::Bool => Value::bool(text.eq_ignore_ascii_case("true")),
        Tag::Int | Tag::Float => text.parse().map_or_else(|_| Value::text(text), Value::float),
        _ => Value::text(text),
    }
}

/// Values as JSON, as `encoding/json` writes it.
pub(crate) fn text_of_map(map: &Map) -> String {
    let mut text = String::new();
    write_map(map, &mut text);
    text
}

fn write_map(map: &Map, text: &mut String) {
    text.push('{');
    for (index, (key, value)) in map.entries().iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_string(key.as_bytes(), true, text);
        text.push(':');
        write(value, text);
    }
    text.push('}');
}

fn write(value: &Value, text: &mut String) {
    match &value.kind {
        Kind::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Kind::Int(value) | Kind::Int64(value) => text.push_str(&value.to_string()),
        Kind::Float(value) if write_float(*value, text) => {}
        Kind::Text(value) => write_string(value.as_bytes(), true, text),
        Kind::Map(map) => write_map(map, text),
        Kind::List(list) => {
            text.push('[');
            for (index, item) in list.items().iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        _ => text.push_str("null"),
    }
}
