//! Terms that combine words of namespace, name, chart and Kustomization, in any order and with any separator.

use std::collections::BTreeSet;

use super::term::{Term, full_kind};
use super::{Hit, Matched};
use crate::Facts;
use crate::graph::links::release_of;
use crate::question::{Question, lower};
use crate::subject::Subject;

/// Maximum number of words that are matched.
const MOST_WORDS: usize = 8;
/// Words of a sentence that name nothing.
const JOINING: &[&str] = &["in", "of", "the", "a", "namespace", "service", "cluster"];

/// The subjects that have all words of a term: `charlie-veritable-ui` is release `ui` of chart `veritable-ui` in
/// `charlie`. Those whose whole name or chart is in the term are preferred to those with only a part of it.
pub(super) fn by_names<'a>(facts: &'a dyn Facts, term: &Term<'_>) -> Vec<Hit<'a>> {
    let words = words_of(term);
    if !(2..=MOST_WORDS).contains(&words.len()) {
        return Vec::new();
    }
    let mut whole: Vec<Hit<'a>> = Vec::new();
    let mut parts: Vec<Hit<'a>> = Vec::new();
    let kind = kind_of(term);
    for subject in Subject::all(facts) {
        if kind.is_some_and(|kind| *lower(subject.kind()) != *kind) {
            continue;
        }
        let own = own_names(facts, subject);
        let known: BTreeSet<String> = own
            .iter()
            .chain(&beside(subject))
            .flat_map(|name| split(name))
            .collect();
        if !words.is_subset(&known) {
            continue;
        }
        let hit = Hit {
            subject,
            matched: Matched::Words,
        };
        let mut own = own.iter().map(|name| split(name).collect::<BTreeSet<String>>());
        match own.clone().any(|name| !name.is_empty() && name.is_subset(&words)) {
            true => whole.push(hit),
            false if own.any(|name| !name.is_disjoint(&words)) => parts.push(hit),
            false => {}
        }
    }
    let mut found = if whole.is_empty() { parts } else { whole };
    // The answers about these include the others.
    if found.iter().any(|hit| is_main(hit.subject)) {
        found.retain(|hit| is_main(hit.subject));
    }
    found
}

/// The services, HelmReleases and Kustomizations whose name and namespace together are the term: `alice-ui` is `ui` in
/// `alice`, even if other names contain that text. `named` are the hits of [`by_names`].
pub(super) fn by_namespace_and_name<'a>(
    facts: &'a dyn Facts,
    term: &Term<'_>,
    mut named: Vec<Hit<'a>>,
) -> Vec<Hit<'a>> {
    let words = words_of(term);
    named.retain(|hit| {
        let namespace: BTreeSet<String> = split(hit.subject.namespace()).collect();
        let own = own_names(facts, hit.subject).into_iter();
        let mut together = own.map(|name| split(name).chain(namespace.iter().cloned()).collect());
        is_main(hit.subject) && together.any(|both: BTreeSet<String>| both == words)
    });
    named
}

/// Whether a subject is preferred to others of the same name.
fn is_main(subject: Subject<'_>) -> bool {
    matches!(
        subject,
        Subject::Service(..) | Subject::HelmRelease(..) | Subject::Kustomization(..)
    )
}

/// The keys of the subjects that share most words with a term: at least half of its words, and one that is not too
/// short.
pub(super) fn alike(facts: &dyn Facts, term: &Term<'_>, question: Question) -> Vec<String> {
    const MOST: usize = 3;
    const SHORTEST: usize = 3;
    let words = words_of(term);
    if words.is_empty() || words.len() > MOST_WORDS {
        return Vec::new();
    }
    let mut found: Vec<(usize, bool, usize, &str)> = Vec::new();
    for subject in Subject::all(facts) {
        if !question.accepts(&subject) {
            continue;
        }
        let own = own_names(facts, subject);
        let known: BTreeSet<String> = own.iter().flat_map(|name| split(name)).collect();
        let shared: Vec<&String> = words.intersection(&known).collect();
        let has_long_word = shared.iter().any(|word| word.len() >= SHORTEST);
        if has_long_word && shared.len() * 2 >= words.len() {
            // Objects often have the name of a service.
            let missing = words.len() - shared.len();
            let more = known.len() - shared.len();
            found.push((missing, !is_main(subject), more, subject.key()));
        }
    }
    let fewest = found.iter().map(|(missing, ..)| *missing).min();
    found.retain(|(missing, ..)| Some(*missing) == fewest);
    found.sort_unstable();
    let mut keys: Vec<String> = Vec::new();
    for (.., key) in found {
        if keys.len() < MOST && !keys.iter().any(|known| known == key) {
            keys.push(key.to_owned());
        }
    }
    keys
}

/// The words of a term that are separated by spaces, without those that name nothing.
pub(super) fn spaced<'t>(term: &'t str) -> Vec<Term<'t>> {
    let words = term.split_whitespace();
    words
        .filter(|word| !JOINING.contains(&word.to_ascii_lowercase().as_str()))
        .take(MOST_WORDS)
        .map(Term::new)
        .collect()
}

fn words_of(term: &Term<'_>) -> BTreeSet<String> {
    let is_sentence = term.text.contains(char::is_whitespace);
    split(&term.text)
        .filter(|word| !is_sentence || !JOINING.contains(&word.as_str()))
        .map(|word| full_kind(&word).to_owned())
        .collect()
}

/// The kind that a term begins with, as in `Secret/NAME`.
fn kind_of<'t>(term: &'t Term<'_>) -> Option<&'t str> {
    term.kind().filter(|kind| super::kinds::is_known(kind))
}

/// The names, aliases and charts of a subject.
fn own_names<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Vec<&'a str> {
    let mut names = match subject {
        // Their keys are paths and hosts, and no names.
        Subject::ImageGroup(..) | Subject::External(_) | Subject::SecretReference(..) => return Vec::new(),
        _ => vec![subject.name()],
    };
    names.extend(subject.aliases());
    match subject {
        Subject::Service(_, service) => {
            names.extend(service.workload.as_ref().map(|workload| workload.name.as_str()));
            if let Some((_, release)) = release_of(facts, service) {
                names.push(&release.name);
                names.extend(release.chart.as_deref());
            }
        }
        Subject::HelmRelease(_, release) => names.extend(release.chart.as_deref()),
        _ => {}
    }
    names
}

/// Namespace, kind and Kustomization of a subject, which people may add to its name.
fn beside(subject: Subject<'_>) -> Vec<&str> {
    let around = [
        Some(subject.namespace()),
        Some(subject.kind()),
        subject.applied_by(),
    ];
    around.into_iter().flatten().collect()
}

fn split(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}
