//! `flux-infra-guide.yaml` as a type, for editors and checks: people write this file, the scan reads it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// What no scan can know. Every part is optional and may be left empty.
#[derive(Clone, Debug, Default, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct KnowledgeFile {
    /// Purpose by namespace.
    pub namespaces: Option<BTreeMap<String, Text>>,
    /// By key of `services.json`, or by name where that is unique.
    pub services: Option<BTreeMap<String, Option<ServiceKnowledge>>>,
    /// What runs outside of the repository, by name or host.
    pub externals: Option<BTreeMap<String, Option<ExternalKnowledge>>>,
    /// Parts of the platform, by HelmRelease or workload name.
    pub components: Option<BTreeMap<String, Option<ComponentKnowledge>>>,
    /// Tenants of an observability stack.
    pub tenants: Option<TenantsKnowledge>,
    /// Markdown added to a section of the skill.
    pub notes: Option<Notes>,
    /// Objects that something outside of the repository makes.
    pub produced_elsewhere: Option<Vec<ProducedElsewhere>>,
}

/// A text; numbers and booleans are taken as they are written.
#[derive(Clone, Debug, Default)]
pub struct Text;

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number", "boolean", "null"]})
    }
}

/// What people know of a service.
#[derive(Clone, Debug, Default, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ServiceKnowledge {
    /// What it is for.
    pub description: Text,
    /// What stops working when it is down.
    pub failure_impact: Text,
    /// Other names that people use.
    pub aliases: Option<Vec<Text>>,
    /// What it needs: services, or names under `externals`.
    pub depends_on: Option<Vec<Text>>,
}

/// Something outside of the repository.
#[derive(Clone, Debug, Default, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExternalKnowledge {
    /// What it is.
    pub description: Text,
    /// A command that checks it.
    pub check: Text,
}

/// A part of the platform.
#[derive(Clone, Debug, Default, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ComponentKnowledge {
    /// What it is for.
    pub purpose: Text,
    /// Where it stores.
    pub storage: Text,
    /// Who reads it.
    pub consumers: Text,
}

/// Tenants of an observability stack.
#[derive(Clone, Debug, Default, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TenantsKnowledge {
    /// Request header that names the tenant.
    pub header: Text,
    /// Names.
    pub names: Option<Vec<Text>>,
}

/// Markdown by section of the skill.
#[derive(Clone, Debug, Default, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Notes {
    /// Added to the overview.
    pub overview: Text,
    /// Added to the service map.
    pub services: Text,
    /// Added to the section on Flux.
    pub flux: Text,
    /// Added to the section on secrets.
    pub secrets: Text,
    /// Added to the section on ConfigMaps.
    pub configmaps: Text,
    /// Added to the section on observability.
    pub observability: Text,
    /// Added to the section on dependencies.
    pub dependencies: Text,
}

/// Objects that something outside of the repository makes.
#[derive(Clone, Debug, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProducedElsewhere {
    /// Kind of the objects.
    pub kind: ProducedKind,
    /// Their namespace; any where it is left out.
    #[serde(default)]
    pub namespace: Text,
    /// Their name; `*` stands for any text.
    pub name: String,
}

/// Kinds that pods and ExternalSecrets read.
#[derive(Clone, Copy, Debug, JsonSchema)]
pub enum ProducedKind {
    /// `v1` ConfigMap.
    ConfigMap,
    /// `v1` Secret.
    Secret,
    /// SecretProviderClass of the secrets-store CSI driver.
    SecretProviderClass,
    /// `v1` ServiceAccount.
    ServiceAccount,
    /// ClusterSecretStore of the External Secrets Operator.
    ClusterSecretStore,
    /// SecretStore of the External Secrets Operator.
    SecretStore,
}
