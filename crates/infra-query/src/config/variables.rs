//! Variables of post-build substitution and the values that use them.

use std::collections::BTreeSet;

use super::ConfigFound;
use crate::Facts;
use crate::facts::mentioning;
use crate::variable::reading_of;
use infra_model::config::{ConfigValue, Variable, VariableDefinition};

/// The variable that a term names, with or without `${}` and a default.
pub(super) fn variable<'a>(facts: &'a dyn Facts, term: &str) -> Option<ConfigFound<'a>> {
    let name = term
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(term);
    let name = name.split(':').next().unwrap_or(name);
    let (name, variable) = facts.variables().get_key_value(name)?;
    Some(ConfigFound::Variable {
        name,
        variable,
        of: None,
        undefined: facts.undefined().iter().find(|undefined| undefined.name == *name),
        values: values_with(facts, name),
    })
}

/// The values that use a variable, as `map.KEY`.
fn values_with(facts: &dyn Facts, variable: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (map_key, config_map) in mentioning(facts.config_maps(), variable) {
        for (key, value) in &config_map.keys {
            if let ConfigValue::Text(text) = value
                && names_in(&text.written).contains(variable)
            {
                found.push(format!("{map_key}.{key}"));
            }
        }
    }
    found
}

/// A variable as one Kustomization reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadVariable<'a> {
    /// Its name.
    pub name: &'a str,
    /// The variable.
    pub variable: &'a Variable,
    /// Its definitions for the Kustomization, in order of precedence.
    pub definitions: &'a [VariableDefinition],
}

/// The variables in a text, as a Kustomization reads them.
pub(crate) fn read_in<'a>(
    facts: &'a dyn Facts,
    kustomization: Option<&str>,
    written: &str,
) -> Vec<ReadVariable<'a>> {
    let names = names_in(written).into_iter();
    names
        .filter_map(|name| facts.variables().get_key_value(name))
        .map(|(name, variable)| ReadVariable {
            name,
            variable,
            definitions: reading_of(variable, kustomization).map_or(&[], |reading| &reading.definitions),
        })
        .collect()
}

/// The names of the variables in a text: names behind `${` or `$`, but not behind an escaped `$$`.
fn names_in(text: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('$') {
        if let Some(escaped) = after.strip_prefix('$') {
            rest = escaped;
            continue;
        }
        let name = after.strip_prefix('{').unwrap_or(after);
        let end = name
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        if !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) {
            names.insert(name);
        }
        rest = after;
    }
    names
}
