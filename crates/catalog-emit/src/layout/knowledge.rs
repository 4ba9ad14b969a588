//! `knowledge` of `services.json`: what people wrote down that belongs to no entry of the catalogs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The parts of the knowledge file that no entry carries. What it says of services, and which objects are made elsewhere,
/// stands in the entries themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct KnowledgeSection {
    /// Purpose by namespace.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub namespaces: BTreeMap<String, String>,
    /// Things outside of the repository, by name or host.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub externals: BTreeMap<String, ExternalNote>,
    /// Components of the platform.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub components: BTreeMap<String, ComponentNote>,
    /// Tenants of the observability stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenants: Option<TenantsNote>,
    /// Markdown by section of the skill.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, String>,
}

impl KnowledgeSection {
    /// Whether nothing was written down.
    pub fn is_empty(&self) -> bool {
        *self == KnowledgeSection::default()
    }
}

/// Something outside of the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ExternalNote {
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A command that checks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

/// A component of the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ComponentNote {
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Where it stores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    /// Who reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumers: Option<String>,
}

/// Tenants of the observability stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TenantsNote {
    /// Request header that names the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}
