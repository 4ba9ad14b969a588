//! Reading and writing of YAML, as Helm does with <https://github.com/kubernetes-sigs/yaml>.

use go_std::text::lossy;
use source_tree::{FileId, Limits};
use yaml_node::{
    Dialect, Node, Tag, json_float, natural_order, read_yaml11, resolve, write_indented, write_marshalled,
};

use super::json::{error_map, mismatch};
use super::result::Result;
use crate::Type::{Any, Text as Str};
use crate::{Arguments, Budget, Caller, Function, FunctionError, Kind, Map, Text, Value};

/// Helm's functions. Writing errors give an empty string; reading errors are part of the result.
pub(super) const HELM: &[(&str, Function)] = &[
    ("fromYaml", Function::new(&[Str], from_yaml)),
    ("fromYamlArray", Function::new(&[Str], from_yaml_array)),
    ("mustToYaml", Function::new(&[Any], to_yaml)),
    ("toYaml", Function::new(&[Any], |c, a| or_empty(to_yaml(c, a)))),
    (
        "toYamlPretty",
        Function::new(&[Any], |c, a| or_empty(to_yaml_pretty(c, a))),
    ),
];

fn or_empty(result: Result) -> Result {
    result.or_else(|error| {
        if error.limit {
            Err(error)
        } else {
            Ok(Value::text(""))
        }
    })
}

/// Deepest nesting that is written; a map can be made to hold itself.
const MAX_DEPTH: usize = 400;

/// Most scalars, lists and maps of a document that is read or written: each takes about two hundred bytes in a tree.
const MOST_NODES: usize = 1_000_000;

/// Refuses values that are too large for one document before a tree is built. Shared parts count each time.
fn check_size(value: &Value) -> std::result::Result<(), FunctionError> {
    fn take(value: &Value, left: &mut usize, depth: usize) -> bool {
        let Some(less) = left.checked_sub(1).filter(|_| depth <= MAX_DEPTH) else {
            // Values that are too deep fail in `account`.
            return *left > 0;
        };
        *left = less;
        match &value.kind {
            Kind::List(list) => list.items().iter().all(|item| take(item, left, depth + 1)),
            Kind::Map(map) => map.entries().values().all(|item| take(item, left, depth + 1)),
            _ => true,
        }
    }
    match take(value, &mut { MOST_NODES }, 0) {
        true => Ok(()),
        false => Err(FunctionError::limit(format!(
            "a document has more than {MOST_NODES} nodes"
        ))),
    }
}

pub(super) fn to_yaml(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    check_size(arguments.any(0))?;
    let node = json_node(caller.budget(), arguments.any(0), 0)?;
    let text = write_marshalled(&node).map_err(|error| FunctionError::new(error.message))?;
    finish(caller, text)
}

fn to_yaml_pretty(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    check_size(arguments.any(0))?;
    let node = go_node(caller.budget(), arguments.any(0), 0)?;
    let text = write_indented(&node).map_err(|error| FunctionError::new(error.message))?;
    finish(caller, text)
}

/// The text without its final newline, charged to the budget.
fn finish(caller: &mut dyn Caller<'_>, mut text: String) -> Result {
    caller.budget().check_bytes(text.len())?;
    caller.budget().allocate(text.len())?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(Value::text(text))
}

fn account(budget: &Budget, value: &Value, depth: usize) -> std::result::Result<(), FunctionError> {
    let size = match &value.kind {
        Kind::Text(text) | Kind::Bytes(text) => text.len(),
        _ => 16,
    };
    budget.spend(1 + size as u64 / 8)?;
    budget.allocate(size)?;
    if depth > MAX_DEPTH {
        return Err(FunctionError::new("json: unsupported value: encountered a cycle"));
    }
    Ok(())
}

/// A value as it is in JSON, with numbers that are read again by YAML's rules.
fn json_node(budget: &Budget, value: &Value, depth: usize) -> std::result::Result<Node, FunctionError> {
    account(budget, value, depth)?;
    Ok(match &value.kind {
        Kind::Nil => Node::null(),
        Kind::Bool(value) => Node::bool(*value),
        Kind::Int(value) | Kind::Int64(value) => Node::int(*value),
        Kind::Uint8(value) => Node::int(i64::from(*value)),
        Kind::Uint64(value) => Node::scalar(value.to_string(), Tag::Int),
        Kind::Float(float) if float.is_finite() => {
            let text = json_float(*float);
            let tag = resolve(&text, Dialect::Yaml11);
            Node::scalar(text, tag)
        }
        Kind::Float(float) => {
            let name = go_std::strconv::format_float(*float, 'g');
            return Err(FunctionError::new(format!("json: unsupported value: {name}")));
        }
        Kind::Complex(..) => return Err(FunctionError::new("json: unsupported type: complex128")),
        Kind::Text(text) => Node::str(&*lossy(text.as_bytes())),
        Kind::Bytes(bytes) => {
            use base64::Engine;
            Node::str(base64::engine::general_purpose::STANDARD.encode(bytes.as_bytes()))
        }
        Kind::List(list) if list.is_nil() => Node::null(),
        Kind::Map(map) if map.is_nil() => Node::null(),
        Kind::List(list) => {
            let mut items = Vec::with_capacity(list.items().len());
            for item in list.items() {
                items.push(json_node(budget, item, depth + 1)?);
            }
            Node::sequence(items)
        }
        Kind::Map(map) => {
            let mut entries = Vec::with_capacity(map.len());
            for (key, item) in map.entries().iter() {
                entries.push((
                    lossy(key.as_bytes()).into_owned(),
                    json_node(budget, item, depth + 1)?,
                ));
            }
            Node::mapping(entries)
        }
        Kind::Object(object) => match object.json().or_else(|| object.underlying()) {
            Some(value) => json_node(budget, &value, depth + 1)?,
            None => {
                let mut entries = Vec::new();
                for (name, field) in object.json_fields() {
                    entries.push((name, json_node(budget, &field, depth + 1)?));
                }
                Node::mapping(entries)
            }
        },
    })
}

/// A value as go-yaml v3 sees it, without JSON in between: field names are in lower case, and bytes are a list.
fn go_node(budget: &Budget, value: &Value, depth: usize) -> std::result::Result<Node, FunctionError> {
    account(budget, value, depth)?;
    Ok(match &value.kind {
        Kind::Nil => Node::null(),
        Kind::Bool(value) => Node::bool(*value),
        Kind::Int(value) | Kind::Int64(value) => Node::int(*value),
        Kind::Uint8(value) => Node::int(i64::from(*value)),
        Kind::Uint64(value) => Node::scalar(value.to_string(), Tag::Int),
        Kind::Float(float) => {
            let text = match *float {
                f64::INFINITY => ".inf".to_owned(),
                f64::NEG_INFINITY => "-.inf".to_owned(),
                float if float.is_nan() => ".nan".to_owned(),
                float => go_std::strconv::format_float(float, 'g'),
            };
            Node::scalar(text, Tag::Float)
        }
        Kind::Complex(..) => return Err(FunctionError::new("cannot marshal type: complex128")),
        Kind::Text(text) => match text.as_str() {
            Some(text) => Node::str(text),
            None => {
                use base64::Engine;
                Node::scalar(
                    base64::engine::general_purpose::STANDARD.encode(text.as_bytes()),
                    Tag::Binary,
                )
            }
        },
        Kind::List(list) => {
            let mut items = Vec::with_capacity(list.items().len());
            for item in list.items() {
                items.push(go_node(budget, item, depth + 1)?);
            }
            Node::sequence(items)
        }
        Kind::Bytes(bytes) => Node::sequence(bytes.as_bytes().iter().map(|byte| Node::int(i64::from(*byte)))),
        Kind::Map(map) => {
            let mut entries = Vec::with_capacity(map.len());
            for (key, item) in map.entries().iter() {
                entries.push((
                    lossy(key.as_bytes()).into_owned(),
                    go_node(budget, item, depth + 1)?,
                ));
            }
            Node::mapping(natural_order(entries))
        }
        Kind::Object(object) => match object.underlying().or_else(|| object.json().filter(is_text)) {
            Some(value) => go_node(budget, &value, depth + 1)?,
            None => {
                let mut entries = Vec::new();
                for (name, field) in object.exported_fields() {
                    entries.push((name.to_lowercase(), go_node(budget, &field, depth + 1)?));
                }
                Node::mapping(entries)
            }
        },
    })
}

/// Whether a value comes from `MarshalText`; go-yaml does not call `MarshalJSON`.
fn is_text(value: &Value) -> bool {
    matches!(value.kind, Kind::Text(_))
}

/// Reads a text; nil for an empty one.
fn read(caller: &mut dyn Caller<'_>, text: &Text) -> std::result::Result<Value, FunctionError> {
    let size = text.len();
    caller.budget().spend(size as u64 * 2)?;
    caller.budget().allocate(size.saturating_mul(16))?;
    let limits = Limits {
        nodes: MOST_NODES,
        ..Limits::default()
    };
    let Some(text) = text.as_str() else {
        return Err(FunctionError::new(
            "error converting YAML to JSON: yaml: invalid leading UTF-8 octet",
        ));
    };
    let node = read_yaml11(text, FileId::NONE, &limits)
        .map_err(|error| FunctionError::new(format!("error converting YAML to JSON: {error}")))?;
    match node {
        Some(node) => value_of(caller.budget(), &node),
        None => Ok(Value::NIL),
    }
}

fn value_of(budget: &Budget, node: &Node) -> std::result::Result<Value, FunctionError> {
    budget.spend(4)?;
    Ok(match &node.value {
        yaml_node::Value::Scalar(scalar) => match &scalar.tag {
            Tag::Null => Value::NIL,
            Tag::Bool => Value::bool(scalar.text == "true"),
            Tag::Int | Tag::Float => Value::float(scalar.text.parse().unwrap_or_default()),
            _ => Value::text(scalar.text.as_str()),
        },
        yaml_node::Value::Sequence(items) => {
            let items: std::result::Result<Vec<Value>, FunctionError> =
                items.iter().map(|item| value_of(budget, item)).collect();
            Value::list(items?)
        }
        yaml_node::Value::Mapping(mapping) => {
            budget.allocate(Map::bytes(mapping.entries().len()))?;
            let mut entries = std::collections::BTreeMap::new();
            for (key, item) in mapping.iter() {
                entries.insert(Text::from(key), value_of(budget, item)?);
            }
            Value::map(entries)
        }
    })
}

fn from_yaml(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let error = match read(caller, arguments.text(0)) {
        Ok(value) if matches!(value.kind, Kind::Map(_)) => return Ok(value),
        Ok(value) if value.is_nil() => return Ok(Value::map(std::collections::BTreeMap::new())),
        Ok(value) => decoding(&value, "map[string]interface {}"),
        Err(error) if error.limit => return Err(error),
        Err(error) => error.message,
    };
    Ok(error_map(error))
}

fn from_yaml_array(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let error = match read(caller, arguments.text(0)) {
        Ok(value) if matches!(value.kind, Kind::List(_)) => return Ok(value),
        Ok(value) if value.is_nil() => return Ok(Value::list(Vec::new())),
        Ok(value) => decoding(&value, "[]interface {}"),
        Err(error) if error.limit => return Err(error),
        Err(error) => error.message,
    };
    Ok(Value::list(vec![Value::text(error)]))
}

fn decoding(value: &Value, wanted: &str) -> String {
    let mismatch = mismatch(value, wanted);
    format!("error unmarshaling JSON: while decoding JSON: {mismatch}")
}
