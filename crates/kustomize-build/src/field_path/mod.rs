//! Field paths of replacements and vars.
//!
//! Dots separate the parts, except `\.` and dots in brackets. A part is a field, an index, `-` for the last item,
//! `[key=value]` or `[=value]` for matching items, or `*` for all items.

mod find;
mod visit;

use std::borrow::Cow;

use thiserror::Error;

use crate::node_edit::WrongKind;

pub(crate) use find::find;
pub(crate) use visit::{Create, Visit, parse_scalar};

/// Why a path cannot be followed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum PathError {
    /// A part does not fit the node it applies to.
    #[error(transparent)]
    WrongKind(#[from] WrongKind),
    /// Anything else, with kustomize's message.
    #[error("{0}")]
    Other(String),
}

impl PathError {
    pub(super) fn other(message: impl Into<String>) -> Self {
        PathError::Other(message.into())
    }
}

/// Splits a path at its dots. Brackets around a part with dots are dropped unless it has a `=`.
pub(crate) fn split(path: &str) -> Vec<String> {
    let mut parts = crate::field_spec::split_path(path, '.')
        .into_iter()
        .map(Cow::into_owned);
    let mut merged = Vec::new();
    while let Some(part) = parts.next() {
        if !part.starts_with('[') || part.ends_with(']') {
            merged.push(part);
            continue;
        }
        let mut bracketed = part;
        for part in parts.by_ref() {
            bracketed.push('.');
            bracketed.push_str(&part);
            if part.ends_with(']') {
                break;
            }
        }
        if !bracketed.contains('=') {
            bracketed = bracketed.trim_matches(['[', ']']).to_owned();
        }
        merged.push(bracketed);
    }
    merged
}

/// One part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segment<'a> {
    Field(&'a str),
    Index(usize),
    /// `-`
    Last,
    /// `*`
    All,
    /// The text in brackets.
    Items(&'a str),
}

impl<'a> Segment<'a> {
    fn new(part: &'a str) -> Result<Self, PathError> {
        if let Ok(number) = part.parse::<i64>() {
            let negative = || PathError::other(format!("array index {number} cannot be negative"));
            return usize::try_from(number)
                .map(Segment::Index)
                .map_err(|_| negative());
        }
        Ok(match part {
            "-" => Segment::Last,
            "*" => Segment::All,
            _ => match in_brackets(part) {
                Some(inner) => Segment::Items(inner),
                None => Segment::Field(part),
            },
        })
    }
}

fn in_brackets(part: &str) -> Option<&str> {
    part.strip_prefix('[')?.strip_suffix(']')
}

/// Splits `key=value`. The key may be empty.
fn key_and_value(inner: &str) -> Result<(&str, &str), PathError> {
    inner.split_once('=').ok_or_else(|| {
        PathError::other("list path element must contain fieldName=fieldValue for element to match")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_split_at_dots_outside_brackets() {
        for (path, expected) in [
            ("a.b.c", &["a", "b", "c"][..]),
            (".a", &["a"]),
            ("a\\.b.c", &["a.b", "c"]),
            ("a.[b.c/d].e", &["a", "b.c/d", "e"]),
            ("a.[name=b.c].d", &["a", "[name=b.c]", "d"]),
            ("a.[x/y]", &["a", "[x/y]"]),
            ("a.[b.c", &["a", "b.c"]),
        ] {
            assert_eq!(split(path), expected, "{path}");
        }
    }
}
