//! Values of ConfigMaps and environment variables, found by their key.

use infra_model::config::{ConfigMap, ConfigValue};
use infra_model::pods::EnvVariable;
use infra_model::service::Service;

use super::ConfigFound;
use super::objects::words;
use super::variables::{ReadVariable, read_in};
use crate::facts::mentioning;
use crate::find::{Matched, find_for};
use crate::{Facts, Keyed, Question};

/// A value of a ConfigMap.
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
    /// The variables in it, as the Kustomization that applies the ConfigMap reads them.
    pub variables: Vec<ReadVariable<'a>>,
}

/// An environment variable of a container.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundEnv<'a> {
    /// Key of the service.
    pub service: &'a str,
    /// The service.
    pub entry: &'a Service,
    /// The environment variable.
    pub variable: &'a EnvVariable,
    /// The variables in it, as the Kustomization that applies the service reads them.
    pub variables: Vec<ReadVariable<'a>>,
}

/// The values and environment variables of a key.
#[derive(Default)]
pub(super) struct ByKey<'a> {
    pub(super) values: Vec<FoundValue<'a>>,
    pub(super) env: Vec<FoundEnv<'a>>,
}

impl<'a> ByKey<'a> {
    /// Those whose key is a term, alone or behind the name of a ConfigMap or a service: in the term's case if there is
    /// such a key, else in any case.
    pub(super) fn new(facts: &'a dyn Facts, term: &str) -> Self {
        let mut found = ByKey::any_case(facts, term);
        found.prefer(|key| is_key_of(term, key));
        found.add_referenced(facts);
        found
    }

    /// Whether a key is written as in the term.
    pub(super) fn is_of_case(&self, term: &str) -> bool {
        self.has_key(|key| is_key_of(term, key))
    }

    fn has_key(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        self.values.iter().any(|value| is_meant(value.key))
            || self.env.iter().any(|env| is_meant(&env.variable.name))
    }

    /// Drops the other keys, if there is one that is meant.
    fn prefer(&mut self, is_meant: impl Fn(&str) -> bool) {
        if self.has_key(&is_meant) {
            self.values.retain(|value| is_meant(value.key));
            self.env.retain(|env| is_meant(&env.variable.name));
        }
    }

    fn any_case(facts: &'a dyn Facts, term: &str) -> Self {
        let last = term.rsplit(['.', '/']).next().unwrap_or_default();
        let mut found = ByKey {
            values: values(facts, last, |map, key| is_value(term, map, key)),
            env: env(facts, term, |_, name| term.eq_ignore_ascii_case(name)),
        };
        // Both the key and the name before it may contain slashes.
        for parts in [term.split_once('/'), term.rsplit_once('/')] {
            if let Some((holder, key)) = parts
                && found.values.is_empty()
                && found.env.is_empty()
            {
                found = ByKey::of_service(facts, holder, key);
            }
        }
        found
    }

    /// The values of a key that a service reads, and its environment variables of that name.
    fn of_service(facts: &'a dyn Facts, holder: &str, key: &str) -> Self {
        let hits = find_for(facts, holder, Question::Trace).unwrap_or_default();
        let hits = hits.iter().filter(|hit| hit.matched < Matched::Part);
        let services: Vec<Keyed<'a, Service>> = hits.filter_map(|hit| hit.subject.service()).collect();
        let reads = |map: &str| {
            services
                .iter()
                .any(|(_, service)| service.config_maps.iter().any(|used| used == map))
        };
        ByKey {
            values: values(facts, key, |(map, _), known| {
                reads(map) && known.eq_ignore_ascii_case(key)
            }),
            env: env(facts, key, |service, name| {
                services.iter().any(|(one, _)| *one == service) && name.eq_ignore_ascii_case(key)
            }),
        }
    }

    /// Those that a service reads and whose key contains a word.
    pub(super) fn like(facts: &'a dyn Facts, holder: &str, word: &str) -> Self {
        let hits = find_for(facts, holder, Question::Trace).unwrap_or_default();
        let exact = hits.iter().filter(|hit| hit.matched < Matched::Namespace);
        let mut found = ByKey::default();
        for (key, service) in exact.filter_map(|hit| hit.subject.service()) {
            let mut parts = ByKey::parts(facts, word);
            parts.env.retain(|env| env.service == key);
            let reads = |map: &str| service.config_maps.iter().any(|own| own == map);
            parts.values.retain(|value| reads(value.map_key));
            found.env.append(&mut parts.env);
            found.values.append(&mut parts.values);
        }
        // `mqtt` means `APP_MQTT_HOST` rather than `ZIGBEE2MQTT_DATA`.
        found.prefer(|key| {
            let mut words = words(key).map(str::to_lowercase);
            words.any(|own| own.starts_with(&word.to_lowercase()))
        });
        found
    }

    /// Those whose key contains a text.
    pub(super) fn parts(facts: &'a dyn Facts, term: &str) -> Self {
        let part = term.to_lowercase();
        let has = |key: &str| !part.is_empty() && key.to_lowercase().contains(&part);
        ByKey {
            values: values(facts, &part, |_, key| has(key)),
            env: env(facts, &part, |_, name| has(name)),
        }
    }

    /// The answer; `None` if nothing was found.
    pub(super) fn into_found(self) -> Option<ConfigFound<'a>> {
        let ByKey { values, env } = self;
        (!values.is_empty() || !env.is_empty()).then_some(ConfigFound::Values { values, env })
    }

    /// Adds the values of ConfigMaps from which environment variables are set.
    fn add_referenced(&mut self, facts: &'a dyn Facts) {
        for found in &self.env {
            let (Some(map), Some(key)) = (&found.variable.config_map, &found.variable.key) else {
                continue;
            };
            let is_meant = |(_, config_map): (&str, &ConfigMap), known: &str| {
                let is_map = config_map.name == *map || config_map.rendered_name.as_ref() == Some(map);
                is_map && config_map.namespace == found.entry.namespace && known == key
            };
            for value in values(facts, key, is_meant) {
                if !self.values.contains(&value) {
                    self.values.push(value);
                }
            }
        }
    }
}

/// Whether a term names a value: by its key, or as `map.KEY` or `map/KEY`.
fn is_value(term: &str, map: (&str, &ConfigMap), key: &str) -> bool {
    if term.eq_ignore_ascii_case(key) {
        return true;
    }
    let (map_key, config_map) = map;
    let in_namespace = term
        .strip_prefix(config_map.namespace.as_str())
        .and_then(|rest| rest.strip_prefix('/'));
    let name = config_map.name.as_str();
    [
        (term, map_key),
        (term, name),
        (in_namespace.unwrap_or_default(), name),
    ]
    .into_iter()
    .filter_map(|(term, name)| term.strip_prefix(name)?.strip_prefix(['.', '/']))
    .any(|rest| rest.eq_ignore_ascii_case(key))
}

/// The values whose key `is_meant`. Every such key must contain `text`, in any case.
fn values<'a>(
    facts: &'a dyn Facts,
    text: &str,
    is_meant: impl Fn((&str, &ConfigMap), &str) -> bool,
) -> Vec<FoundValue<'a>> {
    let mut found = Vec::new();
    for (map_key, config_map) in mentioning(facts.config_maps(), text) {
        for (key, value) in &config_map.keys {
            if is_meant((map_key, config_map), key) {
                let written = match value {
                    ConfigValue::Text(text) => text.written.as_str(),
                    _ => "",
                };
                found.push(FoundValue {
                    map_key,
                    config_map,
                    key,
                    value,
                    variables: read_in(facts, config_map.kustomization.as_deref(), written),
                });
            }
        }
    }
    found
}

/// The environment variables whose service and name `is_meant` accepts. Every such name must contain `text`, in any
/// case.
fn env<'a>(facts: &'a dyn Facts, text: &str, is_meant: impl Fn(&str, &str) -> bool) -> Vec<FoundEnv<'a>> {
    let mut found = Vec::new();
    for (service, entry) in mentioning(facts.services(), text) {
        for variable in entry
            .env
            .iter()
            .filter(|variable| is_meant(service, &variable.name))
        {
            let written = variable.written.as_deref().unwrap_or_default();
            found.push(FoundEnv {
                service,
                entry,
                variable,
                variables: read_in(facts, entry.kustomization.as_deref(), written),
            });
        }
    }
    found
}

/// Whether a term is a key, alone or behind a name.
fn is_key_of(term: &str, key: &str) -> bool {
    let holder = term.strip_suffix(key);
    holder.is_some_and(|holder| holder.is_empty() || holder.ends_with(['/', '.']))
}
