//! Functions on strings.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Type::{Any, Int, Text};
use super::{Function, any, count, function, int, text};
use crate::slim::context::Context;
use crate::slim::format::shown;
use crate::slim::quote::quote;
use crate::slim::value::{ListKind, Map, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "hello" => function(&[], None, |_, _| Ok(Value::text("Hello!"))),
        "trim" => function(&[Text], None, |_, v| Ok(Value::text(text(v, 0).trim()))),
        "upper" => function(&[Text], None, |_, v| {
            Ok(Value::text(map_chars(text(v, 0), upper)))
        }),
        "lower" => function(&[Text], None, |_, v| {
            Ok(Value::text(map_chars(text(v, 0), lower)))
        }),
        "title" => function(&[Text], None, |_, v| Ok(Value::text(title(text(v, 0))))),
        "trunc" => function(&[Int, Text], None, |_, v| truncate(int(v, 0), text(v, 1))),
        "substr" => function(&[Int, Int, Text], None, |_, v| {
            substring(int(v, 0), int(v, 1), text(v, 2))
        }),
        "repeat" => function(&[Int, Text], None, |c, v| repeat(int(v, 0), text(v, 1), c)),
        "trimAll" | "trimall" => function(&[Text, Text], None, |_, v| {
            Ok(Value::text(text(v, 1).trim_matches(|c| text(v, 0).contains(c))))
        }),
        "trimSuffix" => function(&[Text, Text], None, |_, v| {
            Ok(Value::text(
                text(v, 1).strip_suffix(text(v, 0)).unwrap_or(text(v, 1)),
            ))
        }),
        "trimPrefix" => function(&[Text, Text], None, |_, v| {
            Ok(Value::text(
                text(v, 1).strip_prefix(text(v, 0)).unwrap_or(text(v, 1)),
            ))
        }),
        "contains" => function(&[Text, Text], None, |_, v| {
            Ok(Value::Bool(text(v, 1).contains(text(v, 0))))
        }),
        "hasPrefix" => function(&[Text, Text], None, |_, v| {
            Ok(Value::Bool(text(v, 1).starts_with(text(v, 0))))
        }),
        "hasSuffix" => function(&[Text, Text], None, |_, v| {
            Ok(Value::Bool(text(v, 1).ends_with(text(v, 0))))
        }),
        "quote" => function(&[], Some(Any), |c, v| {
            joined(v, |value| Ok(quote(&string_of(value, c)?, false)))
        }),
        "squote" => function(&[], Some(Any), |c, v| {
            joined(v, |value| Ok(format!("'{}'", shown(value, c)?)))
        }),
        "cat" => function(&[], Some(Any), |c, v| joined(v, |value| shown(value, c))),
        "indent" => function(&[Int, Text], None, |c, v| {
            Ok(Value::text(indent(int(v, 0), text(v, 1), c)?))
        }),
        "nindent" => function(&[Int, Text], None, |c, v| {
            Ok(Value::text(format!("\n{}", indent(int(v, 0), text(v, 1), c)?)))
        }),
        "replace" => function(&[Text, Text, Text], None, replace),
        "plural" => function(&[Text, Text, Int], None, |_, v| {
            Ok(any(v, usize::from(int(v, 2) != 1)).clone())
        }),
        "toString" => function(&[Any], None, |c, v| Ok(Value::text(string_of(any(v, 0), c)?))),
        "toStrings" => function(&[Any], None, |c, v| Ok(Value::texts(strings_of(any(v, 0), c)?))),
        "join" => function(&[Text, Any], None, |c, v| {
            Ok(Value::text(strings_of(any(v, 1), c)?.join(text(v, 0))))
        }),
        "split" => function(&[Text, Text], None, |c, v| {
            Ok(numbered(split(text(v, 0), text(v, 1), -1, c)?))
        }),
        "splitn" => function(&[Text, Int, Text], None, |c, v| {
            Ok(numbered(split(text(v, 0), text(v, 2), int(v, 1), c)?))
        }),
        "splitList" => function(&[Text, Text], None, |c, v| {
            Ok(Value::texts(split(text(v, 0), text(v, 1), -1, c)?))
        }),
        "sortAlpha" => function(&[Any], None, |c, v| {
            let mut texts = strings_of(any(v, 0), c)?;
            if any(v, 0).elements().is_some() {
                texts.sort();
            } else if let Value::Nil = any(v, 0) {
                texts = vec![shown(&Value::Nil, c)?];
            }
            Ok(Value::texts(texts))
        }),
        _ => return None,
    })
}

/// A value as the functions take it for a string.
pub(super) fn string_of(value: &Value, context: &Context) -> Result<String, String> {
    shown(value, context)
}

/// A list as strings without nil; anything else as a list of one.
pub(super) fn strings_of(value: &Value, context: &Context) -> Result<Vec<String>, String> {
    match value {
        Value::Nil => Ok(Vec::new()),
        Value::List(list) => {
            let items = list.items.iter().filter(|item| !matches!(item, Value::Nil));
            items.map(|item| string_of(item, context)).collect()
        }
        other => Ok(vec![string_of(other, context)?]),
    }
}

/// Values that are not nil, each as text, with spaces between them.
fn joined(values: &[Value], mut each: impl FnMut(&Value) -> Result<String, String>) -> Result<Value, String> {
    let values = values.iter().filter(|value| !matches!(value, Value::Nil));
    let texts: Vec<String> = values.map(&mut each).collect::<Result<_, _>>()?;
    Ok(Value::text(texts.join(" ")))
}

/// Go maps characters one by one, and leaves those alone that would become several.
fn map_chars(text: &str, to: fn(char) -> char) -> String {
    text.chars().map(to).collect()
}

fn upper(c: char) -> char {
    let mut mapped = c.to_uppercase();
    if mapped.len() == 1 {
        mapped.next().unwrap_or(c)
    } else {
        c
    }
}

pub(super) fn lower(c: char) -> char {
    let mut mapped = c.to_lowercase();
    match (c, mapped.len()) {
        // The one capital whose small letter is plain in Go.
        ('\u{130}', _) => 'i',
        (_, 1) => mapped.next().unwrap_or(c),
        _ => c,
    }
}

fn title(text: &str) -> String {
    let mut after_separator = true;
    let convert = |c: char| {
        let converted = if after_separator { upper(c) } else { c };
        after_separator = match c {
            '_' => false,
            c if c.is_ascii() => !c.is_ascii_alphanumeric(),
            c => !c.is_alphanumeric() && c.is_whitespace(),
        };
        converted
    };
    text.chars().map(convert).collect()
}

/// Go counts bytes. A text that is cut within a character is none that YAML could hold.
fn cut(text: &str, range: impl std::slice::SliceIndex<str, Output = str>) -> Result<Value, String> {
    let part = text.get(range);
    part.map(Value::text)
        .ok_or_else(|| format!("{text:?} cannot be cut there"))
}

fn truncate(length: i64, text: &str) -> Result<Value, String> {
    let have = i64::try_from(text.len()).unwrap_or(i64::MAX);
    if length < 0 && have.saturating_add(length) > 0 {
        return cut(text, count(have.saturating_add(length), "length")?..);
    }
    if length >= 0 && have > length {
        return cut(text, ..count(length, "length")?);
    }
    Ok(Value::text(text))
}

fn substring(start: i64, end: i64, text: &str) -> Result<Value, String> {
    let have = i64::try_from(text.len()).unwrap_or(i64::MAX);
    if start < 0 {
        return cut(text, ..count(end, "end")?);
    }
    let start = count(start, "start")?;
    if end < 0 || end > have {
        return cut(text, start..);
    }
    cut(text, start..count(end, "end")?)
}

fn repeat(times: i64, text: &str, context: &Context) -> Result<Value, String> {
    let times = count(times, "repeat count")?;
    context.check_bytes(text.len().saturating_mul(times))?;
    Ok(Value::text(text.repeat(times)))
}

fn indent(spaces: i64, text: &str, context: &Context) -> Result<String, String> {
    let spaces = count(spaces, "repeat count")?;
    let lines = text.matches('\n').count() + 1;
    context.check_bytes(spaces.saturating_mul(lines).saturating_add(text.len()))?;
    let pad = " ".repeat(spaces);
    Ok(format!("{pad}{}", text.replace('\n', &format!("\n{pad}"))))
}

fn replace(context: &Context, values: &[Value]) -> Result<Value, String> {
    let (old, new, source) = (text(values, 0), text(values, 1), text(values, 2));
    let times = source.matches(old).count();
    context.check_bytes(source.len().saturating_add(times.saturating_mul(new.len())))?;
    Ok(Value::text(source.replace(old, new)))
}

/// As `strings.SplitN`: a negative `n` is for all parts, an empty separator splits into characters.
fn split<'t>(separator: &str, text: &'t str, n: i64, context: &Context) -> Result<Vec<&'t str>, String> {
    let limit = match usize::try_from(n) {
        Ok(0) => return Ok(Vec::new()),
        Ok(limit) => limit,
        Err(_) => usize::MAX,
    };
    context.spend(text.len() as u64)?;
    if !separator.is_empty() {
        return Ok(text.splitn(limit, separator).collect());
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if parts.len() + 1 == limit {
            parts.push(rest);
            break;
        }
        let (part, after) = rest.split_at(character.len_utf8());
        parts.push(part);
        rest = after;
    }
    Ok(parts)
}

/// `map[string]string` with the keys `_0`, `_1` and so on.
fn numbered(parts: Vec<&str>) -> Value {
    let entries = parts.into_iter().enumerate();
    let entries: BTreeMap<Rc<str>, Value> = entries
        .map(|(index, part)| (format!("_{index}").as_str().into(), Value::text(part)))
        .collect();
    Value::Map(Rc::new(Map {
        texts: true,
        entries: entries.into(),
        ..Map::default()
    }))
}

/// A list that other functions make of strings.
pub(super) fn text_list(items: Vec<String>, nil: bool) -> Value {
    if nil {
        Value::nil_list(ListKind::Text)
    } else {
        Value::texts(items)
    }
}
