//! Parsing of TOML numbers and times.

use go_std::quote::quote;
use go_std::strconv::{parse_float, parse_int};
use go_std::time::{Time, Zone};

use super::local::LOCAL;
use crate::Value;
use crate::functions::time::time_value;

pub(super) fn integer(text: &str) -> Result<Value, String> {
    if !has_valid_underscores(text) {
        return Err(format!(
            "Invalid integer {}: underscores must be surrounded by digits",
            quote(text)
        ));
    }
    if has_leading_zero(text) {
        return Err(format!(
            "Invalid integer {}: cannot have leading zeroes",
            quote(text)
        ));
    }
    match parse_int(text.as_bytes(), 0) {
        Some(number) => Ok(Value::int64(number)),
        None => Err(format!("{text} is out of range for int64")),
    }
}

pub(super) fn float(text: &str) -> Result<Value, String> {
    let invalid = |why: &str| Err(format!("Invalid float {}: {why}", quote(text)));
    let mut parts = text.split(['.', 'e', 'E']).filter(|part| !part.is_empty());
    if !parts.clone().all(has_valid_underscores) {
        return invalid("underscores must be surrounded by digits");
    }
    if parts.next().is_some_and(has_leading_zero) {
        return invalid("cannot have leading zeroes");
    }
    let mut after_point = text.split('.').skip(1);
    if !after_point.all(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        return invalid("'.' must be followed by one or more digits");
    }
    let plain = text.replace('_', "");
    match plain.as_str() {
        "+nan" | "nan" => return Ok(Value::float(f64::NAN)),
        "-nan" => return Ok(Value::float(-f64::NAN)),
        _ => {}
    }
    match parse_float(plain.as_bytes()) {
        Some(number) => Ok(Value::float(number)),
        None if plain.bytes().filter(|byte| matches!(byte, b'e' | b'E')).count() < 2
            && plain.parse::<f64>().is_ok() =>
        {
            Err(format!("{text} is out of range for float64"))
        }
        None => Err(format!("Invalid float value: {}", quote(text))),
    }
}

/// Layouts in the order in which they are tried, with the zone name of local ones.
const LAYOUTS: [(&str, Option<&str>); 7] = [
    ("2006-01-02T15:04:05.999999999Z07:00", None),
    ("2006-01-02T15:04:05.999999999", Some(LOCAL[0])),
    ("2006-01-02", Some(LOCAL[1])),
    ("15:04:05.999999999", Some(LOCAL[2])),
    ("2006-01-02T15:04Z07:00", None),
    ("2006-01-02T15:04", Some(LOCAL[0])),
    ("15:04", Some(LOCAL[2])),
];

pub(super) fn time(text: &str) -> Result<Value, String> {
    let text: String = text
        .chars()
        .map(|c| match c {
            'z' => 'Z',
            't' | ' ' => 'T',
            c => c,
        })
        .collect();
    let invalid = || Err(format!("invalid datetime: {}", quote(&text)));
    for (layout, local) in LAYOUTS {
        let Ok(time) = Time::parse(layout, &text) else {
            continue;
        };
        if !has_all_zeros(&text, layout) {
            return invalid();
        }
        let time = match local {
            Some(name) => time.in_zone(Zone::Fixed(name.to_owned(), 0)),
            None => time,
        };
        return Ok(time_value(time));
    }
    invalid()
}

/// Whether each field is as wide as in the layout.
fn has_all_zeros(text: &str, layout: &str) -> bool {
    layout
        .bytes()
        .take_while(|byte| !matches!(byte, b'.' | b'Z'))
        .zip(text.bytes())
        .all(|(wanted, found)| wanted.is_ascii_digit() || wanted == found)
}

fn has_leading_zero(text: &str) -> bool {
    match text.as_bytes() {
        [b'0', b'b' | b'o' | b'x', ..] => false,
        [b'0', _, ..] | [b'-' | b'+', b'0', _, ..] => true,
        _ => false,
    }
}

fn has_valid_underscores(text: &str) -> bool {
    if matches!(text, "nan" | "+nan" | "-nan" | "inf" | "+inf" | "-inf") {
        return true;
    }
    let mut after_digit = false;
    for c in text.chars() {
        if c == '_' && !after_digit {
            return false;
        }
        after_digit = c.is_ascii_hexdigit();
    }
    after_digit
}
