//! Where the fields of a service come from: the places that state each of them, and the one that decides.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Key, Place};

/// The fields of a service that can be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ServiceField {
    /// `spec.replicas`
    Replicas,
    /// The images of its containers.
    Image,
    /// The ports of its containers, and of the Kubernetes Services that select it.
    Port,
    /// Environment variables with a value, or with a reference to one.
    Env,
    /// The hosts of Ingresses and routes that lead to it.
    Host,
}

impl ServiceField {
    /// Every field, in the order in which they are explained.
    pub const ALL: [ServiceField; 5] = [
        ServiceField::Replicas,
        ServiceField::Image,
        ServiceField::Port,
        ServiceField::Env,
        ServiceField::Host,
    ];

    /// Its name in questions.
    pub fn as_str(self) -> &'static str {
        match self {
            ServiceField::Replicas => "replicas",
            ServiceField::Image => "image",
            ServiceField::Port => "port",
            ServiceField::Env => "env",
            ServiceField::Host => "host",
        }
    }
}

/// A service and where its fields come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Explanation {
    /// Key of the service.
    pub service: Key,
    /// Its fields.
    pub fields: Vec<ExplainedField>,
}

/// A field of an object, and what states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedField {
    /// What was asked for.
    pub field: ServiceField,
    /// Which of several it is: the container, the environment variable, the port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `Kind/namespace/name` of the object that has it.
    pub object: String,
    /// Where in the object, as yq reads it.
    pub path: String,
    /// Its value as Flux applies it; credentials are withheld.
    pub value: String,
    /// How it is known what decides it.
    pub proved_by: Proof,
    /// What states it, the weakest first. Exactly one of them decides.
    pub chain: Vec<Statement>,
}

/// A value of a HelmRelease, and what states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedValue {
    /// Path among the values, as yq reads it.
    pub path: String,
    /// The value as the chart gets it; credentials are withheld.
    pub value: String,
    /// What states it, the weakest first. Exactly one of them decides.
    pub chain: Vec<Statement>,
}

/// How it is known what decides a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// The value was changed and the chart rendered again: the field changed with it.
    Rendering,
    /// The build keeps the file and line of each scalar.
    Origin,
    /// No value of the release changes it: the templates of the chart state it, or compute it from several values.
    None,
}

/// One place that states a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    /// What kind of place.
    pub kind: StatementKind,
    /// What it states; absent for what is not known, such as the values of a Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The chart with its version, the object, or the variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Path among the values, or in the file, as yq reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// File and line in the repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
    /// File and line in a chart that is not of the repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_source: Option<Place>,
    /// Whether it has the last word.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub decides: bool,
}

/// What kind of place states a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StatementKind {
    /// `values.yaml` of a chart.
    ChartDefault,
    /// A file of `spec.chart.spec.valuesFiles`.
    ValuesFile,
    /// A ConfigMap of `valuesFrom`.
    ConfigMap,
    /// A Secret of `valuesFrom`.
    Secret,
    /// `spec.values` of the HelmRelease.
    Values,
    /// The manifest of the object.
    Manifest,
    /// A patch or another field of a kustomization.
    Patch,
    /// `images` of a kustomization.
    Images,
    /// `replicas` of a kustomization.
    Replicas,
    /// The source of a replacement.
    Replacement,
    /// A variable of `postBuild`.
    Variable,
    /// The templates of a chart.
    Template,
    /// `spec.postRenderers` of the HelmRelease.
    PostRenderer,
}

impl StatementKind {
    /// The words for it.
    pub fn as_str(self) -> &'static str {
        match self {
            StatementKind::ChartDefault => "chart default",
            StatementKind::ValuesFile => "values file",
            StatementKind::ConfigMap => "ConfigMap",
            StatementKind::Secret => "Secret",
            StatementKind::Values => "spec.values",
            StatementKind::Manifest => "manifest",
            StatementKind::Patch => "patch",
            StatementKind::Images => "images",
            StatementKind::Replicas => "replicas",
            StatementKind::Replacement => "replacement",
            StatementKind::Variable => "variable",
            StatementKind::Template => "template",
            StatementKind::PostRenderer => "post renderer",
        }
    }
}
