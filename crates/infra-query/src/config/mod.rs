//! What value does it have, and where is it configured? Values as written and as substituted, the place that states them, and
//! who uses them.

mod text;
mod variables;

use std::collections::BTreeSet;

use crate::Facts;
use crate::facts::mentioning;
use crate::find::{Hit, Matched, QueryError, closest, find_for, find_service};
use crate::graph::links::config_map_of;
use crate::next_steps::{self, Answer, Step};
use crate::trace::{ConfigUse, config_of};
use crate::{Question, Subject};
use infra_model::config::{ConfigMap, ConfigValue, UndefinedVariable, Variable};

use variables::{variable, variables_in};

/// Configuration that a term means.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigAnswer<'a> {
    /// What was found.
    pub found: ConfigFound<'a>,
    /// Commands that show what the cluster has, in the order in which to run them.
    pub check: Vec<Step>,
}

impl Answer for ConfigAnswer<'_> {
    fn steps(&self) -> &[Step] {
        &self.check
    }
}

/// What a question about configuration found.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigFound<'a> {
    /// Values by key, in one ConfigMap or several.
    Values(Vec<FoundValue<'a>>),
    /// ConfigMaps as a whole.
    Maps(Vec<(&'a str, &'a ConfigMap)>),
    /// A substitution variable.
    Variable {
        /// Name.
        name: &'a str,
        /// The variable.
        variable: &'a Variable,
        /// Where it is used without being defined.
        undefined: Option<&'a UndefinedVariable>,
        /// ConfigMap keys whose values use it, as `map.KEY`.
        values: Vec<String>,
    },
    /// The ConfigMaps of a service.
    Service {
        /// Key of the service.
        key: &'a str,
        /// Its ConfigMaps.
        maps: Vec<ConfigUse<'a>>,
    },
}

/// One value of a ConfigMap.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundValue<'a> {
    /// Key of the ConfigMap.
    pub map_key: &'a str,
    /// The ConfigMap.
    pub config_map: &'a ConfigMap,
    /// Key of the value.
    pub key: &'a str,
    /// The value.
    pub value: &'a ConfigValue,
    /// The variables in it, as far as they are known.
    pub variables: Vec<(&'a str, &'a Variable)>,
}

/// Finds configuration: `term` is the key of a value, alone or as `configmap/KEY` or `configmap.KEY`, a variable with or
/// without `${}`, a ConfigMap, or a service.
///
/// # Errors
/// [`QueryError`]
pub fn config<'a>(facts: &'a dyn Facts, term: &str) -> Result<ConfigAnswer<'a>, QueryError> {
    let found = find_config(facts, term.trim())?;
    let check = check(facts, &found);
    Ok(ConfigAnswer { found, check })
}

fn find_config<'a>(facts: &'a dyn Facts, term: &str) -> Result<ConfigFound<'a>, QueryError> {
    let variable = variable(facts, term);
    if let (Some(variable), true) = (&variable, term.starts_with("${")) {
        return Ok(variable.clone());
    }
    let last = term.rsplit(['.', '/']).next().unwrap_or_default();
    let values = values(facts, last, |map, key| is_value(term, map, key));
    if let Some(ConfigFound::Variable { variable: found, .. }) = &variable {
        // A source of variables states each as a value, too; only a value elsewhere means something else.
        let elsewhere = |value: &FoundValue<'_>| {
            let map = value.config_map;
            !found
                .defined_in
                .contains(&format!("ConfigMap/{}/{}", map.namespace, map.name))
        };
        if !values.iter().any(elsewhere)
            && let Some(variable) = variable
        {
            return Ok(variable);
        }
    }
    if !values.is_empty() {
        return Ok(ConfigFound::Values(values));
    }
    let hits = find_for(facts, term, Question::Config);
    let part_only = |hits: &[Hit<'_>]| hits.iter().all(|hit| hit.matched == Matched::Part);
    if hits.as_ref().map_or(true, |hits| part_only(hits)) {
        let part = term.to_lowercase();
        let values = self::values(facts, &part, |_, key| {
            !part.is_empty() && key.to_lowercase().contains(&part)
        });
        if !values.is_empty() {
            return Ok(ConfigFound::Values(values));
        }
    }
    let hits = hits.map_err(|error| no_key(facts, term).unwrap_or_else(|| with_keys(facts, term, error)))?;
    let maps: Vec<(&str, &ConfigMap)> = hits
        .iter()
        .filter_map(|hit| match hit.subject {
            Subject::ConfigMap(key, config_map) => Some((key, config_map)),
            _ => None,
        })
        .collect();
    if !maps.is_empty() {
        return Ok(ConfigFound::Maps(maps));
    }
    let (key, service) = find_service(facts, term)?;
    let maps = config_of(facts, key, service);
    Ok(ConfigFound::Service { key, maps })
}

/// Whether a term names a value: by its key, or as `map.KEY` or `map/KEY`.
fn is_value(term: &str, map: (&str, &ConfigMap), key: &str) -> bool {
    if term.eq_ignore_ascii_case(key) {
        return true;
    }
    let (map_key, config_map) = map;
    [map_key, &config_map.name]
        .into_iter()
        .filter_map(|name| term.strip_prefix(name)?.strip_prefix(['.', '/']))
        .any(|rest| rest.eq_ignore_ascii_case(key))
}

/// The values whose key `fits` takes, which holds `text` in any case.
fn values<'a>(
    facts: &'a dyn Facts,
    text: &str,
    fits: impl Fn((&str, &ConfigMap), &str) -> bool,
) -> Vec<FoundValue<'a>> {
    let mut found = Vec::new();
    for (map_key, config_map) in mentioning(facts.config_maps(), text) {
        for (key, value) in &config_map.keys {
            if fits((map_key, config_map), key) {
                found.push(FoundValue {
                    map_key,
                    config_map,
                    key,
                    value,
                    variables: variables_in(facts, value),
                });
            }
        }
    }
    found
}

/// The keys that a ConfigMap, or the ConfigMaps of a service, have in place of the one that a term asks for.
fn no_key(facts: &dyn Facts, term: &str) -> Option<QueryError> {
    let (holder, key) = term.rsplit_once('/').or_else(|| term.rsplit_once('.'))?;
    let hits = find_for(facts, holder, Question::Config).ok()?;
    let mut keys: BTreeSet<&str> = BTreeSet::new();
    for hit in hits.iter().filter(|hit| hit.matched <= Matched::Alias) {
        match hit.subject {
            Subject::ConfigMap(_, map) => keys.extend(map.keys.keys().map(String::as_str)),
            Subject::Service(service_key, service) => {
                let maps = config_of(facts, service_key, service);
                keys.extend(maps.iter().flat_map(|used| used.config_map.keys.keys()).map(String::as_str));
            }
            _ => {}
        }
    }
    if keys.is_empty() {
        return None;
    }
    let mut sorted = closest(key, keys.iter().copied());
    let others = keys.into_iter().filter(|key| !sorted.iter().any(|known| known == key));
    let others: Vec<String> = others.map(str::to_owned).collect();
    sorted.extend(others);
    Some(QueryError::NoKey {
        holder: holder.to_owned(),
        key: key.to_owned(),
        keys: sorted,
    })
}

/// A miss that also suggests keys of values and variables.
fn with_keys(facts: &dyn Facts, term: &str, error: QueryError) -> QueryError {
    let QueryError::NotFound(mut missing) = error else {
        return error;
    };
    let maps = facts.config_maps().iter();
    let keys = maps.flat_map(|(_, map)| map.keys.keys().map(String::as_str));
    let variables = facts.variables().iter().map(|(name, _)| name);
    let known: BTreeSet<&str> = keys.chain(variables).collect();
    missing.suggestions.extend(closest(term, known));
    QueryError::NotFound(missing)
}

fn check(facts: &dyn Facts, found: &ConfigFound<'_>) -> Vec<Step> {
    let map = match found {
        ConfigFound::Values(values) => match values.as_slice() {
            // What was withheld here is not to be printed from the cluster, either.
            [only] if *only.value == ConfigValue::Redacted => None,
            [only] => Some((only.config_map, Some(only.key))),
            _ => None,
        },
        ConfigFound::Maps(maps) => match maps.as_slice() {
            [(_, only)] => Some((*only, None)),
            _ => None,
        },
        ConfigFound::Variable { variable, .. } => variable.defined_in.iter().find_map(|defined_in| {
            let map = config_map_of(facts, defined_in.strip_prefix("ConfigMap/")?)?;
            Some((map, None))
        }),
        ConfigFound::Service { maps, .. } => maps.first().map(|usage| (usage.config_map, None)),
    };
    map.map(|(map, key)| next_steps::for_config_map(facts, map, key))
        .unwrap_or_default()
}
