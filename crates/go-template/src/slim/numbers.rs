//! Numbers turn into text, verb by verb.

use super::format::{Flags, pad, size};
use super::quote::{is_print, quote_with};

/// Whether integers have the verb.
pub(super) fn write_int(value: i128, verb: char, flags: &Flags, out: &mut String) -> bool {
    let character = u32::try_from(value)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or(char::REPLACEMENT_CHARACTER);
    let (radix, upper) = match verb {
        'v' | 'd' => (10, false),
        'b' => (2, false),
        'o' | 'O' => (8, false),
        'x' => (16, false),
        'X' => (16, true),
        'c' => {
            pad(&character.to_string(), flags, out);
            return true;
        }
        'q' => {
            pad(&quote_with(&character.to_string(), '\'', flags.plus), flags, out);
            return true;
        }
        'U' => {
            let mut text = format!("U+{:04X}", value.max(0));
            if flags.sharp && is_print(character) {
                text.push_str(&format!(" '{character}'"));
            }
            pad(&text, flags, out);
            return true;
        }
        _ => return false,
    };
    let mut number = in_radix(value.unsigned_abs(), radix, upper);
    let mut flags = flags.clone();
    if let Some(precision) = flags.precision {
        flags.zero = false;
        if precision == 0 && value == 0 {
            pad("", &flags, out);
            return true;
        }
        number = format!("{}{number}", "0".repeat(precision.saturating_sub(number.len())));
    }
    let prefix = match (flags.sharp, verb) {
        (_, 'O') => "0o",
        (true, 'b') => "0b",
        (true, 'o') if !number.starts_with('0') => "0",
        (true, 'x') => "0x",
        (true, 'X') => "0X",
        _ => "",
    };
    let sign = match (value < 0, flags.plus, flags.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (.., true) => " ",
        _ => "",
    };
    if let (true, Some(width)) = (flags.zero, flags.width) {
        // Prefixes come on top of the width, as in Go.
        let wanted = width.saturating_sub(sign.len());
        number = format!("{}{number}", "0".repeat(wanted.saturating_sub(number.len())));
        flags.zero = false;
    }
    pad(&format!("{sign}{prefix}{number}"), &flags, out);
    true
}

fn in_radix(mut value: u128, radix: u128, upper: bool) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(value % radix).unwrap_or_default();
        let digit = char::from_digit(digit, 16).unwrap_or('0');
        digits.push(if upper { digit.to_ascii_uppercase() } else { digit });
        value /= radix;
        if value == 0 {
            return digits.iter().rev().collect();
        }
    }
}

pub(super) fn write_float(value: f64, verb: char, precision: Option<usize>, flags: &Flags, out: &mut String) {
    let mut flags = flags.clone();
    let number = if value.is_nan() {
        flags.zero = false;
        "NaN".to_owned()
    } else if value.is_infinite() {
        flags.zero = false;
        "Inf".to_owned()
    } else {
        format_float(value.abs(), verb, precision)
    };
    let negative = value.is_sign_negative() && !value.is_nan();
    let sign = match (
        negative,
        flags.plus || (value.is_infinite() && !negative),
        flags.space,
    ) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (.., true) => " ",
        _ => "",
    };
    let width = flags.width.unwrap_or(0);
    if flags.zero && width > sign.len() + number.len() {
        out.push_str(sign);
        out.push_str(&"0".repeat(width - sign.len() - number.len()));
        out.push_str(&number);
        return;
    }
    pad(&format!("{sign}{number}"), &flags, out);
}

/// As `strconv.FormatFloat`, for a positive number.
fn format_float(value: f64, verb: char, precision: Option<usize>) -> String {
    let upper = verb.is_ascii_uppercase();
    let text = match (verb.to_ascii_lowercase(), precision) {
        ('f', Some(precision)) => format!("{value:.precision$}"),
        ('f', None) => format!("{value}"),
        ('e', Some(precision)) => exponent(&format!("{value:.precision$e}")),
        ('e', None) => exponent(&format!("{value:e}")),
        _ => general(value, precision),
    };
    if upper { text.to_uppercase() } else { text }
}

/// `%g`: the shorter of the two notations, without final zeros.
fn general(value: f64, precision: Option<usize>) -> String {
    let precision = precision.map(|precision| precision.max(1));
    let scientific = match precision {
        Some(precision) => format!("{value:.*e}", precision - 1),
        None => format!("{value:e}"),
    };
    let (mantissa, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let count = i32::try_from(digits.len().max(1)).unwrap_or(i32::MAX);
    let limit = match precision.map(|precision| i32::try_from(precision).unwrap_or(i32::MAX)) {
        Some(precision) if precision > count && count > power => count,
        Some(precision) => precision,
        None => 6,
    };
    if power < -4 || power >= limit {
        let mut mantissa = digits.to_owned();
        if mantissa.len() > 1 {
            mantissa.insert(1, '.');
        }
        if mantissa.is_empty() {
            mantissa.push('0');
        }
        return exponent(&format!("{mantissa}e{power}"));
    }
    let decimals = size((count - power - 1).max(0).unsigned_abs().into());
    format!("{value:.decimals$}")
}

/// Go writes a sign and two digits at least.
fn exponent(text: &str) -> String {
    let (mantissa, power) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, power) = match power.strip_prefix('-') {
        Some(power) => ('-', power),
        None => ('+', power),
    };
    format!("{mantissa}e{sign}{power:0>2}")
}
