//! Back ends that list the objects of a cluster: a recorded file, or kubectl. One back end, one file.

mod items;
mod kubectl;
mod record;
mod recorded;

use std::collections::{BTreeMap, BTreeSet};

use infra_model::ObjectRef;
use serde::{Deserialize, Serialize};

use crate::live::Object;

pub use kubectl::Kubectl;
pub use record::write_record;
pub use recorded::Recorded;

/// Kinds that are listed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Kustomizations, HelmReleases and sources.
    Flux,
    /// Deployments, StatefulSets, DaemonSets, Jobs, CronJobs, and what they wait for: PersistentVolumeClaims, ExternalSecrets and
    /// their stores.
    Workloads,
    /// Pods.
    Pods,
    /// Warnings.
    Events,
    /// HorizontalPodAutoscalers and ConfigMaps.
    Config,
    /// Names and keys of Secrets.
    Secrets,
}

/// A message about something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The message, which can contain texts of the cluster.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Group {
    /// Its name in messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Group::Flux => "Flux' objects",
            Group::Workloads => "workloads",
            Group::Pods => "pods",
            Group::Events => "events",
            Group::Config => "ConfigMaps",
            Group::Secrets => "Secrets",
        }
    }
}

impl Remark {
    /// A remark. Credentials in the message are masked.
    pub(crate) fn new(message: impl AsRef<str>) -> Self {
        Remark {
            message: redaction::without_credentials(message.as_ref()).into_owned(),
            hint: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The kinds that a back end read completely, and in which namespaces.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    pub(crate) kinds: BTreeMap<String, Extent>,
}

/// The namespaces in which every object of a kind was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Extent {
    /// Only these; all without a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) only: Option<BTreeSet<String>>,
}

impl Coverage {
    /// Whether an object that was not listed is not in the cluster either.
    pub(crate) fn is_complete_for(&self, object: &ObjectRef) -> bool {
        self.kinds.get(object.kind.as_str()).is_some_and(|extent| {
            let is_in = |namespaces: &BTreeSet<String>| namespaces.contains(object.namespace.as_str());
            extent.only.as_ref().is_none_or(is_in)
        })
    }
}

/// A cluster whose objects can be listed.
pub trait Cluster {
    /// Lists the objects of groups, and gives each to `each` once, in any order. A failure becomes a remark; objects read before it
    /// count.
    fn list(&mut self, groups: &[Group], each: &mut dyn FnMut(Object), remarks: &mut Vec<Remark>)
    -> Coverage;
}
