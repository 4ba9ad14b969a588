//! Writing of JSON strings and numbers.

use std::fmt::Write;

use crate::text::runes;

/// Writes a string with its quotes. `html` escapes `<`, `>` and `&`, as Go does by default.
pub fn write_string(text: &[u8], html: bool, out: &mut String) {
    out.push('"');
    for (_, c, width) in runes(text) {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0C' => out.push_str("\\f"),
            '\0'..' ' | '\u{2028}' | '\u{2029}' => write_escape(u32::from(c), out),
            '<' | '>' | '&' if html => write_escape(u32::from(c), out),
            char::REPLACEMENT_CHARACTER if width == 1 => out.push_str("\\ufffd"),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn write_escape(code: u32, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(out, "\\u{code:04x}");
}

/// Writes a float, with an exponent below 1e-6 and from 1e21 on. Returns `false` and writes nothing for infinities and NaN.
pub fn write_float(float: f64, out: &mut String) -> bool {
    if !float.is_finite() {
        return false;
    }
    let size = float.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = crate::strconv::format_float(float, 'e');
        // Exponents from -9 to -1 have no leading zero.
        match text.split_once("e-0") {
            Some((mantissa, power)) => out.extend([mantissa, "e-", power]),
            None => out.push_str(&text),
        }
    } else {
        out.push_str(&crate::strconv::format_float(float, 'f'));
    }
    true
}
