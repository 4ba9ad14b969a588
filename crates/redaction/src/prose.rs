//! Credentials in sentences, such as messages of programs: `password is xyz`, `token abc123…`, `credentials foo:bar`.
//!
//! Prose uses the same words without a credential (`token expired`, `password is required`), so a value has to be unlike a word, in
//! quotes, or the end of the sentence.

use std::ops::Range;

use crate::rule::begins_with;
use crate::value::is_stand_in;
use crate::words::Words;

/// Shortest value that counts by its digits.
const SHORTEST: usize = 6;
/// Shortest token that counts by its digits. Names and versions are shorter.
const SHORTEST_TOKEN: usize = 8;
/// Longest value that counts.
const LONGEST: usize = 512;
/// Words that follow `is` if a sentence does not state the credential. Participles need no entry.
const PREDICATES: &[&str] = &[
    "a",
    "absent",
    "also",
    "always",
    "an",
    "asked",
    "at",
    "bad",
    "blank",
    "by",
    "correct",
    "default",
    "different",
    "empty",
    "equal",
    "for",
    "from",
    "good",
    "here",
    "in",
    "incorrect",
    "insecure",
    "invalid",
    "it",
    "kept",
    "known",
    "long",
    "longer",
    "lost",
    "mandatory",
    "missing",
    "needed",
    "never",
    "new",
    "nil",
    "no",
    "none",
    "not",
    "now",
    "null",
    "of",
    "ok",
    "old",
    "on",
    "only",
    "optional",
    "out",
    "present",
    "public",
    "read",
    "ready",
    "right",
    "safe",
    "same",
    "secret",
    "secure",
    "sent",
    "set",
    "short",
    "shorter",
    "shown",
    "still",
    "strong",
    "stronger",
    "that",
    "the",
    "there",
    "this",
    "to",
    "too",
    "unavailable",
    "undefined",
    "unknown",
    "unsafe",
    "unset",
    "valid",
    "weak",
    "what",
    "wrong",
    "your",
];

/// The kind of credential that a noun means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Noun {
    Password,
    Token,
    Credentials,
}

/// The ranges of credentials in the prose of a text.
pub(crate) fn credentials(text: &str, found: &mut Vec<Range<usize>>) {
    for (kind, noun) in nouns(text) {
        let before = text
            .get(..noun.start)
            .and_then(|before| before.chars().next_back());
        // It may be part of a name, as in `default-token-x7k2p` and `/etc/token`.
        if before
            .is_some_and(|before| !(before.is_whitespace() || matches!(before, '(' | '[' | '"' | '\'' | '`')))
        {
            continue;
        }
        let after = text.get(noun.end..).unwrap_or_default();
        if let Some(range) = value(kind, after) {
            found.push(noun.end + range.start..noun.end + range.end);
        }
    }
}

/// The nouns of a text that mean a credential, in any case, with their ranges.
fn nouns(text: &str) -> impl Iterator<Item = (Noun, Range<usize>)> {
    const NOUNS: [Noun; 3] = [Noun::Password, Noun::Token, Noun::Credentials];
    static WORDS: Words = Words::new(
        &[
            &["password", "passwd", "passphrase"],
            &["token", "client secret", "shared secret"],
            &["credentials", "credential"],
            // Before `key`.
            &["api", "access", "secret", "account"],
        ],
        true,
    );
    let bytes = text.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let word = WORDS.find(bytes, from)?;
            let end = word.at + word.length;
            if let Some(noun) = NOUNS.get(word.group) {
                from = end;
                return Some((*noun, word.at..end));
            }
            let key = end + usize::from(matches!(bytes.get(end), Some(b' ' | b'-')));
            if bytes.get(key..).is_some_and(|rest| begins_with(rest, b"key")) {
                from = key + "key".len();
                return Some((Noun::Token, word.at..from));
            }
            from = word.at + 1;
        }
    })
}

/// The range of the value in the text after the noun.
fn value(kind: Noun, after: &str) -> Option<Range<usize>> {
    let rest = match kind {
        // A colon before other values makes the noun a key.
        Noun::Credentials => after.strip_prefix(':').unwrap_or(after),
        _ => after,
    };
    let spoken = rest.trim_start_matches(' ');
    if spoken.len() == rest.len() {
        return None;
    }
    let (is_said, spoken) = ["is ", "was ", "are ", "were "]
        .iter()
        .find_map(|verb| spoken.strip_prefix(verb))
        .map_or((false, spoken), |after| (true, after.trim_start_matches(' ')));
    let quote = spoken
        .chars()
        .next()
        .filter(|char| matches!(char, '"' | '\'' | '`'));
    let inner = spoken.get(quote.map_or(0, char::len_utf8)..)?;
    let end = match quote {
        Some(quote) => inner.find(quote)?,
        None => inner
            .find(|char: char| {
                char.is_whitespace() || matches!(char, ',' | ';' | ')' | ']' | '"' | '\'' | '`')
            })
            .unwrap_or(inner.len()),
    };
    let word = inner.get(..end)?;
    let word = match quote {
        Some(_) => word,
        None => word.trim_end_matches(['.', '!', '?', ':']),
    };
    if word.is_empty() || word.len() > LONGEST || is_stand_in(word) {
        return None;
    }
    let start = after.len() - inner.len();
    if kind == Noun::Credentials {
        let (user, password) = word.split_once(':')?;
        let is_pair = !user.is_empty()
            && !user.contains(['/', '='])
            && !password.is_empty()
            && !password.starts_with(['/', ':'])
            && !password.bytes().all(|byte| byte.is_ascii_digit())
            && !matches!(
                user,
                "arn" | "urn" | "vault" | "secret" | "sha256" | "http" | "https"
            )
            && !is_stand_in(password);
        let skip = user.len() + 1;
        return is_pair.then_some(start + skip..start + word.len());
    }
    let follows = inner.get(word.len()..).unwrap_or_default();
    let is_last = quote.is_some()
        || follows
            .trim_start_matches(['.', '!', '?'])
            .trim_start_matches([' ', '\t'])
            .chars()
            .next()
            .is_none_or(|next| matches!(next, '\n' | '\r' | ',' | ';' | ')' | ']'));
    let is_value = match is_said {
        true => is_unlike_a_word(word, SHORTEST) || (is_last && !is_predicate(word)),
        false if kind == Noun::Token => {
            word.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && is_unlike_a_word(word, SHORTEST_TOKEN)
        }
        false => is_unlike_a_word(word, SHORTEST),
    };
    is_value.then_some(start..start + word.len())
}

/// Whether a word has letters and digits, or signs that words do not have, and is not the name of an object or file, an address or a
/// version.
pub(crate) fn is_unlike_a_word(word: &str, shortest: usize) -> bool {
    let letters = word.bytes().any(|byte| byte.is_ascii_alphabetic());
    let digits = word.bytes().any(|byte| byte.is_ascii_digit());
    let signs = word
        .bytes()
        .any(|byte| matches!(byte, b'!' | b'#' | b'$' | b'%' | b'&' | b'*' | b'^' | b'~'));
    let is_name = word.contains(['/', '.', ':', '=', '<', '{', '('])
        || word
            .strip_prefix(['v', 'V'])
            .is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()));
    word.len() >= shortest && letters && !is_name && (digits || signs)
}

fn is_predicate(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let is_participle = ["ed", "ing", "able", "ible"]
        .iter()
        .any(|end| lower.ends_with(end));
    PREDICATES.binary_search(&lower.as_str()).is_ok()
        || (is_participle && lower.bytes().all(|byte| byte.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::rule::random_texts;

    #[test]
    fn nouns_are_those_of_the_pattern() {
        let pattern = Regex::new(
            r"(?i-u)(password|passwd|passphrase)|(token|(?:api|access|secret|account)[ -]?key|(?:client|shared) secret)|(credentials?)",
        )
        .unwrap();
        let pieces = [
            "pass",
            "word",
            "wd",
            "phrase",
            "token",
            "api",
            "Access",
            "secret",
            "account",
            "client",
            "SHARED",
            " ",
            "-",
            "key",
            "credential",
            "s",
            "é",
        ];
        for text in random_texts(&pieces) {
            let kind = |noun: &regex::Captures<'_>| match (noun.get(1), noun.get(2)) {
                (Some(_), _) => Noun::Password,
                (_, Some(_)) => Noun::Token,
                _ => Noun::Credentials,
            };
            let expected: Vec<_> = pattern
                .captures_iter(&text)
                .map(|noun| (kind(&noun), noun.get(0).unwrap().range()))
                .collect();
            assert_eq!(nouns(&text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(crate::without_credentials(text), expected);
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(PREDICATES.is_sorted());
    }

    #[test]
    fn what_a_sentence_states_is_withheld() {
        for (text, expected) in [
            (
                "login failed: token abc12345 is unknown",
                "login failed: token <redacted> is unknown",
            ),
            ("invalid token \"s3cr3t99\"", "invalid token \"<redacted>\""),
            (
                "the API key 0a1b2c3d4e was refused",
                "the API key <redacted> was refused",
            ),
            (
                "client secret Zx9Zx9Zx9 does not match",
                "client secret <redacted> does not match",
            ),
            ("the password is xyz", "the password is <redacted>"),
            ("The password was xyz.", "The password was <redacted>."),
            (
                "Password is 'correct horse' (from flags)",
                "Password is '<redacted>' (from flags)",
            ),
            (
                "password is hunter2 for user app",
                "password is <redacted> for user app",
            ),
            (
                "bad password hunter2 for user app",
                "bad password <redacted> for user app",
            ),
            (
                "passphrase is tr0ub4dor&3, retrying",
                "passphrase is <redacted>, retrying",
            ),
            (
                "invalid credentials foo:bar",
                "invalid credentials foo:<redacted>",
            ),
            (
                "invalid credentials: foo:bar (401)",
                "invalid credentials: foo:<redacted> (401)",
            ),
            (
                "401: credentials \"foo:b4r baz\" refused",
                "401: credentials \"foo:<redacted>\" refused",
            ),
            ("the token is deadbeef", "the token is <redacted>"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn what_is_said_of_credentials_stays() {
        for text in [
            "token expired",
            "token is expired",
            "the token was not found in the Secret",
            "unexpected token ',' at line 12",
            "found character that cannot start any token at 3:14",
            "token v1beta1234 is served no more",
            "token sha256 mismatch",
            "secret \"default-token-x7k2p\" not found",
            "password is required",
            "password is required: set spec.password",
            "password is too short",
            "password is incorrect.",
            "the password is stronger than needed",
            "password is ${DB_PASSWORD}",
            "password is <redacted>",
            "password authentication failed for user \"app\"",
            "password for https://example.org",
            "FATAL: password policy of 2024-01-01",
            "couldn't find key password in Secret backend/papi",
            "invalid credentials",
            "invalid credentials: Get \"https://example.org/v2/\": EOF",
            "no credentials found: docker.io",
            "credentials registry.example.com:5000 refused",
            "credentials https://example.org refused",
            "credentials arn:aws:iam::123456789012:role/reader refused",
            "credentials flux-system/regcred:config are not read",
            "/var/run/secrets/token abcd12345 is not a path",
            "access key is missing",
        ] {
            check(text, text);
        }
    }
}
