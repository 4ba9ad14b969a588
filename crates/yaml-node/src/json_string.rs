//! Strings as Go's `encoding/json` writes them.

/// Writes a string with its quotes.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut start = 0;
    // Characters that need an escape begin with one of these bytes; 0xE2 begins the line and paragraph separators,
    // among others.
    let suspect = |(_, byte): &(usize, u8)| matches!(byte, ..0x20 | b'"' | b'\\' | b'<' | b'>' | b'&' | 0xE2);
    for (index, byte) in text.bytes().enumerate().filter(suspect) {
        let (escape, bytes) = match byte {
            b'"' => ("\\\"", 1),
            b'\\' => ("\\\\", 1),
            b'\n' => ("\\n", 1),
            b'\r' => ("\\r", 1),
            b'\t' => ("\\t", 1),
            0x08 => ("\\b", 1),
            0x0C => ("\\f", 1),
            b'<' => ("\\u003c", 1),
            b'>' => ("\\u003e", 1),
            b'&' => ("\\u0026", 1),
            0xE2 if text[index..].starts_with('\u{2028}') => ("\\u2028", 3),
            0xE2 if text[index..].starts_with('\u{2029}') => ("\\u2029", 3),
            0xE2 => continue,
            _ => ("", 1),
        };
        out.push_str(&text[start..index]);
        match escape {
            "" => out.push_str(&format!("\\u{byte:04x}")),
            escape => out.push_str(escape),
        }
        start = index + bytes;
    }
    out.push_str(&text[start..]);
    out.push('"');
}
