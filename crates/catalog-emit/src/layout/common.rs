//! What entries of several catalogs share: where a thing is edited, how a ConfigMap or Secret is used, clashing names.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a person edits a thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SourcePlace {
    /// Path in the repository.
    pub file: String,
    /// The line, from 1; absent where the whole file is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// One use of a ConfigMap or Secret. It names a `service` or an `object`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    /// Key of the service whose pods use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// `Kind/<key>` of the object that uses it where that is no pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// `env`, `envFrom`, `volume`, `imagePullSecret`, `valuesFrom`, `values` (a chart's values name it), `substituteFrom`, `sourceAuth`, `decryption`, `kubeConfig`, `ingressTls`, `csi` or `reference` (a field of a custom resource).
    pub how: String,
    /// The key that is used; absent where all are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Where it is mounted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount_path: Option<String>,
    /// Present and true where the use says `optional: true`.
    #[serde(skip_serializing_if = "is_false")]
    pub optional: bool,
}

/// Plain names that stand for several entries, by map: `{"services": {"redis": ["cache/redis", "queue/redis"]}}`.
pub type AmbiguousMaps = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// For `skip_serializing_if`: a flag that is only written when it is set.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(super) fn is_false(flag: &bool) -> bool {
    !flag
}
