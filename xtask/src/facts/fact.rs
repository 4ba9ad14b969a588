//! Facts by class.

use std::collections::{BTreeMap, BTreeSet};

/// Facts by class, each one line of text.
pub(super) type Facts = BTreeMap<&'static str, BTreeSet<String>>;

/// Adds a fact.
pub(super) fn add(facts: &mut Facts, class: &'static str, fact: String) {
    facts.entry(class).or_default().insert(fact);
}

/// A name without the hash suffix that kustomize's generators add: ten characters of a known alphabet.
pub(crate) fn unhashed(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((stem, hash)) if hash.len() == 10 && hash.chars().all(|c| "2456789bcdfghkmt".contains(c)) => {
            stem
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_hash_suffix_is_removed() {
        for (name, expected) in [
            ("papi-env-2b4t6k8m9d", "papi-env"),
            ("papi-env-2b4t6k8m9", "papi-env-2b4t6k8m9"),
            ("papi-production", "papi-production"),
            ("papi", "papi"),
        ] {
            assert_eq!(unhashed(name), expected);
        }
    }
}
