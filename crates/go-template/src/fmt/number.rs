//! Formatting of numbers.

use super::flags::Flags;
use crate::strconv::format_float;
use go_std::quote::{is_print, quote_with};

/// Writes an integer of any size; `false` if integers do not support the verb. `signed` is a property of its type.
pub(super) fn write_int(value: i128, signed: bool, verb: char, flags: &Flags, out: &mut Vec<u8>) -> bool {
    match verb {
        'v' if flags.sharp_v && !signed => write_hex(value, true, flags, out),
        'v' | 'd' => integer(value, 10, verb, flags, out),
        'b' => integer(value, 2, verb, flags, out),
        'o' | 'O' => integer(value, 8, verb, flags, out),
        'x' | 'X' => integer(value, 16, verb, flags, out),
        'c' => flags.pad(rune(value).encode_utf8(&mut [0; 4]).as_bytes(), out),
        'q' => {
            let rune = rune(value);
            let text = quote_with(rune.encode_utf8(&mut [0; 4]).as_bytes(), '\'', flags.plus);
            flags.pad(text.as_bytes(), out);
        }
        'U' => unicode(value, flags, out),
        _ => return false,
    }
    true
}

/// Writes a number in hexadecimal, with or without `0x`.
pub(super) fn write_hex(value: i128, prefix: bool, flags: &Flags, out: &mut Vec<u8>) {
    let flags = Flags {
        sharp: prefix,
        ..flags.clone()
    };
    integer(value, 16, 'x', &flags, out);
}

fn rune(value: i128) -> char {
    u32::try_from(value)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn integer(value: i128, radix: u128, verb: char, flags: &Flags, out: &mut Vec<u8>) {
    let negative = value < 0;
    let mut number = digits(value.unsigned_abs(), radix, verb == 'X');
    let mut length = 0;
    match (flags.precision, flags.width) {
        (Some(0), _) if value == 0 => {
            flags.pad_with_blanks(b"", out);
            return;
        }
        (Some(precision), _) => length = precision,
        // Zero padding leaves room for a sign.
        (None, Some(width)) if flags.zero && !flags.minus => {
            length = width.saturating_sub(usize::from(negative || flags.plus || flags.space));
        }
        _ => {}
    }
    let zeros = length.saturating_sub(number.len());
    number.insert_str(0, &"0".repeat(zeros));
    let prefix = match (flags.sharp, verb, radix) {
        (_, 'O', _) if flags.sharp && !number.starts_with('0') => "0o0",
        (_, 'O', _) => "0o",
        (true, _, 2) => "0b",
        (true, _, 8) if !number.starts_with('0') => "0",
        (true, 'X', 16) => "0X",
        (true, _, 16) => "0x",
        _ => "",
    };
    let sign = match (negative, flags.plus, flags.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (.., true) => " ",
        _ => "",
    };
    flags.pad_with_blanks(format!("{sign}{prefix}{number}").as_bytes(), out);
}

fn digits(mut value: u128, radix: u128, upper: bool) -> String {
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

/// `U+0041`, with the character itself if there is a `#`.
fn unicode(value: i128, flags: &Flags, out: &mut Vec<u8>) {
    // A negative number shows its 64 bits.
    let bits = value & 0xffff_ffff_ffff_ffff;
    let precision = flags.precision.unwrap_or(4).max(4);
    let digits = format!("{bits:X}");
    let zeros = "0".repeat(precision.saturating_sub(digits.len()));
    let mut text = format!("U+{zeros}{digits}");
    let printed = u32::try_from(bits)
        .ok()
        .and_then(char::from_u32)
        .filter(|c| flags.sharp && is_print(*c));
    if let Some(c) = printed {
        text.push_str(&format!(" '{c}'"));
    }
    flags.pad_with_blanks(text.as_bytes(), out);
}

/// Writes a float; `false` if floats do not support the verb.
pub(super) fn write_float(value: f64, verb: char, flags: &Flags, out: &mut Vec<u8>) -> bool {
    let (verb, default) = match verb {
        'v' => ('g', None),
        'b' | 'g' | 'G' | 'x' | 'X' => (verb, None),
        'f' | 'e' | 'E' => (verb, Some(6)),
        'F' => ('f', Some(6)),
        _ => return false,
    };
    let precision = flags.precision.or(default);
    let mut number = format_float(value, verb, precision);
    if !number.starts_with(['-', '+']) {
        number.insert(0, '+');
    }
    if flags.space && number.starts_with('+') && !flags.plus {
        number.replace_range(..1, " ");
    }
    if !value.is_finite() {
        let number = if value.is_nan() && !flags.space && !flags.plus {
            "NaN"
        } else {
            &number
        };
        flags.pad_with_blanks(number.as_bytes(), out);
        return true;
    }
    if flags.sharp && verb != 'b' {
        number = with_point(&number, verb, precision);
    }
    if flags.plus || !number.starts_with('+') {
        let missing = flags.width.unwrap_or(0).saturating_sub(number.len());
        if flags.zero && !flags.minus && missing > 0 {
            // The sign comes before the zeros.
            let (sign, digits) = number.split_at(1);
            out.extend_from_slice(sign.as_bytes());
            flags.padding(missing, out);
            out.extend_from_slice(digits.as_bytes());
        } else {
            flags.pad(number.as_bytes(), out);
        }
    } else {
        flags.pad(number.get(1..).unwrap_or_default().as_bytes(), out);
    }
    true
}

/// `#`: always a decimal point, and with `%g` zeros up to the precision.
fn with_point(number: &str, verb: char, precision: Option<usize>) -> String {
    let mut missing = match verb {
        'g' | 'G' | 'x' => precision.unwrap_or(6),
        _ => 0,
    };
    let exponent = if matches!(verb, 'x' | 'X') {
        ['p', 'P']
    } else {
        ['e', 'E']
    };
    let (digits, tail) = number.split_at(number.find(exponent).unwrap_or(number.len()));
    let (mut has_point, mut significant) = (false, false);
    for c in digits.chars().skip(1) {
        if c == '.' {
            has_point = true;
            continue;
        }
        significant |= c != '0';
        if significant {
            missing = missing.saturating_sub(1);
        }
    }
    let mut text = digits.to_owned();
    if !has_point {
        if digits.len() == 2 && digits.ends_with('0') {
            missing = missing.saturating_sub(1);
        }
        text.push('.');
    }
    text.push_str(&"0".repeat(missing));
    text.push_str(tail);
    text
}
