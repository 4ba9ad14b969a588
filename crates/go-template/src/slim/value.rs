//! Values of a template: those of Go that JSON inputs and the functions yield.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::context::Context;

/// A value. Lists and maps are shared, as in Go: what `set` changes, every holder sees.
#[derive(Clone, Debug)]
pub enum Value {
    /// `nil`
    Nil,
    /// `bool`
    Bool(bool),
    /// `int`: a literal, or the result of `int`, `len` and the like.
    Int(i64),
    /// `int64`: an integer of the inputs, or the result of arithmetic.
    Int64(i64),
    /// `uint8`: a byte of a string.
    Byte(u8),
    /// `float64`
    Float(f64),
    /// `string`
    Text(Rc<str>),
    /// A slice.
    List(Rc<List>),
    /// A map with strings as keys.
    Map(Rc<Map>),
    /// A value that only a cluster knows, and why. Whoever uses it fails.
    Unknown(Rc<str>),
}

/// A Go slice.
#[derive(Debug)]
pub struct List {
    pub(super) kind: ListKind,
    pub(super) items: Vec<Value>,
    /// A slice that was never made; it is empty and encodes as null.
    pub(super) nil: bool,
}

/// The type of a slice's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListKind {
    Any,
    Text,
    Int,
    Lists,
}

/// A Go map with strings as keys.
#[derive(Debug, Default)]
pub struct Map {
    /// `map[string]string`, whose values are all texts.
    pub(super) texts: bool,
    /// A map that was never made; it is empty and encodes as null.
    pub(super) nil: bool,
    pub(super) entries: RefCell<BTreeMap<Rc<str>, Value>>,
}

impl Value {
    /// `string`
    pub fn text(text: impl AsRef<str>) -> Self {
        Value::Text(Rc::from(text.as_ref()))
    }

    /// JSON as flux-operator decodes it: integers as `int64`, other numbers as `float64`.
    pub fn from_json(json: &serde_json::Value) -> Value {
        use serde_json::Value as Json;
        match json {
            Json::Null => Value::Nil,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(int) => Value::Int64(int),
                None => Value::Float(number.as_f64().unwrap_or_default()),
            },
            Json::String(text) => Value::text(text),
            Json::Array(items) => Value::list(items.iter().map(Value::from_json).collect()),
            Json::Object(object) => Value::map(
                object
                    .iter()
                    .map(|(key, value)| (key.as_str().into(), Value::from_json(value)))
                    .collect(),
            ),
        }
    }

    /// `[]interface{}`
    pub fn list(items: Vec<Value>) -> Self {
        Value::list_of(ListKind::Any, items)
    }

    pub(super) fn list_of(kind: ListKind, items: Vec<Value>) -> Self {
        Value::List(Rc::new(List {
            kind,
            items,
            nil: false,
        }))
    }

    pub(super) fn nil_list(kind: ListKind) -> Self {
        Value::List(Rc::new(List {
            kind,
            items: Vec::new(),
            nil: true,
        }))
    }

    /// `[]string`
    pub(super) fn texts<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Self {
        Value::list_of(ListKind::Text, items.into_iter().map(Value::text).collect())
    }

    /// `map[string]interface{}`
    pub fn map(entries: BTreeMap<Rc<str>, Value>) -> Self {
        Value::Map(Rc::new(Map {
            entries: RefCell::new(entries),
            ..Map::default()
        }))
    }

    /// A `map[string]interface{}` that is nil.
    pub fn nil_map() -> Self {
        Value::Map(Rc::new(Map {
            nil: true,
            ..Map::default()
        }))
    }

    /// The name of the type, as `%T` prints it.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Value::Nil | Value::Unknown(_) => "<nil>",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Int64(_) => "int64",
            Value::Byte(_) => "uint8",
            Value::Float(_) => "float64",
            Value::Text(_) => "string",
            Value::List(list) => match list.kind {
                ListKind::Any => "[]interface {}",
                ListKind::Text => "[]string",
                ListKind::Int => "[]int",
                ListKind::Lists => "[][]interface {}",
            },
            Value::Map(map) if map.texts => "map[string]string",
            Value::Map(_) => "map[string]interface {}",
        }
    }

    /// The kind of the type, as `kindOf` prints it.
    pub(super) fn kind_name(&self) -> &'static str {
        match self {
            Value::Nil | Value::Unknown(_) => "invalid",
            Value::List(_) => "slice",
            Value::Map(_) => "map",
            other => other.type_name(),
        }
    }

    /// The elements of a list whatever their type.
    pub(super) fn elements(&self) -> Option<&[Value]> {
        match self {
            Value::List(list) => Some(&list.items),
            _ => None,
        }
    }

    /// Whether the value is anything but the zero of its type.
    pub(super) fn truth(&self) -> bool {
        match self {
            Value::Nil | Value::Unknown(_) => false,
            Value::Bool(value) => *value,
            Value::Int(value) | Value::Int64(value) => *value != 0,
            Value::Byte(value) => *value != 0,
            Value::Float(value) => *value != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::List(list) => !list.items.is_empty(),
            Value::Map(map) => !map.entries.borrow().is_empty(),
        }
    }

    /// Equality as `reflect.DeepEqual` has it: of one type, and of one value.
    pub(super) fn deep_equal(&self, other: &Value, context: &Context) -> Result<bool, String> {
        self.deep_equal_below(other, context, 0)
    }

    fn deep_equal_below(&self, other: &Value, context: &Context, depth: u32) -> Result<bool, String> {
        context.spend(1)?;
        if depth > DEPTH {
            return Err("a value holds itself".into());
        }
        Ok(match (self, other) {
            (Value::Nil, Value::Nil) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) | (Value::Int64(a), Value::Int64(b)) => a == b,
            (Value::Byte(a), Value::Byte(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::List(a), Value::List(b)) => {
                if a.kind != b.kind || a.nil != b.nil || a.items.len() != b.items.len() {
                    return Ok(false);
                }
                for (a, b) in a.items.iter().zip(&b.items) {
                    if !a.deep_equal_below(b, context, depth + 1)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Value::Map(a), Value::Map(b)) => {
                if Rc::ptr_eq(a, b) {
                    return Ok(true);
                }
                let (same_type, a, b) = (a.texts == b.texts, a.entries.borrow(), b.entries.borrow());
                if !same_type || a.len() != b.len() {
                    return Ok(false);
                }
                for ((k, a), (l, b)) in a.iter().zip(b.iter()) {
                    if k != l || !a.deep_equal_below(b, context, depth + 1)? {
                        return Ok(false);
                    }
                }
                true
            }
            _ => false,
        })
    }
}

/// Deeper than values are; a map can be made to hold itself.
pub(crate) const DEPTH: u32 = 64;

impl Map {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.entries.borrow().get(key).cloned()
    }

    /// Sets the value of a key.
    pub fn insert(&self, key: &str, value: Value) {
        self.entries.borrow_mut().insert(key.into(), value);
    }
}
