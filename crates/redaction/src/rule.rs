//! Patterns that are compiled when a text contains one of their required words.

use std::sync::OnceLock;

use regex::{Captures, Regex};

/// A pattern. Compiling one takes longer than searching a thousand texts, and most repositories need few of the patterns.
pub(crate) struct Rule {
    pattern: &'static str,
    /// Words in lower case. A text without any of them, in any case, has no match.
    needs: &'static [&'static str],
    compiled: OnceLock<Option<Regex>>,
}

impl Rule {
    pub(crate) const fn new(pattern: &'static str, needs: &'static [&'static str]) -> Self {
        Rule {
            pattern,
            needs,
            compiled: OnceLock::new(),
        }
    }

    /// The matches in a text.
    pub(crate) fn captures<'t>(&'static self, text: &'t str) -> impl Iterator<Item = Captures<'t>> {
        let possible = self.needs.iter().any(|word| has_word(text, word));
        let compiled = match possible {
            true => self.compiled.get_or_init(|| Regex::new(self.pattern).ok()),
            false => &None,
        };
        compiled.iter().flat_map(|pattern| pattern.captures_iter(text))
    }
}

/// Whether a text contains a word, in any case.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let Some(first) = word.first() else {
        return true;
    };
    memchr::memchr2_iter(*first, first.to_ascii_uppercase(), text)
        .any(|at| begins_with(text.get(at..).unwrap_or_default(), word))
}

/// Whether a text begins with a word, in any case.
pub(crate) fn begins_with(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(word))
}

/// Whether a text ends with a word, in any case.
pub(crate) fn ends_with(text: &[u8], word: &[u8]) -> bool {
    let from = text.len().checked_sub(word.len());
    from.and_then(|from| text.get(from..))
        .is_some_and(|found| found.eq_ignore_ascii_case(word))
}

/// Texts of random pieces, the same in each run, for tests that compare a parser with the pattern that it replaces.
#[cfg(test)]
pub(crate) fn random_texts<'p>(pieces: &'p [&str]) -> impl Iterator<Item = String> + 'p {
    let mut state = 7_u32;
    let mut piece = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        pieces[(state >> 16) as usize % pieces.len()]
    };
    std::iter::repeat_with(move || (0..12).map(|_| piece()).collect()).take(20_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_however_it_is_written() {
        for (text, word, expected) in [
            ("Authorization: BEARER x", "bearer", true),
            ("a bea", "bearer", false),
            ("", "x", false),
            ("ä@b", "@", true),
        ] {
            assert_eq!(has_word(text, word), expected, "{text} {word}");
        }
    }

    #[test]
    fn without_its_words_a_pattern_is_not_compiled() {
        static RULE: Rule = Rule::new(r"(?i)login (\S+)", &["login"]);
        assert_eq!(RULE.captures("a log in").count(), 0);
        assert!(RULE.compiled.get().is_none());
        assert_eq!(RULE.captures("Login a, login b").count(), 2);
    }
}
