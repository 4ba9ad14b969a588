//! One comparison of a constraint, such as `>=1.2.x`.

use std::cmp::Ordering;

use crate::scan::Scanner;
use crate::version::compare_prereleases;
use crate::{ConstraintError, Version};

/// Operators, longer ones before their prefixes.
const OPERATORS: [&str; 11] = ["!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^"];

/// An operator and a version, in which numbers may be wildcards.
#[derive(Clone, Debug)]
pub(crate) struct Constraint {
    operator: &'static str,
    /// The version as written.
    spelling: String,
    version: Version,
    /// The first wildcard of the version.
    wildcard: Wildcard,
}

/// The first number of a version that is missing or a wildcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wildcard {
    Nothing,
    Patch,
    Minor,
    Major,
}

/// The parts of a constraint's version.
pub(crate) struct Pattern<'a> {
    pub(crate) spelling: &'a str,
    major: &'a str,
    minor: &'a str,
    patch: &'a str,
    prerelease: &'a str,
}

impl<'a> Pattern<'a> {
    /// Scans a version, in which numbers may be wildcards.
    pub(crate) fn scan(scanner: &mut Scanner<'a>) -> Option<Pattern<'a>> {
        let mut ahead = *scanner;
        // The Go library accepts a stray `|` as a digit here, and refuses it later.
        let number = |c: u8| c.is_ascii_digit() || matches!(c, b'x' | b'X' | b'*' | b'|');
        ahead.eat("v");
        let major = ahead.take_while(number);
        if major.is_empty() {
            return None;
        }
        let minor = ahead.dotted(number);
        let patch = if minor.is_empty() {
            ""
        } else {
            ahead.dotted(number)
        };
        let prerelease = ahead.words('-');
        ahead.words('+');
        let length = scanner.rest().len() - ahead.rest().len();
        let spelling = scanner.rest().split_at(length).0;
        *scanner = ahead;
        Some(Pattern {
            spelling,
            major,
            minor,
            patch,
            prerelease,
        })
    }
}

impl Constraint {
    /// Scans a constraint.
    pub(crate) fn scan(scanner: &mut Scanner<'_>) -> Option<Result<Constraint, ConstraintError>> {
        let mut ahead = *scanner;
        let operator = OPERATORS
            .into_iter()
            .find(|operator| ahead.eat(operator))
            .unwrap_or("");
        ahead.eat_blanks();
        let pattern = Pattern::scan(&mut ahead)?;
        *scanner = ahead;
        Some(Constraint::new(operator, &pattern))
    }

    fn new(operator: &'static str, pattern: &Pattern<'_>) -> Result<Constraint, ConstraintError> {
        let is_wildcard = |number: &str| matches!(number, "" | "x" | "X" | "*");
        let prerelease = match pattern.prerelease {
            "" => String::new(),
            prerelease => format!("-{prerelease}"),
        };
        let (major, minor) = (pattern.major, pattern.minor);
        let (wildcard, text) = if is_wildcard(major) {
            (Wildcard::Major, format!("0.0.0{prerelease}"))
        } else if is_wildcard(minor) {
            (Wildcard::Minor, format!("{major}.0.0{prerelease}"))
        } else if is_wildcard(pattern.patch) {
            (Wildcard::Patch, format!("{major}.{minor}.0{prerelease}"))
        } else {
            (Wildcard::Nothing, pattern.spelling.to_owned())
        };
        Ok(Constraint {
            operator,
            spelling: pattern.spelling.to_owned(),
            version: Version::parse(&text).map_err(|_| ConstraintError::Parser)?,
            wildcard,
        })
    }

    /// Whether it names a prerelease, which makes prereleases eligible.
    pub(crate) fn has_prerelease(&self) -> bool {
        !self.version.prerelease().is_empty()
    }

    /// The constraint as written, without blanks.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.operator, self.spelling)
    }

    /// Whether a version satisfies it. Prereleases do only if they are included.
    pub(crate) fn is_satisfied_by(&self, version: &Version, include_prerelease: bool) -> bool {
        if !version.prerelease().is_empty() && !include_prerelease {
            return false;
        }
        match self.operator {
            "!=" => self.is_not_equal(version),
            ">" => self.is_below(version),
            "<" => version < &self.version,
            ">=" | "=>" => version >= &self.version,
            "<=" | "=<" => self.is_not_below(version),
            "~" | "~>" => self.is_tilde(version),
            "^" => self.is_caret(version),
            _ if self.wildcard == Wildcard::Nothing => version == &self.version,
            _ => self.is_tilde(version),
        }
    }

    fn is_not_equal(&self, version: &Version) -> bool {
        let own = &self.version;
        if self.wildcard == Wildcard::Nothing {
            return version != own;
        }
        if own.major() != version.major() {
            return true;
        }
        match self.wildcard {
            Wildcard::Minor => false,
            _ if own.minor() != version.minor() => true,
            Wildcard::Patch => compare_prereleases(version.prerelease(), own.prerelease()) != Ordering::Equal,
            // `!=*` compares whole versions once major and minor are 0.
            _ if own.patch() != version.patch() => true,
            _ => version != own,
        }
    }

    fn is_below(&self, version: &Version) -> bool {
        let own = &self.version;
        match (self.wildcard, version.major().cmp(&own.major())) {
            (Wildcard::Nothing, _) => version > own,
            (_, Ordering::Greater) => true,
            (_, Ordering::Less) | (Wildcard::Minor, _) => false,
            (Wildcard::Patch, _) => version.minor() > own.minor(),
            (Wildcard::Major, _) => version > own,
        }
    }

    fn is_not_below(&self, version: &Version) -> bool {
        let own = &self.version;
        if self.wildcard == Wildcard::Nothing {
            return version <= own;
        }
        version.major() < own.major()
            || version.major() == own.major()
                && (version.minor() <= own.minor() || self.wildcard == Wildcard::Minor)
    }

    /// `~1.2.3` is `>=1.2.3, <1.3.0`, and `~1` is `>=1, <2`.
    fn is_tilde(&self, version: &Version) -> bool {
        let own = &self.version;
        if version < own {
            return false;
        }
        let any = (own.major(), own.minor(), own.patch()) == (0, 0, 0)
            && matches!(self.wildcard, Wildcard::Nothing | Wildcard::Major);
        any || version.major() == own.major()
            && (version.minor() == own.minor() || self.wildcard == Wildcard::Minor)
    }

    /// `^1.2.3` is `>=1.2.3, <2`, `^0.2.3` is `>=0.2.3, <0.3`, and `^0.0.3` is `=0.0.3`.
    fn is_caret(&self, version: &Version) -> bool {
        let own = &self.version;
        if version < own {
            return false;
        }
        if own.major() > 0 || self.wildcard == Wildcard::Minor {
            return version.major() == own.major();
        }
        if version.major() > 0 {
            return false;
        }
        if own.minor() > 0 || self.wildcard == Wildcard::Patch {
            return version.minor() == own.minor();
        }
        version.minor() == 0 && version.patch() == own.patch()
    }
}
