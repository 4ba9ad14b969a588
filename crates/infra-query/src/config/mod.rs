//! `config`: which value something has, and which line decides it. Values as written and as substituted, the place that states them, and
//! who uses them.

mod by_key;
mod full_text;
mod objects;
mod text;
mod variables;

use std::collections::BTreeSet;

use crate::Facts;
use crate::answer::display_answer;
use crate::config_use::{ConfigUse, config_of};
use crate::find::{Hit, Matched, NotFound, QueryError, closest, find, find_for, find_service};
use crate::graph::links::config_map_of;
use crate::next_steps::{self, Answer, Step};
use crate::{Question, Subject};
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
    /// What was found.
    pub found: ConfigFound<'a>,
    /// The variables in the fields that were found, each with what sets it there.
    pub set_by: Vec<ReadVariable<'a>>,
    /// Whether long texts are written in full.
    pub full: bool,
    /// Commands that show what the cluster has, in the order in which to run them.
    pub check: Vec<Step>,
}

impl ConfigAnswer<'_> {
    /// Whether it has a field of which the catalogs keep the number of lines alone.
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

    /// Whether it is one file of so few lines that people read all of it.
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

impl Answer for ConfigAnswer<'_> {
    fn steps(&self) -> &[Step] {
        &self.check
    }

    fn shown(&self) -> usize {
        0
    }
}

display_answer!(ConfigAnswer<'_>);

/// What a question about configuration found.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigFound<'a> {
    /// Values by key, in one ConfigMap or several, and environment variables of the name.
    Values {
        /// Of ConfigMaps.
        values: Vec<FoundValue<'a>>,
        /// Of containers.
        env: Vec<FoundEnv<'a>>,
    },
    /// ConfigMaps as a whole.
    Maps(Vec<(&'a str, &'a ConfigMap)>),
    /// A substitution variable.
    Variable {
        /// Name.
        name: &'a str,
        /// The variable.
        variable: &'a Variable,
        /// The Kustomization that is asked about, where it is one of several.
        of: Option<&'a str>,
        /// Where it is used without being defined.
        undefined: Option<&'a UndefinedVariable>,
        /// ConfigMap keys whose values use it, as `map.KEY`.
        values: Vec<String>,
    },
    /// Fields of objects that no other section has.
    Objects(Vec<FoundFields<'a>>),
    /// What the containers of a service run in place of what their images say.
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
        /// The values of its HelmRelease, where its chart is not at hand.
        values: Option<FoundFields<'a>>,
    },
}

/// Finds configuration: `term` is the key of a value or an environment variable, alone or behind a ConfigMap or a service as
/// `NAME/KEY` or `NAME.KEY`, a substitution variable as `NAME`, `${NAME}` or `variable/NAME`, a ConfigMap, or a service.
///
/// # Errors
/// [`QueryError`]
pub fn config<'a>(facts: &'a dyn Facts, term: &str) -> Result<ConfigAnswer<'a>, QueryError> {
    match find_config(facts, term.trim()) {
        Ok(found) => Ok(answer(facts, found)),
        Err(error) => Err(removed_value(facts, term.trim()).unwrap_or(error)),
    }
}

/// Fields of objects that no catalog has, which the repository was read for; with `full`, all lines of texts.
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

/// What sets the variables in the fields of objects, where that is known.
fn set_by<'a>(facts: &'a dyn Facts, found: &ConfigFound<'a>) -> Vec<ReadVariable<'a>> {
    const MOST: usize = 4;
    let ConfigFound::Objects(objects) = found else {
        return Vec::new();
    };
    let mut all: Vec<ReadVariable<'a>> = Vec::new();
    for found in objects {
        let by = match found.subject {
            Subject::HelmRelease(_, release) => release.kustomization.as_deref(),
            Subject::Object(_, object) => object.kustomization.as_deref(),
            _ => None,
        };
        for written in found
            .fields
            .iter()
            .filter_map(|(_, field)| field.written.as_deref())
        {
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

/// The value of a release that a patch takes away, as `NAME/PATH` asks for it or for what is below it.
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

/// As [`config`], of the keys of a service that have a word in them: `NAME/WORD`.
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
        // A source of variables states each as a value, too; only a value elsewhere means something else.
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
    // What is called just so comes before a key in another case.
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
        // A key that a patch removes.
        true => error,
        false => no_key(facts, term).unwrap_or_else(|| with_keys(facts, term, error)),
    })?;
    let maps: Vec<(&str, &ConfigMap)> = hits
        .iter()
        .filter_map(|hit| match hit.subject {
            Subject::ConfigMap(key, config_map) => Some((key, config_map)),
            _ => None,
        })
        .collect();
    // A service that reads the ConfigMap of its name tells of it, too.
    let mut services = hits.iter().filter_map(|hit| match hit.subject {
        Subject::Service(key, service) if hit.matched == Matched::Name => Some((key, service)),
        _ => None,
    });
    let named = services.next().filter(|_| services.next().is_none());
    let reads_maps = |(key, service): &(&str, &Service)| {
        let own = config_of(facts, key, service);
        let has = |map: &(&str, &ConfigMap)| own.iter().any(|used| used.key == map.0);
        maps.iter().all(has)
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

/// A substitution variable behind the name of something that Flux applies: `papi/cluster_name`.
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
            Subject::Service(_, service) => service.kustomization.as_deref(),
            Subject::HelmRelease(_, release) => release.kustomization.as_deref(),
            _ => None,
        });
        *of = keys.find(|key| {
            let mut readings = variable.readings.iter();
            readings.any(|reading| reading.kustomizations.iter().any(|own| own == key))
        });
    }
    Some(found)
}

/// The command lines of a service: `papi/command`, `papi/args`.
fn command_of<'a>(facts: &'a dyn Facts, term: &str) -> Option<ConfigFound<'a>> {
    let (holder, key) = term.rsplit_once('/')?;
    if !["args", "arguments", "command"].contains(&key.to_ascii_lowercase().as_str()) {
        return None;
    }
    let (key, service) = find_service(facts, holder).ok()?;
    (!service.containers.is_empty()).then_some(ConfigFound::Command { key, service })
}

/// The keys that a ConfigMap, or the ConfigMaps and containers of a service, have in place of the one that a term asks for.
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
    let others = keys
        .into_iter()
        .filter(|key| !sorted.iter().any(|known| known == key));
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
        ConfigFound::Values { values, .. } => match values.as_slice() {
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
