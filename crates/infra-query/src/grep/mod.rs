//! `grep`: where a text occurs, in all fields of all entries.
//!
//! It searches the serialised entries, so that no field can be forgotten.

mod text;
mod texts;

use std::collections::BTreeMap;

use infra_model::fields::Fields;
use infra_model::flux::HelmRelease;
use infra_model::object::OtherObject;
use infra_model::{Entry, Key, Place};
use serde::Serialize;

use crate::answer::display_answer;
use crate::next_steps::{self, Step};
use crate::text::in_namespace;
use crate::why_not;
use crate::{Facts, Subject, object};

use texts::{Text, texts};

/// The matches of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Grep<'a> {
    /// In the order of the catalogs.
    pub matches: Vec<GrepMatch<'a>>,
    /// The subjects with most matches, which the commands are for.
    pub things: Vec<Subject<'a>>,
    /// Commands for these subjects.
    pub next: Vec<Step>,
}

display_answer!(Grep<'_>, next);

/// A match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrepMatch<'a> {
    /// Kind of the entry.
    pub kind: &'a str,
    /// Key of the entry.
    pub key: &'a str,
    /// The field, named as in the catalogs.
    pub field: String,
    /// The text that matched.
    pub text: String,
    /// The line that states it, if it is known.
    pub place: Option<Place>,
    /// Other settings of the item or mapping that it is in, such as the expression of an alert.
    pub beside: String,
}

/// The texts that `accepts` takes: names, images, hosts, paths, values, evidence, messages. If it takes none, the texts
/// of fields whose names it takes.
pub fn grep<'a>(facts: &'a dyn Facts, accepts: impl Fn(&str) -> bool) -> Grep<'a> {
    let by_text = search(facts, &accepts, |title, text| {
        text.has_match(&accepts) || text.has_match_with(title, &accepts)
    });
    match by_text.matches.is_empty() {
        true => search(facts, &accepts, |_, text| accepts(&text.field)),
        false => by_text,
    }
}

impl<'a> GrepMatch<'a> {
    fn new(kind: &'a str, key: &'a str, field: &str, text: String) -> Self {
        GrepMatch {
            kind,
            key,
            field: field.to_owned(),
            text,
            place: None,
            beside: String::new(),
        }
    }

    /// Whether it is a setting, and no name, file or user of an entry.
    pub fn is_value(&self) -> bool {
        let is_setting = matches!(
            self.field.split(['.', '[']).next().unwrap_or_default(),
            "values"
                | "spec"
                | "data"
                | "keys"
                | "env"
                | "settings"
                | "resolved"
                | "hosts"
                | "images"
                | "notApplied"
                | "args"
        );
        // Fields of objects have the paths of their manifests.
        let is_field = self.place.is_some() && self.field != KEY;
        self.kind != "image group" && (is_field || is_setting)
    }
}

/// The field of the name itself.
const KEY: &str = "key";

impl<'a> Grep<'a> {
    /// Adds fields of objects that are not in the catalogs but were read from the repository.
    pub fn add_fields(&mut self, objects: &'a BTreeMap<Key, OtherObject>) {
        for (key, object) in objects {
            for (path, field) in &object.fields {
                // Catalogs leave out the start of the paths of values in HelmReleases and ConfigMaps.
                let short = path.strip_prefix("spec.").or(path.strip_prefix("data."));
                let short = short.unwrap_or(path);
                let has_name =
                    |known: &GrepMatch<'_>| known.key.rsplit('/').next() == Some(object.name.as_str());
                let is_of_object = |known: &GrepMatch<'_>| known.kind == object.kind && has_name(known);
                // The matching line of a text says more than the start of the text.
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
                // A patch in a Kustomization and its result have the same line, as do an object and the entry made from
                // it.
                let is_same = |known: &GrepMatch<'_>| {
                    [known.kind, &object.kind].contains(&"Kustomization") || has_name(known)
                };
                let mut known = self.matches.iter();
                if place.is_some() && known.any(|known| known.place == place && is_same(known)) {
                    continue;
                }
                let text = field.value.trim().to_owned();
                self.matches.push(GrepMatch {
                    place,
                    ..GrepMatch::new(&object.kind, key, path, text)
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
                        Some(own) if own.iter().any(|other| is_of_item(&text.field, other)) => String::new(),
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
        if texts(undefined).iter().any(|text| text.has_match(accepts)) {
            let users = undefined.used_by.join(" ");
            matches.push(GrepMatch::new("variable", &undefined.name, "undefined", users));
        }
    }
    for source in facts.variable_sources() {
        let mut found = texts(source);
        found.retain(|text| text.has_match(accepts));
        let found = found.into_iter();
        matches.extend(
            found.map(|text| GrepMatch::new("variable source", &source.name, &text.field, text.text)),
        );
    }
    for entry in facts.not_applied() {
        if texts(entry).iter().any(|text| text.has_match(accepts)) {
            let why = why_not::sentence(entry);
            matches.push(GrepMatch::new(&entry.kind, &entry.name, "notApplied", why));
        }
    }
    for diagnostic in facts.diagnostics() {
        if texts(diagnostic).iter().any(|text| text.has_match(accepts)) {
            let object = diagnostic.object.as_deref().unwrap_or_default();
            let message = diagnostic.message.clone();
            matches.push(GrepMatch::new(
                "diagnostic",
                object,
                diagnostic.code.as_ref(),
                message,
            ));
        }
    }
    // Settings before names.
    matches.sort_by_key(|found| !found.is_value());
    Grep {
        matches,
        things,
        next,
    }
}

/// The lines of a text that match; of a long line the part around the match.
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
    // If no part matches alone, the path or the whole line does.
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

/// The line that states the name of a subject, or a key of a ConfigMap.
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

/// With more matches, the other settings beside each are left out.
const FEW: usize = 24;

/// The settings beside a value: all of an item that it names, else the others of its mapping.
fn beside(subject: Subject<'_>, path: &str) -> String {
    match object::beside(subject, path) {
        none if none.is_empty() => object::siblings(subject, path),
        some => some,
    }
}

/// Whether another match already shows the item or mapping that a field is in.
fn is_of_item(path: &str, other: &GrepMatch<'_>) -> bool {
    if other.beside.starts_with(" (beside it: ") {
        let above = |path: &'_ str| path.rsplit_once('.').map_or(0, |(above, _)| above.len());
        return path.get(..above(path)) == other.field.get(..above(&other.field));
    }
    let item = |path: &'_ str| path.rfind("].").map_or(0, |end| end + 2);
    !other.beside.is_empty() && path.get(..item(path)) == other.field.get(..item(&other.field))
}

/// The texts of an entry as in its catalog.
fn entry_texts(subject: Subject<'_>) -> Vec<Text> {
    fn abridged<E: Entry + Clone + Serialize>(key: &str, entry: &E) -> Vec<Text> {
        let mut entry = entry.clone();
        entry.abridge(key);
        texts(&entry)
    }
    match subject {
        Subject::Service(key, service) => abridged(key, service),
        Subject::Kustomization(key, kustomization) => abridged(key, kustomization),
        // Its fields are searched separately.
        Subject::HelmRelease(key, release) => abridged(
            key,
            &HelmRelease {
                values: Fields::default(),
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
                fields: Fields::default(),
                ..object.clone()
            },
        ),
        Subject::External(_) => Vec::new(),
    }
}
