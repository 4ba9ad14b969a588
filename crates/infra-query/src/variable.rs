//! The text of a substitution variable: what defines it, and which fields use it.

use std::fmt;

use infra_model::config::{Variable, VariableDefinition, VariableReading};
use plain_text::{Lines, line, printable_name};

use crate::text::{field, listed, names, places_text};

/// The value that decides where a variable is read.
pub(crate) fn deciding_value(reading: &VariableReading) -> Option<&str> {
    reading.definitions.first()?.value.as_deref()
}

/// How a Kustomization reads a variable. The only reading is that of all Kustomizations.
pub(crate) fn reading_of<'a>(
    variable: &'a Variable,
    kustomization: Option<&str>,
) -> Option<&'a VariableReading> {
    let is_own = |reading: &&VariableReading| {
        let mut keys = reading.kustomizations.iter();
        kustomization.is_some_and(|key| keys.any(|known| known == key))
    };
    match variable.readings.as_slice() {
        [only] => Some(only),
        several => several.iter().find(is_own),
    }
}

/// Writes the lines of a variable.
pub(crate) fn lines(f: &mut Lines<'_>, name: &str, variable: &Variable) -> fmt::Result {
    line!(f, "{}: substitution variable", printable_name(name))?;
    field(f, "value", variable.value.as_ref())?;
    names(f, "defined in", defined_in(variable))?;
    used_by(f, variable)
}

/// The objects that define it, each with the line if it is known.
fn defined_in(variable: &Variable) -> Vec<String> {
    let definitions = || variable.readings.iter().flat_map(|reading| &reading.definitions);
    let with_place = |by: &String| {
        let is_own = |definition: &&VariableDefinition| definition.by == *by;
        let place = definitions()
            .find(is_own)
            .and_then(|definition| definition.source.as_ref());
        match place {
            Some(place) => format!("{by} ({place})"),
            None => by.clone(),
        }
    };
    variable.defined_in.iter().map(with_place).collect()
}

/// The fields that use its value; if none is known, the Kustomizations that substitute it.
fn used_by(f: &mut Lines<'_>, variable: &Variable) -> fmt::Result {
    // A few of a great many fields would say nothing.
    const MANY: usize = 24;
    let count = variable.uses.len() + variable.more_uses;
    if variable.uses.is_empty() || count > MANY {
        let label = match variable.uses.is_empty() {
            true => "used by".to_owned(),
            false => format!("used by {count} fields of"),
        };
        return names(f, &label, &variable.used_by);
    }
    line!(f, "used by ({count}):")?;
    for used in &variable.uses {
        write!(
            f,
            "  {} {}",
            printable_name(&used.object),
            printable_name(short(&used.field))
        )?;
        write!(f, "{}", printable_name(&listed(", as ", &used.through)))?;
        line!(f, "{}", places_text(&used.source, None))?;
    }
    match variable.more_uses {
        0 => Ok(()),
        more => line!(
            f,
            "  and {more} more, of {} Kustomizations",
            variable.used_by.len()
        ),
    }
}

/// The last parts of a path, which are enough to recognise a field.
fn short(path: &str) -> &str {
    const MOST: usize = 3;
    let mut dots = path.rmatch_indices('.').filter(|(at, _)| {
        // A part in brackets may contain dots.
        let rest = path.get(at + 1..).unwrap_or_default();
        rest.matches('[').count() == rest.matches(']').count()
    });
    match dots.nth(MOST - 1) {
        Some((at, _)) => path.get(at + 1..).unwrap_or(path),
        None => path,
    }
}
