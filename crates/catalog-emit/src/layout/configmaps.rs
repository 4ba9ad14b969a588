//! `configmaps.json`: ConfigMaps as written and as substituted, who uses them, and what substitution does.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AmbiguousMaps, Metadata, SourcePlace, Usage};

/// Configuration of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMapsFile {
    /// The JSON Schema of this file.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// ConfigMaps, keyed by the name before the hash suffix.
    pub config_maps: BTreeMap<String, ConfigMapEntry>,
    /// Post-build substitution of all Kustomizations.
    #[serde(default)]
    pub variable_substitution: VariableSubstitutionSection,
    /// Names that stand for several entries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ambiguous: AmbiguousMaps,
    /// Where the file comes from.
    pub metadata: Metadata,
}

/// A ConfigMap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigMapEntry {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What makes it.
    pub generated_by: GeneratedBy,
    /// The file that states it, or a folder with a final `/`; `null` for one that is made elsewhere.
    pub source_file: Option<String>,
    /// Values as written.
    pub keys: BTreeMap<String, ConfigValue>,
    /// Service keys, and `Kind/<key>` for other users, sorted.
    pub used_by: Vec<String>,
    /// Values after substitution, where they differ and are known.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub resolved: BTreeMap<String, String>,
    /// The name with its hash suffix, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rendered_name: Option<String>,
    /// Each use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub usage: Vec<Usage>,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<String>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<String>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourcePlace>,
}

/// What makes a ConfigMap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GeneratedBy {
    /// A configMapGenerator.
    Kustomization,
    /// A manifest.
    #[default]
    Manifest,
    /// A Crossplane `Object` that embeds it.
    CrossplaneSync,
    /// Something outside of the repository.
    External,
}

/// A value of a ConfigMap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ConfigValue {
    /// A short text of one line; `<redacted>` for a credential.
    Text(String),
    /// A long text or one of several lines, with `lines`; binary data without.
    Size {
        /// The file it comes from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        /// Size in bytes.
        bytes: usize,
        /// Lines of a text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lines: Option<usize>,
    },
}

/// Post-build substitution of all Kustomizations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct VariableSubstitutionSection {
    /// The mechanism.
    pub mechanism: String,
    /// The ConfigMap that most Kustomizations read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_config_map: Option<String>,
    /// Its namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How a use looks.
    pub syntax: String,
    /// Every source, in order of precedence.
    pub sources: Vec<VariableSourceEntry>,
    /// Every variable that is defined or used.
    pub variables: BTreeMap<String, VariableEntry>,
    /// Uses that nothing defines.
    pub undefined: Vec<UndefinedEntry>,
}

impl Default for VariableSubstitutionSection {
    fn default() -> Self {
        VariableSubstitutionSection {
            mechanism: "Flux postBuild.substituteFrom".to_owned(),
            source_config_map: None,
            namespace: None,
            syntax: "${variable_name}".to_owned(),
            sources: Vec::new(),
            variables: BTreeMap::new(),
            undefined: Vec::new(),
        }
    }
}

/// A ConfigMap or Secret that Kustomizations substitute from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct VariableSourceEntry {
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// Whether its values are known.
    pub known: bool,
    /// Keys of the Kustomizations that read it, sorted.
    pub used_by: Vec<String>,
}

/// A variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct VariableEntry {
    /// The value; `null` where it is unknown, differs between Kustomizations, or comes from a Secret.
    pub value: Option<String>,
    /// What defines it: `ConfigMap/ns/name`, `Secret/ns/name`, `Kustomization/<key>`.
    pub defined_in: Vec<String>,
    /// Keys of the Kustomizations whose objects use it, sorted.
    pub used_by: Vec<String>,
}

/// A use of a variable that nothing defines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct UndefinedEntry {
    /// Name.
    pub name: String,
    /// The file of the first use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Keys of Kustomizations, sorted.
    pub used_by: Vec<String>,
}
