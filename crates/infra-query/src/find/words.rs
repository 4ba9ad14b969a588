//! Names that are put together of words: of namespace, name, chart and Kustomization, in any order and with any separator.

use std::collections::BTreeSet;

use super::term::{Term, full_kind};
use super::{Hit, Matched};
use crate::Facts;
use crate::graph::links::release_of;
use crate::question::{Question, lower};
use crate::subject::Subject;

/// More words than this are a sentence.
const MOST_WORDS: usize = 8;
/// Words that only join the others.
const JOINING: &[&str] = &["in", "of", "the", "a", "namespace", "service", "cluster"];

/// What each of several words is a word of: `charlie-veritable-ui` is release `ui` of chart `veritable-ui` in `charlie`. What has
/// the words of its own name or chart among them goes before what has more words in it.
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
    // What runs tells of the rest that is called so.
    if found.iter().any(|hit| runs(hit.subject)) {
        found.retain(|hit| runs(hit.subject));
    }
    found
}

/// The services, HelmReleases and Kustomizations whose name and namespace together are what a term says: `alice-ui` is `ui` in
/// `alice`, whatever else has that text in its name.
/// `named` are the hits of [`by_names`].
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
        runs(hit.subject) && together.any(|both: BTreeSet<String>| both == words)
    });
    named
}

/// Whether people mean a thing by a name of several words, where others have the name too.
fn runs(subject: Subject<'_>) -> bool {
    matches!(
        subject,
        Subject::Service(..) | Subject::HelmRelease(..) | Subject::Kustomization(..)
    )
}

/// The keys of things that share most words with a term: at least half of its words, and a word that is long enough to mean
/// something.
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
        let shared = words.intersection(&known);
        let shared: Vec<&String> = shared.collect();
        let says_much = shared.iter().any(|word| word.len() >= SHORTEST);
        if says_much && shared.len() * 2 >= words.len() {
            // Objects bear the names of what runs.
            let missing = words.len() - shared.len();
            let more = known.len() - shared.len();
            found.push((missing, !runs(subject), more, subject.key()));
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

/// The words of several that a term has, without those that only join them.
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

/// The names that are those of a thing alone.
fn own_names<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Vec<&'a str> {
    let mut names = match subject {
        // Their keys are paths and hosts.
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

/// What a thing is in: words that people put beside its name.
fn beside(subject: Subject<'_>) -> Vec<&str> {
    let owner = subject.kustomization();
    let around = [Some(subject.namespace()), Some(subject.kind()), owner];
    around.into_iter().flatten().collect()
}

fn split(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}
