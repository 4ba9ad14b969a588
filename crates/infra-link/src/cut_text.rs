//! Texts cut to a length.

use std::borrow::Cow;

/// A text of at most `longest` characters; a longer one ends with `…` in place of the rest.
pub(crate) fn cut(text: Cow<'_, str>, longest: usize) -> String {
    // Most texts are short, also in bytes.
    let end = (text.len() > longest)
        .then(|| text.char_indices().nth(longest))
        .flatten();
    match end {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}
