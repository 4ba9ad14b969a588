//! ConfigMaps, who uses them, and post-build substitution.

use std::collections::BTreeMap;

use crate::Place;
use crate::keys::Key;
use crate::text::Written;

/// A ConfigMap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConfigMap {
    /// The name before the hash suffix.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// What makes it.
    pub generated_by: GeneratedBy,
    /// The file that states it; for [`GeneratedBy::CrossplaneSync`] the manifest's folder with a final `/`.
    pub source_file: Option<String>,
    /// Key of the Kustomization that applies it.
    pub kustomization: Option<Key>,
    /// Keys of further Kustomizations that apply the same object.
    pub also_applied_by: Vec<Key>,
    /// Values by key.
    pub keys: BTreeMap<String, ConfigValue>,
    /// Service keys, and `Kind/<key>` for other users, sorted; see `catalogs.md` for the one string for all.
    pub used_by: Vec<String>,
    /// The name with its hash suffix, where it differs.
    pub rendered_name: Option<String>,
    /// Each use.
    pub usage: Vec<Usage>,
    /// Where a person edits it.
    pub source: Option<Place>,
}

/// What makes a ConfigMap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum GeneratedBy {
    /// `configMapGenerator`
    Kustomization,
    /// A manifest.
    #[default]
    Manifest,
    /// A Crossplane `Object` embeds it.
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
            GeneratedBy::CrossplaneSync => "crossplane-sync",
            GeneratedBy::External => "external",
        }
    }
}

/// A value of a ConfigMap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigValue {
    /// A short text of one line.
    Text(Written),
    /// A credential in plain text: withheld.
    Redacted,
    /// A long text, or one of several lines.
    File {
        /// The file in the repository it comes from, where it has one.
        file: Option<String>,
        /// Size.
        bytes: usize,
        /// Lines.
        lines: usize,
    },
    /// Binary data.
    Binary {
        /// Size after decoding.
        bytes: usize,
    },
}

/// One use of a ConfigMap or Secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Usage {
    /// Key of the service whose pods use it.
    pub service: Option<Key>,
    /// The object that uses it where that is no pod: `Kind/<key>`.
    pub object: Option<String>,
    /// Container; none for pod-level uses.
    pub container: Option<String>,
    /// How: `env`, `envFrom`, `volume`, `imagePullSecret`, `valuesFrom`, `values`, `substituteFrom`, `sourceAuth`, `decryption`,
    /// `kubeConfig`, `ingressTls`, `csi`, `reference`.
    pub how: String,
    /// The key that is used; none where all are.
    pub key: Option<String>,
    /// Where it is mounted.
    pub mount_path: Option<String>,
    /// Whether the use says `optional: true`.
    pub optional: bool,
}

/// Post-build substitution of all Kustomizations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VariableSubstitution {
    /// The ConfigMap that most Kustomizations read.
    pub source_config_map: Option<String>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Every source, in order of precedence.
    pub sources: Vec<VariableSource>,
    /// Every variable that is defined or used.
    pub variables: BTreeMap<String, Variable>,
    /// Uses that nothing defines.
    pub undefined: Vec<UndefinedVariable>,
}

/// A ConfigMap or Secret that Kustomizations substitute from.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct VariableSource {
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// Whether its values are known.
    pub known: bool,
    /// Keys of Kustomizations, sorted.
    pub used_by: Vec<Key>,
}

/// A substitution variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    /// The value; none where it is unknown, differs between Kustomizations, or comes from a Secret.
    pub value: Option<String>,
    /// What defines it: `ConfigMap/ns/name`, `Secret/ns/name`, `Kustomization/<key>`; sorted.
    pub defined_in: Vec<String>,
    /// Keys of the Kustomizations whose objects use it, sorted.
    pub used_by: Vec<Key>,
}

/// A use of a variable that nothing defines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UndefinedVariable {
    /// Name.
    pub name: String,
    /// First use.
    pub place: Option<Place>,
    /// Keys of Kustomizations, sorted.
    pub used_by: Vec<Key>,
}
