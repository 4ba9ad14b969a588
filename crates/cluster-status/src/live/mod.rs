//! Objects of a cluster as typed views: what is read of them, and nothing else. What no view has never enters the program, let
//! alone leaves it.

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

/// What decides the view.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Head {
    api_version: String,
    kind: String,
}

/// Metadata alone, of an object that is not as its view has it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Bare {
    metadata: Metadata,
    status: BareStatus,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BareStatus {
    conditions: Vec<Condition>,
}

/// What a text of JSON is.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// An object as its kind has it.
    Whole(Object),
    /// One of which only metadata and conditions are as expected, and why.
    Part(Object, serde_json::Error),
    /// No object.
    Not(String),
}

impl Object {
    /// Reads one object. `kind` and `api_version` are those of a list whose items state none.
    pub(crate) fn parse(json: &[u8], kind: &str, api_version: &str) -> Parsed {
        let head: Head = match serde_json::from_slice(json) {
            Ok(head) => head,
            Err(error) => return Parsed::Not(error.to_string()),
        };
        let or = |text: String, other: &str| match text.as_str() {
            "" => other.to_owned(),
            _ => text,
        };
        let (api_version, kind) = (or(head.api_version, api_version), or(head.kind, kind));
        if kind.is_empty() {
            return Parsed::Not("it states no kind".to_owned());
        }
        let object = |view| Object {
            api_version: api_version.clone(),
            kind: kind.clone(),
            view,
        };
        match view(json, &kind, &api_version) {
            Ok(view) => Parsed::Whole(object(view)),
            // A Secret of another form is not looked into.
            Err(error) => match serde_json::from_slice::<Bare>(json) {
                Ok(bare) => Parsed::Part(object(bare.view(&kind, &api_version)), error),
                Err(_) => Parsed::Not(error.to_string()),
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

impl Bare {
    /// The view that its kind has, with what there is.
    fn view(self, kind: &str, api_version: &str) -> View {
        let Bare { metadata, status } = self;
        let conditions = status.conditions;
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        match (group, kind) {
            ("source.toolkit.fluxcd.io", kind) if SOURCES.contains(&kind) => {
                let mut view = Source {
                    metadata,
                    ..Source::default()
                };
                view.status.conditions = conditions;
                View::Source(Box::new(view))
            }
            ("kustomize.toolkit.fluxcd.io", "Kustomization") => {
                let mut view = Kustomization {
                    metadata,
                    ..Kustomization::default()
                };
                view.status.conditions = conditions;
                View::Kustomization(Box::new(view))
            }
            ("helm.toolkit.fluxcd.io", "HelmRelease") => {
                let mut view = HelmRelease {
                    metadata,
                    ..HelmRelease::default()
                };
                view.status.conditions = conditions;
                View::HelmRelease(Box::new(view))
            }
            _ => {
                let mut view = Custom {
                    metadata,
                    ..Custom::default()
                };
                view.status.conditions = conditions;
                View::Custom(Box::new(view))
            }
        }
    }
}
