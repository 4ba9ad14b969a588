//! ConfigMaps and post-build substitution.

use std::collections::BTreeMap;

use infra_model::config::{
    ConfigMap, ConfigValue as ModelValue, GeneratedBy as ModelGeneratedBy, UndefinedVariable, Variable,
    VariableSource, VariableSubstitution,
};
use infra_model::{Infrastructure, Written};

use super::common::{
    ambiguous, file_and_line, name_unless_key, place, source, source_place, stated, usage, usage_model,
};
use crate::layout::{
    ConfigMapEntry, ConfigMapsFile, ConfigValue, GeneratedBy, Metadata, UndefinedEntry, VariableEntry,
    VariableSourceEntry, VariableSubstitutionSection,
};

/// The maps of this file, as `ambiguous` names them.
const MAPS: &[&str] = &["configMaps"];

/// What stands for a credential.
const REDACTED: &str = "<redacted>";

/// `configmaps.json`
pub(crate) fn file(infrastructure: &Infrastructure, metadata: &Metadata) -> ConfigMapsFile {
    ConfigMapsFile {
        schema: Some(crate::schema::url("configmaps")),
        config_maps: infrastructure
            .config_maps
            .iter()
            .map(|(key, config_map)| (key.clone(), entry(key, config_map)))
            .collect(),
        variable_substitution: section(&infrastructure.variable_substitution),
        ambiguous: ambiguous(infrastructure, MAPS),
        metadata: metadata.clone(),
    }
}

/// Adds what `configmaps.json` states to a model.
pub(crate) fn read(file: ConfigMapsFile, infrastructure: &mut Infrastructure) {
    infrastructure.config_maps = file
        .config_maps
        .into_iter()
        .map(|(key, entry)| {
            let config_map = config_map(&key, entry);
            (key, config_map)
        })
        .collect();
    infrastructure.variable_substitution = substitution(file.variable_substitution);
    infrastructure.ambiguous.extend(file.ambiguous);
}

pub(crate) fn entry(key: &str, config_map: &ConfigMap) -> ConfigMapEntry {
    let ConfigMap {
        name,
        namespace,
        generated_by,
        source_file,
        kustomization,
        also_applied_by,
        keys,
        used_by,
        rendered_name,
        usage: uses,
        source: source_of,
    } = config_map.clone();
    ConfigMapEntry {
        name: name_unless_key(&name, key),
        namespace: stated(&namespace),
        generated_by: match generated_by {
            ModelGeneratedBy::Kustomization => GeneratedBy::Kustomization,
            ModelGeneratedBy::Manifest => GeneratedBy::Manifest,
            ModelGeneratedBy::CrossplaneSync => GeneratedBy::CrossplaneSync,
            ModelGeneratedBy::External => GeneratedBy::External,
        },
        source_file,
        resolved: keys
            .iter()
            .filter_map(|(key, value)| match value {
                ModelValue::Text(Written {
                    resolved: Some(resolved),
                    ..
                }) => Some((key.clone(), resolved.clone())),
                _ => None,
            })
            .collect(),
        keys: keys
            .into_iter()
            .map(|(key, value)| (key, value_entry(value)))
            .collect(),
        used_by,
        rendered_name,
        usage: uses.iter().map(usage).collect(),
        kustomization,
        also_applied_by,
        source: source_of.as_ref().map(source),
    }
}

pub(crate) fn config_map(key: &str, entry: ConfigMapEntry) -> ConfigMap {
    let ConfigMapEntry {
        name,
        namespace,
        generated_by,
        source_file,
        keys,
        used_by,
        mut resolved,
        rendered_name,
        usage: uses,
        kustomization,
        also_applied_by,
        source,
    } = entry;
    ConfigMap {
        name: name.unwrap_or_else(|| key.to_owned()),
        namespace: namespace.unwrap_or_default(),
        generated_by: match generated_by {
            GeneratedBy::Kustomization => ModelGeneratedBy::Kustomization,
            GeneratedBy::Manifest => ModelGeneratedBy::Manifest,
            GeneratedBy::CrossplaneSync => ModelGeneratedBy::CrossplaneSync,
            GeneratedBy::External => ModelGeneratedBy::External,
        },
        source_file,
        kustomization,
        also_applied_by,
        keys: keys
            .into_iter()
            .map(|(key, value)| {
                let value = value_model(&key, value, &mut resolved);
                (key, value)
            })
            .collect(),
        used_by,
        rendered_name,
        usage: uses.into_iter().map(usage_model).collect(),
        source: source.map(source_place),
    }
}

pub(crate) fn value_entry(value: ModelValue) -> ConfigValue {
    match value {
        ModelValue::Text(text) => ConfigValue::Text(text.written),
        ModelValue::Redacted => ConfigValue::Text(REDACTED.to_owned()),
        ModelValue::File { file, bytes, lines } => ConfigValue::Size {
            file,
            bytes,
            lines: Some(lines),
        },
        ModelValue::Binary { bytes } => ConfigValue::Size {
            file: None,
            bytes,
            lines: None,
        },
    }
}

fn value_model(key: &str, value: ConfigValue, resolved: &mut BTreeMap<String, String>) -> ModelValue {
    match value {
        ConfigValue::Text(text) if text == REDACTED => ModelValue::Redacted,
        ConfigValue::Text(written) => ModelValue::Text(Written {
            written,
            resolved: resolved.remove(key),
        }),
        ConfigValue::Size {
            file,
            bytes,
            lines: Some(lines),
        } => ModelValue::File { file, bytes, lines },
        ConfigValue::Size { bytes, .. } => ModelValue::Binary { bytes },
    }
}

fn section(substitution: &VariableSubstitution) -> VariableSubstitutionSection {
    let VariableSubstitution {
        source_config_map,
        namespace,
        sources,
        variables,
        undefined,
    } = substitution.clone();
    VariableSubstitutionSection {
        source_config_map,
        namespace,
        sources: sources
            .into_iter()
            .map(|source| {
                let VariableSource {
                    kind,
                    name,
                    namespace,
                    known,
                    used_by,
                } = source;
                VariableSourceEntry {
                    kind,
                    name,
                    namespace,
                    known,
                    used_by,
                }
            })
            .collect(),
        variables: variables
            .into_iter()
            .map(|(name, variable)| {
                let Variable {
                    value,
                    defined_in,
                    used_by,
                } = variable;
                let entry = VariableEntry {
                    value,
                    defined_in,
                    used_by,
                };
                (name, entry)
            })
            .collect(),
        undefined: undefined
            .into_iter()
            .map(|UndefinedVariable { name, place, used_by }| {
                let (file, line) = file_and_line(place.as_ref());
                UndefinedEntry {
                    name,
                    file,
                    line,
                    used_by,
                }
            })
            .collect(),
        // The mechanism and the syntax are always the same.
        ..VariableSubstitutionSection::default()
    }
}

fn substitution(section: VariableSubstitutionSection) -> VariableSubstitution {
    let VariableSubstitutionSection {
        mechanism: _,
        source_config_map,
        namespace,
        syntax: _,
        sources,
        variables,
        undefined,
    } = section;
    VariableSubstitution {
        source_config_map,
        namespace,
        sources: sources
            .into_iter()
            .map(|entry| {
                let VariableSourceEntry {
                    kind,
                    name,
                    namespace,
                    known,
                    used_by,
                } = entry;
                VariableSource {
                    kind,
                    name,
                    namespace,
                    known,
                    used_by,
                }
            })
            .collect(),
        variables: variables
            .into_iter()
            .map(|(name, entry)| (name, variable(entry)))
            .collect(),
        undefined: undefined.into_iter().map(undefined_variable).collect(),
    }
}

pub(crate) fn variable(entry: VariableEntry) -> Variable {
    let VariableEntry {
        value,
        defined_in,
        used_by,
    } = entry;
    Variable {
        value,
        defined_in,
        used_by,
    }
}

pub(crate) fn undefined_variable(entry: UndefinedEntry) -> UndefinedVariable {
    let UndefinedEntry {
        name,
        file,
        line,
        used_by,
    } = entry;
    UndefinedVariable {
        name,
        place: place(file, line),
        used_by,
    }
}
