//! Semantic versions.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::scan::Scanner;

/// Longest version, in bytes.
const MAX_LENGTH: usize = 256;

/// A version. Versions compare by precedence, so metadata and spelling do not count.
#[derive(Clone, Debug)]
pub struct Version {
    major: u64,
    minor: u64,
    patch: u64,
    prerelease: String,
    metadata: String,
    original: String,
}

/// Why a text is not a version, with the messages of the Go library.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum VersionError {
    /// The text does not have the form of a version.
    #[error("invalid semantic version")]
    Invalid,
    /// The text is empty; only from [`Version::parse_strict`].
    #[error("version string empty")]
    Empty,
    /// A number has characters other than digits; only from [`Version::parse_strict`].
    #[error("invalid characters in version")]
    Characters,
    /// A number starts with 0.
    #[error("version segment starts with 0")]
    LeadingZero,
    /// The metadata is not a list of words.
    #[error("invalid metadata string")]
    Metadata,
    /// The prerelease is not a list of words.
    #[error("invalid prerelease string")]
    Prerelease,
    /// The text has more than 256 bytes.
    #[error("version string is too long (max 256 bytes)")]
    TooLong,
    /// A number does not fit in 64 bits.
    #[error("error parsing version segment: strconv.ParseUint: parsing \"{0}\": value out of range")]
    Range(String),
}

impl Version {
    /// Parses a version as leniently as Go's `NewVersion`: a leading `v` is allowed, minor and patch may be missing, and numbers
    /// may start with zeros.
    ///
    /// # Errors
    /// [`VersionError`] if the Go library has one.
    pub fn parse(text: &str) -> Result<Version, VersionError> {
        if text.len() > MAX_LENGTH {
            return Err(VersionError::TooLong);
        }
        let mut scanner = Scanner::new(text);
        scanner.eat("v");
        let digits = |c: u8| c.is_ascii_digit();
        let major = scanner.take_while(digits);
        let minor = scanner.dotted(digits);
        let patch = scanner.dotted(digits);
        let prerelease = scanner.words('-');
        let metadata = scanner.words('+');
        if major.is_empty() || !scanner.rest().is_empty() {
            return Err(VersionError::Invalid);
        }
        let version = Version {
            major: number(major)?,
            minor: number(minor)?,
            patch: number(patch)?,
            prerelease: prerelease.to_owned(),
            metadata: metadata.to_owned(),
            original: text.to_owned(),
        };
        check_prerelease(unless_empty(prerelease))?;
        check_metadata(unless_empty(metadata))?;
        Ok(version)
    }

    /// Parses a version as Go's `StrictNewVersion` does: three numbers, without `v` and leading zeros.
    ///
    /// # Errors
    /// [`VersionError`] if the Go library has one.
    pub fn parse_strict(text: &str) -> Result<Version, VersionError> {
        if text.is_empty() {
            return Err(VersionError::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Err(VersionError::TooLong);
        }
        let mut parts = text.splitn(3, '.');
        let (Some(major), Some(minor), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VersionError::Invalid);
        };
        let (rest, metadata) = match rest.split_once('+') {
            Some((rest, metadata)) => (rest, Some(metadata)),
            None => (rest, None),
        };
        check_metadata(metadata)?;
        let (patch, prerelease) = match rest.split_once('-') {
            Some((patch, prerelease)) => (patch, Some(prerelease)),
            None => (rest, None),
        };
        check_prerelease(prerelease)?;
        for part in [major, minor, patch] {
            if !part.bytes().all(|c| c.is_ascii_digit()) {
                return Err(VersionError::Characters);
            }
            if part.len() > 1 && part.starts_with('0') {
                return Err(VersionError::LeadingZero);
            }
            if part.is_empty() {
                return Err(VersionError::Invalid);
            }
        }
        Ok(Version {
            major: number(major)?,
            minor: number(minor)?,
            patch: number(patch)?,
            prerelease: prerelease.unwrap_or_default().to_owned(),
            metadata: metadata.unwrap_or_default().to_owned(),
            original: text.to_owned(),
        })
    }

    /// A version of three numbers.
    pub fn new(major: u64, minor: u64, patch: u64) -> Version {
        Version {
            major,
            minor,
            patch,
            prerelease: String::new(),
            metadata: String::new(),
            original: format!("{major}.{minor}.{patch}"),
        }
    }

    /// The major version.
    pub fn major(&self) -> u64 {
        self.major
    }

    /// The minor version.
    pub fn minor(&self) -> u64 {
        self.minor
    }

    /// The patch version.
    pub fn patch(&self) -> u64 {
        self.patch
    }

    /// The prerelease after `-`; empty for none.
    pub fn prerelease(&self) -> &str {
        &self.prerelease
    }

    /// The metadata after `+`; empty for none.
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// The text from which the version was parsed.
    pub fn original(&self) -> &str {
        &self.original
    }

    /// The next patch version; for a prerelease, its release. `None` if the number would overflow.
    pub fn inc_patch(&self) -> Option<Version> {
        let step = u64::from(self.prerelease.is_empty());
        Some(self.next(self.major, self.minor, self.patch.checked_add(step)?))
    }

    /// The next minor version. `None` if the number would overflow.
    pub fn inc_minor(&self) -> Option<Version> {
        Some(self.next(self.major, self.minor.checked_add(1)?, 0))
    }

    /// The next major version. `None` if the number would overflow.
    pub fn inc_major(&self) -> Option<Version> {
        Some(self.next(self.major.checked_add(1)?, 0, 0))
    }

    /// The version with another prerelease.
    ///
    /// # Errors
    /// If the text is not a list of words.
    pub fn with_prerelease(&self, prerelease: &str) -> Result<Version, VersionError> {
        check_prerelease(unless_empty(prerelease))?;
        let prerelease = prerelease.to_owned();
        let version = Version {
            prerelease,
            ..self.clone()
        };
        Ok(version.spelled_anew(self))
    }

    /// The version with other metadata.
    ///
    /// # Errors
    /// If the text is not a list of words.
    pub fn with_metadata(&self, metadata: &str) -> Result<Version, VersionError> {
        check_metadata(unless_empty(metadata))?;
        let metadata = metadata.to_owned();
        let version = Version {
            metadata,
            ..self.clone()
        };
        Ok(version.spelled_anew(self))
    }

    fn next(&self, major: u64, minor: u64, patch: u64) -> Version {
        Version::new(major, minor, patch).spelled_anew(self)
    }

    /// Sets the original text, with a leading `v` if `of` has one.
    fn spelled_anew(mut self, of: &Version) -> Version {
        let prefix = if of.original.starts_with('v') { "v" } else { "" };
        self.original = format!("{prefix}{self}");
        self
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Version, VersionError> {
        Version::parse(text)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        let numbers = |version: &Version| (version.major, version.minor, version.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| {
            match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_prereleases(&self.prerelease, &other.prerelease),
            }
        })
    }
}

/// Compares prereleases word by word. An empty one comes first.
pub(crate) fn compare_prereleases(a: &str, b: &str) -> Ordering {
    let (mut a_words, mut b_words) = (a.split('.'), b.split('.'));
    loop {
        let (a, b) = match (a_words.next(), b_words.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => (a.unwrap_or_default(), b.unwrap_or_default()),
        };
        let order = compare_words(a, b);
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn compare_words(a: &str, b: &str) -> Ordering {
    if a == b || a.is_empty() || b.is_empty() {
        return a.len().min(1).cmp(&b.len().min(1));
    }
    match (plain_number(a), plain_number(b)) {
        (None, None) => a.cmp(b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        // Equal numbers have equal texts, since versions have no leading zeros.
        (Some(a), Some(b)) if a > b => Ordering::Greater,
        (Some(_), Some(_)) => Ordering::Less,
    }
}

/// Go's `strconv.ParseUint`, which accepts no sign.
fn plain_number(text: &str) -> Option<u64> {
    text.bytes()
        .all(|c| c.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

fn number(digits: &str) -> Result<u64, VersionError> {
    if digits.is_empty() {
        return Ok(0);
    }
    digits.parse().map_err(|_| VersionError::Range(digits.to_owned()))
}

fn unless_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn check_prerelease(text: Option<&str>) -> Result<(), VersionError> {
    for word in text.into_iter().flat_map(|text| text.split('.')) {
        if word.is_empty() || !word.bytes().all(is_word_byte) {
            return Err(VersionError::Prerelease);
        }
        if word.len() > 1 && word.starts_with('0') && word.bytes().all(|c| c.is_ascii_digit()) {
            return Err(VersionError::LeadingZero);
        }
    }
    Ok(())
}

fn check_metadata(text: Option<&str>) -> Result<(), VersionError> {
    let valid = |word: &str| !word.is_empty() && word.bytes().all(is_word_byte);
    if text.is_none_or(|text| text.split('.').all(valid)) {
        Ok(())
    } else {
        Err(VersionError::Metadata)
    }
}

pub(crate) fn is_word_byte(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'-'
}
