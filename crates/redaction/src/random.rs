//! Random words: keys and tokens that only their mixture of characters reveals.

use std::borrow::Cow;

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
    let mut start = None;
    let ends = text.char_indices().chain([(text.len(), ' ')]);
    for (at, c) in ends {
        match (c.is_ascii_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                if text.get(from..at).is_some_and(is_random) {
                    shown.push_str(text.get(done..from).unwrap_or_default());
                    shown.push_str(REDACTED);
                    done = at;
                }
                start = None;
            }
            _ => {}
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(shown)
}

fn is_random(word: &str) -> bool {
    let has = |wanted: fn(&u8) -> bool| word.bytes().any(|byte| wanted(&byte));
    let groups_of_digits = word
        .as_bytes()
        .chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit())
        .filter(|group| group.first().is_some_and(u8::is_ascii_digit))
        .count();
    word.len() >= SHORTEST
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && groups_of_digits >= 3
}

#[cfg(test)]
mod tests {
    use super::without_random_words;

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
