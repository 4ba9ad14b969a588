//! The whole model of one cluster.

use std::collections::BTreeMap;

use crate::config::{ConfigMap, VariableSubstitution};
use crate::flux::{HelmRelease, Kustomization, Source};
use crate::keys::{Ambiguous, Key};
use crate::knowledge::Knowledge;
use crate::object::OtherObject;
use crate::secrets::Secrets;
use crate::service::{ImageGroup, Service};
use crate::{Diagnostic, NotApplied, RepoPath};

/// The model of one cluster entry. Every map is keyed like the catalogs (see [`crate::keys`]).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Infrastructure {
    /// Where the facts come from.
    pub metadata: Metadata,
    /// Workloads and HelmReleases.
    pub services: BTreeMap<Key, Service>,
    /// The places that decide the images of services.
    pub image_groups: BTreeMap<Key, ImageGroup>,
    /// Flux Kustomizations.
    pub kustomizations: BTreeMap<Key, Kustomization>,
    /// HelmReleases.
    pub helm_releases: BTreeMap<Key, HelmRelease>,
    /// Sources, keyed `<Kind>/<key>`.
    pub sources: BTreeMap<Key, Source>,
    /// Applied objects that no other map has, keyed `<Kind>/<key>`.
    pub objects: BTreeMap<Key, OtherObject>,
    /// Everything about secrets but their values.
    pub secrets: Secrets,
    /// ConfigMaps, keyed by the name before the hash suffix.
    pub config_maps: BTreeMap<Key, ConfigMap>,
    /// Post-build substitution.
    pub variable_substitution: VariableSubstitution,
    /// Names of several entries, by map name as in the catalogs (`services`, `configMaps`, ...).
    pub ambiguous: BTreeMap<String, Ambiguous>,
    /// The curated knowledge.
    pub knowledge: Knowledge,
    /// Objects of the repository that Flux does not apply, sorted.
    pub not_applied: Vec<NotApplied>,
    /// Findings, sorted by file and line.
    pub diagnostics: Vec<Diagnostic>,
}

/// Where facts come from. The caller gives times and revisions; nothing here reads the clock or Git.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Repository name.
    pub generated_from: String,
    /// Path of the cluster entry in the repository.
    pub cluster: RepoPath,
    /// The cluster's name if there are several.
    pub cluster_name: Option<String>,
    /// HEAD, if the scanned folder is the top of a Git work tree.
    pub revision: Option<String>,
}
