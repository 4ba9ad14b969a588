//! The objects of a cluster at one time, by identity.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use infra_model::ObjectRef;

use crate::cluster::{Cluster, Coverage, Group, Remark};
use crate::live::{
    Condition, ConfigMap, Custom, Event, HelmRelease, Kustomization, Live, Metadata, Object, Pod, Secret,
    Source, View, Workload,
};
use crate::time;

/// Most warnings that are kept for an object: the newest of each reason.
const MOST_EVENTS: usize = 12;
/// Most pods that are kept for a workload.
const MOST_PODS: usize = 20;

/// The objects of a cluster that were read, without pods that are fine.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub(crate) sources: BTreeMap<ObjectRef, Source>,
    pub(crate) kustomizations: BTreeMap<ObjectRef, Kustomization>,
    pub(crate) helm_releases: BTreeMap<ObjectRef, HelmRelease>,
    pub(crate) workloads: BTreeMap<ObjectRef, Workload>,
    pub(crate) pods: BTreeMap<ObjectRef, Pod>,
    /// The pods of a workload that are not fine.
    pub(crate) pods_of: BTreeMap<ObjectRef, Vec<ObjectRef>>,
    /// Warnings by their objects, the newest first.
    pub(crate) events: BTreeMap<ObjectRef, Vec<Event>>,
    pub(crate) config_maps: BTreeMap<ObjectRef, ConfigMap>,
    pub(crate) secrets: BTreeMap<ObjectRef, Secret>,
    /// Workloads that a HorizontalPodAutoscaler scales.
    pub(crate) scaled: BTreeSet<ObjectRef>,
    pub(crate) autoscalers: BTreeSet<ObjectRef>,
    pub(crate) custom: BTreeMap<ObjectRef, Custom>,
    /// The kinds and namespaces that were read.
    coverage: Coverage,
    /// What could not be read.
    pub remarks: Vec<Remark>,
    newest: Option<SystemTime>,
}

impl Snapshot {
    /// Reads groups of kinds. `keep` sees each object first.
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
            newest_first(events);
            let mut reasons = BTreeSet::new();
            events.retain(|event| reasons.insert(event.reason.clone()));
            events.truncate(MOST_EVENTS);
        }
        snapshot
    }

    /// Whether nothing was read, not even an empty list.
    pub fn is_empty(&self) -> bool {
        self.coverage.kinds.is_empty()
    }

    /// The kinds and namespaces that were read.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Messages about objects that could not be read.
    pub(crate) fn unread(&self) -> Vec<String> {
        self.remarks.iter().map(|remark| remark.message.clone()).collect()
    }

    /// The latest time in any object, which is close to the time at which a record was made.
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

    /// Whether an object that was not read is not in the cluster either.
    pub(crate) fn is_complete_for(&self, object: &ObjectRef) -> bool {
        self.coverage.is_complete_for(object)
    }

    /// Whether an object was read.
    pub(crate) fn has(&self, object: &ObjectRef) -> bool {
        self.metadata(object).is_some() || self.autoscalers.contains(object) || self.pods.contains_key(object)
    }

    /// Metadata of an object that was read and is no pod or autoscaler.
    pub(crate) fn metadata(&self, object: &ObjectRef) -> Option<&Metadata> {
        fn get<'s, T: Live>(map: &'s BTreeMap<ObjectRef, T>, object: &ObjectRef) -> Option<&'s Metadata> {
            map.get(object).map(T::metadata)
        }
        get(&self.kustomizations, object)
            .or_else(|| get(&self.helm_releases, object))
            .or_else(|| get(&self.sources, object))
            .or_else(|| get(&self.workloads, object))
            .or_else(|| get(&self.config_maps, object))
            .or_else(|| get(&self.secrets, object))
            .or_else(|| get(&self.custom, object))
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
        // Warnings about a ReplicaSet concern its Deployment.
        let about = match about.name.rsplit_once('-') {
            Some((name, _)) if about.kind == "ReplicaSet" => {
                ObjectRef::new("Deployment", about.namespace.as_str(), name)
            }
            _ => about,
        };
        let events = self.events.entry(about).or_default();
        events.push(event);
        // Bounds memory if somebody floods an object with events.
        if events.len() > 16 * MOST_EVENTS {
            newest_first(events);
            events.truncate(8 * MOST_EVENTS);
        }
    }

    fn see_conditions(&mut self, conditions: &[Condition]) {
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

/// The objects of a map with their metadata.
pub(crate) fn metadata_of<T: Live>(
    objects: &BTreeMap<ObjectRef, T>,
) -> impl Iterator<Item = (&ObjectRef, &Metadata)> {
    objects.iter().map(|(object, it)| (object, it.metadata()))
}

fn newest_first(events: &mut [Event]) {
    events.sort_by(|a, b| b.last_seen().cmp(a.last_seen()));
}

/// The workload of a pod. The name of a ReplicaSet is that of its Deployment and the hash of the pod template.
fn owner(pod: &Pod) -> Option<ObjectRef> {
    let owner = pod.metadata.owner_references.first()?;
    let deployment = || {
        let hash = pod.metadata.labels.get("pod-template-hash");
        hash.and_then(|hash| owner.name.strip_suffix(hash)?.strip_suffix('-'))
            .or_else(|| Some(owner.name.rsplit_once('-')?.0))
    };
    let (kind, name) = match deployment().filter(|_| owner.kind == "ReplicaSet") {
        Some(name) => ("Deployment", name),
        None => (owner.kind.as_str(), owner.name.as_str()),
    };
    Some(ObjectRef::new(kind, pod.metadata.namespace.as_str(), name))
}
