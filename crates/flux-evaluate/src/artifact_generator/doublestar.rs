//! Patterns of paths with `**`, `*`, `?`, `[...]` and `{a,b}`.
//!
//! As <https://github.com/bmatcuk/doublestar#patterns>: `**` alone between slashes matches any folders, `*` and `?` do not
//! match `/`, alternatives may contain patterns.

use std::str::Chars;

use regex::{Regex, RegexBuilder};

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern(Regex);

impl Pattern {
    /// `None` if the pattern is malformed, or larger than any real one.
    pub(super) fn new(pattern: &str) -> Option<Pattern> {
        let mut translator = Translator {
            rest: pattern.chars(),
            expression: String::from("(?s)^"),
            depth: 0,
        };
        translator.pattern(true)?;
        translator.expression.push('$');
        RegexBuilder::new(&translator.expression)
            .size_limit(1 << 20)
            .build()
            .ok()
            .map(Pattern)
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

/// Whether a path is a pattern.
pub(super) fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '[', ']'])
}

/// Deepest nesting of alternatives, more than any real pattern has.
const MAX_DEPTH: u32 = 16;

struct Translator<'a> {
    rest: Chars<'a>,
    expression: String,
    depth: u32,
}

impl Translator<'_> {
    /// Translates up to the end, or to the `,` or `}` that ends an alternative. `at_start` is whether the name of a folder
    /// starts here.
    fn pattern(&mut self, mut at_start: bool) -> Option<()> {
        loop {
            let text = self.rest.as_str();
            let end = match text {
                // A final `/**` also matches the folder itself.
                "/**" if self.depth == 0 => Some("(?:/.*)?"),
                "/**/" if self.depth == 0 => Some("/?"),
                _ => None,
            };
            if let Some(end) = end {
                self.expression.push_str(end);
                self.rest = "".chars();
                return Some(());
            }
            if let Some(after) = text.strip_prefix("**").filter(|_| at_start) {
                if let Some(after) = after.strip_prefix('/') {
                    self.expression.push_str("(?:[^/]*/)*");
                    self.rest = after.chars();
                    continue;
                }
                if after.is_empty() || (self.depth > 0 && after.starts_with([',', '}'])) {
                    self.expression.push_str(".*");
                    self.rest = after.chars();
                    at_start = false;
                    continue;
                }
            }
            let Some(character) = self.rest.clone().next() else {
                return (self.depth == 0).then_some(());
            };
            if self.depth > 0 && matches!(character, ',' | '}') {
                return Some(());
            }
            self.rest.next();
            match character {
                '*' => self.expression.push_str("[^/]*"),
                '?' => self.expression.push_str("[^/]"),
                '[' => self.class()?,
                '{' => self.alternatives(at_start)?,
                '}' => return None,
                '\\' => {
                    let escaped = self.rest.next()?;
                    self.literal(escaped);
                }
                other => self.literal(other),
            }
            at_start = character == '/';
        }
    }

    fn alternatives(&mut self, at_start: bool) -> Option<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.expression.push_str("(?:");
        loop {
            self.pattern(at_start)?;
            match self.rest.next()? {
                ',' => self.expression.push('|'),
                _ => break,
            }
        }
        self.expression.push(')');
        self.depth -= 1;
        Some(())
    }

    /// A character class; it never matches `/`.
    fn class(&mut self) -> Option<()> {
        let negated = matches!(self.rest.clone().next()?, '!' | '^');
        if negated {
            self.rest.next();
        }
        let mut ranges = Vec::new();
        loop {
            let low = match self.rest.next()? {
                ']' if ranges.is_empty() => return None,
                ']' => break,
                '\\' => self.rest.next()?,
                other => other,
            };
            let mut ahead = self.rest.clone();
            let high = match (ahead.next(), ahead.next()) {
                (Some('-'), Some(']')) | (Some('-'), None) => low,
                (Some('-'), Some(high)) => {
                    self.rest = ahead;
                    if high == '\\' { self.rest.next()? } else { high }
                }
                _ => low,
            };
            ranges.push((low, high));
        }
        let mut class = String::new();
        for (low, high) in ranges.into_iter().filter(|(low, high)| low <= high) {
            let (low, high) = (u32::from(low), u32::from(high));
            class.push_str(&format!("\\x{{{low:X}}}-\\x{{{high:X}}}"));
        }
        // A reversed range is empty, but a class of a regular expression must not be.
        self.expression.push_str(&match (negated, class.is_empty()) {
            (true, _) => format!("[^/{class}]"),
            (false, true) => r"[^\s\S]".into(),
            (false, false) => format!("[[{class}]&&[^/]]"),
        });
        Some(())
    }

    fn literal(&mut self, character: char) {
        self.expression
            .push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Patterns with the names that doublestar 4.10 says they match; `null` for malformed ones.
    const CASES: &str = include_str!("../../tests/data/artifact_generator/doublestar_cases.json");

    #[test]
    fn patterns_match_as_upstream() {
        let cases: serde_json::Value = serde_json::from_str(CASES).unwrap();
        let names: Vec<&str> = cases["names"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|v| v.as_str())
            .collect();
        assert!(names.len() > 20);
        for (text, expected) in cases["patterns"].as_object().unwrap() {
            let pattern = Pattern::new(text);
            assert_eq!(pattern.is_none(), expected.is_null(), "{text}");
            if let Some(pattern) = pattern {
                let matched: Vec<&str> = names
                    .iter()
                    .copied()
                    .filter(|name| pattern.matches(name))
                    .collect();
                let expected: Vec<&str> = expected
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(|v| v.as_str())
                    .collect();
                assert_eq!(matched, expected, "{text}");
            }
        }
    }
}
