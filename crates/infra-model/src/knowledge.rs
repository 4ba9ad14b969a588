//! Curated knowledge: the content of `flux-infra-guide.yaml`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::Place;

/// The parts of the knowledge file that are not in entries. Its facts about services, and about objects that are made elsewhere,
/// are in the entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "KnowledgeSection")]
pub struct Knowledge {
    /// Purpose by namespace.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub namespaces: BTreeMap<String, Noted<String>>,
    /// By service key or name. Merged into the services.
    #[serde(skip)]
    pub services: BTreeMap<String, Noted<ServiceKnowledge>>,
    /// Things outside of the repository, by name or host.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub externals: BTreeMap<String, Noted<ExternalKnowledge>>,
    /// Components of the platform.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub components: BTreeMap<String, Noted<ComponentKnowledge>>,
    /// Tenants of the observability stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenants: Option<Tenants>,
    /// Markdown by section of the skill.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, Noted<String>>,
    /// Objects that something outside of the repository makes.
    #[serde(skip)]
    pub produced_elsewhere: Vec<ProducedElsewhere>,
    /// Whether its author is the user: notes are taken over as they are, not quoted as text of the repository.
    #[serde(skip)]
    pub trusted: bool,
}

impl Knowledge {
    /// Whether nothing is left that a catalog states.
    pub fn is_empty(&self) -> bool {
        self.namespaces.is_empty()
            && self.externals.is_empty()
            && self.components.is_empty()
            && self.tenants.is_none()
            && self.notes.is_empty()
    }
}

/// A value with the place that states it. A catalog has the value alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Noted<T> {
    /// The value.
    pub value: T,
    /// Where it is stated.
    #[serde(skip)]
    pub place: Option<Place>,
}

impl<T> From<T> for Noted<T> {
    fn from(value: T) -> Self {
        Noted { value, place: None }
    }
}

impl<T: JsonSchema> JsonSchema for Noted<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Curated facts about a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceKnowledge {
    /// What it is.
    pub description: Option<String>,
    /// What happens when it fails.
    pub failure_impact: Option<String>,
    /// Other names.
    pub aliases: Vec<String>,
    /// Names of services and externals it needs.
    pub depends_on: Vec<String>,
}

/// Something outside of the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "ExternalNote")]
pub struct ExternalKnowledge {
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
#[schemars(rename = "ComponentNote")]
pub struct ComponentKnowledge {
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
#[schemars(rename = "TenantsNote")]
pub struct Tenants {
    /// Request header that names the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

/// A pattern of objects that something outside of the repository makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProducedElsewhere {
    /// Kind.
    pub kind: String,
    /// Namespace; `None` means any.
    pub namespace: Option<String>,
    /// Name with `*` for any text.
    pub name: String,
    /// Where it is stated.
    pub place: Option<Place>,
}
