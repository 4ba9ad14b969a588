//! `snakecase`, `kebabcase` and `camelcase`, as in <https://github.com/huandu/xstrings> 1.5.

use go_std::text::{is_letter, is_number, is_punct, is_space, is_upper, runes, to_lower, to_upper};

/// The kind of a run of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The end, or invalid UTF-8 up to the end.
    Invalid,
    Number,
    /// Starts with an upper-case letter.
    Upper,
    /// Starts with a lower-case letter.
    Alphabet,
    Connector,
    Punct,
    Other,
}

/// A run of characters of one kind.
#[derive(Clone, Copy)]
struct Word<'a> {
    kind: Kind,
    text: &'a [u8],
}

/// Lower-case words with a connector between them: `HTTPServer2` becomes `http_server2`.
pub(super) fn with_connector(text: &[u8], connector: char) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    if text.is_empty() {
        return out;
    }
    let mut rest = text;
    let mut word = next_word(&mut rest);
    while !rest.is_empty() {
        if word.kind != Kind::Connector {
            write_lower(word, connector, &mut out);
        }
        let previous = word;
        word = next_word(&mut rest);
        match previous.kind {
            Kind::Number => {
                write_letters_and_numbers(&mut word, &mut rest, connector, &mut out);
            }
            Kind::Connector => write_lower(previous, connector, &mut out),
            Kind::Punct => {}
            _ if word.kind != Kind::Number => {
                if !matches!(word.kind, Kind::Connector | Kind::Punct) {
                    push(connector, &mut out);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = word;
                word = next_word(&mut rest);
                // A number belongs to the word before it, unless lower-case letters follow.
                if word.kind != Kind::Alphabet {
                    write_lower(number, connector, &mut out);
                    if !matches!(word.kind, Kind::Connector | Kind::Punct) {
                        push(connector, &mut out);
                    }
                    continue;
                }
                push(connector, &mut out);
                write_lower(number, connector, &mut out);
                write_letters_and_numbers(&mut word, &mut rest, connector, &mut out);
            }
        }
    }
    write_lower(word, connector, &mut out);
    out
}

/// Writes words of lower-case letters and numbers, and a connector if another word follows.
fn write_letters_and_numbers<'a>(
    word: &mut Word<'a>,
    rest: &mut &'a [u8],
    connector: char,
    out: &mut Vec<u8>,
) {
    while matches!(word.kind, Kind::Alphabet | Kind::Number) {
        write_lower(*word, connector, out);
        *word = next_word(rest);
    }
    if !matches!(word.kind, Kind::Invalid | Kind::Punct | Kind::Connector) {
        push(connector, out);
    }
}

fn push(c: char, out: &mut Vec<u8>) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn write_lower(word: Word<'_>, connector: char, out: &mut Vec<u8>) {
    if !matches!(word.kind, Kind::Upper | Kind::Connector) {
        out.extend_from_slice(word.text);
        return;
    }
    for (_, c, _) in runes(word.text) {
        let c = if is_connector(c) {
            connector
        } else if is_upper(c) {
            to_lower(c)
        } else {
            c
        };
        push(c, out);
    }
}

fn is_connector(c: char) -> bool {
    matches!(c, '-' | '_') || is_space(c)
}

/// Letters other than Chinese ones.
fn is_alphabet(c: char) -> bool {
    let chinese = matches!(c, '\u{3400}'..='\u{4D85}' | '\u{4E00}'..='\u{9FCC}' | '\u{20000}'..='\u{2B81D}');
    is_letter(c) && !chinese
}

/// Takes the next word off the text.
fn next_word<'a>(rest: &mut &'a [u8]) -> Word<'a> {
    let text = *rest;
    let Some((first, mut end)) = next_valid(text) else {
        *rest = &[];
        return Word {
            kind: Kind::Invalid,
            text,
        };
    };
    // Invalid bytes belong to the character after them, and at the end to the one before.
    let take = |end: &mut usize, wanted: &dyn Fn(char) -> bool, mut last: char| {
        loop {
            let left = text.get(*end..).unwrap_or_default();
            if left.is_empty() {
                return;
            }
            let (c, size) = next_valid(left).unwrap_or((last, left.len()));
            if !wanted(c) {
                return;
            }
            last = c;
            *end += size;
        }
    };
    let kind = if is_connector(first) {
        take(&mut end, &is_connector, first);
        Kind::Connector
    } else if is_punct(first) {
        take(&mut end, &is_punct, first);
        Kind::Punct
    } else if is_upper(first) {
        take_capitalised(text, &mut end, &take);
        Kind::Upper
    } else if is_alphabet(first) {
        take(&mut end, &|c| is_alphabet(c) && !is_upper(c), first);
        Kind::Alphabet
    } else if is_number(first) {
        take(&mut end, &is_number, first);
        Kind::Number
    } else {
        let other = |c| !(is_connector(c) || is_alphabet(c) || is_number(c) || is_punct(c));
        take(&mut end, &other, first);
        Kind::Other
    };
    let (word, after) = text.split_at(end.min(text.len()));
    *rest = after;
    Word { kind, text: word }
}

/// Moves an end past the wanted characters. The last argument is the preceding character.
type Take<'a> = dyn Fn(&mut usize, &dyn Fn(char) -> bool, char) + 'a;

/// Takes the rest of `HTTP` in `HTTPStatus`, or of `Status`.
fn take_capitalised(text: &[u8], end: &mut usize, take: &Take<'_>) {
    let left = text.get(*end..).unwrap_or_default();
    let Some((second, _)) = next_valid(left) else {
        return;
    };
    if !is_upper(second) {
        if is_alphabet(second) {
            take(end, &|c| is_alphabet(c) && !is_upper(c), second);
        }
        return;
    }
    let start = *end;
    take(end, &is_upper, second);
    // The last capital belongs to the lower-case letters after it.
    let follows = next_valid(text.get(*end..).unwrap_or_default());
    if follows.is_some_and(|(c, _)| is_alphabet(c)) {
        let capitals = text.get(start..*end).unwrap_or_default();
        let last = runes(capitals)
            .last()
            .map_or(0, |(place, ..)| capitals.len() - place);
        *end -= last;
    }
}

/// The first valid character, and the bytes up to its end.
fn next_valid(text: &[u8]) -> Option<(char, usize)> {
    runes(text)
        .find(|(_, c, _)| *c != char::REPLACEMENT_CHARACTER)
        .map(|(place, c, width)| (c, place + width))
}

/// Capitalised words without connectors: `http_server` becomes `HttpServer`.
pub(super) fn pascal(text: &[u8]) -> String {
    let mut chars = runes(text).map(|(_, c, _)| c).peekable();
    let mut out = String::with_capacity(text.len());
    let mut current = None;
    let mut first_is_upper = false;
    for c in chars.by_ref() {
        if !is_connector(c) {
            first_is_upper = is_upper(c);
            current = Some(to_upper(c));
            break;
        }
        current = Some(c);
        out.push(c);
    }
    let Some(mut current) = current else {
        return out;
    };
    if chars.peek().is_none() {
        // The library writes the last of nothing but connectors twice.
        out.push(current);
        return out;
    }
    for next in chars {
        let previous = std::mem::replace(&mut current, next);
        if is_connector(next) && is_connector(previous) {
            out.push(previous);
            continue;
        }
        if is_connector(previous) {
            first_is_upper = is_upper(next);
            current = to_upper(next);
            continue;
        }
        if first_is_upper {
            if is_upper(next) {
                current = to_lower(next);
            } else {
                first_is_upper = false;
            }
        }
        out.push(previous);
    }
    out.push(current);
    out
}
