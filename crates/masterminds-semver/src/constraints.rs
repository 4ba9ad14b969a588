//! Constraints: alternative groups of comparisons.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::Version;
use crate::constraint::{Constraint, Pattern};
use crate::scan::Scanner;

/// Longest text, in bytes.
const MAX_LENGTH: usize = 512;
/// Most groups.
const MAX_GROUPS: usize = 32;

/// A version constraint. `||` separates groups, one of which must hold; blanks or commas separate the comparisons of a group, all
/// of which must hold.
///
/// Operators: `=`, `!=`, `>`, `<`, `>=`, `<=`, `~` or `~>`, `^`, and `1.2 - 1.4` for a range. `x`, `*` or a missing number match
/// any number. A prerelease fits only if a comparison of the group names one (`-0` is enough).
#[derive(Clone, Debug)]
pub struct Constraints {
    groups: Vec<Group>,
    /// Whether prereleases fit even if no comparison names one.
    pub include_prerelease: bool,
}

#[derive(Clone, Debug)]
struct Group {
    constraints: Vec<Constraint>,
    has_prerelease: bool,
}

/// Why a text is not a constraint, with the messages of the Go library.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ConstraintError {
    /// A malformed group, with its text.
    #[error("improper constraint: {}", quote(.0))]
    Improper(String),
    /// An invalid number.
    #[error("constraint parser error")]
    Parser,
    /// The text has more than 512 bytes.
    #[error("constraint string is too long (max 512 bytes)")]
    TooLong,
    /// There are more than 32 groups.
    #[error("too many constraint groups (max 32)")]
    TooManyGroups,
}

impl Constraints {
    /// Parses a constraint.
    ///
    /// # Errors
    /// [`ConstraintError`] if the Go library has one.
    pub fn parse(text: &str) -> Result<Constraints, ConstraintError> {
        if text.len() > MAX_LENGTH {
            return Err(ConstraintError::TooLong);
        }
        let text = rewrite_ranges(text);
        let groups: Vec<&str> = text.split("||").collect();
        if groups.len() > MAX_GROUPS {
            return Err(ConstraintError::TooManyGroups);
        }
        let groups: Result<Vec<Group>, ConstraintError> = groups.into_iter().map(parse_group).collect();
        Ok(Constraints {
            groups: groups?,
            include_prerelease: false,
        })
    }

    /// Whether a version satisfies the constraint.
    pub fn check(&self, version: &Version) -> bool {
        self.groups.iter().any(|group| {
            let include = self.include_prerelease || group.has_prerelease;
            group
                .constraints
                .iter()
                .all(|constraint| constraint.is_satisfied_by(version, include))
        })
    }
}

impl FromStr for Constraints {
    type Err = ConstraintError;

    fn from_str(text: &str) -> Result<Constraints, ConstraintError> {
        Constraints::parse(text)
    }
}

impl fmt::Display for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, group) in self.groups.iter().enumerate() {
            if index > 0 {
                f.write_str(" || ")?;
            }
            let texts: Vec<String> = group.constraints.iter().map(Constraint::text).collect();
            f.write_str(&texts.join(" "))?;
        }
        Ok(())
    }
}

fn parse_group(text: &str) -> Result<Group, ConstraintError> {
    let improper = || ConstraintError::Improper(text.to_owned());
    let mut scanner = Scanner::new(text);
    let mut constraints = Vec::new();
    scanner.eat_blanks();
    loop {
        constraints.push(Constraint::scan(&mut scanner).ok_or_else(improper)?);
        let blanks = scanner.eat_blanks();
        if scanner.rest().is_empty() {
            break;
        }
        if scanner.eat(",") {
            scanner.eat_blanks();
        } else if !blanks {
            return Err(improper());
        }
    }
    let constraints: Result<Vec<Constraint>, ConstraintError> = constraints.into_iter().collect();
    let constraints = constraints?;
    Ok(Group {
        has_prerelease: constraints.iter().any(Constraint::has_prerelease),
        constraints,
    })
}

/// Replaces each `1.2 - 1.4` by `>= 1.2, <= 1.4 `.
fn rewrite_ranges(text: &str) -> String {
    let mut rewritten = text.to_owned();
    let mut start = 0;
    while start < text.len() {
        let Some(rest) = text.get(start..) else {
            start += 1;
            continue;
        };
        let mut scanner = Scanner::new(rest);
        let Some((from, to)) = scan_range(&mut scanner) else {
            start += 1;
            continue;
        };
        let length = rest.len() - scanner.rest().len();
        let range = rest.split_at(length).0;
        rewritten = rewritten.replacen(range, &format!(">= {from}, <= {to} "), 1);
        start += length;
    }
    rewritten
}

fn scan_range<'a>(scanner: &mut Scanner<'a>) -> Option<(&'a str, &'a str)> {
    scanner.eat_blanks();
    let from = Pattern::scan(scanner)?;
    if !(scanner.eat_blanks() && scanner.eat("-") && scanner.eat_blanks()) {
        return None;
    }
    let to = Pattern::scan(scanner)?;
    scanner.eat_blanks();
    Some((from.spelling, to.spelling))
}

/// A text in quotes, like Go's `%q` for nearly every text.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => quoted.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
