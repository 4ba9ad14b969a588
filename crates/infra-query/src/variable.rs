//! What is said of a substitution variable: what defines it, and where its value lands.

use std::fmt;

use infra_model::config::{Variable, VariableDefinition};
use plain_text::{Lines, line, printable_name};

use crate::text::{field, names};

/// The lines of a variable.
pub(crate) fn lines(f: &mut Lines<'_>, name: &str, variable: &Variable) -> fmt::Result {
    line!(f, "{}: substitution variable", printable_name(name))?;
    field(f, "value", variable.value.as_ref())?;
    names(f, "defined in", defined_in(variable))?;
    used_by(f, variable)
}

/// What defines it, each with the line that does where there is one.
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

/// The fields in which its value lands; where none is known the Kustomizations that substitute it.
fn used_by(f: &mut Lines<'_>, variable: &Variable) -> fmt::Result {
    // A few of very many fields say nothing.
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
        if !used.through.is_empty() {
            write!(f, ", as {}", printable_name(&used.through.join(", ")))?;
        }
        match &used.source {
            Some(place) => line!(f, " <- {}", printable_name(&place.to_string()))?,
            None => line!(f)?,
        }
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

/// The last parts of a path, which say what a field is.
fn short(path: &str) -> &str {
    const MOST: usize = 3;
    let mut dots = path.rmatch_indices('.').filter(|(at, _)| {
        // A part in brackets may have dots in it.
        let rest = path.get(at + 1..).unwrap_or_default();
        rest.matches('[').count() == rest.matches(']').count()
    });
    match dots.nth(MOST - 1) {
        Some((at, _)) => path.get(at + 1..).unwrap_or(path),
        None => path,
    }
}
