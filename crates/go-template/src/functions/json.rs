//! Reading and writing of JSON.

use std::collections::BTreeMap;

use go_std::json::{Builder, read, write_float, write_string};

use super::encoding::encode_base64;
use super::result::Result;
use crate::Type::{Any, Text as Str};
use crate::{Arguments, Budget, Caller, Function, FunctionError, Kind, Map, Text, Value};

const TO_RAW_JSON: Function = Function::new(&[Any], |c, a| encode(c, a.any(0), RAW));

pub(super) const SPRIG: &[(&str, Function)] = &[
    (
        "fromJson",
        Function::new(&[Str], |c, a| or(from_json(c, a.text(0)), Value::NIL)),
    ),
    (
        "mustFromJson",
        Function::new(&[Str], |c, a| from_json(c, a.text(0))),
    ),
    (
        "mustToJson",
        Function::new(&[Any], |c, a| encode(c, a.any(0), COMPACT)),
    ),
    (
        "mustToPrettyJson",
        Function::new(&[Any], |c, a| encode(c, a.any(0), PRETTY)),
    ),
    ("mustToRawJson", TO_RAW_JSON),
    (
        "toJson",
        Function::new(&[Any], |c, a| or(encode(c, a.any(0), COMPACT), Value::text(""))),
    ),
    (
        "toPrettyJson",
        Function::new(&[Any], |c, a| or(encode(c, a.any(0), PRETTY), Value::text(""))),
    ),
    ("toRawJson", TO_RAW_JSON),
];

/// Helm's variants, which return errors in the result.
pub(super) const HELM: &[(&str, Function)] = &[
    ("fromJson", Function::new(&[Str], from_json_object)),
    ("fromJsonArray", Function::new(&[Str], from_json_array)),
];

/// Options of the writer.
#[derive(Clone, Copy)]
struct Format {
    /// Whether `<`, `>` and `&` are escaped.
    html: bool,
    pretty: bool,
}

const COMPACT: Format = Format {
    html: true,
    pretty: false,
};
const PRETTY: Format = Format {
    html: true,
    pretty: true,
};
const RAW: Format = Format {
    html: false,
    pretty: false,
};

/// Replaces an error, unless it is a limit, by another value.
pub(super) fn or(result: Result, other: Value) -> Result {
    result.or_else(|error| if error.limit { Err(error) } else { Ok(other) })
}

fn from_json(caller: &mut dyn Caller<'_>, text: &Text) -> Result {
    let size = text.len();
    caller.budget().spend(size as u64)?;
    let maps = text.as_bytes().iter().filter(|byte| **byte == b'{').count();
    let bytes = size
        .saturating_mul(16)
        .saturating_add(maps.saturating_mul(Map::bytes(1)));
    caller.budget().allocate(bytes)?;
    read(text.as_bytes(), &mut Values).map_err(FunctionError::new)
}

/// Builds values; numbers are `float64`.
struct Values;

impl Builder for Values {
    type Value = Value;

    fn null(&mut self) -> Value {
        Value::NIL
    }

    fn bool(&mut self, value: bool) -> Value {
        Value::bool(value)
    }

    fn number(&mut self, value: f64) -> Value {
        Value::float(value)
    }

    fn string(&mut self, text: String) -> Value {
        Value::text(text)
    }

    fn array(&mut self, items: Vec<Value>) -> Value {
        Value::list(items)
    }

    fn object(&mut self, entries: Vec<(String, Value)>) -> Value {
        Value::map(
            entries
                .into_iter()
                .map(|(key, value)| (Text::from(key), value))
                .collect(),
        )
    }
}

fn from_json_object(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let value = from_json(caller, arguments.text(0));
    or_error(value, Value::nil_map(), "", error_map)
}

fn from_json_array(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let value = from_json(caller, arguments.text(0));
    or_error(value, Value::nil_list(), "", error_list)
}

/// A decoded value of the type of `empty`, which replaces null. Other types and errors become part of the result.
pub(super) fn or_error(value: Result, empty: Value, context: &str, shown: fn(String) -> Value) -> Result {
    Ok(match value {
        Ok(value) if value.is_nil() => empty,
        Ok(value) if value.type_name() == empty.type_name() => value,
        Ok(value) => shown(format!("{context}{}", mismatch(&value, empty.type_name()))),
        Err(error) if error.limit => return Err(error),
        Err(error) => shown(error.message),
    })
}

/// Go's error for JSON of the wrong type.
fn mismatch(value: &Value, wanted: &str) -> String {
    let found = match &value.kind {
        Kind::Bool(_) => "bool",
        Kind::Text(_) => "string",
        Kind::List(_) => "array",
        Kind::Map(_) => "object",
        _ => "number",
    };
    format!("json: cannot unmarshal {found} into Go value of type {wanted}")
}

/// The map that Helm returns for an error.
pub(super) fn error_map(error: String) -> Value {
    Value::map(BTreeMap::from([(Text::from("Error"), Value::text(error))]))
}

/// The list that Helm returns for an error.
pub(super) fn error_list(error: String) -> Value {
    Value::list(vec![Value::text(error)])
}

fn encode(caller: &mut dyn Caller<'_>, value: &Value, format: Format) -> Result {
    let mut writer = Writer {
        budget: caller.budget(),
        format,
        out: String::new(),
    };
    writer.write(value, 0)?;
    let out = writer.out;
    caller.budget().allocate(out.len())?;
    Ok(Value::text(out))
}

/// Deepest nesting that is written. Deeper values are reported as cycles, which Go looks for.
const MAX_DEPTH: usize = 500;

struct Writer<'a> {
    budget: &'a Budget,
    format: Format,
    out: String,
}

impl Writer<'_> {
    fn write(&mut self, value: &Value, depth: usize) -> Result<()> {
        self.budget.spend(1)?;
        self.budget.check_bytes(self.out.len())?;
        if depth > MAX_DEPTH {
            return Err(format!(
                "json: unsupported value: encountered a cycle via {}",
                value.type_name()
            )
            .into());
        }
        match &value.kind {
            Kind::Nil => self.out.push_str("null"),
            Kind::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Kind::Int(value) | Kind::Int64(value) => self.out.push_str(&value.to_string()),
            Kind::Uint8(value) => self.out.push_str(&value.to_string()),
            Kind::Uint64(value) => self.out.push_str(&value.to_string()),
            Kind::Float(float) => {
                if !write_float(*float, &mut self.out) {
                    let name = go_std::strconv::format_float(*float, 'g');
                    return Err(format!("json: unsupported value: {name}").into());
                }
            }
            Kind::Complex(..) => return Err("json: unsupported type: complex128".into()),
            Kind::Text(text) => {
                self.budget.spend(text.len() as u64 / 8)?;
                write_string(text.as_bytes(), self.format.html, &mut self.out);
            }
            Kind::Bytes(bytes) => {
                self.out.extend(["\"", &encode_base64(bytes), "\""]);
            }
            Kind::List(list) if list.is_nil() => self.out.push_str("null"),
            Kind::Map(map) if map.is_nil() => self.out.push_str("null"),
            Kind::List(list) => {
                self.out.push('[');
                for (index, item) in list.items().iter().enumerate() {
                    self.next(index, depth);
                    self.write(item, depth + 1)?;
                }
                self.close(']', list.items().is_empty(), depth);
            }
            Kind::Map(map) => {
                let entries = map.entries();
                self.write_object(entries.iter().map(|(key, value)| (key.as_bytes(), value)), depth)?;
            }
            Kind::Object(object) => {
                if let Some(value) = object.json().or_else(|| object.underlying()) {
                    return self.write(&value, depth);
                }
                let fields = object.json_fields();
                self.write_object(fields.iter().map(|(name, value)| (name.as_bytes(), value)), depth)?;
            }
        }
        Ok(())
    }

    fn write_object<'v>(
        &mut self,
        entries: impl ExactSizeIterator<Item = (&'v [u8], &'v Value)>,
        depth: usize,
    ) -> Result<()> {
        self.out.push('{');
        let is_empty = entries.len() == 0;
        for (index, (key, value)) in entries.enumerate() {
            self.next(index, depth);
            self.key(key);
            self.write(value, depth + 1)?;
        }
        self.close('}', is_empty, depth);
        Ok(())
    }

    /// Writes the separator before an entry.
    fn next(&mut self, index: usize, depth: usize) {
        if index > 0 {
            self.out.push(',');
        }
        self.line(depth + 1);
    }

    fn key(&mut self, key: &[u8]) {
        write_string(key, self.format.html, &mut self.out);
        self.out.push_str(if self.format.pretty { ": " } else { ":" });
    }

    fn close(&mut self, bracket: char, empty: bool, depth: usize) {
        if !empty {
            self.line(depth);
        }
        self.out.push(bracket);
    }

    fn line(&mut self, depth: usize) {
        if self.format.pretty {
            self.out.push('\n');
            for _ in 0..depth {
                self.out.push_str("  ");
            }
        }
    }
}
