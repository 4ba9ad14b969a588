//! TOML encoder.

use go_std::strconv::format_float;

use super::local::layout;
use crate::functions::duration::DURATION;
use crate::functions::time::time_of;
use crate::{Budget, FunctionError, Kind, Text, Value};

/// Why a value cannot be written.
pub(super) enum Failure {
    /// An error of the library.
    Encoding(String),
    /// A limit, or a panic of the library.
    Other(FunctionError),
}

impl Failure {
    pub(super) fn into_error(self) -> FunctionError {
        match self {
            Failure::Encoding(message) => FunctionError::new(message),
            Failure::Other(error) => error,
        }
    }
}

impl From<FunctionError> for Failure {
    fn from(error: FunctionError) -> Self {
        Failure::Other(error)
    }
}

type Result<T = ()> = std::result::Result<T, Failure>;

/// Deepest nesting that is written; a map can be made to hold itself.
const MAX_DEPTH: usize = 400;

/// The kind of a value in TOML.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TomlType {
    Nil,
    Table,
    TableArray,
    Other,
}

/// The plain value of an object; other values as they are.
fn plain(value: &Value) -> Value {
    match &value.kind {
        // Durations are written as they print.
        Kind::Object(object) if object.type_name() == DURATION => {
            object.string().map_or(Value::NIL, Value::text)
        }
        Kind::Object(object) if time_of(value).is_none() => match object.underlying() {
            Some(plain) => plain,
            None => match object.json() {
                // The result of `MarshalText`.
                Some(text) if matches!(text.kind, Kind::Text(_)) => text,
                _ => Value::map(
                    object
                        .exported_fields()
                        .into_iter()
                        .map(|(name, field)| (Text::from(name), field))
                        .collect(),
                ),
            },
        },
        _ => value.clone(),
    }
}

pub(super) fn write(budget: &Budget, value: &Value) -> Result<Value> {
    if value.is_nil() {
        let message = "reflect: call of reflect.Value.Type on zero Value";
        return Err(Failure::Other(FunctionError::new(message)));
    }
    let mut writer = Writer {
        budget,
        out: Vec::new(),
    };
    writer.encode(&mut Vec::new(), value)?;
    budget.allocate(writer.out.len())?;
    Ok(Value::text(writer.out))
}

struct Writer<'a> {
    budget: &'a Budget,
    out: Vec<u8>,
}

impl Writer<'_> {
    fn account(&self, depth: usize) -> Result {
        self.budget.spend(1)?;
        self.budget.check_bytes(self.out.len())?;
        if depth > MAX_DEPTH {
            return Err(FunctionError::limit("a value is too deep").into());
        }
        Ok(())
    }

    fn toml_type(&self, value: &Value, depth: usize) -> Result<TomlType> {
        self.account(depth)?;
        Ok(match &plain(value).kind {
            Kind::Nil => TomlType::Nil,
            Kind::Map(map) if map.is_nil() => TomlType::Nil,
            Kind::List(list) if list.is_nil() => TomlType::Nil,
            Kind::Map(_) => TomlType::Table,
            Kind::List(list) if !list.items().is_empty() => {
                let mut toml_type = TomlType::TableArray;
                for item in list.items() {
                    match self.toml_type(item, depth + 1)? {
                        TomlType::Nil => {
                            let message = "toml: cannot encode array with nil element";
                            return Err(Failure::Encoding(message.into()));
                        }
                        TomlType::Table => {}
                        _ => toml_type = TomlType::Other,
                    }
                }
                toml_type
            }
            _ => TomlType::Other,
        })
    }

    fn line_end(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }

    fn indent(&mut self, key: &[Text]) {
        for _ in 1..key.len() {
            self.out.extend_from_slice(b"  ");
        }
    }

    fn encode(&mut self, key: &mut Vec<Text>, value: &Value) -> Result {
        let value = plain(value);
        match &value.kind {
            Kind::Nil => Ok(()),
            Kind::Map(map) if map.is_nil() => Ok(()),
            Kind::Map(_) => {
                if key.len() == 1 {
                    // A blank line, except before the first table.
                    self.line_end();
                }
                if !key.is_empty() {
                    self.indent(key);
                    self.out.push(b'[');
                    self.path(key);
                    self.out.push(b']');
                    self.line_end();
                }
                self.table(key, &value)
            }
            Kind::List(list) if self.toml_type(&value, key.len())? == TomlType::TableArray => {
                if key.is_empty() {
                    let message = "toml: top-level values must be Go maps or structs";
                    return Err(Failure::Encoding(message.into()));
                }
                for item in list.items() {
                    self.line_end();
                    self.indent(key);
                    self.out.extend_from_slice(b"[[");
                    self.path(key);
                    self.out.extend_from_slice(b"]]");
                    self.line_end();
                    self.table(key, &plain(item))?;
                }
                Ok(())
            }
            _ if key.is_empty() => self.element(&value, 0),
            _ => {
                self.indent(key);
                self.name(key.last());
                self.out.extend_from_slice(b" = ");
                self.element(&value, key.len())?;
                self.line_end();
                Ok(())
            }
        }
    }

    /// Entries sorted by key, tables last.
    fn sorted(&self, value: &Value, depth: usize) -> Result<Vec<(Text, Value)>> {
        let Kind::Map(map) = &value.kind else {
            return Ok(Vec::new());
        };
        let (mut direct, mut tables) = (Vec::new(), Vec::new());
        for (key, value) in map.snapshot() {
            match self.toml_type(&value, depth + 1)? {
                TomlType::Table | TomlType::TableArray => tables.push((key, value)),
                TomlType::Nil | TomlType::Other => direct.push((key, value)),
            }
        }
        direct.append(&mut tables);
        Ok(direct)
    }

    fn table(&mut self, key: &mut Vec<Text>, value: &Value) -> Result {
        for (name, value) in self.sorted(value, key.len())? {
            if self.toml_type(&value, key.len())? == TomlType::Nil {
                continue;
            }
            key.push(name);
            self.encode(key, &value)?;
            key.pop();
        }
        Ok(())
    }

    fn inline_table(&mut self, value: &Value, depth: usize) -> Result {
        self.out.push(b'{');
        let entries = self.sorted(value, depth)?;
        let last = entries.len().saturating_sub(1);
        for (index, (name, value)) in entries.iter().enumerate() {
            if self.toml_type(value, depth + 1)? == TomlType::Nil {
                continue;
            }
            self.name(Some(name));
            self.out.extend_from_slice(b" = ");
            self.element(value, depth + 1)?;
            if index != last {
                self.out.extend_from_slice(b", ");
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn element(&mut self, value: &Value, depth: usize) -> Result {
        self.account(depth)?;
        if let Some(time) = time_of(value) {
            self.out.extend_from_slice(time.format(layout(time)).as_bytes());
            return Ok(());
        }
        let value = plain(value);
        match &value.kind {
            Kind::Bool(value) => self
                .out
                .extend_from_slice(if *value { b"true" } else { b"false" }),
            Kind::Int(value) | Kind::Int64(value) => self.out.extend_from_slice(value.to_string().as_bytes()),
            Kind::Uint8(value) => self.out.extend_from_slice(value.to_string().as_bytes()),
            Kind::Uint64(value) => self.out.extend_from_slice(value.to_string().as_bytes()),
            Kind::Float(value) => self.out.extend_from_slice(float(*value).as_bytes()),
            Kind::Text(text) => self.quoted(text.as_bytes()),
            Kind::Map(_) => self.inline_table(&value, depth)?,
            Kind::List(_) | Kind::Bytes(_) => {
                self.out.push(b'[');
                for (index, item) in value.elements().unwrap_or_default().iter().enumerate() {
                    if index > 0 {
                        self.out.extend_from_slice(b", ");
                    }
                    self.element(item, depth + 1)?;
                }
                self.out.push(b']');
            }
            _ => {
                let message = format!("unexpected type: {}", value.type_name());
                return Err(Failure::Encoding(message));
            }
        }
        Ok(())
    }

    fn path(&mut self, key: &[Text]) {
        for (index, name) in key.iter().enumerate() {
            if index > 0 {
                self.out.push(b'.');
            }
            self.name(Some(name));
        }
    }

    /// Writes a key, in quotes if needed.
    fn name(&mut self, name: Option<&Text>) {
        let name = name.map(Text::as_bytes).unwrap_or_default();
        let bare = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !name.is_empty() && name.iter().all(bare) {
            self.out.extend_from_slice(name);
        } else {
            self.quoted(name);
        }
    }

    fn quoted(&mut self, text: &[u8]) {
        self.out.push(b'"');
        for byte in text {
            match byte {
                b'"' | b'\\' => self.out.extend_from_slice(&[b'\\', *byte]),
                b'\x08' => self.out.extend_from_slice(b"\\b"),
                b'\t' => self.out.extend_from_slice(b"\\t"),
                b'\n' => self.out.extend_from_slice(b"\\n"),
                b'\x0C' => self.out.extend_from_slice(b"\\f"),
                b'\r' => self.out.extend_from_slice(b"\\r"),
                ..b' ' | b'\x7F' => self.out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
                byte => self.out.push(*byte),
            }
        }
        self.out.push(b'"');
    }
}

/// A float, always with a point or an exponent.
fn float(value: f64) -> String {
    if value.is_nan() {
        return if value.is_sign_negative() { "-nan" } else { "nan" }.into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.into();
    }
    let text = format_float(value, 'g');
    if text.contains(['e', '.']) {
        text
    } else {
        format!("{text}.0")
    }
}
