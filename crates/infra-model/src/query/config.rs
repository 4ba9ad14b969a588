//! What value does it have, and where is it configured? A ConfigMap, key, variable or service turns into values as written
//! and as substituted, the place that states them, and who uses them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::config::{ConfigMap, ConfigValue, UndefinedVariable, Variable};
use crate::query::find::{Hit, Matched, QueryError, closest, find_among, find_service};
use crate::query::next_steps::{self, Step};
use crate::query::text::{field, in_namespace, joined, names, steps};
use crate::query::trace::{ConfigUse, config_of, use_text};
use crate::query::{Subject, printable};
use crate::{Infrastructure, Written};

/// Configuration that a term means.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigAnswer<'a> {
    /// What was found.
    pub found: ConfigFound<'a>,
    /// Commands that show what the cluster has, in the order in which to run them.
    pub check: Vec<Step>,
}

/// What a question about configuration found.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigFound<'a> {
    /// Values by key, in one ConfigMap or several.
    Values(Vec<ValueOf<'a>>),
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
pub struct ValueOf<'a> {
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
pub fn config<'a>(infrastructure: &'a Infrastructure, term: &str) -> Result<ConfigAnswer<'a>, QueryError> {
    let found = find_config(infrastructure, term.trim())?;
    let check = check(infrastructure, &found);
    Ok(ConfigAnswer { found, check })
}

fn find_config<'a>(infrastructure: &'a Infrastructure, term: &str) -> Result<ConfigFound<'a>, QueryError> {
    let variable = variable(infrastructure, term);
    if let (Some(variable), true) = (&variable, term.starts_with("${")) {
        return Ok(variable.clone());
    }
    let values = values(infrastructure, |map, key| is_value(term, map, key));
    if let Some(ConfigFound::Variable { variable: found, .. }) = &variable {
        // A source of variables states each as a value, too; only a value elsewhere means something else.
        let elsewhere = |value: &ValueOf<'_>| {
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
    let hits = find_among(infrastructure, term, |subject| {
        matches!(subject, Subject::ConfigMap(..) | Subject::Service(..))
    });
    let part_only = |hits: &[Hit<'_>]| hits.iter().all(|hit| hit.matched == Matched::Part);
    if hits.as_ref().map_or(true, |hits| part_only(hits)) {
        let part = term.to_lowercase();
        let values = self::values(infrastructure, |_, key| {
            !part.is_empty() && key.to_lowercase().contains(&part)
        });
        if !values.is_empty() {
            return Ok(ConfigFound::Values(values));
        }
    }
    let hits = hits.map_err(|error| with_keys(infrastructure, term, error))?;
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
    let (key, service) = find_service(infrastructure, term)?;
    let maps = config_of(infrastructure, key, service);
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

fn values<'a>(
    infrastructure: &'a Infrastructure,
    fits: impl Fn((&str, &ConfigMap), &str) -> bool,
) -> Vec<ValueOf<'a>> {
    let mut found = Vec::new();
    for (map_key, config_map) in &infrastructure.config_maps {
        for (key, value) in &config_map.keys {
            if fits((map_key, config_map), key) {
                found.push(ValueOf {
                    map_key,
                    config_map,
                    key,
                    value,
                    variables: variables_in(infrastructure, value),
                });
            }
        }
    }
    found
}

fn variable<'a>(infrastructure: &'a Infrastructure, term: &str) -> Option<ConfigFound<'a>> {
    let substitution = &infrastructure.variable_substitution;
    let name = term
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(term);
    let name = name.split(':').next().unwrap_or(name);
    let (name, variable) = substitution.variables.get_key_value(name)?;
    Some(ConfigFound::Variable {
        name,
        variable,
        undefined: substitution
            .undefined
            .iter()
            .find(|undefined| undefined.name == *name),
        values: values_with(infrastructure, name),
    })
}

/// The values that use a variable, as `map.KEY`.
fn values_with(infrastructure: &Infrastructure, variable: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (map_key, config_map) in &infrastructure.config_maps {
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

fn variables_in<'a>(infrastructure: &'a Infrastructure, value: &ConfigValue) -> Vec<(&'a str, &'a Variable)> {
    let ConfigValue::Text(text) = value else {
        return Vec::new();
    };
    names_in(&text.written)
        .into_iter()
        .filter_map(|name| infrastructure.variable_substitution.variables.get_key_value(name))
        .map(|(name, variable)| (name.as_str(), variable))
        .collect()
}

/// The names of the variables in a text: what follows `${` or `$` and is a name, but for an escaped `$$`.
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

/// A miss that also suggests keys of values and variables.
fn with_keys(infrastructure: &Infrastructure, term: &str, error: QueryError) -> QueryError {
    let QueryError::NotFound(mut missing) = error else {
        return error;
    };
    let keys = infrastructure
        .config_maps
        .values()
        .flat_map(|map| map.keys.keys());
    let variables = infrastructure.variable_substitution.variables.keys();
    let known: BTreeSet<&str> = keys.chain(variables).map(String::as_str).collect();
    missing.suggestions.extend(closest(term, known));
    QueryError::NotFound(missing)
}

fn check(infrastructure: &Infrastructure, found: &ConfigFound<'_>) -> Vec<Step> {
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
            let maps = infrastructure.config_maps.values();
            maps.map(|map| (map, None))
                .find(|(map, _)| *defined_in == format!("ConfigMap/{}/{}", map.namespace, map.name))
        }),
        ConfigFound::Service { maps, .. } => maps.first().map(|usage| (usage.config_map, None)),
    };
    map.map(|(map, key)| next_steps::for_config_map(infrastructure, map, key))
        .unwrap_or_default()
}

impl fmt::Display for ConfigAnswer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 8;
        match &self.found {
            ConfigFound::Values(values) => {
                for value in values.iter().take(MOST) {
                    match values.len() {
                        1 => of_value(f, value)?,
                        _ => {
                            let map = printable(value.map_key);
                            writeln!(
                                f,
                                "{} in {map}: {}",
                                printable(value.key),
                                value_text(value.value)
                            )?;
                        }
                    }
                }
                if values.len() > MOST {
                    writeln!(f, "and {} more", values.len() - MOST)?;
                }
            }
            ConfigFound::Maps(maps) => {
                for (key, config_map) in maps.iter().take(MOST) {
                    of_map(f, key, config_map)?;
                }
            }
            ConfigFound::Variable {
                name,
                variable,
                undefined,
                values,
            } => {
                let value = variable.value.as_deref().map_or("unknown".into(), printable);
                writeln!(f, "{}: variable, value {value}", printable(name))?;
                names(f, "defined in", &variable.defined_in)?;
                if let Some(undefined) = undefined {
                    let place = undefined
                        .place
                        .as_ref()
                        .map(ToString::to_string)
                        .unwrap_or_default();
                    writeln!(f, "undefined: first used at {}", printable(&place))?;
                }
                names(f, "substituted in", &variable.used_by)?;
                names(f, "in values", values)?;
            }
            ConfigFound::Service { key, maps } => {
                if maps.is_empty() {
                    writeln!(f, "{}: uses no ConfigMap", printable(key))?;
                }
                for ConfigUse {
                    key,
                    config_map,
                    usage,
                } in maps
                {
                    let uses: Vec<String> = usage.iter().map(|usage| use_text(usage)).collect();
                    let keys: Vec<&String> = config_map.keys.keys().collect();
                    writeln!(f, "{} ({}): {}", printable(key), joined(&uses), joined(&keys))?;
                    field(f, "  defined", defined(config_map))?;
                }
            }
        }
        steps(f, "check", &self.check)
    }
}

fn of_value(f: &mut fmt::Formatter<'_>, value: &ValueOf<'_>) -> fmt::Result {
    let ValueOf {
        map_key,
        config_map,
        key,
        value,
        variables,
    } = value;
    let namespace = in_namespace(&config_map.namespace);
    writeln!(
        f,
        "{} in ConfigMap {}{namespace}",
        printable(key),
        printable(map_key)
    )?;
    match value {
        ConfigValue::Text(Written {
            written,
            resolved: Some(resolved),
        }) => {
            writeln!(f, "raw: {}", printable(written))?;
            writeln!(f, "resolved: {}", printable(resolved))?;
        }
        value => writeln!(f, "value: {}", value_text(value))?,
    }
    let known = variables.iter().map(|(name, variable)| match &variable.value {
        Some(value) => format!("{name}={value}"),
        None => format!("{name} (unknown)"),
    });
    names(f, "variables", known)?;
    let sources: BTreeSet<&String> = variables
        .iter()
        .flat_map(|(_, variable)| &variable.defined_in)
        .collect();
    names(f, "from", sources)?;
    field(f, "defined", defined(config_map))?;
    let mut readers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for usage in &config_map.usage {
        if let Some(reader) = usage.service.as_deref().or(usage.object.as_deref())
            && usage.key.as_deref().is_none_or(|used| used == *key)
        {
            readers.entry(reader).or_default().insert(&usage.how);
        }
    }
    let readers = readers.into_iter().map(|(reader, how)| {
        let how: Vec<&str> = how.into_iter().collect();
        format!("{reader} ({})", how.join(", "))
    });
    names(f, "used by", readers)
}

fn of_map(f: &mut fmt::Formatter<'_>, key: &str, config_map: &ConfigMap) -> fmt::Result {
    writeln!(
        f,
        "{}: ConfigMap{}",
        printable(key),
        in_namespace(&config_map.namespace)
    )?;
    field(f, "defined", defined(config_map))?;
    names(f, "keys", config_map.keys.keys())?;
    names(f, "used by", &config_map.used_by)
}

fn value_text(value: &ConfigValue) -> String {
    match value {
        ConfigValue::Text(text) => printable(text.value()).into_owned(),
        ConfigValue::Redacted => "<redacted>".to_owned(),
        ConfigValue::File {
            file: Some(file),
            lines,
            ..
        } => format!("{lines} lines of {}", printable(file)),
        ConfigValue::File {
            file: None,
            bytes,
            lines,
        } => format!("{lines} lines, {bytes} bytes"),
        ConfigValue::Binary { bytes } => format!("binary, {bytes} bytes"),
    }
}

/// The place that states a ConfigMap, and how.
fn defined(config_map: &ConfigMap) -> Option<String> {
    let place = config_map
        .source
        .as_ref()
        .map(ToString::to_string)
        .or(config_map.source_file.clone())?;
    Some(format!("{place} ({})", config_map.generated_by.as_str()))
}
