//! Types of plain scalars, by go-yaml's resolvers.

use crate::Tag;

/// The two sets of rules by which Kubernetes tools type a plain scalar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// go-yaml v3, by which kustomize reads resources and patches: `yes` is a string.
    #[default]
    V3,
    /// go-yaml v2 behind `sigs.k8s.io/yaml`, by which kustomization files and Flux's substituted objects are read:
    /// `yes`, `on` and `y` are booleans.
    Yaml11,
}

/// The type of a plain scalar. Never [`Tag::Untyped`], [`Tag::Binary`] or [`Tag::Custom`].
///
/// Rules: `resolve` in go-yaml [v3](https://github.com/yaml/go-yaml/blob/v3/resolve.go) and
/// [v2](https://github.com/yaml/go-yaml/blob/v2/resolve.go).
pub fn resolve(text: &str, dialect: Dialect) -> Tag {
    let Some(&first) = text.as_bytes().first() else {
        return Tag::Null;
    };
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' => resolve_number(text, dialect),
        b'~' if text.len() == 1 => Tag::Null,
        // go-yaml's resolver has no entry for the first letter of the merge key, but its decoder gives plain `<<` this
        // type.
        b'<' if text == "<<" => Tag::Merge,
        b'n' | b'N' | b't' | b'T' | b'f' | b'F' => match text {
            "null" | "Null" | "NULL" => Tag::Null,
            "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Tag::Bool,
            _ if dialect == Dialect::Yaml11 && is_old_bool(text) => Tag::Bool,
            _ => Tag::Str,
        },
        b'y' | b'Y' | b'o' | b'O' if dialect == Dialect::Yaml11 && is_old_bool(text) => Tag::Bool,
        _ => Tag::Str,
    }
}

/// The booleans that only YAML 1.1 knows.
pub(crate) fn is_old_bool(text: &str) -> bool {
    const BOOLS: [&str; 16] = [
        "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF",
    ];
    text.len() <= 3 && BOOLS.contains(&text)
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`: numbers of base 60. go-yaml reads them as strings, but quotes them
/// for other readers.
pub(crate) fn is_sexagesimal(text: &str) -> bool {
    if !text.starts_with(|c: char| matches!(c, '-' | '+' | '0'..='9')) {
        return false;
    }
    let Some((head, tail)) = text.strip_prefix(['-', '+']).unwrap_or(text).split_once(':') else {
        return false;
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    if !head.starts_with(|c: char| c.is_ascii_digit()) || !digits(head) {
        return false;
    }
    // A dot is valid in the last part only: in another part, the digits before it would not be followed by a colon.
    let (parts, fraction) = tail.split_once('.').unwrap_or((tail, ""));
    digits(fraction)
        && parts
            .split(':')
            .all(|part| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']))
}

fn resolve_number(text: &str, dialect: Dialect) -> Tag {
    match parse_number(text, dialect) {
        Some(Number::Int(_) | Number::Uint(_)) => Tag::Int,
        Some(Number::Float(_)) => Tag::Float,
        None if crate::timestamp::parse(text).is_some() => Tag::Timestamp,
        None => Tag::Str,
    }
}

/// A number as Go represents it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    /// Only above `i64::MAX`.
    Uint(u64),
    Float(f64),
}

/// The number that a plain scalar spells, whatever its first character.
pub(crate) fn parse_number(text: &str, dialect: Dialect) -> Option<Number> {
    match text.as_bytes().first()? {
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Some(Number::Float(f64::NAN)),
            ".inf" | ".Inf" | ".INF" => Some(Number::Float(f64::INFINITY)),
            _ => parse_fraction(text).map(Number::Float),
        },
        b'0'..=b'9' | b'+' | b'-' => match text {
            "+.inf" | "+.Inf" | "+.INF" => Some(Number::Float(f64::INFINITY)),
            "-.inf" | "-.Inf" | "-.INF" => Some(Number::Float(f64::NEG_INFINITY)),
            _ if text.contains('_') => parse_signed(&text.replace('_', ""), dialect),
            _ => parse_signed(text, dialect),
        },
        _ => None,
    }
}

fn parse_signed(text: &str, dialect: Dialect) -> Option<Number> {
    // Nearly all numbers are short decimals.
    let bytes = text.as_bytes();
    if bytes.len() < 19
        && bytes.first().is_some_and(|b| (b'1'..=b'9').contains(b))
        && bytes.iter().all(u8::is_ascii_digit)
    {
        return text.parse().ok().map(Number::Int);
    }
    parse_int(text, 0)
        .or_else(|| parse_float(text).map(Number::Float))
        .or_else(|| parse_prefixed(text, "0b", "-0b", 2))
        .or_else(|| {
            (dialect == Dialect::V3)
                .then(|| parse_prefixed(text, "0o", "-0o", 8))
                .flatten()
        })
}

/// Numbers that the general rules do not cover: with a sign between the prefix and the digits.
fn parse_prefixed(text: &str, prefix: &str, negative: &str, base: u32) -> Option<Number> {
    if let Some(digits) = text.strip_prefix(prefix) {
        return parse_int(digits, base);
    }
    let digits = text.strip_prefix(negative)?;
    if digits.starts_with(['-', '+']) {
        return None;
    }
    parse_int(&format!("-{digits}"), base)
}

/// Go's `strconv.ParseInt`, then `strconv.ParseUint`. Base 0 means that a prefix decides.
fn parse_int(text: &str, base: u32) -> Option<Number> {
    let (negative, signed, rest) = match text.as_bytes().first()? {
        b'-' => (true, true, &text[1..]),
        b'+' => (false, true, &text[1..]),
        _ => (false, false, text),
    };
    let bytes = rest.as_bytes();
    let (base, digits) = match (base, bytes) {
        (0, [b'0', b'x' | b'X', _, ..]) => (16, &rest[2..]),
        (0, [b'0', b'o' | b'O', _, ..]) => (8, &rest[2..]),
        (0, [b'0', b'b' | b'B', _, ..]) => (2, &rest[2..]),
        (0, [b'0']) => return Some(Number::Int(0)),
        (0, [b'0', ..]) => (8, &rest[1..]),
        (0, _) => (10, rest),
        (base, _) => (base, rest),
    };
    // `from_str_radix` accepts a second sign, Go does not.
    if digits.is_empty() || digits.starts_with(['-', '+']) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, base).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(magnitude).map(Number::Int);
    }
    match i64::try_from(magnitude) {
        Ok(int) => Some(Number::Int(int)),
        Err(_) if signed => None,
        Err(_) => Some(Number::Uint(magnitude)),
    }
}

/// A float that starts with its point, with underscores allowed between digits.
fn parse_fraction(text: &str) -> Option<f64> {
    if !text.contains('_') {
        return parse_float(text);
    }
    let bytes = text.as_bytes();
    let between_digits = |at: usize| {
        let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        at > 0 && digit(bytes.get(at - 1)) && digit(bytes.get(at + 1))
    };
    let mut underscores = bytes.iter().enumerate().filter(|(_, b)| **b == b'_');
    if !underscores.all(|(at, _)| between_digits(at)) {
        return None;
    }
    parse_float(&text.replace('_', ""))
}

/// A decimal float that is finite: `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
fn parse_float(text: &str) -> Option<f64> {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(0);
    let mut end = whole;
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if whole == 0 && fraction == 0 {
            return None;
        }
        end += 1 + fraction;
    } else if whole == 0 {
        return None;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        end += 1;
        if matches!(bytes.get(end), Some(b'-' | b'+')) {
            end += 1;
        }
        let exponent = digits(end);
        if exponent == 0 {
            return None;
        }
        end += exponent;
    }
    if end != bytes.len() {
        return None;
    }
    text.parse::<f64>().ok().filter(|f| f.is_finite())
}
