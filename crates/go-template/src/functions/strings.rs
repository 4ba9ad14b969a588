//! Functions on strings.

use std::collections::BTreeMap;

use go_std::text::{lossy, map_chars, runes, title, to_lower, to_upper, trim, trim_space};
use memchr::memmem;

use super::convert::{sprint, texts_of, to_text};
use super::result::Result;
use super::words;
use crate::Type::{Any, Int, Text as Str};
use crate::{Arguments, Caller, Function, FunctionError, Kind, MapType, Text, Value};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("cat", Function::variadic(&[], Any, cat)),
    ("contains", Function::new(&[Str, Str], contains)),
    ("hasPrefix", Function::new(&[Str, Str], has_prefix)),
    ("hasSuffix", Function::new(&[Str, Str], has_suffix)),
    ("hello", Function::new(&[], |_, _| Ok(Value::text("Hello!")))),
    ("indent", Function::new(&[Int, Str], indent)),
    ("join", Function::new(&[Str, Any], join)),
    ("lower", Function::new(&[Str], lower)),
    ("nindent", Function::new(&[Int, Str], nindent)),
    ("plural", Function::new(&[Str, Str, Int], plural)),
    ("quote", Function::variadic(&[], Any, quote).keeping_mark()),
    ("repeat", Function::new(&[Int, Str], repeat)),
    ("replace", Function::new(&[Str, Str, Str], replace)),
    (
        "split",
        Function::new(&[Str, Str], |c, a| split(c, a.text(0), a.text(1), -1)),
    ),
    ("splitList", Function::new(&[Str, Str], split_list)),
    (
        "splitn",
        Function::new(&[Str, Int, Str], |c, a| split(c, a.text(0), a.text(2), a.int(1))),
    ),
    ("squote", Function::variadic(&[], Any, squote).keeping_mark()),
    ("substr", Function::new(&[Int, Int, Str], substr)),
    (
        "title",
        Function::new(&[Str], |_, a| Ok(Value::text(title(a.text(0).as_bytes())))),
    ),
    ("toString", Function::new(&[Any], to_string).keeping_mark()),
    ("toStrings", Function::new(&[Any], to_strings)),
    (
        "trim",
        Function::new(&[Str], |_, a| Ok(part(trim_space(a.text(0).as_bytes())))).keeping_mark(),
    ),
    ("trimAll", Function::new(&[Str, Str], trim_all)),
    ("trimPrefix", Function::new(&[Str, Str], trim_prefix)),
    ("trimSuffix", Function::new(&[Str, Str], trim_suffix)),
    ("trimall", Function::new(&[Str, Str], trim_all)),
    ("trunc", Function::new(&[Int, Str], trunc)),
    ("upper", Function::new(&[Str], upper)),
    // Words.
    (
        "abbrev",
        Function::new(&[Int, Str], |_, a| {
            Ok(part(&words::abbreviate(a.text(1).as_bytes(), 0, a.int(0))))
        }),
    ),
    (
        "abbrevboth",
        Function::new(&[Int, Int, Str], |_, a| {
            Ok(part(&words::abbreviate(a.text(2).as_bytes(), a.int(0), a.int(1))))
        }),
    ),
    (
        "camelcase",
        Function::new(&[Str], |_, a| {
            Ok(Value::text(super::case::pascal(a.text(0).as_bytes())))
        })
        .weighing(8),
    ),
    (
        "initials",
        Function::new(&[Str], |_, a| {
            Ok(Value::text(words::initials(a.text(0).as_bytes())))
        })
        .weighing(8),
    ),
    (
        "kebabcase",
        Function::new(&[Str], |_, a| {
            Ok(part(&super::case::with_connector(a.text(0).as_bytes(), '-')))
        })
        .weighing(8),
    ),
    (
        "nospace",
        Function::new(&[Str], |_, a| {
            Ok(part(&words::without_space(a.text(0).as_bytes())))
        }),
    ),
    (
        "snakecase",
        Function::new(&[Str], |_, a| {
            Ok(part(&super::case::with_connector(a.text(0).as_bytes(), '_')))
        })
        .weighing(8),
    ),
    (
        "swapcase",
        Function::new(&[Str], |_, a| {
            Ok(Value::text(words::swap_case(a.text(0).as_bytes())))
        })
        .weighing(8),
    ),
    (
        "untitle",
        Function::new(&[Str], |_, a| {
            Ok(Value::text(words::untitle(a.text(0).as_bytes())))
        })
        .weighing(8),
    ),
    (
        "wrap",
        Function::new(&[Int, Str], |c, a| wrap(c, a.text(1), a.int(0), b"\n", false)),
    ),
    (
        "wrapWith",
        Function::new(&[Int, Str, Str], |c, a| {
            wrap(c, a.text(2), a.int(0), a.text(1).as_bytes(), true)
        }),
    ),
];

/// A part of a string.
fn part(bytes: &[u8]) -> Value {
    Value::text(bytes)
}

fn cat(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let mut out = Vec::new();
    for (index, value) in arguments
        .rest(0)
        .iter()
        .filter(|value| !value.is_nil())
        .enumerate()
    {
        if index > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(sprint(caller, value)?.as_bytes());
    }
    caller.budget().check_bytes(out.len())?;
    Ok(Value::text(out))
}

fn contains(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let found = memmem::find(arguments.text(1).as_bytes(), arguments.text(0).as_bytes());
    Ok(Value::bool(found.is_some()))
}

fn has_prefix(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(Value::bool(
        arguments
            .text(1)
            .as_bytes()
            .starts_with(arguments.text(0).as_bytes()),
    ))
}

fn has_suffix(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(Value::bool(
        arguments
            .text(1)
            .as_bytes()
            .ends_with(arguments.text(0).as_bytes()),
    ))
}

fn indent(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    indented(caller, arguments, "").map(Value::text)
}

fn nindent(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    indented(caller, arguments, "\n").map(Value::text)
}

/// Indents every line by a number of blanks, empty lines too.
fn indented(
    caller: &mut dyn Caller<'_>,
    arguments: Arguments<'_>,
    before: &str,
) -> std::result::Result<Vec<u8>, FunctionError> {
    let text = arguments.text(1).as_bytes();
    let lines = 1 + memchr::memchr_iter(b'\n', text).count();
    let pad = count(arguments.int(0))?;
    let length = pad
        .saturating_mul(lines)
        .saturating_add(text.len())
        .saturating_add(before.len());
    caller.budget().check_bytes(length)?;
    caller.budget().allocate(length)?;
    let mut out = Vec::with_capacity(length);
    out.extend_from_slice(before.as_bytes());
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if index > 0 {
            out.push(b'\n');
        }
        out.resize(out.len() + pad, b' ');
        out.extend_from_slice(line);
    }
    Ok(out)
}

/// The count of `strings.Repeat`.
fn count(number: i64) -> std::result::Result<usize, FunctionError> {
    usize::try_from(number).map_err(|_| FunctionError::new("strings: negative Repeat count"))
}

fn join(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let separator = arguments.text(0).as_bytes();
    let texts = texts_of(caller, arguments.any(1))?;
    let length = texts.iter().fold(0_usize, |sum, text| {
        sum.saturating_add(text.len()).saturating_add(separator.len())
    });
    caller.budget().check_bytes(length)?;
    caller.budget().allocate(length)?;
    let mut out = Vec::with_capacity(length);
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(separator);
        }
        out.extend_from_slice(text.as_bytes());
    }
    Ok(Value::text(out))
}

fn lower(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(Value::text(map_chars(arguments.text(0).as_bytes(), to_lower)))
}

fn upper(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(Value::text(map_chars(arguments.text(0).as_bytes(), to_upper)))
}

fn plural(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let index = if arguments.int(2) == 1 { 0 } else { 1 };
    Ok(arguments.any(index).clone())
}

fn quote(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let mut out = String::new();
    for (index, value) in arguments
        .rest(0)
        .iter()
        .filter(|value| !value.is_nil())
        .enumerate()
    {
        if index > 0 {
            out.push(' ');
        }
        let text = to_text(caller, value)?;
        caller.budget().spend(text.len() as u64)?;
        out.push_str(&go_std::quote::quote_bytes(text.as_bytes()));
    }
    caller.budget().check_bytes(out.len())?;
    Ok(Value::text(out))
}

fn squote(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let mut out = Vec::new();
    for (index, value) in arguments
        .rest(0)
        .iter()
        .filter(|value| !value.is_nil())
        .enumerate()
    {
        if index > 0 {
            out.push(b' ');
        }
        out.push(b'\'');
        out.extend_from_slice(sprint(caller, value)?.as_bytes());
        out.push(b'\'');
    }
    caller.budget().check_bytes(out.len())?;
    Ok(Value::text(out))
}

fn repeat(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = arguments.text(1).as_bytes();
    let length = count(arguments.int(0))?.saturating_mul(text.len());
    caller.budget().check_bytes(length)?;
    caller.budget().allocate(length)?;
    if text.is_empty() {
        return Ok(Value::text(""));
    }
    Ok(Value::text(text.repeat(length / text.len())))
}

fn replace(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let (old, new) = (arguments.text(0).as_bytes(), arguments.text(1).as_bytes());
    let text = arguments.text(2).as_bytes();
    let places: Vec<usize> = if old.is_empty() {
        runes(text).map(|(place, ..)| place).chain([text.len()]).collect()
    } else {
        memmem::find_iter(text, old).collect()
    };
    let length = places.len().saturating_mul(new.len()).saturating_add(text.len());
    caller.budget().check_bytes(length)?;
    caller.budget().allocate(length)?;
    let mut out = Vec::with_capacity(length);
    let mut end = 0;
    for place in places {
        out.extend_from_slice(text.get(end..place).unwrap_or_default());
        out.extend_from_slice(new);
        end = place + old.len();
    }
    out.extend_from_slice(text.get(end..).unwrap_or_default());
    Ok(Value::text(out))
}

fn split_list(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let parts = split_parts(caller, arguments.text(0), arguments.text(1), -1)?;
    Ok(Value::texts(parts))
}

/// The parts as a map with the keys `_0`, `_1` and so on.
fn split(caller: &mut dyn Caller<'_>, separator: &Text, text: &Text, most: i64) -> Result {
    let parts = split_parts(caller, separator, text, most)?;
    let entries: BTreeMap<Text, Value> = parts
        .into_iter()
        .enumerate()
        .map(|(index, part)| (Text::from(format!("_{index}")), Value::text(part)))
        .collect();
    Ok(Value::map_of(MapType::Text, entries))
}

/// `strings.SplitN`
fn split_parts<'a>(
    caller: &mut dyn Caller<'_>,
    separator: &Text,
    text: &'a Text,
    most: i64,
) -> std::result::Result<Vec<&'a [u8]>, FunctionError> {
    let (separator, text) = (separator.as_bytes(), text.as_bytes());
    caller.budget().spend(text.len() as u64)?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    if most == 0 {
        return Ok(parts);
    }
    let mut start = 0;
    if separator.is_empty() {
        for (place, _, width) in runes(text) {
            if parts.len() + 1 == most {
                break;
            }
            parts.push(text.get(place..place + width).unwrap_or_default());
            start = place + width;
        }
        if start < text.len() {
            parts.push(text.get(start..).unwrap_or_default());
        }
    } else {
        for place in memmem::find_iter(text, separator) {
            if parts.len() + 1 == most {
                break;
            }
            parts.push(text.get(start..place).unwrap_or_default());
            start = place + separator.len();
        }
        parts.push(text.get(start..).unwrap_or_default());
    }
    caller
        .budget()
        .allocate(parts.len().saturating_mul(64).saturating_add(text.len()))?;
    Ok(parts)
}

fn substr(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = arguments.text(2).as_bytes();
    let (start, end) = (arguments.int(0), arguments.int(1));
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let out_of_range = |range: String| {
        Err(FunctionError::new(format!(
            "runtime error: slice bounds out of range {range}"
        )))
    };
    let (from, to) = if start < 0 {
        if end < 0 {
            return out_of_range(format!("[:{end}]"));
        }
        if end > length {
            return out_of_range(format!("[:{end}] with length {length}"));
        }
        (0, end)
    } else if end < 0 || end > length {
        (start, length)
    } else {
        (start, end)
    };
    if from > to {
        return out_of_range(format!("[{from}:{to}]"));
    }
    let place = |at: i64| usize::try_from(at).unwrap_or_default();
    Ok(part(text.get(place(from)..place(to)).unwrap_or_default()))
}

fn to_string(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    match &arguments.any(0).kind {
        Kind::Text(_) => Ok(arguments.any(0).clone()),
        _ => to_text(caller, arguments.any(0)).map(Value::text),
    }
}

fn to_strings(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    texts_of(caller, arguments.any(0)).map(Value::texts)
}

fn trim_all(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let unwanted = lossy(arguments.text(0).as_bytes());
    let work = arguments.text(1).len().saturating_mul(unwanted.len());
    caller.budget().spend(work as u64 / 64)?;
    Ok(part(trim(arguments.text(1).as_bytes(), |c| unwanted.contains(c))))
}

fn trim_prefix(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = arguments.text(1).as_bytes();
    Ok(part(
        text.strip_prefix(arguments.text(0).as_bytes()).unwrap_or(text),
    ))
}

fn trim_suffix(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = arguments.text(1).as_bytes();
    Ok(part(
        text.strip_suffix(arguments.text(0).as_bytes()).unwrap_or(text),
    ))
}

fn trunc(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = arguments.text(1).as_bytes();
    let wanted = arguments.int(0);
    let size = usize::try_from(wanted.unsigned_abs()).unwrap_or(usize::MAX);
    if size >= text.len() {
        return Ok(arguments.any(1).clone());
    }
    let (head, tail) = if wanted < 0 {
        text.split_at(text.len() - size)
    } else {
        text.split_at(size)
    };
    Ok(part(if wanted < 0 { tail } else { head }))
}

fn wrap(caller: &mut dyn Caller<'_>, text: &Text, width: i64, line_end: &[u8], long_words: bool) -> Result {
    let text = text.as_bytes();
    let line_end = if line_end.is_empty() { b"\n" } else { line_end };
    let length = text.len().saturating_mul(line_end.len() + 1);
    caller.budget().spend(text.len() as u64)?;
    caller.budget().check_bytes(length)?;
    let wrapped = words::wrap(text, width, line_end, long_words);
    caller.budget().allocate(wrapped.len())?;
    Ok(Value::text(wrapped))
}
