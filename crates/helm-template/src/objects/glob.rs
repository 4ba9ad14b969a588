//! Patterns of `.Files.Glob`.
//!
//! Syntax: [gobwas/glob](https://github.com/gobwas/glob/tree/v0.2.3) with `/` as separator: `*` and `?` match within a folder,
//! `**` across folders, `{a,b}` alternatives, `[a-z]`, `[abc]` and `[!abc]` one character.

use std::iter::Peekable;
use std::str::Chars;

use regex::{Regex, RegexBuilder};

/// A compiled pattern; `None` matches everything.
#[derive(Debug)]
pub(super) struct Glob(Option<Regex>);

/// Most bytes of a compiled pattern.
const COMPILED_BYTES: usize = 1 << 20;

impl Glob {
    /// A pattern that does not parse matches every path, as in Helm.
    pub(super) fn new(pattern: &str) -> Self {
        let expression = translate(pattern);
        let compiled = expression.and_then(|expression| {
            let mut builder = RegexBuilder::new(&expression);
            builder
                .dot_matches_new_line(true)
                .size_limit(COMPILED_BYTES)
                .build()
                .ok()
        });
        Glob(compiled)
    }

    pub(super) fn is_match(&self, path: &str) -> bool {
        self.0.as_ref().is_none_or(|regex| regex.is_match(path))
    }
}

/// Translates a pattern into a regular expression.
fn translate(pattern: &str) -> Option<String> {
    let mut expression = String::from("^(?:");
    let mut chars = pattern.chars().peekable();
    let mut depth = 0_usize;
    while let Some(c) = chars.next() {
        match c {
            '{' => {
                depth += 1;
                expression.push_str("(?:");
            }
            ',' if depth > 0 => expression.push('|'),
            '}' if depth > 0 => {
                depth -= 1;
                expression.push(')');
            }
            '[' => class(&mut chars, &mut expression)?,
            '?' => expression.push_str("[^/]"),
            '*' if chars.next_if_eq(&'*').is_some() => expression.push_str(".*"),
            '*' => expression.push_str("[^/]*"),
            '\\' => literal(chars.next().unwrap_or_default(), &mut expression),
            c => literal(c, &mut expression),
        }
    }
    expression.extend((0..=depth).map(|_| ')'));
    expression.push('$');
    Some(expression)
}

fn literal(c: char, expression: &mut String) {
    if c != '\0' {
        expression.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }
}

/// Translates brackets: one range, or a list of characters.
fn class(chars: &mut Peekable<Chars<'_>>, expression: &mut String) -> Option<()> {
    let negated = chars.next_if_eq(&'!').is_some();
    let mut body = String::new();
    let low = chars.next()?;
    if chars.next_if_eq(&'-').is_some() {
        let high = chars.next()?;
        if high < low || chars.next()? != ']' {
            return None;
        }
        escape_in_class(low, &mut body);
        body.push('-');
        escape_in_class(high, &mut body);
    } else {
        let mut next = Some(low);
        loop {
            match next? {
                ']' => break,
                '\\' => escape_in_class(chars.next()?, &mut body),
                c => escape_in_class(c, &mut body),
            }
            next = chars.next();
        }
        if body.is_empty() {
            return None;
        }
    }
    expression.push_str(if negated { "[^" } else { "[" });
    expression.push_str(&body);
    expression.push(']');
    Some(())
}

fn escape_in_class(c: char, body: &mut String) {
    if c.is_ascii_punctuation() {
        body.push('\\');
    }
    body.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_helm() {
        for (pattern, path, expected) in [
            ("config/*", "config/a.txt", true),
            ("config/*", "config/sub/a.txt", false),
            ("config/**", "config/sub/a.txt", true),
            ("**.yaml", "a/b.yaml", true),
            ("{a,b}.txt", "b.txt", true),
            ("{a,b}.txt", "c.txt", false),
            ("[!a].txt", "b.txt", true),
            ("[a-c].txt", "b.txt", true),
            ("[ab].txt", "b.txt", true),
            ("[a-c0].txt", "anything", true),
            ("config/[", "anything", true),
            ("a?c", "a/c", false),
            ("a\\*c", "a*c", true),
            ("./a", "a", false),
            ("a}", "a}", true),
        ] {
            assert_eq!(Glob::new(pattern).is_match(path), expected, "{pattern} {path}");
        }
    }
}
