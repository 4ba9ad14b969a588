//! The configuration guide: ConfigMaps, their users, and substitution.

use infra_model::config::{ConfigMap, ConfigValue, GeneratedBy};
use minijinja::Value;
use serde::Serialize;

use super::example::Example;
use super::facts::{Facts, Head, Rows, listed, notes};
use plain_text::markdown::is_plain_name;

const NAMES: usize = 8;
/// Keys that the sample shows.
const KEYS: usize = 4;

#[derive(Debug, Serialize)]
pub(crate) struct ConfigMaps {
    pub(crate) sample: Option<Sample>,
    pub(crate) substitution: Option<Substitution>,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) notes: Vec<Value>,
}

/// An entry of `configmaps.json` with values.
#[derive(Debug, Serialize)]
pub(crate) struct Sample {
    #[serde(flatten)]
    pub(crate) map: MapRow,
    pub(crate) keys: Vec<(String, String)>,
}

/// The source of variables that most Kustomizations use.
#[derive(Debug, Serialize)]
pub(crate) struct Substitution {
    pub(crate) sample: Option<Sample>,
    pub(crate) name: String,
    pub(crate) namespace: String,
    /// The variables that tell clusters apart, for the diagram.
    pub(crate) variables: Vec<VariableSample>,
    /// Where to look for a wrong value.
    pub(crate) mend: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct VariableSample {
    pub(crate) name: String,
    pub(crate) value: String,
    /// `${name}`
    pub(crate) reference: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Cluster {
    pub(crate) head: Head,
    pub(crate) sources: Rows<SourceRow>,
    pub(crate) variables: Rows<VariableRow>,
    pub(crate) undefined: Rows<UndefinedRow>,
    pub(crate) external: Rows<MapRow>,
    pub(crate) most_used: Rows<MapRow>,
}

#[derive(Debug, Serialize)]
pub(crate) struct SourceRow {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) known: bool,
    pub(crate) used_by: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct VariableRow {
    /// `${name}`
    pub(crate) reference: String,
    pub(crate) value: Option<String>,
    pub(crate) defined_in: Vec<String>,
    pub(crate) used_by: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct UndefinedRow {
    pub(crate) reference: String,
    pub(crate) place: Option<String>,
    pub(crate) used_by: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct MapRow {
    pub(crate) key: String,
    pub(crate) namespace: String,
    pub(crate) generated_by: &'static str,
    pub(crate) source_file: Option<String>,
    pub(crate) used_by: Vec<String>,
}

pub(crate) fn view(all: &[Facts<'_>], example: Option<&Example>) -> ConfigMaps {
    ConfigMaps {
        sample: all.iter().find_map(|facts| sample_of(facts, example)),
        substitution: all.iter().find_map(substitution),
        clusters: all.iter().map(cluster).collect(),
        notes: notes(all, &["configmaps", "configMaps", "config"]),
    }
}

/// The ConfigMap of the example that has most keys a reader can see, else any.
fn sample_of(facts: &Facts<'_>, example: Option<&Example>) -> Option<Sample> {
    let maps = &facts.infra.config_maps;
    let mine = example.and_then(|example| facts.infra.services.get(&example.key));
    let mine = mine.map_or(&[][..], |service| &service.config_maps);
    let texts = |map: &ConfigMap| {
        let values = map.keys.values();
        values
            .filter(|value| matches!(value, ConfigValue::Text(_)))
            .count()
    };
    let mine = mine.iter().filter_map(|key| maps.get_key_value(key));
    let any = || {
        let maps = maps.iter().rev();
        let stated = maps.filter(|(_, map)| map.generated_by != GeneratedBy::External);
        stated.max_by_key(|(_, map)| (map.used_by.len(), texts(map)))
    };
    let map = mine.max_by_key(|(_, map)| texts(map)).or_else(any);
    map.map(sample)
}

fn map_row((key, map): (&String, &ConfigMap)) -> MapRow {
    MapRow {
        key: key.clone(),
        namespace: map.namespace.clone(),
        generated_by: map.generated_by.as_str(),
        source_file: map.source_file.clone(),
        used_by: listed(&map.used_by, NAMES),
    }
}

fn sample((key, map): (&String, &ConfigMap)) -> Sample {
    let keys = map.keys.iter().take(KEYS).map(|(key, value)| {
        let value = match value {
            ConfigValue::Text(text) => text.written.clone(),
            ConfigValue::Redacted => "<redacted>".to_owned(),
            ConfigValue::File { bytes, .. } | ConfigValue::Binary { bytes } => format!("({bytes} bytes)"),
        };
        (key.clone(), value)
    });
    Sample {
        map: map_row((key, map)),
        keys: keys.collect(),
    }
}

fn substitution(facts: &Facts<'_>) -> Option<Substitution> {
    let substitution = &facts.infra.variable_substitution;
    let plain = |name: &Option<String>| name.clone().filter(|name| is_plain_name(name));
    let name = plain(&substitution.source_config_map)?;
    let namespace = plain(&substitution.namespace)?;
    let mut maps = facts.infra.config_maps.iter();
    let found = maps.find(|(_, map)| map.name == name && map.namespace == namespace);
    let stated = found.map(|(_, map)| (map.generated_by, map.source_file.as_deref()));
    let mend = match stated {
        Some((GeneratedBy::CrossplaneSync, _)) => "Check Crossplane sync status".to_owned(),
        Some((GeneratedBy::External, _)) | None => {
            "Check what makes the ConfigMap: nothing in the repository does".to_owned()
        }
        Some((_, Some(file))) => format!("Check {file} and the Kustomization that applies it"),
        Some((_, None)) => "Check the Kustomization that applies the ConfigMap".to_owned(),
    };
    let own = format!("ConfigMap/{namespace}/{name}");
    let mut variables: Vec<_> = substitution
        .variables
        .iter()
        .filter(|(_, variable)| variable.defined_in.contains(&own))
        .filter_map(|(name, variable)| Some((identity(name), name, variable.value.clone()?)))
        .collect();
    variables.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    let variables = variables.into_iter().take(2);
    let variables = variables.map(|(_, name, value)| VariableSample {
        name: name.clone(),
        reference: reference(name),
        value,
    });
    Some(Substitution {
        sample: found.map(sample),
        name,
        namespace,
        variables: variables.collect(),
        mend,
    })
}

/// How well a variable tells one cluster from another, the best first.
fn identity(name: &str) -> usize {
    const WORDS: [&str; 8] = [
        "cluster",
        "project",
        "account",
        "environment",
        "env",
        "region",
        "domain",
        "network",
    ];
    let name = name.to_lowercase();
    let at_start = WORDS.iter().position(|word| name.starts_with(word));
    let inside = || Some(WORDS.iter().position(|word| name.contains(word))? + WORDS.len());
    at_start.or_else(inside).unwrap_or(usize::MAX)
}

fn reference(name: &str) -> String {
    format!("${{{name}}}")
}

fn cluster(facts: &Facts<'_>) -> Cluster {
    let substitution = &facts.infra.variable_substitution;
    let sources = substitution.sources.iter().map(|source| SourceRow {
        kind: source.kind.clone(),
        name: source.name.clone(),
        namespace: source.namespace.clone(),
        known: source.known,
        used_by: source.used_by.len(),
    });
    let variables = substitution.variables.iter().map(|(name, variable)| VariableRow {
        reference: reference(name),
        value: variable.value.clone(),
        defined_in: listed(&variable.defined_in, 3),
        used_by: variable.used_by.len(),
    });
    let undefined = substitution.undefined.iter().map(|variable| UndefinedRow {
        reference: reference(&variable.name),
        place: variable.place().map(|place| place.to_string()),
        used_by: listed(&variable.used_by, NAMES),
    });
    let maps = &facts.infra.config_maps;
    let is_external = |map: &ConfigMap| map.generated_by == GeneratedBy::External;
    let external = maps.iter().filter(|(_, map)| is_external(map));
    let shared = maps
        .iter()
        .filter(|(_, map)| !is_external(map) && map.used_by.len() > 1);
    let mut used: Vec<_> = shared.collect();
    used.sort_by(|a, b| (b.1.used_by.len(), a.0).cmp(&(a.1.used_by.len(), b.0)));
    used.truncate(40);
    Cluster {
        head: facts.head.clone(),
        sources: facts.rows(sources),
        variables: facts.rows(variables),
        undefined: facts.rows(undefined),
        external: facts.rows(external.map(map_row)),
        most_used: facts.rows(used.into_iter().map(map_row)),
    }
}

#[cfg(test)]
mod tests {
    use infra_model::config::Variable;
    use infra_model::{Infrastructure, Written};
    use pretty_assertions::assert_eq;

    use super::*;

    fn infra(generated_by: GeneratedBy) -> Infrastructure {
        let mut infra = Infrastructure::default();
        let map = ConfigMap {
            name: "vars".into(),
            namespace: "flux-system".into(),
            generated_by,
            source_file: Some("clusters/vars.yaml".into()),
            ..ConfigMap::default()
        };
        infra.config_maps.insert("vars".into(), map);
        let substitution = &mut infra.variable_substitution;
        substitution.source_config_map = Some("vars".into());
        substitution.namespace = Some("flux-system".into());
        for name in ["DOMAIN", "ACCOUNT_ID", "zone", "my_cluster", "CLUSTER_NAME"] {
            let variable = Variable {
                value: Some("x".into()),
                defined_in: vec!["ConfigMap/flux-system/vars".into()],
                used_by: Vec::new(),
                ..Variable::default()
            };
            substitution.variables.insert(name.into(), variable);
        }
        infra
    }

    #[test]
    fn the_diagram_shows_what_tells_clusters_apart() {
        let infra = infra(GeneratedBy::Manifest);
        let substitution = substitution(&Facts::new(None, &infra, 10)).expect("a source");
        let names: Vec<_> = substitution
            .variables
            .iter()
            .map(|variable| variable.name.as_str())
            .collect();
        assert_eq!(names, ["CLUSTER_NAME", "ACCOUNT_ID"]);
        assert_eq!(substitution.variables[0].reference, "${CLUSTER_NAME}");
    }

    #[test]
    fn a_wrong_value_is_looked_for_where_the_source_is_made() {
        for (generated_by, expected) in [
            (GeneratedBy::CrossplaneSync, "Check Crossplane sync status"),
            (
                GeneratedBy::Manifest,
                "Check clusters/vars.yaml and the Kustomization that applies it",
            ),
            (
                GeneratedBy::External,
                "Check what makes the ConfigMap: nothing in the repository does",
            ),
        ] {
            let infra = infra(generated_by);
            let mend = substitution(&Facts::new(None, &infra, 10)).map(|substitution| substitution.mend);
            assert_eq!(mend.as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_withheld_value_stays_withheld() {
        let mut map = ConfigMap::default();
        map.keys.insert("a".into(), ConfigValue::Redacted);
        map.keys
            .insert("b".into(), ConfigValue::Text(Written::plain("x")));
        map.keys.insert("c".into(), ConfigValue::Binary { bytes: 3 });
        let values: Vec<_> = sample((&"m".into(), &map))
            .keys
            .into_iter()
            .map(|(_, value)| value)
            .collect();
        assert_eq!(values, ["<redacted>", "x", "(3 bytes)"]);
    }
}
