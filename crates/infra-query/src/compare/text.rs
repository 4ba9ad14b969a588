//! The text of `compare`.

use std::collections::BTreeMap;
use std::fmt;

use plain_text::{Lines, line, printable_name};

use super::*;
use crate::Text;
use crate::text::{cut, joined, many_names, names, shortened};

impl Text for Compare {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 40;
        const MOST_OF_THINGS: usize = 16;
        let most = if self.is_of_things { MOST_OF_THINGS } else { MOST };
        let [left, right] = &self.clusters;
        let (left, right) = (printable_name(left), printable_name(right));
        let same: Vec<String> = self
            .same
            .iter()
            .map(|it| match self.is_of_things {
                true => it.value.clone(),
                false => format!("{} of {}", it.value, it.of),
            })
            .collect();
        if self.differences.is_empty() && self.only.iter().all(Vec::is_empty) {
            line!(f, "{left} and {right}: no difference")?;
            return names(f, "the same", same);
        }
        if !self.differences.is_empty() {
            line!(f, "{left} | {right}:")?;
        }
        // Annotations and labels, which are for tools, come last.
        let (notes, fields): (Vec<&Difference>, Vec<&Difference>) = self
            .differences
            .iter()
            .partition(|difference| is_note(&difference.field));
        let (fields, again) = match self.is_of_things {
            true => without_repeats(fields),
            false => (fields, BTreeMap::new()),
        };
        let mut all = rows(&fields, &again);
        let notes = notes.chunk_by(|a, b| a.of == b.of && note_of(&a.field).0 == note_of(&b.field).0);
        all.extend(notes.filter_map(|notes| {
            let first = notes.first()?;
            let (at, _) = note_of(&first.field);
            let names = notes
                .iter()
                .map(|note| note.field.get(at.len()..).unwrap_or_default());
            let names: Vec<&str> = names.map(|name| name.trim_matches(['.', '[', ']'])).collect();
            Some(Row {
                of: &first.of,
                text: format!(
                    "{}: {} differ: {}",
                    printable_name(at),
                    notes.len(),
                    joined(&names)
                ),
            })
        }));
        for things in all.get(..most).unwrap_or(&all).chunk_by(|a, b| a.of == b.of) {
            for (at, row) in things.iter().enumerate() {
                if at == 0 {
                    line!(f, "{}", printable_name(row.of))?;
                }
                line!(f, "  {}", row.text)?;
            }
        }
        let rest = all.get(most..).unwrap_or_default();
        if !rest.is_empty() {
            let mut things: Vec<&str> = rest.iter().map(|row| row.of).collect();
            things.dedup();
            line!(
                f,
                "and {} more, of {}: ask for one by its name",
                rest.len(),
                joined(&things)
            )?;
        }
        for (name, only) in [&left, &right].into_iter().zip(&self.only) {
            match self.is_of_things {
                true => only_of_entry(f, name, only)?,
                false => only_by_kind(f, name, only)?,
            }
        }
        names(f, "the same", same)
    }
}

/// A line of the text, below the title of its entry.
struct Row<'a> {
    of: &'a str,
    text: String,
}

/// Fields without those that have the same values as an earlier one, such as a port that is stated several times; and
/// the number of these by the earlier one.
fn without_repeats(fields: Vec<&Difference>) -> (Vec<&Difference>, Repeats<'_>) {
    let mut repeats = Repeats::new();
    let mut first: Vec<&Difference> = Vec::new();
    for field in fields {
        let is_alike = |known: &&&Difference| known.values == field.values;
        let known = first
            .iter()
            .find(is_alike)
            .filter(|_| field.values.iter().all(Option::is_some));
        match known {
            Some(known) => *repeats.entry((&known.of, &known.field)).or_default() += 1,
            None => first.push(field),
        }
    }
    (first, repeats)
}

/// Number of further fields with the same values, by entry and field.
type Repeats<'a> = BTreeMap<(&'a str, &'a str), usize>;

/// The entries that only one cluster has, each kind on a line with its number.
fn only_by_kind(f: &mut Lines<'_>, name: &str, only: &[String]) -> fmt::Result {
    const FEW: usize = 12;
    if only.len() <= FEW {
        return many_names(f, &format!("only in {name}"), only);
    }
    let mut by_kind: Vec<(&str, Vec<&str>)> = Vec::new();
    for title in only {
        let (kind, key) = title.split_once([' ', '/']).unwrap_or(("", title));
        match by_kind.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, keys)) => keys.push(key),
            None => by_kind.push((kind, vec![key])),
        }
    }
    line!(f, "only in {name} ({}):", only.len())?;
    for (kind, keys) in by_kind {
        line!(
            f,
            "  {} ({}): {}",
            printable_name(kind),
            keys.len(),
            joined(&keys)
        )?;
    }
    Ok(())
}

/// The fields that only one of two entries has.
fn only_of_entry(f: &mut Lines<'_>, name: &str, only: &[String]) -> fmt::Result {
    const MOST: usize = 8;
    match only.is_empty() {
        true => Ok(()),
        false => line!(f, "only {name}: {}", cut(only, MOST)),
    }
}

/// Lines of the fields that differ, one for the items of a list.
fn rows<'a>(fields: &[&'a Difference], repeats: &Repeats<'_>) -> Vec<Row<'a>> {
    let is_one_list = |a: &&Difference, b: &&Difference| {
        a.of == b.of && list_of(&a.field).is_some() && list_of(&a.field) == list_of(&b.field)
    };
    let lists = fields.chunk_by(is_one_list);
    let rows = lists.filter_map(|items| {
        let first = items.first()?;
        let field = match items.len() {
            1 => first.field.as_str(),
            _ => list_of(&first.field).unwrap_or(&first.field),
        };
        let side = |side: usize| {
            let values: Vec<String> = items
                .iter()
                .filter_map(|item| item.values.get(side)?.as_deref())
                .map(|value| match value {
                    "" => "\"\"".to_owned(),
                    value => shortened(value, LONGEST),
                })
                .collect();
            match values.is_empty() {
                true => "-".to_owned(),
                false => values.join(", "),
            }
        };
        let again = match repeats.get(&(first.of.as_str(), first.field.as_str())) {
            Some(more) => format!(" (and {more} more)"),
            None => String::new(),
        };
        Some(Row {
            of: &first.of,
            text: format!("{}{again}: {} | {}", printable_name(field), side(0), side(1)),
        })
    });
    rows.collect()
}

/// The list of which a field is an item: `endpoints` of `endpoints[0]`.
fn list_of(field: &str) -> Option<&str> {
    let (list, position) = field.strip_suffix(']')?.rsplit_once('[')?;
    position.bytes().all(|byte| byte.is_ascii_digit()).then_some(list)
}

/// The mapping of annotations or labels that a field is in, and its name there.
fn note_of(field: &str) -> (&str, &str) {
    let ends = ["annotations.", "labels.", "Annotations."].iter();
    let end = ends
        .filter_map(|word| field.find(word).map(|at| at + word.len() - 1))
        .min();
    field.split_at(end.unwrap_or(field.len()))
}

/// Whether a field is an annotation or label.
fn is_note(field: &str) -> bool {
    field.contains("annotations.") || field.contains("labels.") || field.contains("Annotations.")
}

/// Maximum length of a value, in characters, so that two fit on a line.
const LONGEST: usize = 80;
