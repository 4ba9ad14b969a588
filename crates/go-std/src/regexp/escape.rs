//! Parsing of escapes and named classes.

use std::str::Chars;

use super::class;
use super::parse::{error, until};

/// A character of a class as its code point, which may be a surrogate.
pub(super) fn class_char<'a>(from: &'a str, class: &str) -> Result<(u32, &'a str), String> {
    match from.chars().next() {
        None => error("missing closing ]", class),
        Some('\\') => escaped_code(from),
        Some(c) => Ok((u32::from(c), from.get(c.len_utf8()..).unwrap_or_default())),
    }
}

/// Adds a range to a class, without surrogates.
pub(super) fn push_range(low: u32, high: u32, text: &mut String) {
    let is_surrogate = |code: u32| (0xD800..0xE000).contains(&code);
    let low = if is_surrogate(low) { 0xE000 } else { low };
    let high = if is_surrogate(high) { 0xD7FF } else { high };
    match (char::from_u32(low), char::from_u32(high)) {
        (Some(low), Some(high)) if low < high => {
            text.push_str(&member(low));
            text.push('-');
            text.push_str(&member(high));
        }
        (Some(low), Some(high)) if low == high => text.push_str(&member(low)),
        _ => text.push_str(r"[^\x00-\x{10FFFF}]"),
    }
}

/// A literal character, in a class or outside.
pub(super) fn member(c: char) -> String {
    if c.is_ascii_alphanumeric() || !c.is_ascii() {
        c.to_string()
    } else {
        format!("\\x{:02X}", u32::from(c))
    }
}

/// `[:alpha:]`, if the text starts with one.
pub(super) fn posix_class(from: &str) -> Result<Option<(String, &str)>, String> {
    let Some((name, after)) = from.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else {
        return Ok(None);
    };
    match class::posix(name) {
        Some(class) => Ok(Some((class, after))),
        None => error("invalid character class range", until(from, after)),
    }
}

/// `\pL` or `\p{Greek}`.
pub(super) fn unicode_class(from: &str) -> Result<(String, &str), String> {
    let negated = from.starts_with("\\P");
    let rest = from.get(2..).unwrap_or_default();
    let (name, after) = match rest.strip_prefix('{') {
        Some(inner) => match inner.split_once('}') {
            Some(pair) => pair,
            None => return error("invalid character class range", from),
        },
        None => {
            let length = rest.chars().next().map_or(0, char::len_utf8);
            rest.split_at(length)
        }
    };
    let (negated, plain) = match name.strip_prefix('^') {
        Some(plain) => (!negated, plain),
        None => (negated, name),
    };
    match class::unicode(plain, negated) {
        Some(class) => Ok((class, after)),
        None => error("invalid character class range", until(from, after)),
    }
}

/// An escaped character; `None` for a surrogate.
pub(super) fn escaped_char(from: &str) -> Result<(Option<char>, &str), String> {
    let (code, after) = escaped_code(from)?;
    Ok((char::from_u32(code), after))
}

/// The code point of the escape at the start of a text.
fn escaped_code(from: &str) -> Result<(u32, &str), String> {
    let mut rest = from.chars();
    // The backslash.
    rest.next();
    let Some(c) = rest.next() else {
        return error("trailing backslash at end of expression", "");
    };
    let is_octal = |rest: &Chars<'_>| rest.as_str().starts_with(|c| matches!(c, '0'..='7'));
    let code = match c {
        '0'..='7' if c == '0' || is_octal(&rest) => {
            let mut code = u32::from(c) - u32::from('0');
            for _ in 0..2 {
                if is_octal(&rest) {
                    let digit = rest.next().and_then(|c| c.to_digit(8));
                    code = code * 8 + digit.unwrap_or_default();
                }
            }
            Some(code)
        }
        'x' if rest.as_str().starts_with('{') => {
            rest.next();
            let mut code = None;
            loop {
                let digit = match rest.next() {
                    Some('}') => break code,
                    c => c.and_then(|c| c.to_digit(16)),
                };
                let sum = digit.map(|digit| code.unwrap_or(0) * 16 + digit);
                code = sum.filter(|code| *code <= u32::from(char::MAX));
                if code.is_none() {
                    break None;
                }
            }
        }
        'x' => {
            let high = rest.next().map(|c| c.to_digit(16));
            let low = high.and_then(|_| rest.next()).map(|c| c.to_digit(16));
            match (high, low) {
                (Some(Some(high)), Some(Some(low))) => Some(high * 16 + low),
                _ => None,
            }
        }
        'a' => Some(7),
        'f' => Some(12),
        'n' => Some(10),
        'r' => Some(13),
        't' => Some(9),
        'v' => Some(11),
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(u32::from(c)),
        _ => None,
    };
    match code {
        Some(code) => Ok((code, rest.as_str())),
        None => error("invalid escape sequence", until(from, rest.as_str())),
    }
}
