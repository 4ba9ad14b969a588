//! `grep`: where a text occurs. Every field of every entry that holds it.
//!
//! What is searched is the entry as it is serialised, so that no field can be forgotten.

mod text;
mod texts;

use std::collections::BTreeMap;

use infra_model::flux::HelmRelease;
use infra_model::object::OtherObject;
use infra_model::{Entry, Key, Place};
use serde::Serialize;

use crate::answer::display_answer;
use crate::next_steps::{self, Answer, Step};
use crate::text::in_namespace;
use crate::why_not;
use crate::{Facts, Subject, object};

use texts::{Text, texts};

/// The facts that a matcher accepts.
#[derive(Clone, Debug, PartialEq)]
pub struct Grep<'a> {
    /// In the order of the catalogs.
    pub matches: Vec<GrepMatch<'a>>,
    /// The things that match most, which the commands are for.
    pub things: Vec<Subject<'a>>,
    /// Commands for the things that match most.
    pub next: Vec<Step>,
}

impl Answer for Grep<'_> {
    fn steps(&self) -> &[Step] {
        &self.next
    }

    fn shown(&self) -> usize {
        0
    }
}

display_answer!(Grep<'_>);

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrepMatch<'a> {
    /// What it is a fact of: kind and key.
    pub kind: &'a str,
    /// The key.
    pub key: &'a str,
    /// The field, named as in the catalogs.
    pub field: String,
    /// The text that matched.
    pub text: String,
    /// The line that states it, where that is known.
    pub place: Option<Place>,
    /// What stands beside it in the item of a list that it names, such as the expression of an alert.
    pub beside: String,
}

/// Every fact whose text `accepts` takes: names, images, hosts, paths, values, evidence, messages.
/// Where no text is taken, those whose field's name is.
pub fn grep<'a>(facts: &'a dyn Facts, accepts: impl Fn(&str) -> bool) -> Grep<'a> {
    let by_text = search(facts, &accepts, |title, text| {
        text.holds(&accepts) || text.holds_with(title, &accepts)
    });
    match by_text.matches.is_empty() {
        true => search(facts, &accepts, |_, text| text.is_field(&accepts)),
        false => by_text,
    }
}

impl GrepMatch<'_> {
    /// Whether it is what somebody set, and no name, file or user of an entry.
    pub fn is_value(&self) -> bool {
        const VALUES: [&str; 11] = [
            "values",
            "spec",
            "data",
            "keys",
            "env",
            "settings",
            "resolved",
            "hosts",
            "images",
            "notApplied",
            "args",
        ];
        let field = self.field.split(['.', '[']).next().unwrap_or_default();
        // Fields of objects have the paths that their manifests have.
        let is_field = self.place.is_some() && self.field != KEY;
        self.kind != "image group" && (is_field || VALUES.contains(&field))
    }
}

/// The field of the name itself.
const KEY: &str = "key";

impl<'a> Grep<'a> {
    /// Adds fields of objects that no catalog has, which the repository was read for.
    pub fn add_fields(&mut self, objects: &'a BTreeMap<Key, OtherObject>) {
        for (key, object) in objects {
            for (path, field) in &object.fields {
                // Catalogs leave out where a value of a release or ConfigMap stands in its object.
                let short = ["spec.", "data."]
                    .iter()
                    .find_map(|start| path.strip_prefix(start));
                let short = short.unwrap_or(path);
                let is_of_object = |known: &GrepMatch<'_>| {
                    known.kind == object.kind && known.key.rsplit('/').next() == Some(object.name.as_str())
                };
                // Of a text the line itself says more than where the text begins.
                if let Some((text, _)) = short.rsplit_once(" line ") {
                    let text = text.trim_matches(['[', ']']);
                    self.matches
                        .retain(|known| !(is_of_object(known) && known.field.ends_with(text)));
                }
                let is_known = |known: &GrepMatch<'_>| is_of_object(known) && known.field.ends_with(short);
                if self.matches.iter().any(is_known) {
                    continue;
                }
                let place = field.place(object.source.as_ref());
                // A patch of a Kustomization and what comes of it have one line, as an object and the entry that is made of it.
                let is_one = |known: &GrepMatch<'_>| {
                    [known.kind, &object.kind].contains(&"Kustomization")
                        || known.key.rsplit('/').next() == Some(object.name.as_str())
                };
                let mut known = self.matches.iter();
                if place.is_some() && known.any(|known| known.place == place && is_one(known)) {
                    continue;
                }
                self.matches.push(GrepMatch {
                    kind: &object.kind,
                    key,
                    field: path.clone(),
                    text: field.value.trim().to_owned(),
                    place,
                    beside: String::new(),
                });
            }
        }
        self.matches.sort_by_key(|found| !found.is_value());
    }
}

fn search<'a>(
    facts: &'a dyn Facts,
    accepts: &impl Fn(&str) -> bool,
    takes: impl Fn(&str, &Text) -> bool,
) -> Grep<'a> {
    let mut matches: Vec<GrepMatch<'a>> = Vec::new();
    let mut things: Vec<(usize, Subject<'a>)> = Vec::new();
    for subject in Subject::all(facts) {
        let before = matches.len();
        let title = subject.title();
        let key = Text::new(KEY, subject.key());
        let found = std::iter::once(key).chain(entry_texts(subject));
        matches.extend(found.filter(|text| takes(&title, text)).map(|text| GrepMatch {
            kind: subject.kind(),
            key: subject.key(),
            place: place_of(subject, &text.field),
            beside: match (text.field.as_str(), subject) {
                (KEY, Subject::Object(_, object)) => {
                    format!("{}{}", in_namespace(&object.namespace), object::summary(object))
                }
                (KEY, subject) => in_namespace(subject.namespace()),
                _ => String::new(),
            },
            field: text.field,
            text: short(text.text, &accepts),
        }));
        let fields = subject.fields().into_iter().flatten();
        for (path, field) in fields {
            let path = match subject {
                Subject::HelmRelease(..) => format!("values.{path}"),
                _ => path.clone(),
            };
            let text = Text::of_field(path, field);
            if takes(&title, &text) {
                matches.push(GrepMatch {
                    kind: subject.kind(),
                    key: subject.key(),
                    place: field.place(subject.place()),
                    beside: match matches.get(before..) {
                        _ if matches.len() > FEW => String::new(),
                        Some(told) if told.iter().any(|other| is_of_item(&text.field, other)) => {
                            String::new()
                        }
                        _ => beside(subject, own_path(subject, &text.field)),
                    },
                    field: text.field,
                    text: short(text.text, &accepts),
                });
            }
        }
        if matches.len() > before {
            things.push((matches.len() - before, subject));
        }
    }
    things.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let things: Vec<Subject<'a>> =
        next_steps::checked(things.into_iter().map(|(_, subject)| subject)).collect();
    let next = next_steps::steps_for_all(facts, things.iter().copied());
    for undefined in facts.undefined() {
        if texts(undefined).iter().any(|text| text.holds(accepts)) {
            matches.push(GrepMatch {
                kind: "variable",
                key: &undefined.name,
                field: "undefined".to_owned(),
                text: undefined.used_by.join(" "),
                place: None,
                beside: String::new(),
            });
        }
    }
    for source in facts.variable_sources() {
        let mut found = texts(source);
        found.retain(|text| text.holds(accepts));
        matches.extend(found.into_iter().map(|text| GrepMatch {
            kind: "variable source",
            key: &source.name,
            field: text.field,
            text: text.text,
            place: None,
            beside: String::new(),
        }));
    }
    for entry in facts.not_applied() {
        if texts(entry).iter().any(|text| text.holds(&accepts)) {
            matches.push(GrepMatch {
                kind: &entry.kind,
                key: &entry.name,
                field: "notApplied".to_owned(),
                text: why_not::sentence(entry),
                place: None,
                beside: String::new(),
            });
        }
    }
    for diagnostic in facts.diagnostics() {
        if texts(diagnostic).iter().any(|text| text.holds(accepts)) {
            matches.push(GrepMatch {
                kind: "diagnostic",
                key: diagnostic.object.as_deref().unwrap_or_default(),
                field: diagnostic.code.to_string(),
                text: diagnostic.message.clone(),
                place: None,
                beside: String::new(),
            });
        }
    }
    // What something is set to before what only bears the name.
    matches.sort_by_key(|found| !found.is_value());
    Grep {
        matches,
        things,
        next,
    }
}

/// A text without the lines of it that do not match; of a long line what is around the match.
fn short(text: String, accepts: &impl Fn(&str) -> bool) -> String {
    const LONGEST: usize = 200;
    const STEP: usize = 40;
    if text.contains('\n') {
        let lines = text.lines().map(str::trim).filter(|line| accepts(line));
        let lines: Vec<&str> = lines.take(3).collect();
        if !lines.is_empty() {
            return lines.join("; ");
        }
    }
    let starts = text.char_indices().map(|(at, _)| at).step_by(STEP);
    let starts: Vec<usize> = starts.chain([text.len()]).collect();
    if starts.len() <= LONGEST / STEP + 1 {
        return text;
    }
    let part = |from: usize, to: usize| {
        starts
            .get(from)
            .zip(starts.get(to))
            .and_then(|(from, to)| text.get(*from..*to))
    };
    let is_match = |from: usize, to: usize| part(from, to).is_some_and(accepts);
    let last = starts.len() - 1;
    // The path or a line as a whole is what matched.
    let end = (1..=last).find(|end| is_match(0, *end)).unwrap_or(1);
    let start = (0..end).rev().find(|start| is_match(*start, end)).unwrap_or(0);
    let (start, end) = match start {
        0 | 1 => (0, end.max(LONGEST / STEP).min(last)),
        start => (start - 1, (end + 1).min(last)),
    };
    let before = if start > 0 { "…" } else { "" };
    let after = if end < last { "…" } else { "" };
    format!("{before}{}{after}", part(start, end).unwrap_or_default())
}

/// The line that states the name of a thing, or a key of a ConfigMap.
fn place_of(subject: Subject<'_>, field: &str) -> Option<Place> {
    let place = match (field, subject) {
        (KEY, subject) => subject.place(),
        (field, Subject::ConfigMap(_, map)) => map.places.get(field.strip_prefix("keys.")?),
        _ => None,
    };
    place.cloned()
}

/// The path of a field in its entry.
fn own_path<'p>(subject: Subject<'_>, path: &'p str) -> &'p str {
    match subject {
        Subject::HelmRelease(..) => path.strip_prefix("values.").unwrap_or(path),
        _ => path,
    }
}

/// Of more matches nobody reads what stands beside each.
const FEW: usize = 24;

/// What stands beside a value: of one that names an item all of it, else the other settings of its mapping.
fn beside(subject: Subject<'_>, path: &str) -> String {
    match object::beside(subject, path) {
        none if none.is_empty() => object::siblings(subject, path),
        some => some,
    }
}

/// Whether a field is of the item or mapping of which another match says all.
fn is_of_item(path: &str, other: &GrepMatch<'_>) -> bool {
    if other.beside.starts_with(" (beside it: ") {
        let above = |path: &'_ str| path.rsplit_once('.').map_or(0, |(above, _)| above.len());
        return path.get(..above(path)) == other.field.get(..above(&other.field));
    }
    let item = |path: &'_ str| path.rfind("].").map_or(0, |end| end + 2);
    !other.beside.is_empty() && path.get(..item(path)) == other.field.get(..item(&other.field))
}

/// The texts of an entry as its catalog has it.
fn entry_texts(subject: Subject<'_>) -> Vec<Text> {
    fn abridged<E: Entry + Clone + Serialize>(key: &str, entry: &E) -> Vec<Text> {
        let mut entry = entry.clone();
        entry.abridge(key);
        texts(&entry)
    }
    match subject {
        Subject::Service(key, service) => abridged(key, service),
        Subject::Kustomization(key, kustomization) => abridged(key, kustomization),
        // Fields are texts of their own.
        Subject::HelmRelease(key, release) => abridged(
            key,
            &HelmRelease {
                values: BTreeMap::new(),
                ..release.clone()
            },
        ),
        Subject::Source(key, source) => abridged(key, source),
        Subject::SecretProviderClass(key, class) => abridged(key, class),
        Subject::ExternalSecret(key, secret) => abridged(key, secret),
        Subject::SecretStore(key, store) => abridged(key, store),
        Subject::VaultSecret(key, secret) => abridged(key, secret),
        Subject::SealedSecret(key, secret) => abridged(key, secret),
        Subject::Secret(key, secret) => abridged(key, secret),
        Subject::SecretReference(key, reference) => abridged(key, reference),
        Subject::ConfigMap(key, config_map) => abridged(key, config_map),
        Subject::ImageGroup(_, group) => texts(group),
        Subject::Variable(_, variable) => texts(variable),
        Subject::Object(key, object) => abridged(
            key,
            &OtherObject {
                fields: BTreeMap::new(),
                ..object.clone()
            },
        ),
        Subject::External(_) => Vec::new(),
    }
}
