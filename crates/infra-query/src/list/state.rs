//! States that a list can be narrowed by, in the words that people use for them.

/// States that things are in, whatever the repository: a list of one is empty where nothing is. Providers of secrets are others.
pub const STATES: &[&str] = &[
    "suspended",
    "failed",
    "partial",
    "external",
    "another cluster",
    "not at hand",
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

/// The states that a word asks for; the word itself where it is no known one.
pub(super) fn asked(word: &str) -> Vec<String> {
    let word = word.trim().to_lowercase().replace(['-', '_'], " ");
    let other = OTHER_WORDS.iter().find(|(other, _)| *other == word);
    match other {
        Some((_, states)) => states.iter().map(|state| (*state).to_owned()).collect(),
        None => vec![word],
    }
}

/// The word of a state that a term is about, such as `suspend: true`: a search for it is answered by a list.
pub fn state_of(term: &str) -> Option<&'static str> {
    let word = term.trim().split([':', '=', ' ']).next().unwrap_or_default();
    let word = word.rsplit('.').next().unwrap_or(word);
    let asked = asked(if is_whole(term) { term } else { word });
    let known = STATES
        .iter()
        .find(|state| asked.iter().any(|asked| asked == *state));
    known.copied()
}

/// Whether a term of several words is a state itself.
fn is_whole(term: &str) -> bool {
    asked(term).iter().any(|asked| STATES.contains(&asked.as_str()))
}
