//! A term that means nothing turns into the entries that a miss suggests.

use std::collections::HashSet;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use infra_model::query::{Question, Resemblance};
use memchr::memchr;

use super::json::{members, texts};
use super::pages::Pages;
use super::part::{Part, Shape, last, unescaped};
use super::section::Section;
use crate::read::joined;

/// Takes every entry with a name that looks like the term, of those that the question can be about.
pub(super) fn take(part: &mut Part<'_>, question: Question, term: &str) {
    let resemblance = Resemblance::new(term);
    let searches = searches(question);
    for (section, index) in in_turn(&searches, |search| search.entries(part.pages, &resemblance)) {
        let shape = match section {
            Section::ConfigMaps if question == Question::Config => Shape::Full,
            Section::Services => Shape::Only(Section::SERVICE_AND_OUTSIDE),
            section => Shape::Only(section.meant_by()),
        };
        part.take(section, index, shape);
    }
}

/// Where names are.
#[derive(Clone, Copy, Debug)]
enum Search {
    /// Keys of a section.
    Keys(Section),
    /// What follows a text in a section.
    After(Section, &'static [u8]),
}

/// Where the names are that a miss of a question suggests.
fn searches(question: Question) -> Vec<Search> {
    let mut searches = Vec::new();
    // What services talk to is known by its host.
    if matches!(question, Question::Where | Question::Impact) {
        searches.push(Search::After(Section::Services, b"\"target\":\""));
    }
    if question == Question::Config {
        searches.push(Search::After(Section::ConfigMaps, b"\"keys\":{"));
    }
    for section in Section::ALL
        .into_iter()
        .filter(|section| is_about(question, *section))
    {
        let names = section.names().iter();
        searches.extend(names.map(|before| Search::After(section, before)));
        searches.push(Search::Keys(section));
    }
    searches
}

/// Whether a question can be about the entries of a section, or suggests their names.
fn is_about(question: Question, section: Section) -> bool {
    use Section::{
        ConfigMaps, HelmReleases, ImageGroups, Kustomizations, SecretStores, Services, Sources, Variables,
    };
    match question {
        Question::Where | Question::Impact => section.has_keys(),
        Question::Trace => section == Services,
        Question::Secret => {
            matches!(section, Services | SecretStores) || Section::OF_SECRETS.contains(&section)
        }
        Question::Config => matches!(section, Services | ConfigMaps | Variables),
        Question::Flux => matches!(section, Services | Kustomizations | HelmReleases | Sources),
        Question::Image => matches!(section, Services | ImageGroups),
    }
}

impl Search {
    /// The entries with a name that looks like a term.
    fn entries(self, pages: &Pages, resemblance: &Resemblance) -> Vec<(Section, usize)> {
        let mut known = Known {
            resemblance,
            dismissed: HashSet::new(),
        };
        match self {
            Search::Keys(section) => pages
                .entries(section)
                .enumerate()
                .filter(|(_, entry)| {
                    // The key of a source has its kind in front of its name.
                    let after_kind = match section {
                        Section::Sources => memchr(b'/', entry.key).map_or(0, |slash| slash + 1),
                        _ => 0,
                    };
                    known.is_like(entry.key)
                        || after_kind > 0 && known.is_like(entry.key.get(after_kind..).unwrap_or_default())
                })
                .map(|(index, _)| (section, index))
                .collect(),
            Search::After(section, before) if before.ends_with(b"\"") => pages
                .texts_after(section, before)
                .filter(|(name, _)| {
                    // An image group is known by the last part of its image, too.
                    known.shared(name) || section == Section::ImageGroups && known.is_like(last(name))
                })
                .map(|(_, index)| (section, index))
                .collect(),
            Search::After(section, before) => pages
                .values_after(section, before)
                .filter(|(value, _)| match value.first() {
                    Some(b'{') => members(value).any(|member| known.shared(member.name)),
                    _ => texts(value).any(|name| known.shared(name)),
                })
                .map(|(_, index)| (section, index))
                .collect(),
        }
    }
}

/// What looks like a term, with the names that many entries share and that do not.
struct Known<'a, 'r> {
    resemblance: &'r Resemblance,
    dismissed: HashSet<&'a [u8]>,
}

impl<'a> Known<'a, '_> {
    fn is_like(&self, name: &[u8]) -> bool {
        match std::str::from_utf8(name) {
            Ok(name) if !name.contains('\\') => self.resemblance.with(name),
            _ => unescaped(name).is_none_or(|name| self.resemblance.with(&name)),
        }
    }

    fn shared(&mut self, name: &'a [u8]) -> bool {
        if self.dismissed.contains(name) {
            return false;
        }
        let is_like = self.is_like(name);
        if !is_like {
            self.dismissed.insert(name);
        }
        is_like
    }
}

/// Takes items on all processors, each as soon as one is free.
fn in_turn<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> Vec<R> + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.extend(work(item));
        }
        done
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        done.extend(others.into_iter().flat_map(joined));
        done
    })
}
