//! JSON values with places, for JSON patches.

use std::collections::BTreeMap;

use smol_str::SmolStr;
use source_tree::Mark;
use yaml_node::{Dialect, Node, Scalar, Sequence, Style, Tag, Value, WriteError, resolve, to_go_json};

use crate::go_float::general_format;

/// A JSON value and its place.
#[derive(Clone, Debug)]
pub(super) struct Json {
    pub(super) value: JsonValue,
    pub(super) mark: Mark,
}

#[derive(Clone, Debug)]
pub(super) enum JsonValue {
    Null,
    Bool(bool),
    /// As written.
    Number(SmolStr),
    String {
        text: SmolStr,
        /// The written form, if it differs from the one that Go's JSON writer produces.
        spelling: Option<SmolStr>,
    },
    Array(Vec<Json>),
    Object(Object),
}

impl JsonValue {
    fn string(text: impl Into<SmolStr>) -> Self {
        JsonValue::String {
            text: text.into(),
            spelling: None,
        }
    }
}

/// The members of an object and the places of their keys.
pub(super) type Object = BTreeMap<SmolStr, (Mark, Json)>;

impl Json {
    pub(super) fn null(mark: Mark) -> Self {
        Json {
            value: JsonValue::Null,
            mark,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.value, JsonValue::Null)
    }

    /// The number of values in it, including itself.
    pub(super) fn weight(&self) -> usize {
        match &self.value {
            JsonValue::Array(items) => 1 + items.iter().map(Json::weight).sum::<usize>(),
            JsonValue::Object(members) => {
                1 + members.values().map(|(_, value)| value.weight()).sum::<usize>()
            }
            _ => 1,
        }
    }

    /// Whether values are nested deeper than `levels`. Recurses no deeper than that.
    pub(super) fn is_deeper_than(&self, levels: usize) -> bool {
        let below = |value: &Json| match levels.checked_sub(1) {
            Some(levels) => value.is_deeper_than(levels),
            None => true,
        };
        match &self.value {
            JsonValue::Array(items) => items.iter().any(below),
            JsonValue::Object(members) => members.values().any(|(_, value)| below(value)),
            _ => false,
        }
    }

    /// Moves all marks down by `offset` lines.
    pub(super) fn shift_lines(&mut self, offset: u32) {
        if offset == 0 {
            return;
        }
        self.mark.line = self.mark.line.saturating_add(offset);
        match &mut self.value {
            JsonValue::Array(items) => items.iter_mut().for_each(|item| item.shift_lines(offset)),
            JsonValue::Object(members) => {
                for (mark, value) in members.values_mut() {
                    mark.line = mark.line.saturating_add(offset);
                    value.shift_lines(offset);
                }
            }
            _ => {}
        }
    }

    /// The text of a string.
    pub(super) fn as_str(&self) -> Option<&SmolStr> {
        match &self.value {
            JsonValue::String { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Converts a tree to JSON.
    ///
    /// # Errors
    /// Where the tree has no JSON form, such as for keys that are not strings.
    pub(super) fn from_node(node: &Node) -> Result<Json, WriteError> {
        from_node(node, true, None)
    }

    /// As [`Json::from_node`], for an object that kustomize first writes as YAML, where values in brackets may need
    /// quotes.
    ///
    /// # Errors
    /// As [`Json::from_node`].
    pub(super) fn from_object(node: &Node) -> Result<Json, WriteError> {
        from_node(node, true, Some(false))
    }

    /// Converts JSON to the tree that kustomize makes of it: numbers are 64-bit floats, and styles are those that
    /// go-yaml would choose.
    ///
    /// # Errors
    /// Where a number is out of range.
    pub(super) fn into_node(self) -> Result<Node, WriteError> {
        let value = match self.value {
            JsonValue::Null => Node::null().value,
            JsonValue::Bool(value) => Node::bool(value).value,
            JsonValue::Number(number) => float_scalar(&number, self.mark)?,
            JsonValue::String { text, .. } => string_scalar(text),
            JsonValue::Array(items) => {
                let items: Result<Vec<_>, _> = items.into_iter().map(Json::into_node).collect();
                Node::sequence(items?).value
            }
            JsonValue::Object(members) => {
                let entries: Result<Vec<_>, WriteError> = members
                    .into_iter()
                    .map(|(key, (mark, value))| Ok((Node::str(key).with_mark(mark), value.into_node()?)))
                    .collect();
                Value::Mapping(yaml_node::Mapping::new(entries?))
            }
        };
        Ok(Node::new(value).with_mark(self.mark))
    }
}

/// Whether a `test` passes. Scalars are compared in their written form, so 1 and 1.0 differ.
pub(super) fn is_equal(a: &Json, b: &Json) -> bool {
    match (&a.value, &b.value) {
        (JsonValue::Null, JsonValue::Null) => true,
        (JsonValue::Bool(a), JsonValue::Bool(b)) => a == b,
        (JsonValue::Number(a), JsonValue::Number(b)) => a == b,
        (JsonValue::String { text: a, spelling: x }, JsonValue::String { text: b, spelling: y }) => {
            a == b && x == y
        }
        (JsonValue::Array(a), JsonValue::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (JsonValue::Object(a), JsonValue::Object(b)) => {
            let mut pairs = a.iter();
            a.len() == b.len() && pairs.all(|(key, (_, a))| b.get(key).is_some_and(|(_, b)| is_equal(a, b)))
        }
        _ => false,
    }
}

/// `in_brackets` is `None` for a tree that is decoded directly. For one that is written as YAML first, it is whether
/// the node is in brackets.
fn from_node(node: &Node, top: bool, in_brackets: Option<bool>) -> Result<Json, WriteError> {
    let value = match &node.value {
        Value::Scalar(scalar) => match (in_brackets, &scalar.tag) {
            (Some(true), Tag::Null | Tag::Timestamp) => scalar_in_brackets(node)?,
            _ => self::scalar(node)?,
        },
        Value::Sequence(items) => {
            let in_brackets = in_brackets.map(|outer| outer || items.flow);
            let items = items.iter().map(|item| from_node(item, false, in_brackets));
            JsonValue::Array(items.collect::<Result<_, _>>()?)
        }
        Value::Mapping(mapping) => {
            let in_brackets = in_brackets.map(|outer| outer || mapping.flow);
            let mut members = BTreeMap::new();
            for (key, value) in mapping.entries() {
                let text = key_text(key, top, node.mark)?;
                let member = (key.mark, from_node(value, false, in_brackets)?);
                if members.insert(text.clone(), member).is_some() {
                    let message = format!("mapping key {text:?} already defined");
                    return Err(WriteError::new(key.mark, message));
                }
            }
            JsonValue::Object(members)
        }
    };
    Ok(Json {
        value,
        mark: node.mark,
    })
}

fn scalar_in_brackets(node: &Node) -> Result<JsonValue, WriteError> {
    let mut list = Sequence::new(vec![node.clone()]);
    list.flow = true;
    let written = Node::new(Value::Sequence(list)).to_json()?;
    match written.get(0).and_then(serde_json::Value::as_str) {
        Some(text) => Ok(JsonValue::string(text)),
        None => scalar(node),
    }
}

fn scalar(node: &Node) -> Result<JsonValue, WriteError> {
    // Most scalars are strings already.
    if let Some(text) = node.as_str() {
        return Ok(JsonValue::string(text));
    }
    Ok(match node.to_json()? {
        serde_json::Value::Null => JsonValue::Null,
        serde_json::Value::Bool(value) => JsonValue::Bool(value),
        serde_json::Value::Number(_) => JsonValue::Number(to_go_json(node)?.into()),
        serde_json::Value::String(text) => JsonValue::string(text),
        // A scalar is never one of these.
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => JsonValue::Null,
    })
}

fn key_text(key: &Node, top: bool, parent: Mark) -> Result<SmolStr, WriteError> {
    let is_string = |scalar: &Scalar| match scalar.tag {
        Tag::Str | Tag::Merge => true,
        Tag::Untyped => scalar.style != Style::Plain || resolve(&scalar.text, Dialect::V3) == Tag::Str,
        _ => false,
    };
    match key.as_scalar() {
        Some(scalar) if top || is_string(scalar) => Ok(scalar.text.clone()),
        _ => {
            let mark = if key.mark.is_some() { key.mark } else { parent };
            let message = "json: unsupported type: map[interface {}]interface {}";
            Err(WriteError::new(mark, message))
        }
    }
}

fn float_scalar(number: &str, mark: Mark) -> Result<Value, WriteError> {
    let float: f64 = number.parse().unwrap_or(f64::INFINITY);
    if !float.is_finite() {
        let message = format!("json: cannot unmarshal number {number} into Go value of type float64");
        return Err(WriteError::new(mark, message));
    }
    let text = general_format(float, 6);
    let tag = resolve(&text, Dialect::V3);
    Ok(Value::Scalar(Scalar::new(text, tag)))
}

/// A string as go-yaml writes it: quoted if it would otherwise not read as a string.
pub(crate) fn string_scalar(text: SmolStr) -> Value {
    let mut scalar = Scalar::new(text, Tag::Str);
    scalar.style = if scalar.text.contains('\n') {
        Style::Literal
    } else if crate::node_edit::is_yaml11_non_string(&scalar.text)
        || resolve(&scalar.text, Dialect::V3) != Tag::Str
    {
        Style::DoubleQuoted
    } else {
        Style::Plain
    };
    Value::Scalar(scalar)
}
