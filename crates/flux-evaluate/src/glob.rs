//! Patterns with `*`, `?` and `[...]` over whole texts.
//!
//! Like Go's [`path.Match`](https://pkg.go.dev/path#Match), except that `/` is a character like any other: paths are
//! split before they are matched.

/// Whether all of `text` matches. `None` if the match reaches a malformed part of the pattern.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> Option<bool> {
    let mut pattern = pattern;
    let mut text = text;
    while !pattern.is_empty() {
        let (star, chunk, rest) = next_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Some(true);
        }
        // The last chunk must match to the end of the text.
        let fits = |tail: &[u8]| tail.is_empty() || !rest.is_empty();
        let mut found = match_chunk(chunk, text)?.filter(|tail| fits(tail));
        if found.is_none() && star {
            for skip in 1..=text.len() {
                let tail = text.get(skip..).unwrap_or_default();
                found = match_chunk(chunk, tail)?.filter(|tail| fits(tail));
                if found.is_some() {
                    break;
                }
            }
        }
        match found {
            Some(tail) => text = tail,
            None => return Some(false),
        }
    }
    Some(text.is_empty())
}

/// Whether every class of a pattern is closed and every `\` is followed by a character.
pub(crate) fn is_well_formed(pattern: &[u8]) -> bool {
    let mut rest = pattern;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b'\\' => match after.split_first() {
                Some((_, after)) => after,
                None => return false,
            },
            b'[' => match match_brackets(after, b"a") {
                Some((_, after)) => after,
                None => return false,
            },
            _ => after,
        };
    }
    true
}

/// Whether the pattern starts with stars, the part up to the next star outside of brackets, and the rest.
fn next_chunk(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|&&b| b == b'*').count();
    let pattern = pattern.get(stars..).unwrap_or_default();
    let mut in_brackets = false;
    let mut end = 0;
    while let Some(&byte) = pattern.get(end) {
        match byte {
            b'\\' if end + 1 < pattern.len() => end += 1,
            b'[' => in_brackets = true,
            b']' => in_brackets = false,
            b'*' if !in_brackets => break,
            _ => {}
        }
        end += 1;
    }
    let (chunk, rest) = pattern.split_at(end.min(pattern.len()));
    (stars > 0, chunk, rest)
}

/// The rest of `text` after `chunk`. `Some(None)` if it does not match, `None` if the chunk is malformed.
#[expect(
    clippy::option_option,
    reason = "malformed and not matching are different answers"
)]
fn match_chunk<'t>(chunk: &[u8], text: &'t [u8]) -> Option<Option<&'t [u8]>> {
    let mut chunk = chunk;
    let mut text = text;
    while let Some((&byte, after)) = chunk.split_first() {
        let Some((&head, tail)) = text.split_first() else {
            return Some(None);
        };
        match byte {
            b'[' => {
                let (inside, rest) = match_brackets(after, text)?;
                if !inside {
                    return Some(None);
                }
                chunk = rest;
                text = text.get(char_width(text)..).unwrap_or_default();
            }
            b'?' => {
                chunk = after;
                text = text.get(char_width(text)..).unwrap_or_default();
            }
            byte => {
                let (literal, rest) = match byte {
                    b'\\' => after.split_first().map(|(&b, rest)| (b, rest))?,
                    byte => (byte, after),
                };
                if literal != head {
                    return Some(None);
                }
                chunk = rest;
                text = tail;
            }
        }
    }
    Some(Some(text))
}

/// Whether the first character of `text` is in the class, and the pattern after it. `class` begins after `[`.
fn match_brackets<'p>(class: &'p [u8], text: &[u8]) -> Option<(bool, &'p [u8])> {
    let (character, _) = next_char(text);
    let (negated, mut class) = match class.strip_prefix(b"^") {
        Some(rest) => (true, rest),
        None => (false, class),
    };
    let mut inside = false;
    let mut ranges = 0;
    loop {
        if let (Some(rest), true) = (class.strip_prefix(b"]"), ranges > 0) {
            return Some((inside != negated, rest));
        }
        let (low, rest) = class_char(class)?;
        let (high, rest) = match rest.strip_prefix(b"-") {
            Some(rest) => class_char(rest)?,
            None => (low, rest),
        };
        inside |= (low..=high).contains(&character);
        ranges += 1;
        class = rest;
    }
}

/// The first character of a class, and the rest, which must not be empty.
fn class_char(class: &[u8]) -> Option<(u32, &[u8])> {
    let class = match class.split_first()? {
        (b'-' | b']', _) => return None,
        (b'\\', []) => return None,
        (b'\\', rest) => rest,
        _ => class,
    };
    let (character, rest) = next_char(class);
    let broken = character == u32::from(char::REPLACEMENT_CHARACTER) && class.len() - rest.len() == 1;
    (!broken && !rest.is_empty()).then_some((character, rest))
}

fn next_char(bytes: &[u8]) -> (u32, &[u8]) {
    let (head, rest) = bytes.split_at(char_width(bytes));
    let character = std::str::from_utf8(head)
        .ok()
        .and_then(|text| text.chars().next())
        .unwrap_or(char::REPLACEMENT_CHARACTER);
    (u32::from(character), rest)
}

/// The number of bytes of the first character; one for an invalid character.
pub(crate) fn char_width(bytes: &[u8]) -> usize {
    let width = match bytes.first() {
        None => return 0,
        Some(0xC2..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..=0xF4) => 4,
        Some(_) => 1,
    };
    match bytes.get(..width).map(std::str::from_utf8) {
        Some(Ok(_)) => width,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_upstream() {
        for (pattern, text, expected) in [
            ("*.", "bash.", Some(true)),
            ("*/", "/path/to/", Some(true)),
            ("a?c", "aéc", Some(true)),
            ("[a-c]x", "bx", Some(true)),
            ("[^a-c]x", "bx", Some(false)),
            ("[]a]", "]", None),
            ("a\\*", "a*", Some(true)),
            ("[", "a", None),
            ("ab*", "abc", Some(true)),
            ("*b*d", "abcd", Some(true)),
            ("", "", Some(true)),
            ("", "x", Some(false)),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes()),
                expected,
                "{pattern} {text}"
            );
        }
    }
}
