//! Random words: keys and tokens that only their mixture of characters reveals.

use std::borrow::Cow;
use std::ops::Range;

use crate::REDACTED;

/// Length of the shortest word that counts.
const SHORTEST: usize = 16;

/// The text with `<redacted>` for every word that looks random: a long mixture of lower case letters, upper case letters and digits.
/// Digests, commit hashes and UUIDs have letters of one case and stay.
///
/// For texts without context, such as one side of a difference. Names like `AmazonEC2FullAccess` stay, and so do passwords that
/// people make up.
pub fn without_random_words(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut done = 0;
    for range in long_words(text.as_bytes()) {
        if text.get(range.clone()).is_some_and(is_random) {
            shown.push_str(text.get(done..range.start).unwrap_or_default());
            shown.push_str(REDACTED);
            done = range.end;
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(shown)
}

/// The words of a text that are long enough.
fn long_words(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        loop {
            let word = text.get(start..start + SHORTEST)?;
            // All words that begin before another byte are too short. Read from behind, most bytes need no look.
            if let Some(other) = word.iter().rposition(|byte| !byte.is_ascii_alphanumeric()) {
                start += other + 1;
                continue;
            }
            let rest = text.get(start + SHORTEST..)?.iter();
            let more = rest.take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let range = start..start + SHORTEST + more;
            start = range.end;
            return Some(range);
        }
    })
}

fn is_random(word: &str) -> bool {
    let has = |wanted: fn(&u8) -> bool| word.bytes().any(|byte| wanted(&byte));
    let groups_of_digits = word
        .as_bytes()
        .chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit())
        .filter(|group| group.first().is_some_and(u8::is_ascii_digit))
        .count();
    has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && groups_of_digits >= 3
}

#[cfg(test)]
mod tests {
    use super::{SHORTEST, long_words, without_random_words};
    use crate::rule::random_texts;

    #[test]
    fn long_words_are_those_between_other_bytes() {
        let pieces = [
            "a",
            "B2",
            "0123456789",
            "abcdefghijklmno",
            "abcdefghijklmnop",
            "-",
            " ",
            "é",
            "_",
        ];
        for text in random_texts(&pieces) {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric());
            let expected: Vec<_> = words.filter(|word| word.len() >= SHORTEST).collect();
            let found: Vec<_> = long_words(text.as_bytes()).map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn words_that_nobody_wrote() {
        for (text, shown) in [
            ("name: x-9fK2mQ7wLp3ZrT8v y", "name: x-<redacted> y"),
            ("9fK2mQ7wLp3ZrT8v", "<redacted>"),
            ("9fK2mQ7wLp3ZrT8v/4bX8nM1qWe6YtR5u", "<redacted>/<redacted>"),
            ("short 9fK2mQ7w", "short 9fK2mQ7w"),
        ] {
            assert_eq!(without_random_words(text), shown);
        }
    }

    #[test]
    fn names_and_hashes_stay() {
        for text in [
            "registry.example.org/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            "AmazonEC2ContainerRegistryReadOnly",
            "ticker-settings-hmhhd5f562",
            "main-2026-01-30.4-a1b2c3d4e5f60718",
            "über_Straße1A2b3C",
        ] {
            assert_eq!(without_random_words(text), text);
        }
    }
}
