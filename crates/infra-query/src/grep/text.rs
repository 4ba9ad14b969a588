//! The text of the matches of a search: values with their lines, then names.

use std::collections::HashMap;
use std::fmt;

use infra_model::Place;
use plain_text::{Lines, line, printable, printable_name};

use super::{Grep, GrepMatch, KEY};
use crate::object;
use crate::subject::{after_kind, titled};

impl crate::Text for Grep<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 24;
        const ENOUGH: usize = 8;
        if self.matches.is_empty() {
            return line!(f, "no match");
        }
        let (values, names): (Vec<_>, Vec<_>) = self.matches.iter().partition(|found| found.is_value());
        // Of many values nobody asks for names as well.
        let is_enough = values.len() >= ENOUGH;
        let left_out = if is_enough { names.len() } else { 0 };
        let names = names
            .into_iter()
            .filter(|found| !is_enough && !self.is_told(found));
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
                            Some(_) => line!(f, "  {number}: {}", found.told(false))?,
                            None => {
                                let field = printable_name(&found.field);
                                line!(f, "  {number}: {field}: {}", found.told(are_few))?;
                            }
                        }
                    }
                }
                (place, ..) => {
                    match first.field.as_str() {
                        KEY => write!(f, "{}", printable(&first.beside))?,
                        field => write!(f, " {}: {}", printable_name(field), first.told(are_few))?,
                    }
                    match place {
                        Some(place) => line!(f, " <- {}", printable_name(&place.to_string()))?,
                        None => line!(f)?,
                    }
                }
            }
        }
        match left_out {
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

/// Longer texts, as of pictures, are cut; in characters.
const LONGEST: usize = 400;

/// Of so many items of lists it is said what they have.
const FEW: usize = 3;

/// The things of a line.
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
    /// The text on one line, with what stands beside it.
    fn told(&self, with_beside: bool) -> String {
        let beside = if with_beside { self.beside.as_str() } else { "" };
        let text = object::on_one_line(&self.text, LONGEST);
        printable(&format!("{text}{beside}")).into_owned()
    }
}

impl Grep<'_> {
    /// Whether another match says a name as well: the thing itself its own file, or that it is named; a value its line.
    fn is_told(&self, found: &GrepMatch<'_>) -> bool {
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

/// The path of a text with several lines of which a field is one.
fn path_of_text<'m>(found: &'m GrepMatch<'_>) -> Option<&'m str> {
    let (path, number) = found.field.rsplit_once(" line ")?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(path)
}

/// A match, and the keys of all things of which the same line of the same file says the same.
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

/// Whether two matches are lines of one file for the same things, so that both are said once.
fn are_of_one_file((a, of_a): &OneLine<'_, '_>, (b, of_b): &OneLine<'_, '_>) -> bool {
    let file = |found: &GrepMatch<'_>| {
        let place = found.place.as_ref().filter(|_| found.field != KEY);
        place.map(|place| place.file.clone())
    };
    let texts = (path_of_text(a), path_of_text(b));
    (a.kind, of_a) == (b.kind, of_b) && file(a).is_some() && file(a) == file(b) && texts.0 == texts.1
}
