//! Strings as Go's `encoding/json` writes them.

use std::borrow::Cow;

/// Writes a string with its quotes.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut start = 0;
    // What needs an escape begins with one of these bytes; 0xE2 starts the line separator among others.
    let suspect = |(_, byte): &(usize, u8)| matches!(byte, ..0x20 | b'"' | b'\\' | b'<' | b'>' | b'&' | 0xE2);
    for (index, byte) in text.bytes().enumerate().filter(suspect) {
        let rest = &text[index..];
        let (escape, bytes): (Cow<'_, str>, usize) = match byte {
            b'"' => ("\\\"".into(), 1),
            b'\\' => ("\\\\".into(), 1),
            b'\n' => ("\\n".into(), 1),
            b'\r' => ("\\r".into(), 1),
            b'\t' => ("\\t".into(), 1),
            0x08 => ("\\b".into(), 1),
            0x0C => ("\\f".into(), 1),
            b'<' => ("\\u003c".into(), 1),
            b'>' => ("\\u003e".into(), 1),
            b'&' => ("\\u0026".into(), 1),
            0xE2 if rest.starts_with('\u{2028}') => ("\\u2028".into(), 3),
            0xE2 if rest.starts_with('\u{2029}') => ("\\u2029".into(), 3),
            0xE2 => continue,
            _ => (format!("\\u{byte:04x}").into(), 1),
        };
        out.push_str(&text[start..index]);
        out.push_str(&escape);
        start = index + bytes;
    }
    out.push_str(&text[start..]);
    out.push('"');
}
