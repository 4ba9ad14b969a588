//! `grep`: where a text occurs. Every field of every entry that holds it.
//!
//! What is searched is the entry as it is serialised, so that no field can be forgotten.

mod texts;

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use infra_model::object::OtherObject;
use infra_model::{Entry, Key};
use plain_text::{Lines, line, printable_name};
use serde::Serialize;

use crate::answer::display_answer;
use crate::next_steps::{self, Answer, Step};
use crate::subject::{after_kind, titled};
use crate::why_not;
use crate::{Facts, Subject};

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
}

/// Every fact whose text `accepts` takes: names, images, hosts, paths, values, evidence, messages.
/// Where no text is taken, those whose field's name is.
pub fn grep<'a>(facts: &'a dyn Facts, accepts: impl Fn(&str) -> bool) -> Grep<'a> {
    let by_text = search(facts, &accepts, |text| text.holds(&accepts));
    match by_text.matches.is_empty() {
        true => search(facts, &accepts, |text| text.is_field(&accepts)),
        false => by_text,
    }
}

impl GrepMatch<'_> {
    /// Whether it is what somebody set, and no name, file or user of an entry.
    pub fn is_value(&self) -> bool {
        const VALUES: [&str; 12] = [
            "values",
            "fields",
            "keys",
            "env",
            "settings",
            "resolved",
            "hosts",
            "images",
            "notApplied",
            "data",
            "args",
            "spec",
        ];
        let field = self.field.split(['.', '[']).next().unwrap_or_default();
        self.kind != "image group" && VALUES.contains(&field)
    }
}

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
                let is_known = |known: &GrepMatch<'_>| {
                    known.kind == object.kind
                        && known.key.rsplit('/').next() == Some(object.name.as_str())
                        && known.field.ends_with(short)
                };
                if self.matches.iter().any(is_known) {
                    continue;
                }
                let place = field.place(object.source.as_ref());
                let place = place.map_or_else(String::new, |place| format!(" <- {place}"));
                // A patch of a Kustomization and what comes of it have one line, as an object and the entry that is made of it.
                let is_one = |known: &GrepMatch<'_>| {
                    [known.kind, &object.kind].contains(&"Kustomization")
                        || known.key.rsplit('/').next() == Some(object.name.as_str())
                };
                let mut known = self.matches.iter();
                if !place.is_empty() && known.any(|known| known.text.ends_with(&place) && is_one(known)) {
                    continue;
                }
                self.matches.push(GrepMatch {
                    kind: &object.kind,
                    key,
                    field: path.clone(),
                    text: format!("{}{place}", field.value.trim()),
                });
            }
        }
        self.matches.sort_by_key(|found| !found.is_value());
    }
}

fn search<'a>(
    facts: &'a dyn Facts,
    accepts: &impl Fn(&str) -> bool,
    takes: impl Fn(&Text) -> bool,
) -> Grep<'a> {
    let mut matches: Vec<GrepMatch<'a>> = Vec::new();
    let mut things: Vec<(usize, Subject<'a>)> = Vec::new();
    for subject in Subject::all(facts) {
        let before = matches.len();
        let key = Text::new("key", subject.key());
        let found = std::iter::once(key).chain(entry_texts(subject));
        matches.extend(found.filter(|text| takes(text)).map(|text| GrepMatch {
            kind: subject.kind(),
            key: subject.key(),
            field: text.field,
            text: short(text.text, &accepts),
        }));
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
        }));
    }
    for entry in facts.not_applied() {
        if texts(entry).iter().any(|text| text.holds(&accepts)) {
            matches.push(GrepMatch {
                kind: &entry.kind,
                key: &entry.name,
                field: "notApplied".to_owned(),
                text: why_not::sentence(entry),
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

/// A text without the lines of it that do not match, or without its end where its beginning does.
fn short(text: String, accepts: &impl Fn(&str) -> bool) -> String {
    const LONGEST: usize = 200;
    if text.contains('\n') {
        let lines = text.lines().map(str::trim).filter(|line| accepts(line));
        let lines: Vec<&str> = lines.take(3).collect();
        if !lines.is_empty() {
            return lines.join("; ");
        }
    }
    let Some((end, _)) = text.char_indices().nth(LONGEST) else {
        return text;
    };
    let start = text.get(..end).unwrap_or_default();
    match accepts(start) {
        true => format!("{start}…"),
        false => text,
    }
}

/// The path of a text with several lines of which a field is one, and the place that its text ends with: file and line.
fn line_of_text<'m>(found: &'m GrepMatch<'_>) -> Option<(&'m str, &'m str, &'m str, &'m str)> {
    let (path, number) = found.field.rsplit_once(" line ")?;
    let (text, place) = found.text.rsplit_once(" <- ")?;
    let (file, line) = place.rsplit_once(':')?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((path, text, file, line))
}

/// Matches, each with the keys of all things of which the same line of the same file says the same.
fn of_one_line<'m, 'a: 'm>(
    matches: impl Iterator<Item = &'m GrepMatch<'a>>,
) -> Vec<(&'m GrepMatch<'a>, Vec<&'a str>)> {
    let mut lines: Vec<(&GrepMatch<'a>, Vec<&'a str>)> = Vec::new();
    let mut positions: HashMap<(&str, &str, &str), usize> = HashMap::new();
    for found in matches {
        // The number of a line alone is one in the file of its own object.
        let position = match ends_with_line(&found.text) {
            true => lines.len(),
            false => *positions
                .entry((found.kind, &found.field, &found.text))
                .or_insert(lines.len()),
        };
        match lines.get_mut(position) {
            Some((_, keys)) => keys.push(found.key),
            None => lines.push((found, vec![found.key])),
        }
    }
    lines
}

fn ends_with_line(text: &str) -> bool {
    let number = text.rsplit_once("line ").map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
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
        Subject::HelmRelease(key, release) => abridged(key, release),
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
        Subject::Object(key, object) => abridged(key, object),
        Subject::External(_) => Vec::new(),
    }
}

impl crate::Text for Grep<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 24;
        const ENOUGH: usize = 8;
        const MOST_NAMES: usize = 8;
        if self.matches.is_empty() {
            return line!(f, "no match");
        }
        let values = self.matches.iter().filter(|found| found.is_value()).count();
        // Of many values nobody asks for names as well.
        let shown = match values {
            0..ENOUGH => self.matches.len(),
            values => values,
        };
        let lines = of_one_line(self.matches.iter().take(shown));
        let mut text_above = None;
        for (found, keys) in lines.iter().take(MOST) {
            let GrepMatch {
                kind, field, text, ..
            } = found;
            let line = line_of_text(found);
            let above = line.map(|(path, _, file, _)| (*kind, keys.as_slice(), path, file));
            if above.is_none() || above != text_above {
                let (first, others) = keys.split_first().unwrap_or((&"", &[]));
                write!(f, "{}", printable_name(&titled(kind, first)))?;
                for key in others.iter().take(MOST_NAMES - 1) {
                    write!(f, ", {}", printable_name(after_kind(kind, key).unwrap_or(key)))?;
                }
                if others.len() >= MOST_NAMES {
                    write!(f, " and {} more", others.len() + 1 - MOST_NAMES)?;
                }
            }
            match line {
                // Of lines of one text the place is said once.
                Some((path, text, file, number)) => {
                    if above != text_above {
                        line!(f, " {} in {}:", printable_name(path), printable_name(file))?;
                    }
                    line!(f, "  {number}: {}", printable_name(text))?;
                }
                None => line!(f, " {}: {}", printable_name(field), text)?,
            }
            text_above = above;
        }
        match self.matches.len() - shown {
            0 => {}
            names => line!(
                f,
                "and {names} names, files and users that have it: `where NAME` tells of one"
            )?,
        }
        match lines.len().saturating_sub(MOST) {
            0 => Ok(()),
            more => line!(f, "and {more} more: a longer text finds fewer"),
        }
    }
}
