//! Patterns of a schema, which Helm reads as Go's regular expressions.

use go_std::regexp::{GoRegex, posix_members};
use regex::Regex;
use serde_json::{Map, Value};

use super::remote_refs::DATA;
use super::wording::quote;

/// Patterns rewritten for the `jsonschema` crate, each with the original.
#[derive(Debug, Default)]
pub(super) struct Patterns(Vec<(String, String)>);

/// A pattern that Go refuses.
#[derive(Debug)]
pub(super) struct Refused;

impl Patterns {
    /// Rewrites the patterns that only Go accepts.
    ///
    /// # Errors
    /// If Go refuses one.
    pub(super) fn rewrite(schema: &mut Value) -> Result<Self, Refused> {
        let mut patterns = Patterns::default();
        patterns.walk(schema)?;
        Ok(patterns)
    }

    /// Puts the original patterns back into a message.
    pub(super) fn restore(&self, mut text: String) -> String {
        for (rewritten, original) in &self.0 {
            let ending = |pattern: &str| format!("does not match pattern {}", quote(pattern));
            text = text.replace(&ending(rewritten), &ending(original));
        }
        text
    }

    fn walk(&mut self, schema: &mut Value) -> Result<(), Refused> {
        match schema {
            Value::Object(object) => {
                if let Some(Value::String(pattern)) = object.get_mut("pattern")
                    && let Some(rewritten) = self.rewritten(pattern)?
                {
                    *pattern = rewritten;
                }
                if let Some(Value::Object(properties)) = object.get_mut("patternProperties") {
                    let mut taken = Map::new();
                    for (pattern, schema) in std::mem::take(properties) {
                        taken.insert(self.rewritten(&pattern)?.unwrap_or(pattern), schema);
                    }
                    *properties = taken;
                }
                let mut below = object.iter_mut().filter(|(key, _)| !DATA.contains(&key.as_str()));
                below.try_for_each(|(_, value)| self.walk(value))
            }
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.walk(item)),
            _ => Ok(()),
        }
    }

    fn rewritten(&mut self, pattern: &str) -> Result<Option<String>, Refused> {
        let compiled = match GoRegex::compile(pattern.as_bytes()) {
            Ok(compiled) => compiled,
            // A bound of this crate, not of Go.
            Err(error) if error.contains("too large") => return Ok(None),
            Err(_) => return Err(Refused),
        };
        let rewritten = match without_named_classes(pattern) {
            Some(rewritten) => rewritten,
            None if Regex::new(pattern).is_ok() => return Ok(None),
            None => compiled.as_str().to_owned(),
        };
        self.0.push((rewritten.clone(), pattern.to_owned()));
        Ok(Some(rewritten))
    }
}

/// A pattern with each `[:alpha:]`, which JavaScript's syntax lacks, replaced by its members; `None` if it has none. A negated
/// class, `[:^alpha:]`, cannot be replaced, and gives a pattern that matches everything.
fn without_named_classes(pattern: &str) -> Option<String> {
    if !pattern.contains("[:") {
        return None;
    }
    let mut out = String::with_capacity(pattern.len());
    let (mut in_brackets, mut has_named) = (false, false);
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let named = rest.strip_prefix("[:").filter(|_| in_brackets);
        if let Some((name, after)) = named.and_then(|named| named.split_once(":]")) {
            out.push_str(match posix_members(name) {
                Some(members) => members,
                None => return Some(String::new()),
            });
            has_named = true;
            rest = after;
            continue;
        }
        let length = match c {
            '\\' => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            // A closing bracket in first position is a member.
            '[' if !in_brackets => {
                in_brackets = true;
                ["[^]", "[]", "[^"]
                    .iter()
                    .find(|start| rest.starts_with(**start))
                    .map_or(1, |start| start.len())
            }
            ']' => {
                in_brackets = false;
                1
            }
            c => c.len_utf8(),
        };
        let (taken, after) = rest.split_at_checked(length)?;
        out.push_str(taken);
        rest = after;
    }
    has_named.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_classes_are_written_out() {
        for (pattern, expected) in [
            ("^[[:alpha:]_-]+$", Some("^[A-Za-z_-]+$")),
            ("[^]x[:digit:]]", Some("[^]x0-9]")),
            (r"\[[:upper:]]", None),
            ("[:alpha:]", None),
            ("[a-z][[:xdigit:]]{2}", Some("[a-z][0-9A-Fa-f]{2}")),
            ("[[:^alpha:]]", Some("")),
            ("[a-z]", None),
        ] {
            assert_eq!(without_named_classes(pattern).as_deref(), expected, "{pattern}");
        }
    }
}
