//! Text turns into the tree that `sigs.k8s.io/yaml` makes of it: YAML 1.1 types, string keys, one document.

use smol_str::SmolStr;
use source_tree::{FileId, Limits};

use crate::number::{json_float, key_float};
use crate::read::read_first;
use crate::resolve::{Number, parse_number};
use crate::{Dialect, Mapping, Node, ReadError, Scalar, Sequence, Tag, Value, binary};

/// What a key that stands twice means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Duplicates {
    LastWins,
    Refuse,
}

/// The first document of a text as `yaml.Unmarshal` and `yaml.YAMLToJSON` of `sigs.k8s.io/yaml` read it: merge keys
/// expanded, a key that stands twice has its last value, keys are strings (`on` is the key `true`). Numbers, booleans
/// and nulls have the spelling of JSON; dates are strings. Nothing is returned for an empty text.
///
/// This is how kustomization files, and Flux's objects after substitution, are read.
///
/// # Errors
/// [`ReadError`] where go-yaml v2 would refuse the text, or a limit is met.
pub fn read_yaml11(text: &str, file: FileId, limits: &Limits) -> Result<Option<Node>, ReadError> {
    read(text, file, limits, Duplicates::LastWins)
}

/// As [`read_yaml11`], but as `yaml.UnmarshalStrict` reads: a key that stands twice is an error.
///
/// # Errors
/// As [`read_yaml11`].
pub fn read_yaml11_strict(text: &str, file: FileId, limits: &Limits) -> Result<Option<Node>, ReadError> {
    read(text, file, limits, Duplicates::Refuse)
}

fn read(
    text: &str,
    file: FileId,
    limits: &Limits,
    duplicates: Duplicates,
) -> Result<Option<Node>, ReadError> {
    let Some(node) = read_first(text, file, 1, limits, Dialect::Yaml11)? else {
        return Ok(None);
    };
    convert(&node, duplicates).map(Some)
}

fn convert(node: &Node, duplicates: Duplicates) -> Result<Node, ReadError> {
    let value = match &node.value {
        Value::Scalar(scalar) => Value::Scalar(convert_scalar(scalar, node)?),
        Value::Sequence(items) => {
            let mut converted = Sequence::new(
                items
                    .iter()
                    .map(|item| convert(item, duplicates))
                    .collect::<Result<_, _>>()?,
            );
            converted.flow = items.flow;
            Value::Sequence(converted)
        }
        Value::Mapping(mapping) => {
            let mut converted = Mapping::new(Vec::with_capacity(mapping.len()));
            converted.flow = mapping.flow;
            convert_entries(mapping, &mut converted, duplicates)?;
            Value::Mapping(converted)
        }
    };
    Ok(Node {
        value,
        mark: node.mark,
    })
}

fn convert_entries(mapping: &Mapping, into: &mut Mapping, duplicates: Duplicates) -> Result<(), ReadError> {
    for (key, value) in mapping.entries() {
        if key.as_scalar().is_some_and(|scalar| scalar.tag == Tag::Merge) {
            merge(value, into, duplicates)?;
            continue;
        }
        let text = key_text(key)?;
        let value = convert(value, duplicates)?;
        let key = Node::str(text).with_mark(key.mark);
        let name = key.text().unwrap_or_default();
        match into.position(name) {
            Some(_) if duplicates == Duplicates::Refuse => {
                return Err(refuse(&value, format!("key {name:?} already set in map")));
            }
            Some(index) => {
                if let Some(entry) = into.entries_mut().get_mut(index) {
                    *entry = (key, value);
                }
            }
            None => into.entries_mut().push((key, value)),
        }
    }
    Ok(())
}

/// Unlike kustomize's own expansion, merged keys overwrite what stands before them.
fn merge(source: &Node, into: &mut Mapping, duplicates: Duplicates) -> Result<(), ReadError> {
    let want_map = |node: &Node| {
        refuse(
            node,
            "map merge requires map or sequence of maps as the value".into(),
        )
    };
    match &source.value {
        Value::Mapping(mapping) => convert_entries(mapping, into, duplicates),
        Value::Sequence(items) => {
            for item in items.iter().rev() {
                let mapping = item.as_mapping().ok_or_else(|| want_map(item))?;
                convert_entries(mapping, into, duplicates)?;
            }
            Ok(())
        }
        Value::Scalar(_) => Err(want_map(source)),
    }
}

fn convert_scalar(scalar: &Scalar, node: &Node) -> Result<Scalar, ReadError> {
    let text = scalar.text.as_str();
    let spelled = |spelling: SmolStr, tag: Tag| Scalar {
        text: spelling,
        style: scalar.style,
        tag,
    };
    Ok(match &scalar.tag {
        Tag::Null => spelled("null".into(), Tag::Null),
        Tag::Bool => spelled(
            if is_true(text) {
                "true".into()
            } else {
                "false".into()
            },
            Tag::Bool,
        ),
        Tag::Int | Tag::Float => match parse_number(text, Dialect::Yaml11) {
            Some(Number::Int(int)) => spelled(int.to_string().into(), Tag::Int),
            Some(Number::Uint(uint)) => spelled(uint.to_string().into(), Tag::Int),
            Some(Number::Float(float)) if float.is_finite() => spelled(json_float(float).into(), Tag::Float),
            _ => return Err(refuse(node, format!("json: unsupported value: {text}"))),
        },
        Tag::Binary => {
            let bytes = binary::decode(text)
                .ok_or_else(|| refuse(node, "!!binary value contains invalid base64 data".into()))?;
            spelled(binary::to_text(&bytes).into(), Tag::Str)
        }
        Tag::Str | Tag::Timestamp | Tag::Merge | Tag::Untyped | Tag::Custom(_) => {
            spelled(scalar.text.clone(), Tag::Str)
        }
    })
}

fn key_text(key: &Node) -> Result<SmolStr, ReadError> {
    let Some(scalar) = key.as_scalar() else {
        return Err(refuse(key, "invalid map key".into()));
    };
    let text = scalar.text.as_str();
    Ok(match &scalar.tag {
        Tag::Bool => {
            if is_true(text) {
                "true".into()
            } else {
                "false".into()
            }
        }
        Tag::Int | Tag::Float => match parse_number(text, Dialect::Yaml11) {
            Some(Number::Int(int)) => int.to_string().into(),
            Some(Number::Float(float)) if float.is_nan() => ".nan".into(),
            Some(Number::Float(float)) if float.is_infinite() => {
                if float > 0.0 {
                    ".inf".into()
                } else {
                    "-.inf".into()
                }
            }
            Some(Number::Float(float)) => key_float(float).into(),
            Some(Number::Uint(_)) => return Err(refuse(key, "unsupported map key of type: uint64".into())),
            None => scalar.text.clone(),
        },
        Tag::Null => return Err(refuse(key, "unsupported map key of type: %!s(<nil>)".into())),
        _ => scalar.text.clone(),
    })
}

fn is_true(text: &str) -> bool {
    matches!(text.as_bytes().first(), Some(b'y' | b'Y' | b't' | b'T')) || matches!(text, "on" | "On" | "ON")
}

fn refuse(node: &Node, message: String) -> ReadError {
    ReadError::new(node.mark, message)
}
