//! Characters of Go's byte strings, with their classes as in the package `unicode`.

use std::borrow::Cow;

use unicode_general_category::{GeneralCategory as Category, get_general_category};

/// The characters of a text with their position and width. A byte that is not UTF-8 is a U+FFFD of width 1.
pub fn runes(bytes: &[u8]) -> impl Iterator<Item = (usize, char, usize)> {
    let mut place = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(place..).filter(|rest| !rest.is_empty())?;
        let (c, width) = first_rune(rest);
        place += width;
        Some((place - width, c, width))
    })
}

fn first_rune(bytes: &[u8]) -> (char, usize) {
    let head = bytes.get(..4).unwrap_or(bytes);
    if let Some(byte) = head.first().filter(|byte| byte.is_ascii()) {
        return (char::from(*byte), 1);
    }
    let valid = head.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    match valid.chars().next() {
        Some(c) => (c, c.len_utf8()),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// A text with a U+FFFD for each byte that is not UTF-8.
pub fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(text)
}

/// `unicode.IsLetter`
pub fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    matches!(
        get_general_category(c),
        Category::UppercaseLetter
            | Category::LowercaseLetter
            | Category::TitlecaseLetter
            | Category::ModifierLetter
            | Category::OtherLetter
    )
}

/// `unicode.IsDigit`
pub fn is_digit(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_digit();
    }
    get_general_category(c) == Category::DecimalNumber
}

/// `unicode.IsNumber`
pub fn is_number(c: char) -> bool {
    is_digit(c)
        || matches!(
            get_general_category(c),
            Category::LetterNumber | Category::OtherNumber
        )
}

/// `unicode.IsPunct`
pub fn is_punct(c: char) -> bool {
    matches!(
        get_general_category(c),
        Category::ConnectorPunctuation
            | Category::DashPunctuation
            | Category::OpenPunctuation
            | Category::ClosePunctuation
            | Category::InitialPunctuation
            | Category::FinalPunctuation
            | Category::OtherPunctuation
    )
}

/// `unicode.IsUpper`
pub fn is_upper(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_uppercase();
    }
    get_general_category(c) == Category::UppercaseLetter
}

/// `unicode.IsLower`
pub fn is_lower(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_lowercase();
    }
    get_general_category(c) == Category::LowercaseLetter
}

/// `unicode.IsTitle`
pub fn is_title(c: char) -> bool {
    get_general_category(c) == Category::TitlecaseLetter
}

/// `unicode.IsSpace`
pub fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// `unicode.ToUpper`, which maps to one character: those with several as their capital stay.
pub fn to_upper(c: char) -> char {
    // These letters have a single capital in Go, which Rust's full mapping expands.
    match c {
        '\u{1F80}'..='\u{1F87}' | '\u{1F90}'..='\u{1F97}' | '\u{1FA0}'..='\u{1FA7}' => {
            char::from_u32(u32::from(c) + 8).unwrap_or(c)
        }
        '\u{1FB3}' | '\u{1FC3}' | '\u{1FF3}' => char::from_u32(u32::from(c) + 9).unwrap_or(c),
        _ => single(c.to_uppercase(), c),
    }
}

/// `unicode.ToLower`
pub fn to_lower(c: char) -> char {
    match c {
        'İ' => 'i',
        _ => single(c.to_lowercase(), c),
    }
}

/// `unicode.ToTitle`
pub fn to_title(c: char) -> char {
    match c {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        'ა'..='ჺ' | 'ჽ'..='ჿ' => c,
        _ => to_upper(c),
    }
}

fn single(mut mapped: impl Iterator<Item = char>, c: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}

/// `strings.Map`: a text with every character mapped.
pub fn map_chars(text: &[u8], map: impl Fn(char) -> char) -> String {
    runes(text).map(|(_, c, _)| map(c)).collect()
}

/// `strings.Title`: the first letter of each word in title case.
pub fn title(text: &[u8]) -> String {
    let mut previous = ' ';
    let mut out = String::with_capacity(text.len());
    for (_, c, _) in runes(text) {
        out.push(if is_separator(previous) { to_title(c) } else { c });
        previous = c;
    }
    out
}

/// Whether a character separates words for `strings.Title`.
fn is_separator(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_alphanumeric() && c != '_';
    }
    !is_letter(c) && !is_digit(c) && is_space(c)
}

/// `strings.TrimSpace`
pub fn trim_space(text: &[u8]) -> &[u8] {
    trim(text, is_space)
}

/// `strings.TrimFunc`: a text without unwanted characters at both ends.
pub fn trim(text: &[u8], unwanted: impl Fn(char) -> bool) -> &[u8] {
    let start = runes(text)
        .find(|(_, c, _)| !unwanted(*c))
        .map_or(text.len(), |(place, ..)| place);
    let rest = text.get(start..).unwrap_or_default();
    let end = runes(rest)
        .filter(|(_, c, _)| !unwanted(*c))
        .last()
        .map_or(0, |(place, _, width)| place + width);
    rest.get(..end).unwrap_or_default()
}
