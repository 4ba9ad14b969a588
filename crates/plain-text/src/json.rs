//! JSON that shows invisible characters as escapes.

use std::borrow::Cow;
use std::fmt::Write;

use crate::unseen::unseen;

/// JSON with its invisible characters escaped. The value stays the same: outside of strings, the only such characters
/// are line breaks and tabs, which are kept.
///
/// ```
/// use plain_text::json::escaped;
///
/// assert_eq!(escaped("{\"a\": \"b\u{202e}\u{e0041}\"}"), r#"{"a": "b\u202e\udb40\udc41"}"#);
/// ```
pub fn escaped(json: &str) -> Cow<'_, str> {
    let mut text = String::new();
    let mut copied = 0;
    for (at, c) in unseen(json).filter(|(_, c)| !matches!(c, '\n' | '\t')) {
        text.push_str(json.get(copied..at).unwrap_or_default());
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
        copied = at + c.len_utf8();
    }
    match copied {
        0 => Cow::Borrowed(json),
        _ => Cow::Owned(text + json.get(copied..).unwrap_or_default()),
    }
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
