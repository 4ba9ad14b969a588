//! A term that means nothing turns into the entries that a miss suggests.

use infra_query::{Question, Resemblance};
use memchr::memchr;

use super::json::{members, texts};
use super::part::{Part, Shape, last, unescaped};
use super::piece::Piece;
use super::section::Section;

/// Takes every entry with a name that looks like the term, of those that the question can be about.
pub(super) fn take(part: &mut Part<'_>, question: Question, term: &str) {
    let resemblance = Resemblance::new(term);
    let searches = searches(question);
    let found = part.pages.in_pieces(|piece| {
        let searches = searches.iter().filter(|search| search.section() == piece.section);
        let found = searches.flat_map(|search| search.entries(*piece, &resemblance));
        found.map(|index| (piece.section, index)).collect()
    });
    for (section, index) in found {
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
    fn section(self) -> Section {
        match self {
            Search::Keys(section) | Search::After(section, _) => section,
        }
    }

    /// The entries with a name that looks like a term.
    fn entries(self, piece: Piece<'_>, resemblance: &Resemblance) -> Vec<usize> {
        let is_like = |name: &[u8]| match std::str::from_utf8(name) {
            Ok(name) if !name.contains('\\') => resemblance.with(name),
            _ => unescaped(name).is_none_or(|name| resemblance.with(&name)),
        };
        match self {
            Search::Keys(section) => indices(piece.entries().filter(|(entry, _)| {
                // The key of a source has its kind in front of its name.
                let after_kind = match section {
                    Section::Sources => memchr(b'/', entry.key).map_or(0, |slash| slash + 1),
                    _ => 0,
                };
                is_like(entry.key)
                    || after_kind > 0 && is_like(entry.key.get(after_kind..).unwrap_or_default())
            })),
            Search::After(section, before) if before.ends_with(b"\"") => {
                indices(piece.texts_after(before).filter(|(name, _)| {
                    // An image group is known by the last part of its image, too.
                    is_like(name) || section == Section::ImageGroups && is_like(last(name))
                }))
            }
            Search::After(_, before) => {
                indices(
                    piece
                        .values_after(before)
                        .filter(|(value, _)| match value.first() {
                            Some(b'{') => members(value).any(|member| is_like(member.name)),
                            _ => texts(value).any(is_like),
                        }),
                )
            }
        }
    }
}

fn indices<T>(found: impl Iterator<Item = (T, usize)>) -> Vec<usize> {
    found.map(|(_, index)| index).collect()
}
