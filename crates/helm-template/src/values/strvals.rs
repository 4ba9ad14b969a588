//! Parser of values on the command line: `a.b[0]=x,c={y,z}`.
//!
//! Rules: [pkg/strvals](https://github.com/helm/helm/blob/v4.2.4/pkg/strvals/parser.go). Flux uses them for `targetPath` too.
//! Values before an error stay set, as in Helm.

use std::rc::Rc;

use go_template::{Kind, List, Map, Value};

use super::copy::empty_map;
use super::json::value_of_json;

/// Highest index of a list.
const MAX_INDEX: i64 = 65_536;
/// Most items of all lists on the paths of one argument: each path copies its lists.
const MAX_ITEMS: usize = 4_000_000;
/// Most names in one path.
const MAX_NESTED_NAMES: usize = 30;

/// How the text after `=` is read.
pub(super) enum Syntax<'a> {
    /// `--set`: typed, with lists and escapes.
    Typed,
    /// `--set-string`: as `--set`, but always strings.
    String,
    /// `--set-json`: a JSON value.
    Json,
    /// `--set-file`: as `--set`, but the function reads the file of that name.
    File(&'a mut dyn FnMut(&str) -> Result<String, String>),
    /// `--set-literal`: a string to the end, without lists or escapes.
    Literal,
}

/// Sets the values of one argument in `values`.
///
/// Lists are replaced, not changed in place. The replaced ones are returned, old and new, for callers that hold them elsewhere.
///
/// # Errors
/// Helm's message.
pub(super) fn set(text: &str, values: &Map, syntax: Syntax<'_>) -> Result<ReplacedLists, String> {
    let mut parser = Parser {
        rest: text,
        syntax,
        items: MAX_ITEMS,
        replaced: Vec::new(),
    };
    loop {
        match parser.key(values, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(parser.replaced),
            Err(Stop::Error(error)) => return Err(error),
        }
    }
}

/// Replaced lists, each as old and new.
pub type ReplacedLists = Vec<(Rc<List>, Rc<List>)>;

/// Why parsing stops.
#[derive(Debug)]
enum Stop {
    /// The end of the text.
    End,
    Error(String),
}

impl Stop {
    fn error<T>(message: impl Into<String>) -> Result<T, Stop> {
        Err(Stop::Error(message.into()))
    }
}

struct Parser<'a, 's> {
    rest: &'a str,
    syntax: Syntax<'s>,
    /// Remaining items of lists.
    items: usize,
    replaced: ReplacedLists,
}

/// A text up to its end character, which is consumed.
struct Token {
    text: String,
    /// `None` at the end of the whole text.
    end: Option<char>,
}

impl Parser<'_, '_> {
    fn is_literal(&self) -> bool {
        matches!(self.syntax, Syntax::Literal)
    }

    fn next_char(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        Some(c)
    }

    fn skip(&mut self, c: char) -> bool {
        let rest = self.rest.strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn until(&mut self, stops: &[char]) -> Token {
        let mut text = String::new();
        let end = loop {
            match self.next_char() {
                None => break None,
                Some(c) if stops.contains(&c) => break Some(c),
                Some('\\') if !self.is_literal() => match self.next_char() {
                    None => break None,
                    Some(c) => text.push(c),
                },
                Some(c) => text.push(c),
            }
        };
        Token { text, end }
    }

    fn key(&mut self, values: &Map, nested: usize) -> Result<(), Stop> {
        let stops: &[char] = if self.is_literal() {
            &['=', '[', '.']
        } else {
            &['=', '[', '.', ',']
        };
        let Token { text: name, end } = self.until(stops);
        let quoted = || go_std::quote::quote(&name);
        match end {
            None if name.is_empty() => Err(Stop::End),
            None => Stop::error(format!("key {} has no value", quoted())),
            Some('[') => {
                let index = self.index()?;
                let mut list = match values.get(&name) {
                    None => Vec::new(),
                    Some(value) => items(&value)?,
                };
                let result = self.list_item(&mut list, index, nested);
                self.spend_items(list.len())?;
                self.put_list(values, &name, list);
                result
            }
            Some('=') => {
                let value = self.value()?;
                put(values, &name, value);
                Ok(())
            }
            Some('.') => {
                check_nested(nested + 1)?;
                let inner = match values.get(&name) {
                    None => Rc::new(empty_map()),
                    Some(Value {
                        kind: Kind::Map(map), ..
                    }) => map,
                    Some(other) => return conversion_panic(&other, "map[string]interface {}"),
                };
                let result = self.key(&inner, nested + 1);
                if inner.is_empty() {
                    result?;
                    return Stop::error(format!("key map {} has no value", quoted()));
                }
                put(values, &name, Value::new(Kind::Map(inner)));
                result
            }
            Some(_) => {
                put(values, &name, Value::text(""));
                Stop::error(format!("key {} has no value (cannot end with ,)", quoted()))
            }
        }
    }

    /// The value after `=`, and the comma after it.
    fn value(&mut self) -> Result<Value, Stop> {
        match self.syntax {
            Syntax::Json => return self.json(),
            Syntax::Literal => return Ok(Value::text(std::mem::take(&mut self.rest))),
            Syntax::Typed | Syntax::String | Syntax::File(_) => {}
        }
        if self.rest.is_empty() {
            return Ok(Value::text(""));
        }
        if self.skip('{') {
            return self.list();
        }
        let text = self.until(&[',']).text;
        self.convert(&text)
    }

    fn convert(&mut self, text: &str) -> Result<Value, Stop> {
        match &mut self.syntax {
            Syntax::Typed => Ok(typed(text)),
            Syntax::File(read) => read(text).map(Value::text).map_err(Stop::Error),
            _ => Ok(Value::text(text)),
        }
    }

    fn list(&mut self) -> Result<Value, Stop> {
        let mut items = Vec::new();
        loop {
            let Token { text, end } = self.until(&[',', '}']);
            match end {
                None => return Stop::error("list must terminate with '}'"),
                Some('}') => {
                    self.skip(',');
                    items.push(self.convert(&text)?);
                    return Ok(Value::list(items));
                }
                Some(_) => items.push(self.convert(&text)?),
            }
        }
    }

    fn json(&mut self) -> Result<Value, Stop> {
        if self.is_empty_value() {
            return Ok(Value::NIL);
        }
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<serde_json::Value>();
        let value = match values.next() {
            Some(Ok(value)) => value,
            Some(Err(error)) => return Stop::error(error.to_string()),
            None => return Err(Stop::End),
        };
        self.rest = self.rest.get(values.byte_offset()..).unwrap_or_default();
        self.is_empty_value();
        Ok(value_of_json(&value))
    }

    /// Skips white space. Whether the text ends there, or a comma follows, which is skipped too.
    fn is_empty_value(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.is_empty() || self.skip(',')
    }

    fn index(&mut self) -> Result<i64, Stop> {
        let Token { text, end } = self.until(&[']']);
        if end.is_none() {
            return Err(Stop::End);
        }
        text.parse().or_else(|error: std::num::ParseIntError| {
            let reason = match error.kind() {
                std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => {
                    "value out of range"
                }
                _ => "invalid syntax",
            };
            Stop::error(format!(
                "error parsing index: strconv.Atoi: parsing {}: {reason}",
                go_std::quote::quote(&text)
            ))
        })
    }

    fn list_item(&mut self, list: &mut Vec<Value>, index: i64, nested: usize) -> Result<(), Stop> {
        if index < 0 {
            return Stop::error(format!("negative {index} index not allowed"));
        }
        let Token { text, end } = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            let chars: Vec<String> = text
                .chars()
                .map(|c| go_std::quote::quote_with(c.encode_utf8(&mut [0; 4]).as_bytes(), '\'', false))
                .collect();
            return Stop::error(format!(
                "unexpected data at end of array index: [{}]",
                chars.join(" ")
            ));
        }
        let present = usize::try_from(index)
            .ok()
            .and_then(|index| list.get(index))
            .cloned();
        match end {
            None => Err(Stop::End),
            Some('=') => {
                let value = self.value()?;
                put_index(list, index, value)
            }
            Some('[') => {
                let inner_index = self.index()?;
                let mut inner = match present.filter(|value| !value.is_nil()) {
                    None => Vec::new(),
                    Some(value) => items(&value)?,
                };
                self.list_item(&mut inner, inner_index, nested)?;
                self.spend_items(inner.len())?;
                put_index(list, index, Value::list(inner))
            }
            Some(_) => {
                let inner = match present {
                    Some(Value {
                        kind: Kind::Map(map), ..
                    }) => map,
                    _ => Rc::new(empty_map()),
                };
                self.key(&inner, nested)?;
                put_index(list, index, Value::new(Kind::Map(inner)))
            }
        }
    }

    fn spend_items(&mut self, count: usize) -> Result<(), Stop> {
        match self.items.checked_sub(count) {
            Some(left) => self.items = left,
            None => {
                return Stop::error(format!(
                    "the lists of one argument have more than {MAX_ITEMS} items"
                ));
            }
        }
        Ok(())
    }

    /// Sets a list, and records the one that it replaces.
    fn put_list(&mut self, values: &Map, name: &str, items: Vec<Value>) {
        let value = Value::list(items);
        if let (
            Kind::List(new),
            Some(Value {
                kind: Kind::List(old),
                ..
            }),
        ) = (&value.kind, values.get(name))
            && old.items().len() >= new.items().len()
        {
            self.replaced.push((old, Rc::clone(new)));
        }
        put(values, name, value);
    }
}

fn check_nested(nested: usize) -> Result<(), Stop> {
    if nested > MAX_NESTED_NAMES {
        return Stop::error(format!(
            "value name nested level is greater than maximum supported nested level of {MAX_NESTED_NAMES}"
        ));
    }
    Ok(())
}

/// A copy of the items of a list.
fn items(value: &Value) -> Result<Vec<Value>, Stop> {
    match &value.kind {
        Kind::List(list) => Ok(list.items().to_vec()),
        _ => conversion_panic(value, "[]interface {}"),
    }
}

/// Go panics here, which Helm reports as an error.
fn conversion_panic<T>(value: &Value, wanted: &str) -> Result<T, Stop> {
    let found = if value.is_nil() { "nil" } else { value.type_name() };
    Stop::error(format!(
        "unable to parse key: interface conversion: interface {{}} is {found}, not {wanted}"
    ))
}

fn put(values: &Map, name: &str, value: Value) {
    if !name.is_empty() {
        values.insert(name, value);
    }
}

fn put_index(list: &mut Vec<Value>, index: i64, value: Value) -> Result<(), Stop> {
    if index > MAX_INDEX {
        return Stop::error(format!(
            "index of {index} is greater than maximum supported index of {MAX_INDEX}"
        ));
    }
    let index = usize::try_from(index).unwrap_or_default();
    if list.len() <= index {
        list.resize(index + 1, Value::NIL);
    }
    if let Some(item) = list.get_mut(index) {
        *item = value;
    }
    Ok(())
}

/// Booleans, null, and integers without a leading 0; otherwise a string.
fn typed(text: &str) -> Value {
    if text.eq_ignore_ascii_case("true") {
        Value::bool(true)
    } else if text.eq_ignore_ascii_case("false") {
        Value::bool(false)
    } else if text.eq_ignore_ascii_case("null") {
        Value::NIL
    } else if text == "0" {
        Value::int64(0)
    } else if text.starts_with('0') {
        Value::text(text)
    } else {
        text.parse().map_or_else(|_| Value::text(text), Value::int64)
    }
}
