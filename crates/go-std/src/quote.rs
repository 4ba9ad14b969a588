//! Quoting as Go string literals.

pub use crate::printable::is_print;
use crate::text::runes;

/// `strconv.Quote`: a text in double quotes.
pub fn quote(text: &str) -> String {
    quote_bytes(text.as_bytes())
}

/// As [`quote`], for a text that need not be UTF-8: invalid bytes become `\xff`.
pub fn quote_bytes(text: &[u8]) -> String {
    quote_with(text, '"', false)
}

/// A text in quotes of choice. `ascii` also escapes characters outside of ASCII.
pub fn quote_with(text: &[u8], quote: char, ascii: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for (place, c, width) in runes(text) {
        if c == char::REPLACEMENT_CHARACTER && width == 1 {
            let byte = text.get(place).copied().unwrap_or_default();
            out.push_str(&format!("\\x{byte:02x}"));
            continue;
        }
        write_char(c, quote, ascii, &mut out);
    }
    out.push(quote);
    out
}

fn write_char(c: char, quote: char, ascii: bool, out: &mut String) {
    let code = u32::from(c);
    match c {
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        '\\' => out.push_str("\\\\"),
        c if c == quote => out.extend(['\\', c]),
        ' '..='~' => out.push(c),
        c if !ascii && !c.is_ascii() && is_print(c) => out.push(c),
        _ if code < 0x80 => out.push_str(&format!("\\x{code:02x}")),
        _ if code > 0xFFFF => out.push_str(&format!("\\U{code:08x}")),
        _ => out.push_str(&format!("\\u{code:04x}")),
    }
}

/// `strconv.CanBackquote`: valid UTF-8 without backquotes, byte order marks and control characters other than tabs.
pub fn can_backquote(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| {
        text.chars()
            .all(|c| c != '\u{feff}' && c != '`' && c != '\x7f' && (c >= ' ' || c == '\t'))
    })
}
