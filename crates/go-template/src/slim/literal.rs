//! Literals of a template turn into strings and numbers.

use super::TemplateError;
use super::ast::Number;
use super::lex::{Token, TokenKind};

/// The text of a string literal.
pub(super) fn string(token: &Token) -> Result<String, TemplateError> {
    let inner = token
        .text
        .get(1..token.text.len().saturating_sub(1))
        .unwrap_or_default();
    if token.kind == TokenKind::RawText {
        return Ok(inner.replace('\r', ""));
    }
    unescape(inner, '"').ok_or_else(|| TemplateError {
        message: format!("invalid string {}", token.text),
        line: token.line,
    })
}

/// Undoes the escapes of a Go string or character constant.
fn unescape(text: &str, quote: char) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(rest.get(..at)?.as_bytes());
        let escape = rest.get(at + 1..)?.chars().next()?;
        rest = rest.get(at + 1 + escape.len_utf8()..)?;
        let plain = match escape {
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            '\\' => '\\',
            c if c == quote => c,
            'x' => {
                bytes.push(u8::try_from(code(&mut rest, 2, 16)?).ok()?);
                continue;
            }
            '0'..='7' => {
                rest = text.get(text.len() - rest.len() - 1..)?;
                bytes.push(u8::try_from(code(&mut rest, 3, 8)?).ok()?);
                continue;
            }
            'u' => char::from_u32(code(&mut rest, 4, 16)?)?,
            'U' => char::from_u32(code(&mut rest, 8, 16)?)?,
            _ => return None,
        };
        bytes.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

/// Takes a number of exactly `length` digits from the front.
fn code(rest: &mut &str, length: usize, radix: u32) -> Option<u32> {
    let (digits, after) = rest.split_at_checked(length)?;
    *rest = after;
    // A sign would be taken for one otherwise.
    digits
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric())
        .then_some(())?;
    u32::from_str_radix(digits, radix).ok()
}

/// The number that a literal stands for, by the rules of Go's literals.
pub(super) fn number(token: &Token) -> Option<Number> {
    let text = token.text.as_str();
    if token.kind == TokenKind::Character {
        let inner = unescape(text.get(1..text.len() - 1)?, '\'')?;
        let mut characters = inner.chars();
        let code = u32::from(characters.next().filter(|_| characters.next().is_none())?);
        return Some(Number {
            int: Some(i64::from(code)),
            float: f64::from(code),
            looks_float: false,
        });
    }
    if let Some(int) = integer(text) {
        return Some(Number {
            int: Some(int),
            #[expect(clippy::cast_precision_loss, reason = "Go's conversion")]
            float: int as f64,
            looks_float: false,
        });
    }
    if text.contains('_') || !text.contains(['.', 'e', 'E']) {
        return None;
    }
    let float: f64 = text.parse().ok().filter(|float: &f64| float.is_finite())?;
    Some(Number {
        int: whole(float),
        float,
        looks_float: true,
    })
}

/// The integer of a float without fraction.
fn whole(float: f64) -> Option<i64> {
    let fits = float.trunc() == float && float.abs() < 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "checked")]
    fits.then_some(float as i64)
}

fn integer(text: &str) -> Option<i64> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let lower = unsigned.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, lower.get(2..)?),
        [b'0', b'o', ..] => (8, lower.get(2..)?),
        [b'0', b'b', ..] => (2, lower.get(2..)?),
        [b'0', _, ..] => (8, lower.get(1..)?),
        _ => (10, lower.as_str()),
    };
    // An underscore stands between digits, or after the prefix.
    if digits.ends_with('_') || digits.contains("__") || (radix == 10 && digits.starts_with('_')) {
        return None;
    }
    let digits = digits.replace('_', "");
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then_some(())?;
    let value = i128::from_str_radix(&digits, radix).ok()?;
    i64::try_from(if negative { -value } else { value }).ok()
}
