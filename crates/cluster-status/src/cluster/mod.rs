//! Where objects of a cluster come from: a recorded file, or kubectl. One back end, one file.

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

/// Kinds that are asked for together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Kustomizations, HelmReleases and sources.
    Flux,
    /// Deployments, StatefulSets, DaemonSets, Jobs, CronJobs and what they wait for: PersistentVolumeClaims, ExternalSecrets and
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

/// Something that could not be read, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What happened. It can hold texts of the cluster.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Group {
    /// What it holds, for people.
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

/// The kinds that a back end read, and how far.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    pub(crate) kinds: BTreeMap<String, Extent>,
}

/// The namespaces in which every object of a kind was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Extent {
    /// These alone; without a value all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) only: Option<BTreeSet<String>>,
}

impl Coverage {
    /// Whether an object that was not given is not in the cluster either.
    pub(crate) fn is_complete_for(&self, object: &ObjectRef) -> bool {
        self.kinds.get(&object.kind).is_some_and(|extent| {
            let is_in = |namespaces: &BTreeSet<String>| namespaces.contains(&object.namespace);
            extent.only.as_ref().is_none_or(is_in)
        })
    }
}

/// A cluster whose objects can be listed.
pub trait Cluster {
    /// Lists the objects of groups, each of which goes to `each` once, in any order. Whatever fails is a remark; what was read
    /// until then counts.
    fn list(&mut self, groups: &[Group], each: &mut dyn FnMut(Object), remarks: &mut Vec<Remark>)
    -> Coverage;
}
