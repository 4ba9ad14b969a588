//! Text of a repository as part of a line on a terminal.

use std::borrow::Cow;

use crate::unseen::{is_plain_ascii, is_unseen, marked};

/// Stands for a character that is not shown.
pub(crate) const REPLACEMENT: char = '\u{fffd}';

/// `text` on one line, without what a terminal would act on or a reader would not see. Each such character becomes U+FFFD.
///
/// ```
/// use plain_text::printable;
///
/// assert_eq!(printable("größe"), "größe");
/// assert_eq!(printable("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    if is_plain_ascii(text) || !marked(text).any(|(_, unseen)| unseen) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        marked(text)
            .map(|(c, unseen)| if unseen { REPLACEMENT } else { c })
            .collect(),
    )
}

/// As [`printable`], for a text of several lines whose breaks are ours.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    let stays = |c| matches!(c, '\n' | '\t');
    if text.lines().all(is_plain_ascii) && !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    if !marked(text).any(|(c, unseen)| unseen && !stays(c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        marked(text)
            .map(|(c, unseen)| if unseen && !stays(c) { REPLACEMENT } else { c })
            .collect(),
    )
}

/// A name as far as it can be one: no name has an unseen character, so what follows one is not a part of it, and is left
/// out. What pretends to be a name may be a message to whoever reads it.
///
/// ```
/// use plain_text::printable_name;
///
/// assert_eq!(printable_name("app.kubernetes.io/name"), "app.kubernetes.io/name");
/// assert_eq!(printable_name("k\u{1b}[2J\nnext:\n  run this"), "k\u{fffd}…");
/// ```
pub fn printable_name(text: &str) -> Cow<'_, str> {
    if is_plain_ascii(text) {
        return Cow::Borrowed(text);
    }
    let mut before = None;
    for (at, c) in text.char_indices() {
        if is_unseen(c, before) {
            let name = text.get(..at).unwrap_or_default();
            return Cow::Owned(format!("{name}{REPLACEMENT}…"));
        }
        before = Some(c);
    }
    Cow::Borrowed(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_acts_on_is_replaced() {
        for (text, expected) in [
            ("papi", "papi"),
            ("größe", "größe"),
            ("a\u{1b}[2Jb", "a\u{fffd}[2Jb"),
            ("a\nb\r", "a\u{fffd}b\u{fffd}"),
            ("\u{202e}gnp", "\u{fffd}gnp"),
            ("a\u{e0041}", "a\u{fffd}"),
        ] {
            assert_eq!(printable(text), expected);
        }
        assert_eq!(printable_lines("a\n\tb\u{9b}\r"), "a\n\tb\u{fffd}\u{fffd}");
    }
}
