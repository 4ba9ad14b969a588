//! JSON's strings and numbers.

use std::fmt::Write;

use crate::text::runes;

/// A string with its quotes. `html`: `<`, `>` and `&` are escaped, as Go does unless it is told not to.
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

/// A float: integers plain below 1e21, and an exponent below 1e-6. Nothing is written, and false returned, for infinities
/// and what is no number.
pub fn write_float(float: f64, out: &mut String) -> bool {
    if !float.is_finite() {
        return false;
    }
    let size = float.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = crate::strconv::format_float(float, 'e');
        // One digit of an exponent below -9 stands alone.
        match text.split_once("e-0") {
            Some((mantissa, power)) => out.extend([mantissa, "e-", power]),
            None => out.push_str(&text),
        }
    } else {
        out.push_str(&crate::strconv::format_float(float, 'f'));
    }
    true
}
