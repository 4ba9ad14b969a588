//! JSON whose texts show every character that nobody would see.

use std::borrow::Cow;
use std::fmt::Write;

use crate::unseen::marked;

/// JSON with escapes in the place of unseen characters, which is the same JSON: outside of its strings there are none but
/// line breaks and tabs, which stay.
///
/// ```
/// use plain_text::json::escaped;
///
/// assert_eq!(escaped("{\"a\": \"b\u{202e}\u{e0041}\"}"), r#"{"a": "b\u202e\udb40\udc41"}"#);
/// ```
pub fn escaped(json: &str) -> Cow<'_, str> {
    let is_plain = json.bytes().fold(true, |plain, byte| {
        plain & matches!(byte, b' '..=b'~' | b'\n' | b'\t')
    });
    let escapes = |c, unseen| unseen && !matches!(c, '\n' | '\t');
    if is_plain || !marked(json).any(|(c, unseen)| escapes(c, unseen)) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 16);
    for (c, unseen) in marked(json) {
        if escapes(c, unseen) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn it_stays_the_same_json() {
        let value = json!({"a\u{9b}\u{200b}": ["\u{e0041}x", "\u{7f}\n\u{1b}", "größe ⚠\u{fe0f}"]});
        let text = format!("{value:#}\n");
        let shown = escaped(&text);
        assert!(
            shown
                .chars()
                .all(|c| c == '\n' || c == '\u{fe0f}' || !crate::is_unseen(c, None)),
            "{shown}"
        );
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
        assert!(matches!(
            escaped("{\n\t\"a\": \"ö ⚠\u{fe0f}\"\n}\n"),
            Cow::Borrowed(_)
        ));
    }
}
