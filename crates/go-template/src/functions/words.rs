//! Functions on words, as in <https://github.com/Masterminds/goutils>. Most of them count bytes.

use go_std::text::{is_lower, is_space, is_title, is_upper, map_chars, runes, to_lower, to_title, to_upper};
use memchr::{memchr, memrchr};

/// Breaks a line at blanks into lines of at most `width` bytes. Longer words are broken only with `long_words`.
pub(super) fn wrap(text: &[u8], width: i64, line_end: &[u8], long_words: bool) -> Vec<u8> {
    let width = usize::try_from(width).unwrap_or(1).max(1);
    let mut out = Vec::with_capacity(text.len() + text.len() / width);
    let mut rest = text;
    while rest.len() > width {
        if let Some(after) = rest.strip_prefix(b" ") {
            rest = after;
            continue;
        }
        let window = rest.get(..=width).unwrap_or(rest);
        let (line, after) = match memrchr(b' ', window) {
            Some(blank) => (rest.get(..blank), rest.get(blank + 1..)),
            None if long_words => (rest.get(..width), rest.get(width..)),
            None => match memchr(b' ', rest.get(width..).unwrap_or_default()) {
                Some(blank) => (rest.get(..width + blank), rest.get(width + blank + 1..)),
                None => break,
            },
        };
        out.extend_from_slice(line.unwrap_or_default());
        out.extend_from_slice(line_end);
        rest = after.unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// At most `width` bytes of a text, with `...` for omitted parts. The byte at `offset` is length.
pub(super) fn abbreviate(text: &[u8], offset: i64, width: i64) -> Vec<u8> {
    if width < 4 || offset > 0 && width < 7 {
        return text.to_vec();
    }
    let width = usize::try_from(width).unwrap_or(usize::MAX);
    if text.len() <= width {
        return text.to_vec();
    }
    let length = width - 3;
    let offset = usize::try_from(offset).unwrap_or(0).min(text.len());
    let offset = offset.min(text.len() - length);
    if offset <= 4 {
        return [text.get(..length).unwrap_or_default(), b"..."].concat();
    }
    if offset + length < text.len() {
        let rest = abbreviate(text.get(offset..).unwrap_or_default(), 0, length as i64);
        return [b"...".as_slice(), &rest].concat();
    }
    [b"...", text.get(text.len() - length..).unwrap_or_default()].concat()
}

/// The first byte of each word, each as a character.
pub(super) fn initials(text: &[u8]) -> String {
    let mut previous = ' ';
    let mut out = String::new();
    for byte in text {
        let c = char::from(*byte);
        if is_space(previous) && !is_space(c) {
            out.push(c);
        }
        previous = c;
    }
    out
}

/// A text without white space. If there was any, each remaining byte becomes a character.
pub(super) fn without_space(text: &[u8]) -> Vec<u8> {
    let left: String = text
        .iter()
        .map(|byte| char::from(*byte))
        .filter(|c| !is_space(*c))
        .collect();
    if left.chars().count() == text.len() {
        return text.to_vec();
    }
    left.into_bytes()
}

/// Swaps upper and lower case.
pub(super) fn swap_case(text: &[u8]) -> String {
    let mut starts = true;
    let mut out = String::with_capacity(text.len());
    for (_, c, _) in runes(text) {
        let swapped = if is_upper(c) || is_title(c) {
            starts = false;
            to_lower(c)
        } else if is_lower(c) {
            let swapped = if starts { to_title(c) } else { to_upper(c) };
            starts = false;
            swapped
        } else {
            starts = is_space(c);
            c
        };
        out.push(swapped);
    }
    out
}

/// Lower-cases the first letter of each word.
pub(super) fn untitle(text: &[u8]) -> String {
    let starts = std::cell::Cell::new(true);
    map_chars(text, |c| {
        if is_space(c) {
            starts.set(true);
            return c;
        }
        if starts.replace(false) { to_lower(c) } else { c }
    })
}
