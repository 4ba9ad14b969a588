//! Reading and writing of YAML, as Helm does with <https://github.com/kubernetes-sigs/yaml>.

use std::collections::BTreeMap;

use go_std::text::lossy;
use source_tree::{FileId, Limits};
use yaml_node::{
    Dialect, Node, Tag, json_float, natural_order, read_yaml11, resolve, write_indented, write_marshalled,
};

use super::encoding::encode_base64;
use super::json::{error_list, error_map, or, or_error};
use super::result::Result;
use crate::Type::{Any, Text as Str};
use crate::{Arguments, Budget, Caller, Function, FunctionError, Kind, Map, Text, Value};

/// Helm's functions. Writing errors give an empty string; reading errors are part of the result.
pub(super) const HELM: &[(&str, Function)] = &[
    ("fromYaml", Function::new(&[Str], from_yaml)),
    ("fromYamlArray", Function::new(&[Str], from_yaml_array)),
    (
        "mustToYaml",
        Function::new(&[Any], |c, a| to_yaml(c, a.any(0), Encoder::Json)),
    ),
    (
        "toYaml",
        Function::new(&[Any], |c, a| {
            or(to_yaml(c, a.any(0), Encoder::Json), Value::text(""))
        }),
    ),
    (
        "toYamlPretty",
        Function::new(&[Any], |c, a| {
            or(to_yaml(c, a.any(0), Encoder::Go), Value::text(""))
        }),
    ),
];

const DECODING: &str = "error unmarshaling JSON: while decoding JSON: ";

/// Deepest nesting that is written; a map can be made to hold itself.
const MAX_DEPTH: usize = 400;

/// Most scalars, lists and maps of a document that is read or written: each takes about two hundred bytes in a tree.
const MOST_NODES: usize = 1_000_000;

/// Refuses values that are too large for one document before a tree is built. Shared parts count each time.
fn check_size(value: &Value) -> Result<()> {
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

/// A value as YAML, without the final newline.
pub(super) fn to_yaml(caller: &mut dyn Caller<'_>, value: &Value, encoder: Encoder) -> Result {
    check_size(value)?;
    let node = node(caller.budget(), value, 0, encoder)?;
    let text = match encoder {
        Encoder::Json => write_marshalled(&node),
        Encoder::Go => write_indented(&node),
    };
    let mut text = text.map_err(|error| error.message)?;
    caller.budget().reserve(text.len())?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(Value::text(text))
}

fn account(budget: &Budget, value: &Value, depth: usize) -> Result<()> {
    let size = match &value.kind {
        Kind::Text(text) | Kind::Bytes(text) => text.len(),
        _ => 16,
    };
    budget.spend(1 + size as u64 / 8)?;
    budget.allocate(size)?;
    if depth > MAX_DEPTH {
        return Err("json: unsupported value: encountered a cycle".into());
    }
    Ok(())
}

/// Which encoder of YAML a tree is for.
#[derive(Clone, Copy)]
pub(super) enum Encoder {
    /// `sigs.k8s.io/yaml`: the value goes through JSON, and numbers are read again by YAML's rules.
    Json,
    /// go-yaml v3: field names are in lower case, and bytes are a list.
    Go,
}

/// The tree of a value, as an encoder sees it.
fn node(budget: &Budget, value: &Value, depth: usize, encoder: Encoder) -> Result<Node> {
    account(budget, value, depth)?;
    let below = |value: &Value| node(budget, value, depth + 1, encoder);
    Ok(match (&value.kind, encoder) {
        (Kind::Nil, _) => Node::null(),
        (Kind::Bool(value), _) => Node::bool(*value),
        (Kind::Int(value) | Kind::Int64(value), _) => Node::int(*value),
        (Kind::Uint8(value), _) => Node::int(i64::from(*value)),
        (Kind::Uint64(value), _) => Node::scalar(value.to_string(), Tag::Int),
        (Kind::Float(float), Encoder::Json) if float.is_finite() => {
            let text = json_float(*float);
            let tag = resolve(&text, Dialect::Yaml11);
            Node::scalar(text, tag)
        }
        (Kind::Float(float), Encoder::Json) => {
            let name = go_std::strconv::format_float(*float, 'g');
            return Err(format!("json: unsupported value: {name}").into());
        }
        (Kind::Float(float), Encoder::Go) => {
            let text = match *float {
                f64::INFINITY => ".inf".to_owned(),
                f64::NEG_INFINITY => "-.inf".to_owned(),
                float if float.is_nan() => ".nan".to_owned(),
                float => go_std::strconv::format_float(float, 'g'),
            };
            Node::scalar(text, Tag::Float)
        }
        (Kind::Complex(..), Encoder::Json) => return Err("json: unsupported type: complex128".into()),
        (Kind::Complex(..), Encoder::Go) => return Err("cannot marshal type: complex128".into()),
        (Kind::Text(text), Encoder::Go) if text.as_str().is_none() => {
            Node::scalar(encode_base64(text), Tag::Binary)
        }
        (Kind::Text(text), _) => Node::str(&*lossy(text.as_bytes())),
        (Kind::Bytes(bytes), Encoder::Json) => Node::str(encode_base64(bytes)),
        (Kind::Bytes(bytes), Encoder::Go) => {
            Node::sequence(bytes.as_bytes().iter().map(|byte| Node::int(i64::from(*byte))))
        }
        (Kind::List(list), Encoder::Json) if list.is_nil() => Node::null(),
        (Kind::Map(map), Encoder::Json) if map.is_nil() => Node::null(),
        (Kind::List(list), _) => {
            let mut items = Vec::with_capacity(list.items().len());
            for item in list.items() {
                items.push(below(item)?);
            }
            Node::sequence(items)
        }
        (Kind::Map(map), _) => {
            let mut entries = Vec::with_capacity(map.len());
            for (key, item) in map.entries().iter() {
                entries.push((lossy(key.as_bytes()).into_owned(), below(item)?));
            }
            Node::mapping(match encoder {
                Encoder::Json => entries,
                Encoder::Go => natural_order(entries),
            })
        }
        (Kind::Object(object), _) => {
            let plain = match encoder {
                Encoder::Json => object.json().or_else(|| object.underlying()),
                Encoder::Go => object.underlying().or_else(|| object.json().filter(is_text)),
            };
            if let Some(plain) = plain {
                return below(&plain);
            }
            let fields = match encoder {
                Encoder::Json => object.json_fields(),
                Encoder::Go => object.exported_fields(),
            };
            let mut entries = Vec::with_capacity(fields.len());
            for (name, field) in fields {
                let name = match encoder {
                    Encoder::Json => name.to_owned(),
                    Encoder::Go => name.to_lowercase(),
                };
                entries.push((name, below(&field)?));
            }
            Node::mapping(entries)
        }
    })
}

/// Whether a value comes from `MarshalText`; go-yaml does not call `MarshalJSON`.
fn is_text(value: &Value) -> bool {
    matches!(value.kind, Kind::Text(_))
}

/// Reads a text; nil for an empty one.
fn read(caller: &mut dyn Caller<'_>, text: &Text) -> Result<Value> {
    let size = text.len();
    caller.budget().spend(size as u64 * 2)?;
    caller.budget().allocate(size.saturating_mul(16))?;
    let limits = Limits {
        nodes: MOST_NODES,
        ..Limits::default()
    };
    let Some(text) = text.as_str() else {
        return Err("error converting YAML to JSON: yaml: invalid leading UTF-8 octet".into());
    };
    let node = read_yaml11(text, FileId::NONE, &limits)
        .map_err(|error| FunctionError::new(format!("error converting YAML to JSON: {error}")))?;
    match node {
        Some(node) => value_of(caller.budget(), &node),
        None => Ok(Value::NIL),
    }
}

fn value_of(budget: &Budget, node: &Node) -> Result<Value> {
    budget.spend(4)?;
    Ok(match &node.value {
        yaml_node::Value::Scalar(scalar) => match &scalar.tag {
            Tag::Null => Value::NIL,
            Tag::Bool => Value::bool(scalar.text == "true"),
            Tag::Int | Tag::Float => Value::float(scalar.text.parse().unwrap_or_default()),
            _ => Value::text(scalar.text.as_str()),
        },
        yaml_node::Value::Sequence(items) => {
            let items: Result<Vec<Value>> = items.iter().map(|item| value_of(budget, item)).collect();
            Value::list(items?)
        }
        yaml_node::Value::Mapping(mapping) => {
            budget.allocate(Map::bytes(mapping.entries().len()))?;
            let mut entries = BTreeMap::new();
            for (key, item) in mapping.iter() {
                entries.insert(Text::from(key), value_of(budget, item)?);
            }
            Value::map(entries)
        }
    })
}

fn from_yaml(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let value = read(caller, arguments.text(0));
    or_error(value, Value::map(BTreeMap::new()), DECODING, error_map)
}

fn from_yaml_array(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let value = read(caller, arguments.text(0));
    or_error(value, Value::list(Vec::new()), DECODING, error_list)
}
