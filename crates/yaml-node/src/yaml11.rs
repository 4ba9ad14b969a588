//! Trees as `sigs.k8s.io/yaml` reads them: YAML 1.1 types, string keys, one document.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{self, Write};

use smol_str::SmolStr;
use source_tree::{FileId, Limits, Mark};

use crate::number::{json_float, key_float};
use crate::read::read_first;
use crate::resolve::{Number, parse_number};
use crate::typed::{Typed, typed};
use crate::{Dialect, Mapping, Node, ReadError, Scalar, Sequence, Style, Tag, Value, go_syntax};

/// The first document of a text as `yaml.Unmarshal` and `yaml.YAMLToJSON` of `sigs.k8s.io/yaml` read it: merge keys are
/// expanded, a repeated key has its last value, keys are strings (`on` is the key `true`). Numbers, booleans and nulls
/// are spelled as in JSON, dates are strings, and every string is double-quoted, since JSON does not keep the styles of
/// the source. Returns `None` for an empty text.
///
/// This is how kustomization files, and Flux's objects after substitution, are read.
///
/// # Errors
/// [`ReadError`] if go-yaml v2 would refuse the text, or a limit is reached.
pub fn read_yaml11(text: &str, file: FileId, limits: &Limits) -> Result<Option<Node>, ReadError> {
    read(text, file, limits, &mut |_, _| {})
}

/// As [`read_yaml11`], but as `yaml.UnmarshalStrict` reads: a repeated key is an error.
///
/// # Errors
/// As [`read_yaml11`]. The error names every repeated key.
pub fn read_yaml11_strict(text: &str, file: FileId, limits: &Limits) -> Result<Option<Node>, ReadError> {
    let mut error: Option<ReadError> = None;
    let node = read(text, file, limits, &mut |key, mark| {
        let error = error.get_or_insert_with(|| ReadError::yaml(mark, "unmarshal errors:"));
        // Writing to a string cannot fail.
        let _: fmt::Result = write!(
            error.message,
            "\n  line {}: key {} already set in map",
            mark.line,
            go_syntax::quote(key)
        );
    })?;
    match error {
        Some(error) => Err(error),
        None => Ok(node),
    }
}

/// Called for each repeated key, with the place of its later value.
type OnDuplicate<'a> = &'a mut dyn FnMut(&str, Mark);

fn read(
    text: &str,
    file: FileId,
    limits: &Limits,
    on_duplicate: OnDuplicate<'_>,
) -> Result<Option<Node>, ReadError> {
    let Some(node) = read_first(text, file, 1, limits, Dialect::Yaml11)? else {
        return Ok(None);
    };
    let mut conversion = Conversion {
        on_duplicate,
        seen: HashMap::new(),
    };
    conversion.convert(&node).map(Some)
}

/// Converts shared nodes once, so that nested aliases cost no more than in the source.
struct Conversion<'a> {
    on_duplicate: OnDuplicate<'a>,
    seen: HashMap<usize, Node>,
}

impl Conversion<'_> {
    fn convert(&mut self, node: &Node) -> Result<Node, ReadError> {
        let shared = node.shared();
        if let Some(seen) = shared.and_then(|address| self.seen.get(&address)) {
            return Ok(seen.clone());
        }
        let value = match &node.value {
            Value::Scalar(scalar) => Value::Scalar(convert_scalar(scalar, node)?),
            Value::Sequence(items) => {
                let items: Result<_, _> = items.iter().map(|item| self.convert(item)).collect();
                Value::Sequence(Sequence::new(items?))
            }
            Value::Mapping(mapping) => {
                let mut converted = Mapping::new(Vec::with_capacity(mapping.len()));
                self.convert_entries(mapping, &mut converted)?;
                Value::Mapping(converted)
            }
        };
        let converted = Node {
            value,
            mark: node.mark,
        };
        if let Some(address) = shared {
            self.seen.insert(address, converted.clone());
        }
        Ok(converted)
    }

    fn convert_entries(&mut self, mapping: &Mapping, into: &mut Mapping) -> Result<(), ReadError> {
        for (key, value) in mapping.entries() {
            if key.as_scalar().is_some_and(|scalar| scalar.tag == Tag::Merge) {
                self.merge(value, into)?;
                continue;
            }
            if key.as_scalar().is_none() {
                // Errors inside a key come before the error about the key itself.
                self.convert(key)?;
            }
            let text = key_text(key, value)?;
            let value = self.convert(value)?;
            let key = quoted(text.clone()).with_mark(key.mark);
            match into.position(&text) {
                Some(index) => {
                    (self.on_duplicate)(&text, value.mark);
                    into.replace(index, key, value);
                }
                None => into.push(key, value),
            }
        }
        Ok(())
    }

    /// Unlike in kustomize's own expansion, merged keys overwrite earlier ones.
    fn merge(&mut self, source: &Node, into: &mut Mapping) -> Result<(), ReadError> {
        let want_map = |node: &Node| {
            ReadError::yaml(
                node.mark,
                "map merge requires map or sequence of maps as the value",
            )
        };
        match &source.value {
            Value::Mapping(mapping) => self.convert_entries(mapping, into),
            Value::Sequence(items) => {
                for item in items.iter().rev() {
                    let mapping = item.as_mapping().ok_or_else(|| want_map(item))?;
                    self.convert_entries(mapping, into)?;
                }
                Ok(())
            }
            Value::Scalar(_) => Err(want_map(source)),
        }
    }
}

/// A double-quoted string, which every writer keeps as a string with the same text.
fn quoted(text: SmolStr) -> Node {
    Node::new(Value::Scalar(Scalar {
        text,
        style: Style::DoubleQuoted,
        tag: Tag::Str,
    }))
}

fn convert_scalar(scalar: &Scalar, node: &Node) -> Result<Scalar, ReadError> {
    let (text, tag): (SmolStr, Tag) = match typed(scalar, Dialect::Yaml11) {
        Ok(Typed::Null) => ("null".into(), Tag::Null),
        Ok(Typed::Bool(value)) => (if value { "true".into() } else { "false".into() }, Tag::Bool),
        Ok(Typed::Int(text)) => (text.into(), Tag::Int),
        Ok(Typed::Float(float)) => {
            let text = json_float(float);
            if text == "-0" {
                // Spelled so that it stays a negative float.
                return Ok(Scalar::new("-0.0", Tag::Float));
            }
            let fits = text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
            (text.into(), if fits { Tag::Int } else { Tag::Float })
        }
        Ok(Typed::Str(Cow::Borrowed(_))) => (scalar.text.clone(), Tag::Str),
        Ok(Typed::Str(text)) => (text.into(), Tag::Str),
        Err(message) => return Err(refuse(node, message)),
    };
    let style = match tag {
        Tag::Str => Style::DoubleQuoted,
        _ => Style::Plain,
    };
    Ok(Scalar { text, style, tag })
}

/// A key as text: `on` is `true`, `0x10` is `16`. `value` is the value of the entry, for errors.
fn key_text(key: &Node, value: &Node) -> Result<SmolStr, ReadError> {
    let Some(scalar) = key.as_scalar() else {
        let key_value = go_syntax::value(key, Dialect::Yaml11);
        return Err(ReadError::yaml(key.mark, format!("invalid map key: {key_value}")));
    };
    let unsupported = |go_type: &str, key_value: &str| {
        let value = go_syntax::top_value(value, Dialect::Yaml11);
        Err(ReadError::new(
            key.mark,
            format!("unsupported map key of type: {go_type}, key: {key_value}, value: {value}"),
        ))
    };
    let number = match scalar.tag {
        Tag::Int | Tag::Float => parse_number(&scalar.text, Dialect::Yaml11),
        _ => None,
    };
    match number {
        Some(Number::Uint(uint)) => return unsupported("uint64", &format!("{uint:#x}")),
        Some(Number::Float(float)) if float.is_nan() => return Ok(".nan".into()),
        Some(Number::Float(f64::INFINITY)) => return Ok(".inf".into()),
        Some(Number::Float(f64::NEG_INFINITY)) => return Ok("-.inf".into()),
        _ => {}
    }
    match typed(scalar, Dialect::Yaml11) {
        Ok(Typed::Null) => unsupported("%!s(<nil>)", "<nil>"),
        Ok(Typed::Bool(true)) => Ok("true".into()),
        Ok(Typed::Bool(false)) => Ok("false".into()),
        Ok(Typed::Float(float)) => Ok(key_float(float).into()),
        Ok(Typed::Str(Cow::Borrowed(_))) => Ok(scalar.text.clone()),
        Ok(Typed::Int(text) | Typed::Str(text)) => Ok(text.into()),
        Err(message) => Err(refuse(key, message)),
    }
}

/// An error whose message may already have the prefix `yaml: `.
fn refuse(node: &Node, message: String) -> ReadError {
    match message.strip_prefix("yaml: ") {
        Some(message) => ReadError::yaml(node.mark, message),
        None => ReadError::new(node.mark, message),
    }
}
