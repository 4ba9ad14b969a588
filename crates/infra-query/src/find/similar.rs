//! Suggestions for a name without a match.

use super::term::Term;
use crate::Facts;
use crate::distance::Word;
use crate::question::{Question, lower};
use crate::subject::Subject;

/// The last part of a term behind its kind, or the term.
fn name_of<'t>(term: &'t Term<'_>) -> &'t str {
    let name = term.after_kind.rsplit('/').next().filter(|rest| !rest.is_empty());
    name.unwrap_or(&term.text)
}

/// Names similar to a term, among the subjects that a question can be about.
pub(super) fn similar(facts: &dyn Facts, term: &Term<'_>, question: Question) -> Vec<String> {
    let subjects = Subject::all(facts)
        .into_iter()
        .filter(|subject| question.accepts(subject));
    // Objects come second: Services, routes and accounts often have the name of a workload.
    let (objects, others): (Vec<Subject<'_>>, Vec<Subject<'_>>) =
        subjects.partition(|subject| matches!(subject, Subject::Object(..)));
    for subjects in [&others, &objects] {
        let closest = closest_of(name_of(term), subjects);
        if !closest.is_empty() {
            return closest;
        }
    }
    super::words::alike(facts, term, question)
}

/// The keys of the subjects with the most similar names.
fn closest_of(word: &str, subjects: &[Subject<'_>]) -> Vec<String> {
    let names = subjects.iter().flat_map(|subject| {
        let names = [subject.name(), subject.key()]
            .into_iter()
            .chain(subject.aliases());
        names.map(|name| (name, subject.key()))
    });
    closest_named(word, names)
}

/// The most similar names of objects that are not applied.
pub(super) fn similar_not_applied(facts: &dyn Facts, term: &Term<'_>) -> Vec<String> {
    let objects = facts.not_applied().iter().filter(|entry| entry.part_of.is_none());
    closest(name_of(term), objects.map(|entry| entry.name.as_str()))
}

/// The few names that are most similar to a word.
pub(crate) fn closest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    closest_named(&word.to_lowercase(), names.into_iter().map(|name| (name, name)))
}

/// Like [`closest`], for pairs of a name and the key that it suggests.
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
