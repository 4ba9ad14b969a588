//! Texts without their credentials.

use std::borrow::Cow;
use std::ops::Range;

use crate::hints::{ANCHOR, Hints};
use crate::{REDACTED, address, stated, tokens};

/// The text with `<redacted>` for every credential, for descriptions, addresses and messages, which are not the value of a key.
///
/// A credential has the form of a token, is the password of an address, or follows a name that means a credential.
pub fn without_credentials(text: &str) -> Cow<'_, str> {
    let hints = Hints::of(text);
    let mut found = Vec::new();
    stated::credentials(text, hints, &mut found);
    cleaned(text, hints, found)
}

/// As [`without_credentials`], for a text that people wrote into another file: a text that names a credential, such as `password: …`,
/// is withheld completely.
pub fn free_text(text: &str) -> Cow<'_, str> {
    let hints = Hints::of(text);
    let mut stated = Vec::new();
    stated::credentials(text, hints, &mut stated);
    match stated.is_empty() {
        true => cleaned(text, hints, stated),
        false => Cow::Borrowed(REDACTED),
    }
}

/// Whether a long text, which is in no catalog, contains a token. Only unmistakable forms count.
pub fn credential_in_text(text: &str) -> bool {
    tokens::is_in(text)
}

/// Whether a text contains a credential in an address or after a name.
pub(crate) fn has_credential(text: &str) -> bool {
    let hints = Hints::of(text);
    if hints.are_none() {
        return false;
    }
    let mut found = Vec::new();
    address::credentials(text, hints, &mut found);
    if found.is_empty() {
        stated::credentials(text, hints, &mut found);
    }
    !found.is_empty()
}

/// A text without the credentials that it states, those in its addresses, and its tokens.
fn cleaned(text: &str, hints: Hints, found: Vec<Range<usize>>) -> Cow<'_, str> {
    if hints.has(ANCHOR)
        && let Cow::Owned(changed) = without_anchor(text)
    {
        let hints = Hints::of(&changed);
        let mut found = Vec::new();
        stated::credentials(&changed, hints, &mut found);
        return Cow::Owned(without_found(&changed, hints, found).into_owned());
    }
    without_found(text, hints, found)
}

fn without_found(text: &str, hints: Hints, mut found: Vec<Range<usize>>) -> Cow<'_, str> {
    address::credentials(text, hints, &mut found);
    tokens::without(match found.is_empty() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(replaced(text, found)),
    })
}

/// The text with `<redacted>` for each range; overlapping ranges count as one.
fn replaced(text: &str, mut ranges: Vec<Range<usize>>) -> String {
    ranges.sort_by_key(|range| (range.start, range.end));
    let (mut cleaned, mut copied) = (String::with_capacity(text.len()), 0);
    for range in ranges {
        if range.start >= copied {
            cleaned.push_str(text.get(copied..range.start).unwrap_or_default());
            cleaned.push_str(REDACTED);
        }
        copied = copied.max(range.end);
    }
    cleaned.push_str(text.get(copied..).unwrap_or_default());
    cleaned
}

/// Removes the names of unknown anchors, which may be passwords that begin with `*`. A short word in lower case is shown: whoever has
/// mistyped an anchor needs its name.
fn without_anchor(text: &str) -> Cow<'_, str> {
    const BEFORE: &str = "unknown anchor ";
    const AFTER: &str = " referenced";
    let mut cleaned = String::new();
    let (mut copied, mut from) = (0, 0);
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("unknown anchor '")) {
        let start = from + at + BEFORE.len();
        from = start + 1;
        let end = text
            .get(from..)
            .and_then(|rest| Some(from + rest.find('\'')? + 1));
        let is_word = |end: &usize| {
            const MOST: usize = 16;
            let name = text.get(start + 1..end - 1).unwrap_or_default();
            name.len() <= MOST
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte))
        };
        let end = end.filter(|end| !is_word(end));
        if let Some(end) = end.filter(|end| text.get(*end..).is_some_and(|rest| rest.starts_with(AFTER))) {
            cleaned.push_str(text.get(copied..start).unwrap_or_default());
            // Leaves one of two spaces.
            copied = end + 1;
            from = end;
        }
    }
    match copied {
        0 => Cow::Borrowed(text),
        _ => Cow::Owned(cleaned + text.get(copied..).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_may_be_a_password() {
        for (text, expected) in [
            (
                "yaml: unknown anchor 'pvc' referenced",
                "yaml: unknown anchor 'pvc' referenced",
            ),
            (
                "yaml: unknown anchor 'Tr0ub4dor' referenced",
                "yaml: unknown anchor referenced",
            ),
            (
                "yaml: unknown anchor 'correcthorsebatterystaple' referenced",
                "yaml: unknown anchor referenced",
            ),
        ] {
            assert_eq!(without_anchor(text), expected);
        }
    }

    #[test]
    fn a_field_by_its_path_states_its_value() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(without_credentials(text), expected);
        }
        check(
            "Secret \"web\" is invalid: stringData.password: correct-horse-battery-9 is too long",
            "Secret \"web\" is invalid: stringData.password: <redacted> is too long",
        );
        check(
            "HelmRelease.helm.toolkit.fluxcd.io \"web\" is invalid: spec.interval: Invalid value",
            "HelmRelease.helm.toolkit.fluxcd.io \"web\" is invalid: spec.interval: Invalid value",
        );
        check(
            "see docs.example.com: the password",
            "see docs.example.com: the password",
        );
    }
}
