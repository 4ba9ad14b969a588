//! `config`: values, ConfigMaps, a variable or the ConfigMaps of a service, each under its own name.

use std::collections::BTreeMap;

use infra_model::config::{
    ConfigMap, ConfigValue, Overridden, UndefinedVariable, Usage, Variable, VariableDefinition,
};
use infra_model::object::ObjectField;
use infra_model::pods::{Container, EnvVariable};
use infra_model::{Place, RepoPath};
use infra_query::Subject;
use infra_query::config::{
    ConfigAnswer, ConfigFound, FoundEnv, FoundFields, FoundValue, FullText, ReadVariable,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;
use super::explain::ValuesJson;
use super::next_steps::{StepJson, steps};
use super::subject::{ThingJson, thing};
use super::trace::{ConfigUseJson, config_use};

/// Everything that `config` prints.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the schema of all answers; each is written by itself")]
pub(super) enum ConfigJson<'a> {
    /// Configuration of the repository.
    Found(ConfigFoundJson<'a>),
    /// Values of a HelmRelease by path.
    Values(ValuesJson<'a>),
    /// The whole text of one value.
    Text(FullTextJson<'a>),
}

/// The whole text of one value.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FullText")]
pub(super) struct FullTextJson<'a> {
    /// Key of the ConfigMap.
    config_map: &'a str,
    /// Its namespace.
    namespace: &'a str,
    /// Key of the value.
    key: &'a str,
    /// The path in the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    /// The text, without the credentials in it.
    text: &'a str,
    /// The line that decides the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a Place>,
    /// Whether the end is left out.
    is_cut: bool,
    /// Commands that show what the cluster has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    check: Vec<StepJson<'a>>,
}

impl ToJson for FullText<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        to_value(FullTextJson {
            config_map: self.map_key,
            namespace: self.namespace,
            key: &self.key,
            path: self.path.as_deref(),
            text: &self.text,
            place: self.place.as_ref(),
            is_cut: self.is_cut,
            check: steps(&self.check),
        })
    }
}

/// What was found, and commands that show what the cluster has.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConfigFound")]
pub(super) struct ConfigFoundJson<'a> {
    #[serde(flatten)]
    found: FoundJson<'a>,
    /// Commands that show what the cluster has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    check: Vec<StepJson<'a>>,
}

/// What was found.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Configuration")]
enum FoundJson<'a> {
    /// The configuration of a service.
    #[serde(rename_all = "camelCase")]
    Service {
        /// Key of the service.
        service: &'a str,
        /// Its ConfigMaps.
        config_maps: Vec<ConfigUseJson<'a>>,
        /// Its environment variables.
        env: &'a [EnvVariable],
        /// The values of its HelmRelease by path, if its chart is not available.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        values: BTreeMap<&'a str, &'a ObjectField>,
    },
    /// ConfigMaps as a whole.
    #[serde(rename_all = "camelCase")]
    Maps {
        /// The ConfigMaps.
        config_maps: Vec<ThingJson<'a>>,
    },
    /// A substitution variable.
    Variable {
        /// Its name.
        variable: &'a str,
        /// Its entry, as in `configmaps.json`.
        entry: &'a Variable,
        /// Where it is used without being defined.
        #[serde(skip_serializing_if = "Option::is_none")]
        undefined: Option<UndefinedJson<'a>>,
        /// Values of ConfigMaps that use it, as `map.KEY`.
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        values: &'a [String],
    },
    /// What the containers of a service run in place of what their images say.
    Command {
        /// Key of the service.
        service: &'a str,
        /// Its containers, as in `services.json`.
        containers: &'a [Container],
        /// Where a person edits it.
        #[serde(skip_serializing_if = "Option::is_none")]
        source: Option<&'a Place>,
    },
    /// Fields of objects that no other section has.
    Objects {
        /// The objects.
        objects: Vec<FieldsJson<'a>>,
    },
    /// Values by key.
    Values {
        /// Of ConfigMaps.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        values: Vec<ValueJson<'a>>,
        /// Environment variables of the name.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        env: Vec<EnvJson<'a>>,
    },
}

/// Fields of an object.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FoundFields")]
struct FieldsJson<'a> {
    /// Its kind and key in `flux-resources.json`.
    object: String,
    /// Its namespace.
    namespace: &'a str,
    /// The fields by path, as in `flux-resources.json`.
    fields: BTreeMap<&'a str, &'a ObjectField>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Place>,
}

/// Where a variable is used without being defined.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "UndefinedUse")]
struct UndefinedJson<'a> {
    /// The file of the first use.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a RepoPath>,
    /// The line in that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    /// Keys of Kustomizations.
    used_by: &'a [String],
}

/// A value of a ConfigMap.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FoundValue")]
struct ValueJson<'a> {
    /// Key of the ConfigMap.
    config_map: &'a str,
    /// Its namespace.
    namespace: &'a str,
    /// Key of the value.
    key: &'a str,
    /// The value as written.
    value: &'a ConfigValue,
    /// The value after substitution, where it differs and is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<&'a str>,
    /// The variables in it, as the Kustomization that applies the ConfigMap reads them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<&'a str, ReadJson<'a>>,
    /// The file that states the ConfigMap.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_file: Option<&'a str>,
    /// Where a person edits the ConfigMap.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Place>,
    /// The line that decides the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a Place>,
    /// What lower layers say and does not count, the strongest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    overrides: Option<&'a [Overridden]>,
    /// Who reads it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    usage: Vec<&'a Usage>,
}

/// An environment variable of a container.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FoundEnv")]
struct EnvJson<'a> {
    /// Key of the service.
    service: &'a str,
    /// The environment variable, as in `services.json`.
    entry: &'a EnvVariable,
    /// The variables in it, as the Kustomization that applies the service reads them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<&'a str, ReadJson<'a>>,
}

/// A variable as one Kustomization reads it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReadVariable")]
struct ReadJson<'a> {
    /// Its value, where it is known.
    value: Option<&'a str>,
    /// What defines it.
    defined_in: &'a [String],
    /// What defines it there, in order of precedence.
    definitions: &'a [VariableDefinition],
}

impl ToJson for ConfigAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let found = match &self.found {
            ConfigFound::Values { values, env } => FoundJson::Values {
                values: values.iter().map(value).collect(),
                env: env.iter().map(environment).collect(),
            },
            ConfigFound::Objects(found) => FoundJson::Objects {
                objects: found.iter().map(fields).collect(),
            },
            ConfigFound::Command { key, service } => FoundJson::Command {
                service: key,
                containers: &service.containers,
                source: service.source.as_ref(),
            },
            ConfigFound::Maps(maps) => FoundJson::Maps {
                config_maps: maps
                    .iter()
                    .map(|(key, config_map)| thing(Subject::ConfigMap(key, config_map)))
                    .collect(),
            },
            ConfigFound::Variable {
                name,
                variable,
                of: _,
                undefined,
                values,
            } => FoundJson::Variable {
                variable: name,
                entry: variable,
                undefined: undefined.map(|undefined: &UndefinedVariable| UndefinedJson {
                    file: undefined.file.as_ref(),
                    line: undefined.line,
                    used_by: &undefined.used_by,
                }),
                values,
            },
            ConfigFound::Service {
                key,
                service,
                maps,
                values,
            } => FoundJson::Service {
                service: key,
                config_maps: maps.iter().map(config_use).collect(),
                env: &service.env,
                values: values
                    .iter()
                    .flat_map(|found| found.fields.iter().copied())
                    .collect(),
            },
        };
        to_value(ConfigFoundJson {
            found,
            check: steps(&self.check),
        })
    }
}

fn fields<'a>(found: &'a FoundFields<'_>) -> FieldsJson<'a> {
    FieldsJson {
        object: found.subject.title(),
        namespace: found.subject.namespace(),
        fields: found.fields.iter().copied().collect(),
        source: found.subject.place(),
    }
}

fn environment<'a>(found: &'a FoundEnv<'_>) -> EnvJson<'a> {
    EnvJson {
        service: found.service,
        entry: found.variable,
        variables: read(&found.variables),
    }
}

/// Variables by name.
fn read<'a>(variables: &'a [ReadVariable<'_>]) -> BTreeMap<&'a str, ReadJson<'a>> {
    let of_variable = |read: &'a ReadVariable<'_>| {
        let value = match read.definitions.first() {
            Some(first) => first.value.as_deref(),
            None => read.variable.value.as_deref(),
        };
        let variable = ReadJson {
            value,
            defined_in: &read.variable.defined_in,
            definitions: read.definitions,
        };
        (read.name, variable)
    };
    variables.iter().map(of_variable).collect()
}

fn value<'a>(found: &'a FoundValue<'_>) -> ValueJson<'a> {
    let ConfigMap {
        namespace,
        source_file,
        source,
        places,
        overrides,
        usage,
        ..
    } = found.config_map;
    let key = found.key;
    let usage = usage
        .iter()
        .filter(|usage| usage.key.as_deref().is_none_or(|used| used == key));
    ValueJson {
        config_map: found.map_key,
        namespace,
        key,
        value: found.value,
        resolved: match found.value {
            ConfigValue::Text(text) => text.resolved.as_deref(),
            _ => None,
        },
        variables: read(&found.variables),
        source_file: source_file.as_deref(),
        source: source.as_ref(),
        place: places.get(key),
        overrides: overrides.get(key).map(Vec::as_slice),
        usage: usage.collect(),
    }
}
