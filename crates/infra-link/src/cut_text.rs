//! Texts cut to a length.

use std::borrow::Cow;

/// A text of at most `longest` characters; a longer one ends with `…` in place of the rest.
pub(crate) fn cut(text: Cow<'_, str>, longest: usize) -> String {
    // A character has one byte or more.
    if text.len() <= longest {
        return text.into_owned();
    }
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}
