//! `config`: values, ConfigMaps, a variable or the ConfigMaps of a service, each under its own name.

use infra_model::config::ConfigValue;
use infra_query::Subject;
use infra_query::config::{ConfigAnswer, ConfigFound, FoundEnv, FoundValue, ReadVariable};
use serde_json::{Value, json, to_value};

use super::{ToJson, next_steps, object, subject, trace, unless_empty};

impl ToJson for ConfigAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let check = next_steps::steps(&self.check);
        Ok(match &self.found {
            ConfigFound::Values { values, env } => {
                let values: Result<Vec<Value>, _> = values.iter().map(value).collect();
                let env: Result<Vec<Value>, _> = env.iter().map(environment).collect();
                object([
                    ("values", unless_empty(values?)),
                    ("env", unless_empty(env?)),
                    ("check", check),
                ])
            }
            ConfigFound::Maps(maps) => {
                let maps: Result<Vec<Value>, _> = maps
                    .iter()
                    .map(|(key, config_map)| subject::full(Subject::ConfigMap(key, config_map)))
                    .collect();
                object([("configMaps", Value::Array(maps?)), ("check", check)])
            }
            ConfigFound::Variable {
                name,
                variable,
                undefined,
                values,
            } => object([
                ("variable", (*name).into()),
                ("entry", subject::entry(Subject::Variable(name, variable))?),
                (
                    "undefined",
                    undefined.map_or(Value::Null, |undefined| {
                        object([
                            ("file", undefined.file.as_ref().map(|file| file.as_str()).into()),
                            ("line", undefined.line.into()),
                            ("usedBy", undefined.used_by.clone().into()),
                        ])
                    }),
                ),
                ("values", unless_empty(values.iter().map(String::as_str))),
                ("check", check),
            ]),
            ConfigFound::Service { key, service, maps } => {
                let maps: Result<Vec<Value>, _> = maps.iter().map(trace::config_use).collect();
                object([
                    ("service", (*key).into()),
                    ("configMaps", Value::Array(maps?)),
                    ("env", to_value(&service.env)?),
                    ("check", check),
                ])
            }
        })
    }
}

fn environment(found: &FoundEnv<'_>) -> Result<Value, serde_json::Error> {
    Ok(object([
        ("service", found.service.into()),
        ("entry", to_value(found.variable)?),
        ("variables", read(&found.variables)?),
    ]))
}

/// Variables by name, each with what defines it, in order of precedence.
fn read(variables: &[ReadVariable<'_>]) -> Result<Value, serde_json::Error> {
    let mut members = serde_json::Map::new();
    for read in variables {
        let value = match read.definitions.first() {
            Some(first) => first.value.as_deref(),
            None => read.variable.value.as_deref(),
        };
        let entry = json!({
            "value": value,
            "definedIn": read.variable.defined_in,
            "definitions": to_value(read.definitions)?,
        });
        members.insert(read.name.to_owned(), entry);
    }
    Ok(match members.is_empty() {
        true => Value::Null,
        false => Value::Object(members),
    })
}

fn value(value: &FoundValue<'_>) -> Result<Value, serde_json::Error> {
    let FoundValue {
        map_key,
        config_map,
        key,
        value,
        variables,
    } = value;
    let resolved = match value {
        ConfigValue::Text(text) => text.resolved.as_deref(),
        _ => None,
    };
    let variables = read(variables)?;
    let usage = config_map
        .usage
        .iter()
        .filter(|usage| usage.key.as_deref().is_none_or(|used| used == *key));
    let usage: Result<Vec<Value>, _> = usage.map(to_value).collect();
    Ok(object([
        ("configMap", (*map_key).into()),
        ("namespace", config_map.namespace.as_str().into()),
        ("key", (*key).into()),
        ("value", to_value(value)?),
        ("resolved", resolved.into()),
        ("variables", variables),
        ("sourceFile", config_map.source_file.as_deref().into()),
        ("source", to_value(&config_map.source)?),
        ("place", to_value(config_map.places.get(*key))?),
        ("overrides", to_value(config_map.overrides.get(*key))?),
        ("usage", unless_empty(usage?)),
    ]))
}
