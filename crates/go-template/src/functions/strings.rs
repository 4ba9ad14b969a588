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
    ("indent", Function::new(&[Int, Str], |c, a| indent(c, a, ""))),
    ("join", Function::new(&[Str, Any], join)),
    ("lower", Function::new(&[Str], lower)),
    ("nindent", Function::new(&[Int, Str], |c, a| indent(c, a, "\n"))),
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
        Function::new(&[Str], |_, a| Ok(Value::text(title(a.bytes(0))))),
    ),
    ("toString", Function::new(&[Any], to_string).keeping_mark()),
    ("toStrings", Function::new(&[Any], to_strings)),
    (
        "trim",
        Function::new(&[Str], |_, a| Ok(Value::text(trim_space(a.bytes(0))))).keeping_mark(),
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
            Ok(Value::text(words::abbreviate(a.bytes(1), 0, a.int(0))))
        }),
    ),
    (
        "abbrevboth",
        Function::new(&[Int, Int, Str], |_, a| {
            Ok(Value::text(words::abbreviate(a.bytes(2), a.int(0), a.int(1))))
        }),
    ),
    (
        "camelcase",
        Function::new(&[Str], |_, a| Ok(Value::text(super::case::pascal(a.bytes(0))))).weighing(8),
    ),
    (
        "initials",
        Function::new(&[Str], |_, a| Ok(Value::text(words::initials(a.bytes(0))))).weighing(8),
    ),
    (
        "kebabcase",
        Function::new(&[Str], |_, a| {
            Ok(Value::text(super::case::with_connector(a.bytes(0), '-')))
        })
        .weighing(8),
    ),
    (
        "nospace",
        Function::new(&[Str], |_, a| Ok(Value::text(words::without_space(a.bytes(0))))),
    ),
    (
        "snakecase",
        Function::new(&[Str], |_, a| {
            Ok(Value::text(super::case::with_connector(a.bytes(0), '_')))
        })
        .weighing(8),
    ),
    (
        "swapcase",
        Function::new(&[Str], |_, a| Ok(Value::text(words::swap_case(a.bytes(0))))).weighing(8),
    ),
    (
        "untitle",
        Function::new(&[Str], |_, a| Ok(Value::text(words::untitle(a.bytes(0))))).weighing(8),
    ),
    (
        "wrap",
        Function::new(&[Int, Str], |c, a| wrap(c, a.text(1), a.int(0), b"\n", false)),
    ),
    (
        "wrapWith",
        Function::new(&[Int, Str, Str], |c, a| {
            wrap(c, a.text(2), a.int(0), a.bytes(1), true)
        }),
    ),
];

/// The arguments other than nil as `write` writes them, with blanks in between.
fn spaced(
    caller: &mut dyn Caller<'_>,
    arguments: Arguments<'_>,
    write: fn(&mut dyn Caller<'_>, &Value, &mut Vec<u8>) -> Result<()>,
) -> Result {
    let mut out = Vec::new();
    for (index, value) in arguments.0.iter().filter(|value| !value.is_nil()).enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        write(caller, value, &mut out)?;
    }
    caller.budget().check_bytes(out.len())?;
    Ok(Value::text(out))
}

fn cat(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    spaced(caller, arguments, |caller, value, out| {
        out.extend_from_slice(sprint(caller, value)?.as_bytes());
        Ok(())
    })
}

fn contains(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let found = memmem::find(arguments.bytes(1), arguments.bytes(0));
    Ok(Value::bool(found.is_some()))
}

fn has_prefix(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(Value::bool(arguments.bytes(1).starts_with(arguments.bytes(0))))
}

fn has_suffix(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(Value::bool(arguments.bytes(1).ends_with(arguments.bytes(0))))
}

/// Indents every line by a number of blanks, empty lines too.
fn indent(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>, before: &str) -> Result {
    let text = arguments.bytes(1);
    let lines = 1 + memchr::memchr_iter(b'\n', text).count();
    let pad = count(arguments.int(0))?;
    let length = pad
        .saturating_mul(lines)
        .saturating_add(text.len())
        .saturating_add(before.len());
    caller.budget().reserve(length)?;
    let mut out = Vec::with_capacity(length);
    out.extend_from_slice(before.as_bytes());
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if index > 0 {
            out.push(b'\n');
        }
        out.resize(out.len() + pad, b' ');
        out.extend_from_slice(line);
    }
    Ok(Value::text(out))
}

/// The count of `strings.Repeat`.
fn count(number: i64) -> Result<usize> {
    usize::try_from(number).map_err(|_| FunctionError::new("strings: negative Repeat count"))
}

fn join(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let separator = arguments.bytes(0);
    let texts = texts_of(caller, arguments.any(1))?;
    let length = texts.iter().fold(0_usize, |sum, text| {
        sum.saturating_add(text.len()).saturating_add(separator.len())
    });
    caller.budget().reserve(length)?;
    Ok(Value::text(texts.join(separator)))
}

fn lower(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(Value::text(map_chars(arguments.bytes(0), to_lower)))
}

fn upper(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(Value::text(map_chars(arguments.bytes(0), to_upper)))
}

fn plural(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let index = if arguments.int(2) == 1 { 0 } else { 1 };
    Ok(arguments.any(index).clone())
}

fn quote(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    spaced(caller, arguments, |caller, value, out| {
        let text = to_text(caller, value)?;
        caller.budget().spend(text.len() as u64)?;
        out.extend_from_slice(go_std::quote::quote_bytes(text.as_bytes()).as_bytes());
        Ok(())
    })
}

fn squote(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    spaced(caller, arguments, |caller, value, out| {
        out.push(b'\'');
        out.extend_from_slice(sprint(caller, value)?.as_bytes());
        out.push(b'\'');
        Ok(())
    })
}

fn repeat(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = arguments.bytes(1);
    let length = count(arguments.int(0))?.saturating_mul(text.len());
    caller.budget().reserve(length)?;
    if text.is_empty() {
        return Ok(Value::text(""));
    }
    Ok(Value::text(text.repeat(length / text.len())))
}

fn replace(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let (old, new) = (arguments.bytes(0), arguments.bytes(1));
    let text = arguments.bytes(2);
    let places: Vec<usize> = if old.is_empty() {
        runes(text).map(|(place, ..)| place).chain([text.len()]).collect()
    } else {
        memmem::find_iter(text, old).collect()
    };
    let length = places.len().saturating_mul(new.len()).saturating_add(text.len());
    caller.budget().reserve(length)?;
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
) -> Result<Vec<&'a [u8]>> {
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
    let text = arguments.bytes(2);
    let (start, end) = (arguments.int(0), arguments.int(1));
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let out_of_range =
        |range: String| Err(format!("runtime error: slice bounds out of range {range}").into());
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
    Ok(Value::text(text.get(place(from)..place(to)).unwrap_or_default()))
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
    let unwanted = lossy(arguments.bytes(0));
    let work = arguments.text(1).len().saturating_mul(unwanted.len());
    caller.budget().spend(work as u64 / 64)?;
    Ok(Value::text(trim(arguments.bytes(1), |c| unwanted.contains(c))))
}

fn trim_prefix(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = arguments.bytes(1);
    Ok(Value::text(text.strip_prefix(arguments.bytes(0)).unwrap_or(text)))
}

fn trim_suffix(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = arguments.bytes(1);
    Ok(Value::text(text.strip_suffix(arguments.bytes(0)).unwrap_or(text)))
}

fn trunc(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = arguments.bytes(1);
    let wanted = arguments.int(0);
    let size = usize::try_from(wanted.unsigned_abs()).unwrap_or(usize::MAX);
    if size >= text.len() {
        return Ok(arguments.any(1).clone());
    }
    let part = if wanted < 0 {
        text.get(text.len() - size..)
    } else {
        text.get(..size)
    };
    Ok(Value::text(part.unwrap_or_default()))
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
