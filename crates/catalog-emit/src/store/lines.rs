//! Splitting of a catalog into lines with one entry each.
//!
//! ```json
//! {
//!   "services": {
//!     "papi": {"namespace":"backend"},
//!     "vault": {"namespace":"vault"}
//!   },
//!   "variableSubstitution": {
//!     "variables": {
//!       "domain": {"value":"example.com"}
//!     }
//!   }
//! }
//! ```

use std::collections::HashMap;
use std::ops::Range;

use memchr::{memchr_iter, memchr2};

use crate::catalogs::Catalogs;

/// Lists, whose entries have no keys.
const LISTS: [&str; 4] = [
    "notApplied",
    "diagnostics",
    "variableSubstitution/sources",
    "variableSubstitution/undefined",
];

/// The only map that is not at the top level.
const VARIABLES: &str = "variableSubstitution/variables";

/// Maps, whose entries have keys.
fn maps() -> impl Iterator<Item = &'static str> {
    Catalogs::MAPS.into_iter().flatten().copied().chain([VARIABLES])
}

/// A top-level member whose members have one entry a line.
const NESTED: &str = "variableSubstitution";

/// Where an entry is in its catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its key; empty in a list.
    pub(super) key: Box<str>,
    /// The line without indent and comma.
    pub(super) line: Range<usize>,
    /// The part after the key.
    pub(super) value: Range<usize>,
    /// Whether it may contain a searched text in another spelling.
    pub(super) is_obscure: bool,
}

/// A catalog split into its entries and the rest.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The entries of each list and map, by its name.
    pub(super) sections: HashMap<&'static str, Vec<Line>>,
    /// The catalog with empty lines in place of these entries.
    pub(super) frame: String,
}

/// Finds the entries of a catalog. `None` unless it has one entry a line, in the order of keys: then it has to be parsed as a whole,
/// which also reports what is wrong with it.
pub(super) fn split(text: &str) -> Option<Lines> {
    let mut lines = Lines::default();
    let mut outer = "";
    let mut section: Option<&'static str> = None;
    // After an entry: whether the next line has to be another one.
    let mut goes_on: Option<bool> = None;
    let mut start = 0;
    let ends = memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len()));
    for end in ends {
        let line = text.get(start..end)?;
        let content = line.trim_ascii_end();
        let indent = content.len() - content.trim_start_matches(' ').len();
        let content = content.trim_start_matches(' ');
        let depth = match section {
            Some(name) if name.starts_with(NESTED) => 6,
            _ => 4,
        };
        if let Some(name) = section
            && indent == depth
        {
            if goes_on == Some(false) {
                return None;
            }
            let entry = content.strip_suffix(',').unwrap_or(content);
            goes_on = Some(entry.len() < content.len());
            let entries = lines.sections.entry(name).or_default();
            let found = line_of(entry, start + indent, !LISTS.contains(&name))?;
            // Entries of a list have no key and any order.
            if !found.key.is_empty() && entries.last().is_some_and(|last| last.key >= found.key) {
                return None;
            }
            entries.push(found);
        } else {
            if goes_on == Some(true) {
                return None;
            }
            goes_on = None;
            let opened = content
                .strip_suffix(['{', '['])
                .and_then(|rest| rest.strip_prefix('"')?.strip_suffix("\": "));
            match (indent, opened) {
                (2, opened) => {
                    outer = opened.unwrap_or_default();
                    section = named(outer);
                }
                (4, opened) if outer == NESTED => {
                    section = opened.and_then(|inner| named(&format!("{NESTED}/{inner}")));
                }
                (0, _) => section = None,
                _ => {}
            }
            lines.frame.push_str(line);
        }
        if end < text.len() {
            lines.frame.push('\n');
        }
        start = end + 1;
    }
    Some(lines)
}

fn named(name: &str) -> Option<&'static str> {
    LISTS.into_iter().chain(maps()).find(|known| *known == name)
}

/// The entry on a line without comma, which begins at `start`.
fn line_of(line: &str, start: usize, has_key: bool) -> Option<Line> {
    let (key, before) = match has_key {
        true => {
            let end = end_of_text(line)?;
            let key = line.get(..end)?;
            line.get(end..)?.strip_prefix(": ")?;
            (serde_json::from_str(key).ok()?, end + 2)
        }
        false => (Box::default(), 0),
    };
    let value = line.get(before..)?;
    (value.starts_with('{') && value.ends_with('}')).then(|| Line {
        key,
        line: start..start + line.len(),
        value: start + before..start + line.len(),
        is_obscure: is_obscure(line),
    })
}

/// End of the string with which a line begins, its quotes included.
fn end_of_text(line: &str) -> Option<usize> {
    let mut at = line.starts_with('"').then_some(1)?;
    loop {
        at += memchr2(b'"', b'\\', line.as_bytes().get(at..)?)?;
        match line.as_bytes().get(at)? {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// Whether a line has escapes of characters that need none, or non-ASCII letters, which may be ASCII in another case.
fn is_obscure(line: &str) -> bool {
    let has_escape = |at: usize| matches!(line.as_bytes().get(at + 1), Some(b'u' | b'/'));
    !line.is_ascii() || memchr_iter(b'\\', line.as_bytes()).any(has_escape)
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    const TEXT: &str = r#"{
  "$schema": "https://example.com/services.json",
  "services": {
    "a \"b\"": {"name":"x"},
    "papi": {"namespace":"backend"}
  },
  "imageGroups": {},
  "variableSubstitution": {
    "mechanism": "Flux",
    "variables": {
      "domain": {"value":"ü"}
    },
    "undefined": [
      {"name":"a"},
      {"name":"\u0062"}
    ]
  },
  "metadata": {"generatedFrom":"infra"}
}
"#;

    fn values<'t>(text: &'t str, lines: &Lines, section: &str) -> Vec<(String, &'t str, bool)> {
        let lines = lines.sections.get(section).map(Vec::as_slice).unwrap_or_default();
        let value = |line: &Line| (line.key.to_string(), &text[line.value.clone()], line.is_obscure);
        lines.iter().map(value).collect()
    }

    #[test]
    fn every_entry_is_found_and_the_rest_stays_on_its_line() {
        let lines = split(TEXT).unwrap();
        assert_eq!(
            values(TEXT, &lines, "services"),
            [
                ("a \"b\"".to_owned(), r#"{"name":"x"}"#, false),
                ("papi".to_owned(), r#"{"namespace":"backend"}"#, false),
            ]
        );
        assert_eq!(
            values(TEXT, &lines, "variableSubstitution/variables"),
            [("domain".to_owned(), r#"{"value":"ü"}"#, true)]
        );
        let undefined = values(TEXT, &lines, "variableSubstitution/undefined");
        assert_eq!(undefined.len(), 2);
        assert!(undefined[1].2, "an escape hides a letter");
        let frame: serde_json::Value = serde_json::from_str(&lines.frame).unwrap();
        assert_eq!(frame["services"], serde_json::json!({}));
        assert_eq!(frame["variableSubstitution"]["mechanism"], "Flux");
        let number = |text: &str| text.lines().position(|line| line.contains("metadata"));
        assert_eq!(number(&lines.frame), number(TEXT));
    }

    #[test]
    fn other_layouts_and_broken_ones_are_left_to_the_parser() {
        let without_comma = TEXT.replace(r#""x"},"#, r#""x"}"#);
        let comma_at_the_end = TEXT.replace(r#""backend"}"#, r#""backend"},"#);
        let in_another_order = TEXT.replace("papi", "_papi").replace("a \\\"b", "z");
        let opened = TEXT.replace(
            r#"{"namespace":"backend"}"#,
            "{\n      \"namespace\": \"backend\"\n    }",
        );
        for text in [without_comma, comma_at_the_end, in_another_order, opened] {
            assert_ne!(text, TEXT);
            assert!(split(&text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_cut_off_is_noticed() {
        for length in (0..TEXT.len() - 2).filter(|length| TEXT.is_char_boundary(*length)) {
            let is_whole = split(&TEXT[..length])
                .is_some_and(|lines| serde_json::from_str::<serde_json::Value>(&lines.frame).is_ok());
            assert!(!is_whole, "{length}");
        }
    }

    #[test]
    fn windows_line_ends_are_line_ends() {
        let text = TEXT.replace('\n', "\r\n");
        let lines = split(&text).unwrap();
        assert_eq!(values(&text, &lines, "services").len(), 2);
    }
}
