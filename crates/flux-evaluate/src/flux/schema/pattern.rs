//! Patterns of strings.

use std::fmt;
use std::sync::{Arc, OnceLock};

use regex::{Regex, RegexBuilder};

/// The two patterns of durations, with hours and without.
const DURATION: &str = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$";
const SHORT_DURATION: &str = r"^([0-9]+(\.[0-9]+)?(ms|s|m))+$";

/// Most bytes of a compiled pattern, which the repository may contain.
const MAX_BYTES: usize = 1 << 20;

/// A regular expression that is compiled on first use.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    text: Arc<str>,
    compiled: Arc<OnceLock<Option<Regex>>>,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Pattern {
            text: text.into(),
            compiled: Arc::default(),
        }
    }

    pub(super) fn duration() -> Self {
        Pattern::new(DURATION)
    }

    pub(super) fn short_duration() -> Self {
        Pattern::new(SHORT_DURATION)
    }

    /// Whether it is a pattern of durations.
    pub(crate) fn is_duration(&self) -> bool {
        [DURATION, SHORT_DURATION].contains(&&*self.text)
    }

    /// Whether a string matches. A pattern that cannot be compiled accepts everything.
    pub(super) fn accepts(&self, text: &str) -> bool {
        // Nearly every object has a duration, and compiling a pattern costs more than the rest of the validation.
        if self.is_duration() {
            return is_duration(text, &*self.text == DURATION);
        }
        if let Some(schemes) = schemes(&self.text) {
            return has_scheme(text, schemes);
        }
        let compiled = self
            .compiled
            .get_or_init(|| RegexBuilder::new(&self.text).size_limit(MAX_BYTES).build().ok());
        compiled.as_ref().is_none_or(|pattern| pattern.is_match(text))
    }
}

/// The schemes of a pattern of addresses, such as `^(http|https)://.*$`.
fn schemes(pattern: &str) -> Option<&str> {
    let schemes = pattern.strip_prefix('^')?.strip_suffix("://.*$")?;
    let schemes = schemes
        .strip_prefix('(')
        .and_then(|schemes| schemes.strip_suffix(')'))
        .or_else(|| (!schemes.contains('|')).then_some(schemes))?;
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'|';
    schemes.bytes().all(is_plain).then_some(schemes)
}

/// Whether a string is an address of one line with one of the schemes.
fn has_scheme(text: &str, schemes: &str) -> bool {
    let rest = schemes
        .split('|')
        .find_map(|scheme| text.strip_prefix(scheme)?.strip_prefix("://"));
    rest.is_some_and(|rest| !rest.contains('\n'))
}

fn is_duration(text: &str, with_hours: bool) -> bool {
    fn digits(text: &str) -> Option<&str> {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        (rest.len() < text.len()).then_some(rest)
    }
    let component = |text: &str| -> Option<usize> {
        let mut after = digits(text)?;
        if let Some(fraction) = after.strip_prefix('.') {
            after = digits(fraction)?;
        }
        let units = ["ms", "s", "m", "h"];
        let mut units = units.iter().filter(|unit| with_hours || **unit != "h");
        let rest = units.find_map(|unit| after.strip_prefix(unit))?;
        Some(text.len() - rest.len())
    };
    let mut start = 0;
    while let Some(length) = text.get(start..).and_then(component) {
        start += length;
    }
    start > 0 && start == text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_match_the_pattern() {
        for (pattern, text) in [
            (Pattern::duration(), DURATION),
            (Pattern::short_duration(), SHORT_DURATION),
        ] {
            let regex = Regex::new(text).unwrap();
            for text in [
                "10m",
                "1h",
                "1h30m",
                "1.5h",
                "90",
                "",
                "10 minutes",
                "1d",
                "m",
                "1.m",
                "1.5.5s",
                "500ms",
                "5ms3s",
                "10m\n",
                "-1m",
            ] {
                assert_eq!(pattern.accepts(text), regex.is_match(text), "{pattern} {text:?}");
            }
        }
    }

    #[test]
    fn addresses_match_the_pattern() {
        for text in ["^(http|https|ssh)://.*$", "^oci://.*$"] {
            let (pattern, regex) = (Pattern::new(text), Regex::new(text).unwrap());
            assert!(schemes(text).is_some());
            for text in [
                "https://example.com/a",
                "http://",
                "ssh://git@example.com",
                "oci://example.com/é",
                "HTTPS://example.com",
                " https://example.com",
                "https://example.com\n",
                "https:/example.com",
                "",
            ] {
                assert_eq!(pattern.accepts(text), regex.is_match(text), "{pattern} {text:?}");
            }
        }
        for other in [
            "^a|b://.*$",
            "^(a.|b)://.*$",
            "^((http)://.*){0,1}$",
            "^(http|https)://",
        ] {
            assert_eq!(schemes(other), None, "{other}");
        }
    }

    #[test]
    fn other_patterns_are_compiled_and_a_broken_one_accepts_everything() {
        let scheme = Pattern::new("^(https?|ssh)://.*$");
        assert!(scheme.accepts("ssh://git@example.com/a"));
        assert!(!scheme.accepts("git@example.com:a"));
        assert!(Pattern::new("^(").accepts("x"));
    }
}
