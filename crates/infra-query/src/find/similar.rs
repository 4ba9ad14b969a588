//! A miss turns into suggestions.

use super::term::Term;
use crate::distance::Word;
use crate::question::lower;
use crate::subject::Subject;
use infra_model::Infrastructure;

/// What looks like a term that matches nothing, among the subjects that `fits` accepts.
pub(super) fn similar<'a>(
    infrastructure: &'a Infrastructure,
    term: &Term<'_>,
    fits: impl Fn(&Subject<'a>) -> bool,
) -> Vec<String> {
    let said = said(term);
    let subjects: Vec<Subject<'a>> = Subject::all(infrastructure)
        .into_iter()
        .filter(|subject| fits(subject))
        .collect();
    let names = subjects.iter().flat_map(|subject| {
        let names = [subject.name(), subject.key()]
            .into_iter()
            .chain(subject.aliases());
        names.map(|name| (name, subject.key()))
    });
    closest_named(said, names)
}

/// The word of a term that names are compared with.
fn said<'t>(term: &'t Term<'_>) -> &'t str {
    let said = term.after_kind.rsplit('/').next().filter(|rest| !rest.is_empty());
    said.unwrap_or(&term.text)
}

/// What a miss would suggest for a term.
#[derive(Clone, Debug)]
pub struct Resemblance {
    words: Vec<Word>,
}

impl Resemblance {
    /// What looks like `term`.
    pub fn new(term: &str) -> Self {
        let parsed = Term::new(term);
        let mut words = vec![said(&parsed).to_owned(), term.trim().to_lowercase()];
        words.dedup();
        Resemblance {
            words: words.iter().map(|word| Word::new(word)).collect(),
        }
    }

    /// Whether a miss of the term may suggest what has this name.
    pub fn with(&self, name: &str) -> bool {
        let name = lower(name);
        self.words.iter().any(|word| word.distance(&name).is_some())
    }
}

/// The few names that look most like a word.
pub(crate) fn closest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    closest_named(&word.to_lowercase(), names.into_iter().map(|name| (name, name)))
}

/// As [`closest`], for names that stand for a key.
fn closest_named<'n>(word: &str, names: impl IntoIterator<Item = (&'n str, &'n str)>) -> Vec<String> {
    const MOST: usize = 5;
    let word = Word::new(word);
    let mut found: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|(name, key)| Some((word.distance(&lower(name))?, key)))
        .collect();
    found.sort_unstable();
    let mut keys: Vec<String> = Vec::new();
    for (_, key) in found {
        if keys.len() < MOST && !keys.iter().any(|known| known == key) {
            keys.push(key.to_owned());
        }
    }
    keys
}
