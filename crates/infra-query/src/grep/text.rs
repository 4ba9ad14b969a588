//! The text of `grep`: values with their lines, then names.

use std::collections::HashMap;
use std::fmt;

use infra_model::Place;
use plain_text::{Lines, line, printable, printable_name};

use super::{Grep, GrepMatch, KEY};
use crate::object;
use crate::subject::{after_kind, titled};
use crate::text::places_text;

impl crate::Text for Grep<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 24;
        const ENOUGH: usize = 8;
        if self.matches.is_empty() {
            return line!(f, "no match");
        }
        let (values, names): (Vec<_>, Vec<_>) = self.matches.iter().partition(|found| found.is_value());
        // Many values are enough without names.
        let is_enough = values.len() >= ENOUGH;
        let left_out = if is_enough { names.len() } else { 0 };
        let names = names
            .into_iter()
            .filter(|found| !is_enough && !self.is_implied(found));
        let lines = of_one_line(values.iter().copied().chain(names));
        let with_beside = values.iter().filter(|found| !found.beside.is_empty());
        let are_few = with_beside.count() <= FEW;
        let shown = lines.get(..MOST).unwrap_or(&lines);
        for lines in shown.chunk_by(are_of_one_file) {
            let mut lines: Vec<&OneLine<'_, '_>> = lines.iter().collect();
            lines.sort_by_key(|(found, _)| found.place.as_ref().map(|place| place.line));
            let Some((first, keys)) = lines.first() else {
                continue;
            };
            write_title(f, first.kind, keys)?;
            let text = path_of_text(first);
            match (&first.place, lines.as_slice(), text) {
                (Some(place), [_, _, ..], _) | (Some(place), _, Some(_)) => {
                    let path = text.map(|path| format!(" {}", printable_name(path)));
                    let file = printable_name(place.file.as_str());
                    line!(f, "{} in {file}:", path.unwrap_or_default())?;
                    for (found, _) in lines {
                        let number = found.place.as_ref().map_or(0, |place| place.line);
                        match text {
                            Some(_) => line!(f, "  {number}: {}", found.on_one_line(false))?,
                            None => {
                                let field = printable_name(&found.field);
                                line!(f, "  {number}: {field}: {}", found.on_one_line(are_few))?;
                            }
                        }
                    }
                }
                (place, ..) => {
                    match first.field.as_str() {
                        KEY => write!(f, "{}", printable(&first.beside))?,
                        field => write!(f, " {}: {}", printable_name(field), first.on_one_line(are_few))?,
                    }
                    line!(f, "{}", places_text(place, None))?;
                }
            }
        }
        match left_out {
            0 => {}
            names => line!(
                f,
                "and {names} names, files and users that have it: `where NAME` shows one"
            )?,
        }
        match lines.len().saturating_sub(MOST) {
            0 => Ok(()),
            more => line!(f, "and {more} more: a longer text finds fewer"),
        }
    }
}

/// Maximum length of a text, in characters. Pictures, for example, are longer.
const LONGEST: usize = 400;

/// Up to this number, items of lists are shown with their other settings.
const FEW: usize = 3;

/// The subjects of a line.
fn write_title(f: &mut Lines<'_>, kind: &str, keys: &[&str]) -> fmt::Result {
    const MOST_NAMES: usize = 8;
    let (first, others) = keys.split_first().unwrap_or((&"", &[]));
    write!(f, "{}", printable_name(&titled(kind, first)))?;
    for key in others.iter().take(MOST_NAMES - 1) {
        write!(f, ", {}", printable_name(after_kind(kind, key).unwrap_or(key)))?;
    }
    match others.len().saturating_sub(MOST_NAMES - 1) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

impl GrepMatch<'_> {
    /// The text on one line, with the settings beside it.
    fn on_one_line(&self, with_beside: bool) -> String {
        let beside = if with_beside { self.beside.as_str() } else { "" };
        let text = object::on_one_line(&self.text, LONGEST);
        printable(&format!("{text}{beside}")).into_owned()
    }
}

impl Grep<'_> {
    /// Whether another match already shows a name: a value with the same line, or the subject itself.
    fn is_implied(&self, found: &GrepMatch<'_>) -> bool {
        if let Some((_, place)) = found.text.rsplit_once(' ')
            && place.contains(':')
            && self.matches.iter().any(|value| {
                let own = value.place.as_ref().filter(|_| value.is_value());
                own.is_some_and(|own| own.to_string() == place)
            })
        {
            return true;
        }
        let mut named = self.matches.iter().filter(|other| other.field == KEY);
        found.field != KEY
            && named.any(|other| {
                (found.kind, found.key) == (other.kind, other.key)
                    || found.text == other.key
                    || found.text == format!("{}/{}", other.kind, other.key)
            })
    }
}

/// The path of the multi-line text of which a field is a line.
fn path_of_text<'m>(found: &'m GrepMatch<'_>) -> Option<&'m str> {
    let (path, number) = found.field.rsplit_once(" line ")?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(path)
}

/// A match, and the keys of all subjects with the same match at the same place.
type OneLine<'m, 'a> = (&'m GrepMatch<'a>, Vec<&'a str>);

fn of_one_line<'m, 'a: 'm>(matches: impl Iterator<Item = &'m GrepMatch<'a>>) -> Vec<OneLine<'m, 'a>> {
    let mut lines: Vec<OneLine<'m, 'a>> = Vec::new();
    let mut positions: HashMap<(&str, &str, &str, Option<&Place>), usize> = HashMap::new();
    for found in matches {
        let position = *positions
            .entry((found.kind, &found.field, &found.text, found.place.as_ref()))
            .or_insert(lines.len());
        match lines.get_mut(position) {
            Some((_, keys)) if keys.contains(&found.key) => {}
            Some((_, keys)) => keys.push(found.key),
            None => lines.push((found, vec![found.key])),
        }
    }
    lines
}

/// Whether two matches are lines of one file for the same subjects, so that file and subjects are written once.
fn are_of_one_file((a, of_a): &OneLine<'_, '_>, (b, of_b): &OneLine<'_, '_>) -> bool {
    let file = |found: &GrepMatch<'_>| {
        let place = found.place.as_ref().filter(|_| found.field != KEY);
        place.map(|place| place.file.clone())
    };
    let texts = (path_of_text(a), path_of_text(b));
    (a.kind, of_a) == (b.kind, of_b) && file(a).is_some() && file(a) == file(b) && texts.0 == texts.1
}
