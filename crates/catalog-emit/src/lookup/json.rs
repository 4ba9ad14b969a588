//! One line of a catalog turns into members and texts, none of which is parsed.
//!
//! Catalogs are written without spaces inside of entries. Whatever is written otherwise is none here.

use memchr::{memchr2, memchr3};

/// A member of an object: its name as written, without quotes, and where its value is in the object's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) start: usize,
}

impl Member<'_> {
    /// Where the value ends in the object's text.
    pub(super) fn end(&self) -> usize {
        self.start + self.value.len()
    }
}

/// The members of an object, in order. They end early where the text is no object.
#[derive(Clone, Debug)]
pub(super) struct Members<'a> {
    text: &'a [u8],
    at: usize,
}

/// Takes an object apart.
pub(super) fn members(text: &[u8]) -> Members<'_> {
    Members { text, at: 0 }
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        // A brace in front of the first, a comma in front of each other.
        let name_start = self.at + 2;
        if self.text.get(self.at + 1) != Some(&b'"') {
            return None;
        }
        let name_end = end_of_text(self.text, name_start)?;
        let start = name_end + 2;
        let end = end_of_value(self.text, start)?;
        self.at = end;
        Some(Member {
            name: self.text.get(name_start..name_end)?,
            value: self.text.get(start..end)?,
            start,
        })
    }
}

/// The value of one member.
pub(super) fn member<'a>(object: &'a [u8], name: &str) -> Option<&'a [u8]> {
    members(object)
        .find(|member| member.name == name.as_bytes())
        .map(|member| member.value)
}

/// The items of a list, in order, each with where it begins in the list's text.
pub(super) fn items(list: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + 1;
        if list.get(at)? == &b']' || list.get(start)? == &b']' {
            return None;
        }
        at = end_of_value(list, start)?;
        Some((start, list.get(start..at)?))
    })
}

/// The text of a value that is one, as written, without quotes.
pub(super) fn text(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// Every text in a value, as written, without quotes: names of members, too.
pub(super) fn texts(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + memchr::memchr(b'"', value.get(at..)?)? + 1;
        let end = end_of_text(value, start)?;
        at = end + 1;
        value.get(start..end)
    })
}

/// Writes an object with only some of its members, each of which it has once at most.
pub(super) fn reduce(object: &[u8], names: &[&str], reduced: &mut Vec<u8>) {
    let wanted = |member: &Member<'_>| names.iter().any(|name| name.as_bytes() == member.name);
    let mut before = b'{';
    // What follows the last one is not looked at.
    for member in members(object).filter(wanted).take(names.len()) {
        reduced.extend_from_slice(&[before, b'"']);
        reduced.extend_from_slice(member.name);
        reduced.extend_from_slice(b"\":");
        reduced.extend_from_slice(member.value);
        before = b',';
    }
    if before == b'{' {
        reduced.push(before);
    }
    reduced.push(b'}');
}

/// Where the quote is that ends a text, which begins at `at`.
pub(super) fn end_of_text(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        match text.get(at)? {
            b'"' => return Some(at),
            _ => at += 2,
        }
    }
}

/// Where a value ends that begins at `at`.
pub(super) fn end_of_value(text: &[u8], at: usize) -> Option<usize> {
    let (open, close) = match text.get(at)? {
        b'"' => return Some(end_of_text(text, at + 1)? + 1),
        b'{' => (b'{', b'}'),
        b'[' => (b'[', b']'),
        _ => {
            let rest = text.get(at..)?;
            return Some(at + memchr3(b',', b'}', b']', rest).unwrap_or(rest.len()));
        }
    };
    // Brackets of the other form are in pairs between these.
    let mut depth = 0;
    let mut at = at;
    loop {
        at += memchr3(b'"', open, close, text.get(at..)?)?;
        match text.get(at)? {
            b'"' => at = end_of_text(text, at + 1)?,
            bracket if *bracket == open => depth += 1,
            _ => depth -= 1,
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &[u8] =
        br#"{"a":"x\"}","b":[{"c":"]","d":[]},1],"e":{"f":{}},"g":null,"h":true,"i":[],"j":-1}"#;

    fn text_of(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn an_entry_is_taken_apart() {
        let found: Vec<(&str, &str)> = members(ENTRY)
            .map(|member| (text_of(member.name), text_of(member.value)))
            .collect();
        let expected = [
            ("a", r#""x\"}""#),
            ("b", r#"[{"c":"]","d":[]},1]"#),
            ("e", r#"{"f":{}}"#),
            ("g", "null"),
            ("h", "true"),
            ("i", "[]"),
            ("j", "-1"),
        ];
        assert_eq!(found, expected);
        for member in members(ENTRY) {
            assert_eq!(&ENTRY[member.start..member.end()], member.value);
        }
    }

    #[test]
    fn lists_and_texts_are_taken_apart() {
        let list = member(ENTRY, "b").unwrap();
        let found: Vec<&str> = items(list).map(|(_, item)| text_of(item)).collect();
        assert_eq!(found, [r#"{"c":"]","d":[]}"#, "1"]);
        assert_eq!(items(b"[]").count(), 0);
        let found: Vec<&str> = texts(list).map(text_of).collect();
        assert_eq!(found, ["c", "]", "d"]);
        assert_eq!(text(member(ENTRY, "a").unwrap()), Some(br#"x\"}"#.as_slice()));
        assert_eq!(text(b"null"), None);
    }

    #[test]
    fn what_is_left_is_an_object() {
        let reduced = |names: &[&str]| {
            let mut reduced = Vec::new();
            reduce(ENTRY, names, &mut reduced);
            String::from_utf8(reduced).unwrap()
        };
        assert_eq!(reduced(&["g", "a"]), r#"{"a":"x\"}","g":null}"#);
        assert_eq!(reduced(&["j", "none"]), r#"{"j":-1}"#);
        assert_eq!(reduced(&[]), "{}");
    }

    #[test]
    fn what_is_cut_off_ends_early() {
        for length in 0..ENTRY.len() {
            let text = &ENTRY[..length];
            assert!(members(text).count() <= 7);
            assert!(texts(text).count() <= 20);
            assert!(items(text).count() <= 20);
        }
    }
}
