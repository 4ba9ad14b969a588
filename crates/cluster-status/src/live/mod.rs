//! Typed views of the objects of a cluster. A field that no view has is never read, so that it cannot leak.

mod autoscaler;
mod condition;
mod custom;
mod data;
mod event;
mod helm_release;
mod kustomization;
mod metadata;
mod pod;
mod reference;
mod source;
mod view;
mod workload;

use infra_model::ObjectRef;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use autoscaler::Autoscaler;
pub(crate) use condition::{Condition, Conditions};
pub(crate) use custom::Custom;
pub(crate) use data::{ConfigMap, Secret};
pub(crate) use event::Event;
pub(crate) use helm_release::HelmRelease;
pub(crate) use kustomization::Kustomization;
pub(crate) use metadata::Metadata;
pub(crate) use pod::{ContainerStatus, Pod};
pub(crate) use source::Source;
pub(crate) use workload::{WORKLOADS, Workload};

use crate::message::non_empty;

/// The kinds of sources.
pub(crate) const SOURCES: [&str; 6] = [
    "GitRepository",
    "OCIRepository",
    "HelmRepository",
    "HelmChart",
    "Bucket",
    "ExternalArtifact",
];

/// An object as it is read.
#[derive(Clone, Debug)]
pub struct Object {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) view: View,
}

/// The view of an object, by its kind.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum View {
    Source(Box<Source>),
    Kustomization(Box<Kustomization>),
    HelmRelease(Box<HelmRelease>),
    Workload(Box<Workload>),
    Pod(Box<Pod>),
    Event(Box<Event>),
    ConfigMap(ConfigMap),
    Secret(Secret),
    Autoscaler(Autoscaler),
    Custom(Box<Custom>),
}

/// The fields that decide the view.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Head {
    api_version: String,
    kind: String,
}

/// Metadata and conditions of an object that does not fit its view.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Bare {
    metadata: Metadata,
    status: BareStatus,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct BareStatus {
    conditions: Vec<Condition>,
}

/// Result of parsing an object.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// An object that fits the view of its kind.
    Whole(Object),
    /// An object of which only metadata and conditions could be read, and why.
    Partial(Object, serde_json::Error),
    /// No object, and why.
    Invalid(String),
}

/// A typed view of an object.
pub(crate) trait Live {
    fn metadata(&self) -> &Metadata;
}

macro_rules! live {
    ($($view:ty),*) => {$(
        impl Live for $view {
            fn metadata(&self) -> &Metadata {
                &self.metadata
            }
        }
    )*};
}

live!(
    Source,
    Kustomization,
    HelmRelease,
    Workload,
    ConfigMap,
    Secret,
    Custom
);

impl Object {
    /// Reads an object. `kind` and `api_version` are those of a list whose items state none.
    pub(crate) fn parse(json: &[u8], kind: &str, api_version: &str) -> Parsed {
        let head: Head = match serde_json::from_slice(json) {
            Ok(head) => head,
            Err(error) => return Parsed::Invalid(error.to_string()),
        };
        let kind = non_empty(&head.kind).unwrap_or(kind).to_owned();
        let api_version = non_empty(&head.api_version).unwrap_or(api_version).to_owned();
        if kind.is_empty() {
            return Parsed::Invalid("it has no kind".to_owned());
        }
        let object = |view| Object {
            api_version: api_version.clone(),
            kind: kind.clone(),
            view,
        };
        match view(json, &kind, &api_version) {
            Ok(view) => Parsed::Whole(object(view)),
            // Nothing but metadata and conditions is read of a malformed object, least of all of a Secret.
            Err(error) => match bare_view(json, &kind, &api_version) {
                Ok(view) => Parsed::Partial(object(view), error),
                Err(_) => Parsed::Invalid(error.to_string()),
            },
        }
    }

    /// Its identity.
    pub(crate) fn object(&self) -> ObjectRef {
        self.metadata().object(&self.kind)
    }

    pub(crate) fn metadata(&self) -> &Metadata {
        match &self.view {
            View::Source(it) => &it.metadata,
            View::Kustomization(it) => &it.metadata,
            View::HelmRelease(it) => &it.metadata,
            View::Workload(it) => &it.metadata,
            View::Pod(it) => &it.metadata,
            View::Event(it) => &it.metadata,
            View::ConfigMap(it) => &it.metadata,
            View::Secret(it) => &it.metadata,
            View::Autoscaler(it) => &it.metadata,
            View::Custom(it) => &it.metadata,
        }
    }
}

fn view(json: &[u8], kind: &str, api_version: &str) -> Result<View, serde_json::Error> {
    fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, serde_json::Error> {
        serde_json::from_slice(json)
    }
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    Ok(match (group, kind) {
        ("source.toolkit.fluxcd.io", kind) if SOURCES.contains(&kind) => View::Source(read(json)?),
        ("kustomize.toolkit.fluxcd.io", "Kustomization") => View::Kustomization(read(json)?),
        ("helm.toolkit.fluxcd.io", "HelmRelease") => View::HelmRelease(read(json)?),
        ("apps" | "batch", kind) if WORKLOADS.contains(&kind) => View::Workload(read(json)?),
        ("", "Pod") => View::Pod(read(json)?),
        ("" | "events.k8s.io", "Event") => View::Event(read(json)?),
        ("", "ConfigMap") => View::ConfigMap(read(json)?),
        ("", "Secret") => View::Secret(read(json)?),
        ("autoscaling", "HorizontalPodAutoscaler") => View::Autoscaler(read(json)?),
        _ => View::Custom(read(json)?),
    })
}

/// The view of a Flux object with metadata and conditions alone; a `Custom` for other kinds.
fn bare_view(json: &[u8], kind: &str, api_version: &str) -> Result<View, serde_json::Error> {
    let bare: Bare = serde_json::from_slice(json)?;
    let json = serde_json::to_vec(&bare)?;
    match api_version.split_once(".toolkit.fluxcd.io/") {
        Some(("source" | "kustomize" | "helm", _)) => view(&json, kind, api_version),
        _ => view(&json, "", ""),
    }
}
