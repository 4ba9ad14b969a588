//! States by which a list is filtered, with other words for them.

/// States that exist in any repository, so that a list of one is empty if nothing is in it. Providers of secrets are
/// further states.
pub const STATES: &[&str] = &[
    "suspended",
    "failed",
    "partial",
    "external",
    "another cluster",
    "not available",
    "missing",
    "unused",
    "sops",
    "sealed",
    "copy",
    "plain text",
    "default",
    "unknown",
    "differs by Kustomization",
];

/// Other words for states.
const OTHER_WORDS: &[(&str, &[&str])] = &[
    ("suspend", &["suspended"]),
    ("paused", &["suspended"]),
    ("disabled", &["suspended"]),
    ("broken", &["failed"]),
    ("failing", &["failed"]),
    ("error", &["failed"]),
    ("encrypted", &["sops", "sealed"]),
    ("plaintext", &["plain text"]),
    ("plain", &["plain text"]),
    ("remote", &["another cluster"]),
    ("incomplete", &["partial"]),
];

/// The states that a word means, or the word itself if it is not a known one.
pub(super) fn asked(word: &str) -> Vec<String> {
    let word = word.trim().to_lowercase().replace(['-', '_'], " ");
    match OTHER_WORDS.iter().find(|(other, _)| *other == word) {
        Some((_, states)) => states.iter().map(|state| (*state).to_owned()).collect(),
        None => vec![word],
    }
}

/// The state that a term is about, such as `suspend: true`: a search for it is answered by a list.
pub fn state_of(term: &str) -> Option<&'static str> {
    let known = |term: &str| {
        let asked = asked(term);
        let mut states = STATES.iter();
        states.find(|state| asked.iter().any(|asked| asked == *state))
    };
    let word = term.trim().split([':', '=', ' ']).next().unwrap_or_default();
    let word = word.rsplit('.').next().unwrap_or(word);
    // A state may have several words itself.
    known(term).or_else(|| known(word)).copied()
}
