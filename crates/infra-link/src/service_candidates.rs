//! The services of the catalog with their keys, before anything is linked.

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
    /// Where it runs.
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
    let mut position_of_release = releases
        .iter()
        .enumerate()
        .map(|(position, release)| (release, position));
    let mut next_release = position_of_release.next();
    let charts = ChartWorkloads::new(inventory, releases);
    for (id, object) in inventory.objects.iter().enumerate() {
        let (namespace, release) = match &next_release {
            Some((release, position)) if std::ptr::eq(release.object, object) => {
                let candidate = (release.namespace.as_str(), Some(*position));
                next_release = position_of_release.next();
                candidate
            }
            _ if is_workload(object) => (object.namespace, None),
            _ => continue,
        };
        // What a release installs in another cluster runs there.
        let is_remote = |release: &Release<'_>| release.spec.kube_config.is_some();
        if !inventory.evaluation.is_remote && release.and_then(|at| releases.get(at)).is_some_and(is_remote) {
            continue;
        }
        let chart_of = charts.release.get(&id).copied();
        if chart_of.is_some_and(|release| charts.main.get(&release) == Some(&id)) {
            continue;
        }
        let workload = release
            .and_then(|release| charts.main.get(&release))
            .and_then(|id| inventory.objects.get(*id));
        // What a rendered chart makes is services of its own, or no service at all.
        let of_release = release.and_then(|release| releases.get(release));
        if workload.is_none() && of_release.is_some_and(|release| release.rendered().is_some()) {
            continue;
        }
        found.push((
            ObjectRef::new(object.kind, namespace, object.name),
            ServiceCandidate {
                key: Key::new(),
                id,
                object,
                namespace,
                pods: if release.is_none() {
                    PodTemplate::of(inventory, object)
                } else {
                    workload.and_then(|workload| PodTemplate::of(inventory, workload))
                },
                release,
                workload,
                chart_of,
            },
        ));
    }
    // Two releases of one name may be installed in one namespace: their own namespaces tell them apart.
    let mut count: BTreeMap<ObjectRef, usize> = BTreeMap::new();
    for (name, _) in &found {
        *count.entry(name.clone()).or_default() += 1;
    }
    for (name, candidate) in &mut found {
        if count.get(name).is_some_and(|count| *count > 1) {
            candidate.object.namespace.clone_into(&mut name.namespace);
        }
    }
    let table = KeyTable::new(found.iter().map(|(name, _)| name.clone()));
    let candidates = found
        .into_iter()
        .map(|(name, mut candidate)| {
            candidate.key = table.get(&name).cloned().unwrap_or(name.name);
            candidate
        })
        .collect();
    (candidates, table.ambiguous().clone())
}
