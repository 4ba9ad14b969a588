//! Replacement templates such as `${1}-$name`.

use crate::text::{is_digit, is_letter, runes};

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Segment<'a> {
    Text(&'a [u8]),
    /// The first of these groups that is in the match; nothing if there is none.
    Groups(Vec<usize>),
}

/// Parses a template. Anything but a reference to a group is text.
pub(super) fn parse<'a>(template: &'a [u8], names: &[String]) -> Vec<Segment<'a>> {
    let mut segments = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        let (before, from) = rest.split_at(at);
        segments.push(Segment::Text(before));
        let (dollar, after) = from.split_at(1);
        if let Some(after) = after.strip_prefix(b"$") {
            segments.push(Segment::Text(dollar));
            rest = after;
            continue;
        }
        match reference(after) {
            Some((name, after)) => {
                segments.push(Segment::Groups(groups(name, names)));
                rest = after;
            }
            None => {
                segments.push(Segment::Text(dollar));
                rest = after;
            }
        }
    }
    segments.push(Segment::Text(rest));
    segments
}

/// The longest name of letters, digits and underscores, with or without braces, and the rest after it.
fn reference(text: &[u8]) -> Option<(&str, &[u8])> {
    let (brace, text) = match text.strip_prefix(b"{") {
        Some(text) => (true, text),
        None => (false, text),
    };
    let is_word = |c: char| is_letter(c) || is_digit(c) || c == '_';
    let end = runes(text).find(|(_, c, _)| !is_word(*c));
    let (name, rest) = text.split_at(end.map_or(text.len(), |(place, ..)| place));
    let name = std::str::from_utf8(name).ok().filter(|name| !name.is_empty())?;
    match brace {
        true => Some((name, rest.strip_prefix(b"}")?)),
        false => Some((name, rest)),
    }
}

fn groups(name: &str, names: &[String]) -> Vec<usize> {
    let is_number = name.bytes().all(|c| c.is_ascii_digit()) && (name.len() == 1 || !name.starts_with('0'));
    if is_number
        && let Ok(number) = name.parse::<usize>()
        && number < 1_000_000_000
    {
        return vec![number];
    }
    names
        .iter()
        .enumerate()
        .filter(|(_, group)| *group == name)
        .map(|(number, _)| number)
        .collect()
}
