//! Text turns into a Go string literal.

/// `strconv.Quote`; `ascii` also escapes what is not ASCII.
pub(super) fn quote(text: &str, ascii: bool) -> String {
    quote_with(text, '"', ascii)
}

pub(super) fn quote_with(text: &str, quote: char, ascii: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_ascii_graphic() || c == ' ' || (!ascii && !c.is_ascii() && is_print(c)) => out.push(c),
            c if u32::from(c) < 0x80 => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if u32::from(c) > 0xFFFF => out.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    out.push(quote);
    out
}

/// Whether a character is a letter, mark, number, punctuation or symbol, or the space.
pub(super) fn is_print(c: char) -> bool {
    // After a letter, Rust escapes exactly what is not printable.
    !format!("{:?}", format!("a{c}")).contains("\\u")
}
