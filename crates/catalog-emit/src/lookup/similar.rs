//! A term that means nothing turns into the entries that a miss suggests.

use std::collections::HashSet;

use infra_model::query::{Question, Resemblance};

use super::json::{items, member, members, texts};
use super::pages::Entry;
use super::part::{Part, Shape, in_parallel, last, unescaped};
use super::section::Section;

/// Takes every entry with a name that looks like the term, of those that the question can be about.
pub(super) fn take(part: &mut Part<'_>, question: Question, term: &str) {
    let resemblance = Resemblance::new(term);
    for section in Section::ALL
        .into_iter()
        .filter(|section| is_about(question, *section))
    {
        let pages = part.pages;
        let all: Vec<usize> = (0..pages.count(section)).collect();
        let outside = section == Section::Services && matches!(question, Question::Where | Question::Impact);
        let in_values = section == Section::ConfigMaps && question == Question::Config;
        let similar = in_parallel(&all, |indices| {
            let mut resembles = Known {
                resemblance: &resemblance,
                dismissed: HashSet::new(),
            };
            let indices = indices.iter().copied();
            indices
                .filter(|index| {
                    let entry = pages.entry(section, *index);
                    resembles.entry(section, entry)
                        || outside && resembles.target(entry)
                        || in_values && resembles.key_of_value(entry)
                })
                .collect()
        });
        for index in similar {
            let shape = match section {
                _ if in_values => Shape::Full,
                _ if outside => Shape::Only(Section::SERVICE_AND_OUTSIDE),
                section => Shape::Only(section.meant_by()),
            };
            part.take(section, index, shape);
        }
    }
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

/// What looks like a term, with the names that many entries share and that do not.
struct Known<'a, 'r> {
    resemblance: &'r Resemblance,
    dismissed: HashSet<&'a [u8]>,
}

impl<'a> Known<'a, '_> {
    fn name(&self, name: &[u8]) -> bool {
        match std::str::from_utf8(name) {
            Ok(name) if !name.contains('\\') => self.resemblance.with(name),
            _ => unescaped(name).is_none_or(|name| self.resemblance.with(&name)),
        }
    }

    fn shared(&mut self, name: &'a [u8]) -> bool {
        if self.dismissed.contains(name) {
            return false;
        }
        let resembles = self.name(name);
        if !resembles {
            self.dismissed.insert(name);
        }
        resembles
    }

    fn entry(&self, section: Section, entry: Entry<'_>) -> bool {
        // The key of a source has its kind in front of its name.
        self.name(entry.key)
            || section == Section::Sources
                && memchr::memchr(b'/', entry.key)
                    .and_then(|slash| entry.key.get(slash + 1..))
                    .is_some_and(|name| self.name(name))
            || members(entry.value)
                .filter(|member| section.names().iter().any(|name| name.as_bytes() == member.name))
                .flat_map(|member| texts(member.value))
                .any(|name| self.name(name) || section == Section::ImageGroups && self.name(last(name)))
    }

    /// What a service talks to.
    fn target(&mut self, entry: Entry<'a>) -> bool {
        let Some(targets) = member(entry.value, "dependsOn") else {
            return false;
        };
        let targets = items(targets).filter_map(|(_, item)| member(item, "target"));
        targets.flat_map(texts).any(|target| self.shared(target))
    }

    /// The keys of a ConfigMap.
    fn key_of_value(&mut self, entry: Entry<'a>) -> bool {
        let Some(keys) = member(entry.value, "keys") else {
            return false;
        };
        members(keys).any(|key| self.shared(key.name))
    }
}
