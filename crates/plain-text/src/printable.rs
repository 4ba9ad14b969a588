//! Text of a repository as part of a terminal line.

use std::borrow::Cow;

use crate::unseen::{is_plain_ascii, is_unseen, marked};

/// Replaces a character that is not shown.
pub(crate) const REPLACEMENT: char = '\u{fffd}';

/// `text` on one line. Characters that a terminal acts on or that are invisible become U+FFFD.
///
/// ```
/// use plain_text::printable;
///
/// assert_eq!(printable("größe"), "größe");
/// assert_eq!(printable("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    match is_plain_ascii(text) {
        true => Cow::Borrowed(text),
        false => replaced(text, |_| false),
    }
}

/// Like [`printable`], for a text of several lines whose breaks are ours.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    match text.lines().all(is_plain_ascii) && !text.contains('\r') {
        true => Cow::Borrowed(text),
        false => replaced(text, |c| matches!(c, '\n' | '\t')),
    }
}

fn replaced(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_replaced = |c, unseen| unseen && !stays(c);
    if !marked(text).any(|(c, unseen)| is_replaced(c, unseen)) {
        return Cow::Borrowed(text);
    }
    let shown = marked(text).map(|(c, unseen)| if is_replaced(c, unseen) { REPLACEMENT } else { c });
    Cow::Owned(shown.collect())
}

/// A name, cut at its first invisible character. No valid name has one, and text behind it may be a message to the
/// reader in the guise of a name.
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
