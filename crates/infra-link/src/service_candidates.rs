//! Services of the catalog with their keys, before anything is linked.

use std::collections::BTreeMap;

use infra_model::{Key, KeyTable, ObjectRef};

use crate::chart_workloads::ChartWorkloads;
use crate::inventory::{Inventory, Object, ObjectId};
use crate::kinds::helm_release::Release;
use crate::pod_spec::{PodTemplate, is_workload};

/// A service before its links.
pub(crate) struct ServiceCandidate<'a> {
    pub(crate) key: Key,
    pub(crate) id: ObjectId,
    pub(crate) object: &'a Object<'a>,
    /// The namespace in which it runs.
    pub(crate) namespace: &'a str,
    /// The pods of a workload.
    pub(crate) pods: Option<PodTemplate<'a>>,
    /// Position of its release.
    pub(crate) release: Option<usize>,
    /// The workload that the chart of its release makes in its place.
    pub(crate) workload: Option<&'a Object<'a>>,
    /// Position of the release whose chart makes it.
    pub(crate) chart_of: Option<usize>,
}

impl<'a> ServiceCandidate<'a> {
    /// Whether the chart of a release makes its pods.
    pub(crate) fn is_of_chart(&self) -> bool {
        self.workload.is_some() || self.chart_of.is_some()
    }

    /// Its workload: the object, or the one that its release's chart makes in its place.
    pub(crate) fn any_workload(&self) -> Option<&'a Object<'a>> {
        self.workload
            .or(Some(self.object).filter(|_| self.release.is_none()))
    }

    /// Its release, if it is one whose chart was not rendered.
    pub(crate) fn unrendered_release<'r>(&self, releases: &'r [Release<'a>]) -> Option<&'r Release<'a>> {
        let release = releases.get(self.release?)?;
        release.rendered().is_none().then_some(release)
    }
}

/// Every service with its key, in the order in which Flux applies them; and the names that are ambiguous.
pub(crate) fn candidates<'a>(
    inventory: &'a Inventory<'a>,
    releases: &'a [Release<'a>],
) -> (Vec<ServiceCandidate<'a>>, infra_model::Ambiguous) {
    let mut found: Vec<(ObjectRef, ServiceCandidate<'a>)> = Vec::new();
    let mut positions = releases.iter().enumerate().peekable();
    let charts = ChartWorkloads::new(inventory, releases);
    for (id, object) in inventory.objects.iter().enumerate() {
        // Releases are in the order of their objects.
        let release = positions.next_if(|(_, release)| std::ptr::eq(release.object, object));
        let namespace = match release {
            Some((_, release)) => release.namespace.as_str(),
            None if is_workload(object) => object.namespace,
            None => continue,
        };
        // A release for another cluster runs there.
        let is_remote = release.is_some_and(|(_, release)| release.spec.kube_config.is_some());
        if is_remote && !inventory.evaluation.is_remote {
            continue;
        }
        let chart_of = charts.release.get(&id).copied();
        if chart_of.is_some_and(|release| charts.main.get(&release) == Some(&id)) {
            continue;
        }
        let workload = release
            .and_then(|(position, _)| charts.main.get(&position))
            .and_then(|id| inventory.objects.get(*id));
        // The workloads of a rendered chart are services of their own.
        if workload.is_none() && release.is_some_and(|(_, release)| release.rendered().is_some()) {
            continue;
        }
        let mut candidate = ServiceCandidate {
            key: Key::new(),
            id,
            object,
            namespace,
            pods: None,
            release: release.map(|(position, _)| position),
            workload,
            chart_of,
        };
        let workload = candidate.any_workload();
        candidate.pods = workload.and_then(|workload| PodTemplate::of(inventory, workload));
        found.push((ObjectRef::new(object.kind, namespace, object.name), candidate));
    }
    // Two releases of one name may be installed in one namespace: their own namespaces differ.
    let mut count: BTreeMap<ObjectRef, usize> = BTreeMap::new();
    for (name, _) in &found {
        *count.entry(name.clone()).or_default() += 1;
    }
    for (name, candidate) in &mut found {
        if count.get(name).is_some_and(|count| *count > 1) {
            name.namespace = candidate.object.namespace.into();
        }
    }
    let table = KeyTable::new(found.iter().map(|(name, _)| name.clone()));
    let candidates = found.into_iter().map(|(name, candidate)| ServiceCandidate {
        key: table.get(&name).cloned().unwrap_or(name.name.into()),
        ..candidate
    });
    (candidates.collect(), table.ambiguous().clone())
}
