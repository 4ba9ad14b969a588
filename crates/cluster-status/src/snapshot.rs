//! The objects of a cluster at one time, by identity.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use infra_model::ObjectRef;

use crate::cluster::{Cluster, Coverage, Group, Remark};
use crate::live::{
    ConfigMap, Custom, Event, HelmRelease, Kustomization, Object, Pod, Secret, Source, View, Workload,
};
use crate::time;

/// Most warnings that are kept of an object: the newest of each reason.
const MOST_EVENTS: usize = 12;
/// Most pods that are kept of a workload; all are counted.
const MOST_PODS: usize = 20;

/// The objects of a cluster, as far as they were read. Pods that are fine are not kept.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub(crate) sources: BTreeMap<ObjectRef, Source>,
    pub(crate) kustomizations: BTreeMap<ObjectRef, Kustomization>,
    pub(crate) helm_releases: BTreeMap<ObjectRef, HelmRelease>,
    pub(crate) workloads: BTreeMap<ObjectRef, Workload>,
    pub(crate) pods: BTreeMap<ObjectRef, Pod>,
    /// The pods of a workload that are not fine.
    pub(crate) pods_of: BTreeMap<ObjectRef, Vec<ObjectRef>>,
    /// Warnings by what they are about, the newest first.
    pub(crate) events: BTreeMap<ObjectRef, Vec<Event>>,
    pub(crate) config_maps: BTreeMap<ObjectRef, ConfigMap>,
    pub(crate) secrets: BTreeMap<ObjectRef, Secret>,
    /// What a HorizontalPodAutoscaler scales.
    pub(crate) scaled: BTreeSet<ObjectRef>,
    pub(crate) autoscalers: BTreeSet<ObjectRef>,
    pub(crate) custom: BTreeMap<ObjectRef, Custom>,
    /// What was read.
    coverage: Coverage,
    /// What could not be read.
    pub remarks: Vec<Remark>,
    newest: Option<SystemTime>,
}

impl Snapshot {
    /// Reads groups of kinds. `keep` sees each object before that.
    pub fn read(cluster: &mut dyn Cluster, groups: &[Group], keep: &mut dyn FnMut(&Object)) -> Self {
        let mut snapshot = Snapshot::default();
        let mut remarks = Vec::new();
        snapshot.coverage = cluster.list(
            groups,
            &mut |object| {
                keep(&object);
                snapshot.add(object);
            },
            &mut remarks,
        );
        snapshot.remarks = remarks;
        for events in snapshot.events.values_mut() {
            events.sort_by(|a, b| b.last_seen().cmp(a.last_seen()));
            let mut reasons = BTreeSet::new();
            events.retain(|event| reasons.insert(event.reason.clone()));
            events.truncate(MOST_EVENTS);
        }
        snapshot
    }

    /// Whether nothing was read, not even that there is nothing.
    pub fn is_empty(&self) -> bool {
        self.coverage.kinds.is_empty()
    }

    /// What was read.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// The latest time that an object states: when a record was made, as nearly as it is known.
    pub fn newest_time(&self) -> Option<SystemTime> {
        self.newest
    }

    /// Whether a Kustomization of the cluster applies a folder of the repository, such as a cluster's entry.
    pub fn applies(&self, folder: &str) -> bool {
        let plain = |path: &str| path.trim_start_matches("./").trim_matches('/').to_owned();
        let folder = plain(folder);
        let mut kustomizations = self.kustomizations.values();
        kustomizations.any(|it| plain(&it.spec.path) == folder)
    }

    /// Whether an object that is not here is not in the cluster either.
    pub(crate) fn is_complete_for(&self, object: &ObjectRef) -> bool {
        self.coverage.is_complete_for(object)
    }

    /// Whether an object was read.
    pub(crate) fn has(&self, object: &ObjectRef) -> bool {
        self.kustomizations.contains_key(object)
            || self.helm_releases.contains_key(object)
            || self.sources.contains_key(object)
            || self.workloads.contains_key(object)
            || self.config_maps.contains_key(object)
            || self.secrets.contains_key(object)
            || self.custom.contains_key(object)
            || self.autoscalers.contains(object)
            || self.pods.contains_key(object)
    }

    /// The pods of a workload that are not fine.
    pub(crate) fn pods_of(&self, workload: &ObjectRef) -> impl Iterator<Item = (&ObjectRef, &Pod)> {
        let pods = self.pods_of.get(workload).into_iter().flatten();
        pods.filter_map(|pod| self.pods.get_key_value(pod))
    }

    /// The warnings about an object, the newest first.
    pub(crate) fn events_of(&self, object: &ObjectRef) -> &[Event] {
        self.events.get(object).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, object: Object) {
        let identity = object.object();
        match object.view {
            View::Source(it) => {
                self.see_conditions(&it.status.conditions);
                self.see(&it.status.artifact.last_update_time);
                self.sources.insert(identity, *it);
            }
            View::Kustomization(it) => {
                self.see_conditions(&it.status.conditions);
                for entry in &it.status.history {
                    self.see(&entry.last_reconciled);
                }
                self.kustomizations.insert(identity, *it);
            }
            View::HelmRelease(it) => {
                self.see_conditions(&it.status.conditions);
                self.helm_releases.insert(identity, *it);
            }
            View::Workload(it) => {
                self.see_conditions(&it.status.conditions);
                self.workloads.insert(identity, *it);
            }
            View::Pod(pod) => self.add_pod(identity, *pod),
            View::Event(event) => self.add_event(*event),
            View::ConfigMap(it) => {
                self.config_maps.insert(identity, it);
            }
            View::Secret(it) => {
                self.secrets.insert(identity, it);
            }
            View::Autoscaler(it) => {
                let target = it.spec.scale_target_ref.object("", &it.metadata.namespace);
                self.scaled.extend(target);
                self.autoscalers.insert(identity);
            }
            View::Custom(it) => {
                self.see_conditions(&it.status.conditions);
                self.custom.insert(identity, *it);
            }
        }
    }

    fn add_pod(&mut self, identity: ObjectRef, pod: Pod) {
        self.see_conditions(&pod.status.conditions);
        if pod.is_fine() {
            return;
        }
        let Some(owner) = owner(&pod) else {
            self.pods.insert(identity, pod);
            return;
        };
        let pods = self.pods_of.entry(owner).or_default();
        if pods.len() < MOST_PODS {
            pods.push(identity.clone());
            self.pods.insert(identity, pod);
        }
    }

    fn add_event(&mut self, event: Event) {
        self.see(event.last_seen());
        if event.r#type == "Normal" {
            return;
        }
        let Some(about) = event.involved_object.object("", &event.metadata.namespace) else {
            return;
        };
        // What a ReplicaSet says is about its Deployment.
        let about = match about.kind.as_str() {
            "ReplicaSet" => match about.name.rsplit_once('-') {
                Some((name, _)) => ObjectRef::new("Deployment", about.namespace.as_str(), name),
                None => about,
            },
            _ => about,
        };
        let events = self.events.entry(about).or_default();
        events.push(event);
        // Keeps memory bounded where somebody floods an object with events.
        if events.len() > 16 * MOST_EVENTS {
            events.sort_by(|a, b| b.last_seen().cmp(a.last_seen()));
            events.truncate(8 * MOST_EVENTS);
        }
    }

    fn see_conditions(&mut self, conditions: &[crate::live::Condition]) {
        for condition in conditions {
            self.see(&condition.last_transition_time);
        }
    }

    fn see(&mut self, text: &str) {
        if let Some(time) = time::parse(text) {
            self.newest = self.newest.max(Some(time));
        }
    }
}

/// The workload of a pod. A ReplicaSet bears the name of its Deployment and the hash of the template.
fn owner(pod: &Pod) -> Option<ObjectRef> {
    let owner = pod.metadata.owner_references.first()?;
    let namespace = pod.metadata.namespace.as_str();
    if owner.kind == "ReplicaSet" {
        let hash = pod.metadata.labels.get("pod-template-hash");
        let name = hash
            .and_then(|hash| owner.name.strip_suffix(hash)?.strip_suffix('-'))
            .or_else(|| Some(owner.name.rsplit_once('-')?.0));
        return Some(match name {
            Some(name) => ObjectRef::new("Deployment", namespace, name),
            None => ObjectRef::new("ReplicaSet", namespace, owner.name.as_str()),
        });
    }
    Some(ObjectRef::new(
        owner.kind.as_str(),
        namespace,
        owner.name.as_str(),
    ))
}
