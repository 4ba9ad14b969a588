//! The operators of envsubst.
//!
//! Lengths and offsets count bytes, as upstream.

use super::error::EnvsubstError;
use super::template::Operator;
use crate::glob::{char_width, matches};

/// Largest result. API servers refuse larger objects. The limit also stops hostile templates that grow exponentially.
pub(super) const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Longest value that is matched against a pattern: the time grows with the square of the length.
const MAX_MATCHED: usize = 8 * 1024;

/// Appends the result of `operator` on `value`.
pub(super) fn apply(
    operator: Operator,
    value: &[u8],
    args: &[Vec<u8>],
    out: &mut Vec<u8>,
) -> Result<(), EnvsubstError> {
    let first = args.first().map_or(&[][..], Vec::as_slice);
    let second = args.get(1).map(Vec::as_slice);
    match operator {
        Operator::None => out.extend_from_slice(value),
        Operator::Default if value.is_empty() => args.iter().for_each(|arg| out.extend_from_slice(arg)),
        Operator::Default => out.extend_from_slice(value),
        Operator::Length => out.extend_from_slice(value.len().to_string().as_bytes()),
        Operator::Lower => map_chars(value, usize::MAX, to_lower, out),
        Operator::LowerFirst => map_chars(value, 1, to_lower, out),
        Operator::Upper => map_chars(value, usize::MAX, to_upper, out),
        Operator::UpperFirst => map_chars(value, 1, to_upper, out),
        Operator::Substring => out.extend_from_slice(substring(value, first, second)),
        Operator::ReplaceFirst => replace(value, first, second.unwrap_or_default(), 1, out)?,
        Operator::ReplaceAll => replace(value, first, second.unwrap_or_default(), usize::MAX, out)?,
        // Without a replacement these two change nothing.
        Operator::ReplacePrefix => match (value.strip_prefix(first), second) {
            (Some(rest), Some(new)) => out.extend([new, rest].concat()),
            _ => out.extend_from_slice(value),
        },
        Operator::ReplaceSuffix => match (value.strip_suffix(first), second) {
            (Some(rest), Some(new)) => out.extend([rest, new].concat()),
            _ => out.extend_from_slice(value),
        },
        Operator::TrimPrefix => out.extend_from_slice(trim_prefix(value, first, false)?),
        Operator::TrimLongestPrefix => out.extend_from_slice(trim_prefix(value, first, true)?),
        Operator::TrimSuffix => out.extend(trim_suffix(value, first, false)?),
        Operator::TrimLongestSuffix => out.extend(trim_suffix(value, first, true)?),
    }
    Ok(())
}

/// Maps the first `count` characters.
fn map_chars(value: &[u8], count: usize, map: fn(char) -> char, out: &mut Vec<u8>) {
    // Only a nested substring makes invalid UTF-8 here, which upstream replaces by U+FFFD too.
    let text = String::from_utf8_lossy(value);
    for (index, c) in text.chars().enumerate() {
        let c = if index < count { map(c) } else { c };
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// Go maps one character to one character, Rust sometimes to several.
fn to_lower(c: char) -> char {
    match c {
        'İ' => 'i',
        c => single(c, c.to_lowercase()),
    }
}

fn to_upper(c: char) -> char {
    single(c, c.to_uppercase())
}

fn single(c: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// `offset` and `length` count bytes, from the end if negative. If one is not a number, the result is the whole value.
fn substring<'a>(value: &'a [u8], offset: &[u8], length: Option<&[u8]>) -> &'a [u8] {
    let Some(offset) = parse_int(offset) else {
        return value;
    };
    let size = i64::try_from(value.len()).unwrap_or(i64::MAX);
    let start = if offset < 0 {
        size.saturating_add(offset).max(0)
    } else {
        offset
    };
    let end = match length {
        None => size,
        Some(length) => match parse_int(length) {
            None => return value,
            Some(length) if length < 0 => size.saturating_add(length),
            Some(length) => start.saturating_add(length).min(size),
        },
    };
    let range = (usize::try_from(start), usize::try_from(end));
    match range {
        (Ok(start), Ok(end)) if start <= end => value.get(start..end).unwrap_or_default(),
        _ => &[],
    }
}

/// Parses a 64-bit number like Go's `strconv.Atoi`.
fn parse_int(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn replace(
    value: &[u8],
    old: &[u8],
    new: &[u8],
    mut count: usize,
    out: &mut Vec<u8>,
) -> Result<(), EnvsubstError> {
    let mut rest = value;
    while count > 0 {
        // An empty text is found before every character and at the end.
        let found = if old.is_empty() {
            Some(0)
        } else {
            rest.windows(old.len()).position(|window| window == old)
        };
        let Some(at) = found else { break };
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        out.extend_from_slice(new);
        if out.len() > MAX_BYTES {
            return Err(EnvsubstError::TooLarge);
        }
        rest = rest.get(at + old.len()..).unwrap_or_default();
        count -= 1;
        if old.is_empty() {
            if rest.is_empty() {
                break;
            }
            let (next, after) = rest.split_at(char_width(rest));
            out.extend_from_slice(next);
            rest = after;
        }
    }
    out.extend_from_slice(rest);
    Ok(())
}

/// Removes the shortest or longest prefix that matches. A malformed pattern removes nothing.
fn trim_prefix<'a>(value: &'a [u8], pattern: &[u8], longest: bool) -> Result<&'a [u8], EnvsubstError> {
    if value.len() > MAX_MATCHED || pattern.len() > MAX_MATCHED {
        return Err(EnvsubstError::TooLarge);
    }
    let mut rest = value;
    for end in (1..=value.len()).rev() {
        let (head, tail) = value.split_at(end);
        match matches(pattern, head) {
            None => return Ok(value),
            Some(false) => {}
            Some(true) if longest => return Ok(tail),
            Some(true) => rest = tail,
        }
    }
    Ok(rest)
}

/// Like upstream, reverses value and pattern and removes a prefix, so that brackets in a pattern do not work.
fn trim_suffix(value: &[u8], pattern: &[u8], longest: bool) -> Result<Vec<u8>, EnvsubstError> {
    let (value, pattern) = (reverse(value), reverse(pattern));
    Ok(reverse(trim_prefix(&value, &pattern, longest)?))
}

fn reverse(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(bytes)
        .chars()
        .rev()
        .collect::<String>()
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_is_replaced_between_characters() {
        for (count, expected) in [(usize::MAX, "-a-é-"), (1, "-aé")] {
            let mut out = Vec::new();
            replace("aé".as_bytes(), b"", b"-", count, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn casing_keeps_the_number_of_characters() {
        let mut out = Vec::new();
        map_chars("straße".as_bytes(), usize::MAX, to_upper, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "STRAßE");
    }
}
