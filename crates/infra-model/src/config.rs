//! ConfigMaps, who uses them, and post-build substitution.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::entry::named;
use crate::keys::Key;
use crate::secrets::CopiedTo;
use crate::skip::{is_default, is_false};
use crate::text::{Texts, Written, with_resolved};
use crate::{Place, RepoPath};

/// A ConfigMap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, remote = "Self")]
#[schemars(rename = "ConfigMapEntry")]
pub struct ConfigMap {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// Namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// What makes it.
    pub generated_by: GeneratedBy,
    /// The file that states it, or a folder with a final `/`; `null` for one that is made elsewhere.
    pub source_file: Option<String>,
    /// Values as written.
    pub keys: BTreeMap<String, ConfigValue>,
    /// The line that decides each value, by key: where it is written, the layer of merges and patches that has the last word.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, Place>,
    /// The values that lower layers give a key and that do not count, by key, the strongest first.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub overrides: BTreeMap<String, Vec<Overridden>>,
    /// Service keys, and `Kind/<key>` for other users, sorted.
    pub used_by: Vec<String>,
    /// Values after substitution, where they differ and are known.
    #[serde(getter = "Texts::resolved", skip_serializing_if = "BTreeMap::is_empty")]
    pub resolved: BTreeMap<String, String>,
    /// The name with its hash suffix, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rendered_name: Option<String>,
    /// `namespace/name` of the ConfigMap that a controller copies into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<String>,
    /// Where a controller copies it to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copied_to: Option<CopiedTo>,
    /// What it tells Flux by annotations: `reconcile: disabled`, `ssa: IfNotPresent`, `prune: disabled` and the like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tells_flux: Vec<String>,
    /// Each use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub usage: Vec<Usage>,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<Key>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<Key>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

named!(ConfigMap);
with_resolved!(ConfigMap);

impl Texts for ConfigMap {
    type Resolved = BTreeMap<String, String>;

    fn resolved(&self) -> BTreeMap<String, String> {
        self.keys.resolved()
    }

    fn resolve(&mut self, resolved: BTreeMap<String, String>) {
        self.keys.resolve(resolved);
    }
}

/// A value that a higher layer replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "OverriddenEntry")]
pub struct Overridden {
    /// The value as written, where it is short and may be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The line that states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// What makes a ConfigMap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GeneratedBy {
    /// A configMapGenerator.
    Kustomization,
    /// A manifest.
    #[default]
    Manifest,
    /// The chart of a HelmRelease.
    Helm,
    /// A Crossplane `Object` that embeds it.
    CrossplaneSync,
    /// Something outside of the repository.
    External,
}

impl GeneratedBy {
    /// The word that `configmaps.json` uses.
    pub fn as_str(self) -> &'static str {
        match self {
            GeneratedBy::Kustomization => "kustomization",
            GeneratedBy::Manifest => "manifest",
            GeneratedBy::Helm => "helm",
            GeneratedBy::CrossplaneSync => "crossplane-sync",
            GeneratedBy::External => "external",
        }
    }
}

/// A value of a ConfigMap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ConfigValue {
    /// A credential in plain text: withheld.
    #[serde(with = "redacted")]
    Redacted,
    /// A short text of one line.
    Text(Written),
    /// A long text, or one of several lines.
    File {
        /// The file in the repository it comes from, where it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        /// Size.
        bytes: usize,
        /// Lines.
        lines: usize,
        /// The text as Flux applies it, without the credentials in it, where it is short enough for an answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// What tells a longer text from another of its size; none of one with a credential in it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digest: Option<String>,
    },
    /// Binary data.
    Binary {
        /// Size after decoding.
        bytes: usize,
    },
}

/// The text that a catalog has instead of a credential.
mod redacted {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    const REDACTED: &str = "<redacted>";

    pub(super) fn serialize<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            REDACTED => Ok(()),
            _ => Err(D::Error::custom("not redacted")),
        }
    }
}

impl Texts for ConfigValue {
    type Resolved = Option<String>;

    fn resolved(&self) -> Option<String> {
        match self {
            ConfigValue::Text(text) => text.resolved.clone(),
            _ => None,
        }
    }

    fn resolve(&mut self, resolved: Option<String>) {
        if let ConfigValue::Text(text) = self {
            text.resolved = resolved;
        }
    }
}

impl JsonSchema for ConfigValue {
    fn schema_name() -> Cow<'static, str> {
        "ConfigValue".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        /// A value of a ConfigMap.
        #[derive(JsonSchema)]
        #[schemars(untagged)]
        #[expect(dead_code, reason = "it is only a schema")]
        enum Stated {
            /// A short text of one line; `<redacted>` for a credential.
            Text(String),
            /// A long text or one of several lines, with `lines`; binary data without.
            Size {
                /// The file it comes from.
                #[schemars(default, skip_serializing_if = "Option::is_none")]
                file: Option<String>,
                /// Size in bytes.
                bytes: usize,
                /// Lines of a text.
                #[schemars(default, skip_serializing_if = "Option::is_none")]
                lines: Option<usize>,
                /// The text as Flux applies it, where it is short.
                #[schemars(default, skip_serializing_if = "Option::is_none")]
                text: Option<String>,
                /// What tells a longer text from another of its size.
                #[schemars(default, skip_serializing_if = "Option::is_none")]
                digest: Option<String>,
            },
        }
        Stated::json_schema(generator)
    }
}

/// One use of a ConfigMap or Secret. It names a `service` or an `object`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    /// Key of the service whose pods use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// `Kind/<key>` of the object that uses it where that is no pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The container; among the values of a chart that was not rendered only of several, with its controller as `controller/container`
    /// where those are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// `env`, `envFrom`, `volume`, `imagePullSecret`, `valuesFrom`, `values` (a chart's values name it), `substituteFrom`, `sourceAuth`, `decryption`, `kubeConfig`, `ingressTls`, `csi` or `reference` (a field of a custom resource).
    pub how: String,
    /// The key that is used; absent where all are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The environment variable that gets the value, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// Where it is mounted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount_path: Option<String>,
    /// `subPath` of the mount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_path: Option<String>,
    /// Where `valuesFrom` puts it among the values, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_path: Option<String>,
    /// Present and true where the container is an init container.
    #[serde(skip_serializing_if = "is_false")]
    pub init: bool,
    /// The line that states the use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
    /// Present and true where the use says `optional: true`.
    #[serde(skip_serializing_if = "is_false")]
    pub optional: bool,
    /// Present and true where what makes the object gives it no such key.
    #[serde(skip_serializing_if = "is_false")]
    pub key_missing: bool,
}

/// Post-build substitution of all Kustomizations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "VariableSubstitutionSection")]
pub struct VariableSubstitution {
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
    pub sources: Vec<VariableSource>,
    /// Every variable that is defined or used.
    pub variables: BTreeMap<String, Variable>,
    /// Uses that nothing defines.
    pub undefined: Vec<UndefinedVariable>,
}

impl Default for VariableSubstitution {
    fn default() -> Self {
        VariableSubstitution {
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
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "VariableSourceEntry")]
pub struct VariableSource {
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// Whether its values are known.
    pub known: bool,
    /// Keys of the Kustomizations that read it, sorted.
    pub used_by: Vec<Key>,
}

/// A variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "VariableEntry")]
pub struct Variable {
    /// The value; `null` where it is unknown, differs between Kustomizations, or comes from a Secret.
    pub value: Option<String>,
    /// What defines it: `ConfigMap/ns/name`, `Secret/ns/name`, `Kustomization/<key>`.
    pub defined_in: Vec<String>,
    /// Keys of the Kustomizations whose objects use it, sorted.
    pub used_by: Vec<Key>,
    /// What it is for the Kustomizations that use it or define it themselves: one item for those that agree.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<VariableReading>,
    /// The first fields in which its value lands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<VariableUse>,
    /// How many more there are.
    #[serde(skip_serializing_if = "is_default")]
    pub more_uses: usize,
}

/// A field in which the value of a variable lands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "VariableUseEntry")]
pub struct VariableUse {
    /// `Kind/<key>` of the object.
    pub object: String,
    /// The path of the field.
    pub field: String,
    /// The variables of Kustomizations that hand the value on, such as `HOST of Kustomization apps`, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<String>,
    /// The line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// What a variable is for some Kustomizations.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "VariableReadingEntry")]
pub struct VariableReading {
    /// Keys of the Kustomizations, sorted.
    pub kustomizations: Vec<Key>,
    /// What defines it, in order of precedence: the first decides. Empty where nothing does.
    pub definitions: Vec<VariableDefinition>,
    /// Present and true where every use has a default.
    #[serde(skip_serializing_if = "is_false")]
    pub defaulted: bool,
}

/// One definition of a variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "VariableDefinitionEntry")]
pub struct VariableDefinition {
    /// What states it: `ConfigMap/ns/name`, `Secret/ns/name`, `Kustomization/<key>`, or a file that the caller gave.
    pub by: String,
    /// The value; absent where it is unknown or comes from a Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The line that states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// A use of a variable that nothing defines.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "UndefinedEntry")]
pub struct UndefinedVariable {
    /// Name.
    pub name: String,
    /// The file of the first use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<RepoPath>,
    /// The line in that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Keys of Kustomizations, sorted.
    pub used_by: Vec<Key>,
}

impl UndefinedVariable {
    /// The first use.
    pub fn place(&self) -> Option<Place> {
        Place::from_parts(self.file.as_ref(), self.line)
    }
}
