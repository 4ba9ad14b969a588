//! `config`: which value something has, and which line decides it. Values as written and as substituted, their places,
//! and their users.

mod by_key;
mod full_text;
mod objects;
mod text;
mod variables;

use std::collections::BTreeSet;

use crate::answer::display_answer;
use crate::config_use::{ConfigUse, config_of};
use crate::find::{Hit, Matched, NotFound, QueryError, closest, find, find_for, find_service};
use crate::graph::links::config_map_of;
use crate::next_steps::{self, Step};
use crate::{Facts, Keyed, Question, Subject};
use infra_model::config::{ConfigMap, ConfigValue, UndefinedVariable, Variable};
use infra_model::service::Service;

pub use by_key::{FoundEnv, FoundValue};
pub use full_text::{FullText, full_text, keys_with_text};
pub use objects::FoundFields;
pub use variables::ReadVariable;

use by_key::ByKey;
pub(crate) use variables::read_in;
use variables::variable;

/// Configuration that a term means.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigAnswer<'a> {
    /// The configuration.
    pub found: ConfigFound<'a>,
    /// The variables in the fields that were found, each with its definitions.
    pub set_by: Vec<ReadVariable<'a>>,
    /// Whether long texts are written in full.
    pub full: bool,
    /// Commands that show the state in the cluster, in the order in which to run them.
    pub check: Vec<Step>,
}

impl ConfigAnswer<'_> {
    /// Whether it has a field of which the catalogs have only the number of lines.
    pub fn is_cut(&self) -> bool {
        let is_cut = |value: &str| {
            let count = value.strip_suffix(" lines");
            count.is_some_and(|count| !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()))
        };
        match &self.found {
            ConfigFound::Objects(objects) => objects
                .iter()
                .flat_map(|found| &found.fields)
                .any(|(_, field)| is_cut(&field.value)),
            _ => false,
        }
    }

    /// Whether it is a single file that is short enough to be shown in full.
    pub fn is_short_file(&self) -> bool {
        const FEW: usize = 40;
        match &self.found {
            ConfigFound::Values { values, env } if env.is_empty() => match values.as_slice() {
                [only] => matches!(only.value, ConfigValue::File { lines, text: None, .. } if *lines <= FEW),
                _ => false,
            },
            _ => false,
        }
    }
}

display_answer!(ConfigAnswer<'_>, check);

/// The kinds of configuration that a term may mean.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigFound<'a> {
    /// Values of a key in ConfigMaps, and environment variables of that name.
    Values {
        /// Of ConfigMaps.
        values: Vec<FoundValue<'a>>,
        /// Of containers.
        env: Vec<FoundEnv<'a>>,
    },
    /// Whole ConfigMaps.
    Maps(Vec<(&'a str, &'a ConfigMap)>),
    /// A substitution variable.
    Variable {
        /// Name.
        name: &'a str,
        /// The variable.
        variable: &'a Variable,
        /// The Kustomization that was asked for, if several read the variable.
        of: Option<&'a str>,
        /// The first use without a definition.
        undefined: Option<&'a UndefinedVariable>,
        /// ConfigMap keys whose values use it, as `map.KEY`.
        values: Vec<String>,
    },
    /// Fields of objects without a section of their own, or values of HelmReleases.
    Objects(Vec<FoundFields<'a>>),
    /// The commands and arguments that containers of a service run instead of those of their images.
    Command {
        /// Key of the service.
        key: &'a str,
        /// The service.
        service: &'a Service,
    },
    /// The configuration of a service.
    Service {
        /// Key of the service.
        key: &'a str,
        /// The service.
        service: &'a Service,
        /// Its ConfigMaps.
        maps: Vec<ConfigUse<'a>>,
        /// The values of its HelmRelease, if its chart is not available.
        values: Option<FoundFields<'a>>,
    },
}

/// Finds configuration. `term` is the key of a value or an environment variable, alone or behind a ConfigMap or a
/// service as `NAME/KEY` or `NAME.KEY`, a substitution variable as `NAME`, `${NAME}` or `variable/NAME`, a ConfigMap,
/// or a service.
///
/// # Errors
/// [`QueryError`]
pub fn config<'a>(facts: &'a dyn Facts, term: &str) -> Result<ConfigAnswer<'a>, QueryError> {
    match find_config(facts, term.trim()) {
        Ok(found) => Ok(answer(facts, found)),
        Err(error) => Err(removed_value(facts, term.trim()).unwrap_or(error)),
    }
}

/// The fields of objects that are not in the catalogs but were read from the repository; with `full`, all lines of
/// texts.
pub fn config_of_objects<'a>(
    facts: &'a dyn Facts,
    objects: &'a std::collections::BTreeMap<infra_model::Key, infra_model::object::OtherObject>,
    full: bool,
) -> ConfigAnswer<'a> {
    ConfigAnswer {
        full,
        ..answer(facts, ConfigFound::Objects(objects::all_of(objects)))
    }
}

fn answer<'a>(facts: &'a dyn Facts, found: ConfigFound<'a>) -> ConfigAnswer<'a> {
    ConfigAnswer {
        set_by: set_by(facts, &found),
        check: check(facts, &found),
        full: false,
        found,
    }
}

/// The definitions of the variables in fields of objects, as far as they are known.
fn set_by<'a>(facts: &'a dyn Facts, found: &ConfigFound<'a>) -> Vec<ReadVariable<'a>> {
    const MOST: usize = 4;
    let ConfigFound::Objects(objects) = found else {
        return Vec::new();
    };
    let mut all: Vec<ReadVariable<'a>> = Vec::new();
    for found in objects {
        let by = found.subject.kustomization();
        let fields = found.fields.iter();
        for written in fields.filter_map(|(_, field)| field.written.as_deref()) {
            let read = read_in(facts, by, written).into_iter();
            let is_new = |read: &ReadVariable<'_>| !all.iter().any(|known| known.name == read.name);
            let new: Vec<ReadVariable<'a>> = read
                .filter(|read| !read.definitions.is_empty() && is_new(read))
                .collect();
            all.extend(new);
        }
    }
    all.truncate(MOST);
    all
}

/// The error for a value of a HelmRelease that a patch removes, if `NAME/PATH` asks for it or for a value below it.
fn removed_value(facts: &dyn Facts, term: &str) -> Option<QueryError> {
    let (name, path) = term.split_once('/')?;
    let is_meant = |entry: &&infra_model::NotApplied| {
        let of = entry.part_of.as_ref().is_some_and(|of| of.name == name);
        of && entry.kind == "value" && path.split(['.', '/']).any(|step| step == entry.name)
    };
    let entry = facts.not_applied().iter().find(is_meant)?;
    Some(QueryError::NotFound(NotFound {
        term: term.to_owned(),
        not_applied: vec![crate::WhyNot {
            entry: entry.clone(),
            because: Vec::new(),
        }],
        ..NotFound::default()
    }))
}

/// Like [`config`], for keys of a service that contain a word: `NAME/WORD`.
///
/// # Errors
/// [`QueryError::NotFound`]
pub fn config_like<'a>(facts: &'a dyn Facts, term: &str) -> Result<ConfigAnswer<'a>, QueryError> {
    let term = term.trim();
    let of_service = || {
        let (holder, word) = term.rsplit_once('/')?;
        ByKey::like(facts, holder, word).into_found()
    };
    let Some(found) = of_service().or_else(|| objects::fields_like(facts, term)) else {
        return find_config(facts, term).map(|found| answer(facts, found));
    };
    Ok(answer(facts, found))
}

fn find_config<'a>(facts: &'a dyn Facts, term: &str) -> Result<ConfigFound<'a>, QueryError> {
    let (is_variable, name) = match term
        .strip_prefix("variable/")
        .or_else(|| term.strip_prefix("var/"))
    {
        Some(name) => (true, name),
        None => (term.starts_with("${"), term),
    };
    let variable = variable(facts, name);
    if let (Some(variable), true) = (&variable, is_variable) {
        return Ok(variable.clone());
    }
    if let Some(found) = objects::of_kind(facts, term) {
        return Ok(found);
    }
    let found = ByKey::new(facts, term);
    if let Some(ConfigFound::Variable { variable: known, .. }) = &variable {
        // A ConfigMap that variables come from has each of them as a value too; only values of other ConfigMaps are
        // something else.
        let elsewhere = |value: &FoundValue<'_>| {
            let map = value.config_map;
            !known
                .defined_in
                .contains(&format!("ConfigMap/{}/{}", map.namespace, map.name))
        };
        if found.env.is_empty()
            && !found.values.iter().any(elsewhere)
            && let Some(variable) = variable
        {
            return Ok(variable);
        }
    }
    // An exact name takes precedence over a key in another case.
    let is_of_case = found.is_of_case(term);
    let is_name = || {
        let hits = find_for(facts, term, Question::Config).unwrap_or_default();
        hits.iter().any(|hit| hit.matched == Matched::Name)
    };
    if let Some(found) = found.into_found()
        && (is_of_case || !is_name())
    {
        return Ok(found);
    }
    if let Some(found) = variable_of(facts, term) {
        return Ok(found);
    }
    let hits = find_for(facts, term, Question::Config);
    let part_only = |hits: &[Hit<'_>]| hits.iter().all(|hit| hit.matched == Matched::Part);
    if hits.as_ref().map_or(true, |hits| part_only(hits))
        && let Some(found) =
            objects::values_called(facts, term).or_else(|| ByKey::parts(facts, term).into_found())
    {
        return Ok(found);
    }
    if hits.is_err()
        && let Some(found) = objects::fields(facts, term).or_else(|| command_of(facts, term))
    {
        return Ok(found);
    }
    let hits = hits.map_err(|error| match error.is_not_applied() {
        // The key may be one that a patch removes.
        true => error,
        false => no_key(facts, term).unwrap_or_else(|| with_keys(facts, term, error)),
    })?;
    let maps = hits.iter().filter_map(|hit| hit.subject.config_map());
    let maps: Vec<Keyed<'_, ConfigMap>> = maps.collect();
    // The answer about a service that reads the ConfigMap of its name includes the ConfigMap.
    let named = hits.iter().filter(|hit| hit.matched == Matched::Name);
    let mut services = named.filter_map(|hit| hit.subject.service());
    let named = services.next().filter(|_| services.next().is_none());
    let reads_maps = |(key, service): &Keyed<'_, Service>| {
        let own = config_of(facts, key, service);
        maps.iter()
            .all(|(map, _)| own.iter().any(|used| used.key == *map))
    };
    let (key, service) = match named.filter(|_| !maps.is_empty()) {
        Some(named) if reads_maps(&named) => named,
        _ if !maps.is_empty() => return Ok(ConfigFound::Maps(maps)),
        _ => find_service(facts, term)?,
    };
    let maps = config_of(facts, key, service);
    let values = objects::values_of(facts, service);
    Ok(ConfigFound::Service {
        key,
        service,
        maps,
        values,
    })
}

/// A substitution variable behind a name, such as `papi/cluster_name`: as the Kustomization reads it that has or
/// applies this name.
fn variable_of<'a>(facts: &'a dyn Facts, term: &str) -> Option<ConfigFound<'a>> {
    let (holder, name) = term.rsplit_once('/')?;
    let mut found = variable(facts, name)?;
    let hits = find(facts, holder).ok()?;
    if !hits.iter().any(|hit| hit.matched < Matched::Part) {
        return None;
    }
    if let ConfigFound::Variable { variable, of, .. } = &mut found {
        let mut keys = hits.iter().filter_map(|hit| match hit.subject {
            Subject::Kustomization(key, _) => Some(key),
            Subject::Service(..) | Subject::HelmRelease(..) => hit.subject.kustomization(),
            _ => None,
        });
        *of = keys.find(|key| {
            let mut readings = variable.readings.iter();
            readings.any(|reading| reading.kustomizations.iter().any(|own| own == key))
        });
    }
    Some(found)
}

/// The command lines of a service, by `papi/command` or `papi/args`.
fn command_of<'a>(facts: &'a dyn Facts, term: &str) -> Option<ConfigFound<'a>> {
    let (holder, key) = term.rsplit_once('/')?;
    if !["args", "arguments", "command"].contains(&key.to_ascii_lowercase().as_str()) {
        return None;
    }
    let (key, service) = find_service(facts, holder).ok()?;
    (!service.containers.is_empty()).then_some(ConfigFound::Command { key, service })
}

/// The error for an unknown key, with the keys that the ConfigMap or the service of the term has.
fn no_key(facts: &dyn Facts, term: &str) -> Option<QueryError> {
    let (holder, key) = term.split_once('/').or_else(|| term.rsplit_once('.'))?;
    let hits = find_for(facts, holder, Question::Config).ok()?;
    let mut keys: BTreeSet<&str> = BTreeSet::new();
    for hit in hits.iter().filter(|hit| hit.matched <= Matched::Alias) {
        match hit.subject {
            Subject::ConfigMap(_, map) => keys.extend(map.keys.keys().map(String::as_str)),
            Subject::Service(service_key, service) => {
                let maps = config_of(facts, service_key, service);
                let of_maps = maps.iter().flat_map(|used| used.config_map.keys.keys());
                keys.extend(of_maps.map(String::as_str));
                keys.extend(service.env.iter().map(|env| env.name.as_str()));
                let values = objects::values_of(facts, service)
                    .into_iter()
                    .flat_map(|found| found.fields);
                keys.extend(values.map(|(path, _)| path.split(['.', '[']).next().unwrap_or(path)));
            }
            _ => {}
        }
    }
    if keys.is_empty() {
        return None;
    }
    let mut sorted = closest(key, keys.iter().copied());
    keys.retain(|key| !sorted.iter().any(|known| known == key));
    sorted.extend(keys.into_iter().map(str::to_owned));
    Some(QueryError::NoKey {
        holder: holder.to_owned(),
        key: key.to_owned(),
        keys: sorted,
    })
}

/// Adds keys of values and variables to the suggestions of an error.
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
        ConfigFound::Values { values, .. } => match values.as_slice() {
            // A credential that is withheld here must not be printed from the cluster, either.
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
        ConfigFound::Objects(_) | ConfigFound::Command { .. } => None,
        ConfigFound::Service { maps, .. } => maps.first().map(|usage| (usage.config_map, None)),
    };
    if let Some((map, key)) = map {
        return next_steps::for_config_map(facts, map, key);
    }
    if let ConfigFound::Objects(found) = found {
        let objects = found.iter().map(|found| found.subject);
        return next_steps::steps_for_all(facts, objects);
    }
    let service = match found {
        ConfigFound::Values { env, .. } => env.first().map(|found| found.entry),
        ConfigFound::Service { service, .. } | ConfigFound::Command { service, .. } => Some(*service),
        _ => None,
    };
    service
        .map(|service| next_steps::for_service(facts, service))
        .unwrap_or_default()
}
