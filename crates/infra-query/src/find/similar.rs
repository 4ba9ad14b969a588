//! Suggestions for a name that nothing has.

use super::term::Term;
use crate::Facts;
use crate::distance::Word;
use crate::question::{Question, lower};
use crate::subject::Subject;

/// What looks like a term that matches nothing, among the things that a question can be about.
pub(super) fn similar(facts: &dyn Facts, term: &Term<'_>, question: Question) -> Vec<String> {
    let name = term.after_kind.rsplit('/').next().filter(|rest| !rest.is_empty());
    let subjects = Subject::all(facts)
        .into_iter()
        .filter(|subject| question.accepts(subject));
    // Services, routes and accounts bear the name of what runs.
    let (objects, others): (Vec<Subject<'_>>, Vec<Subject<'_>>) =
        subjects.partition(|subject| matches!(subject, Subject::Object(..)));
    let word = name.unwrap_or(&term.text);
    for things in [&others, &objects] {
        let closest = closest_of(word, things);
        if !closest.is_empty() {
            return closest;
        }
    }
    super::words::alike(facts, term, question)
}

/// What looks most like a word among some things.
fn closest_of(word: &str, subjects: &[Subject<'_>]) -> Vec<String> {
    let names = subjects.iter().flat_map(|subject| {
        let names = [subject.name(), subject.key()]
            .into_iter()
            .chain(subject.aliases());
        names.map(|name| (name, subject.key()))
    });
    closest_named(word, names)
}

/// What looks like a term among the objects that are not applied.
pub(super) fn similar_not_applied(facts: &dyn Facts, term: &Term<'_>) -> Vec<String> {
    let name = term.after_kind.rsplit('/').next().filter(|rest| !rest.is_empty());
    let objects = facts.not_applied().iter().filter(|entry| entry.part_of.is_none());
    closest(
        name.unwrap_or(&term.text),
        objects.map(|entry| entry.name.as_str()),
    )
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
