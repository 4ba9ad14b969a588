//! The text of an answer about configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{ConfigAnswer, ConfigFound, FoundValue};
use crate::printable;
use crate::text::{field, in_namespace, joined, names, steps, use_text};
use crate::trace::ConfigUse;
use infra_model::Written;
use infra_model::config::{ConfigMap, ConfigValue};

impl fmt::Display for ConfigAnswer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 8;
        match &self.found {
            ConfigFound::Values(values) => {
                for value in values.iter().take(MOST) {
                    match values.len() {
                        1 => write_value(f, value)?,
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
                    write_map(f, key, config_map)?;
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
                        .place()
                        .map(|place| place.to_string())
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
        steps(f, &self.check)
    }
}

fn write_value(f: &mut fmt::Formatter<'_>, value: &FoundValue<'_>) -> fmt::Result {
    let FoundValue {
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

fn write_map(f: &mut fmt::Formatter<'_>, key: &str, config_map: &ConfigMap) -> fmt::Result {
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
