//! Workloads that the charts of releases make.

use flux_evaluate::flux;
use foldhash::{HashMap, HashMapExt};
use infra_model::ObjectRef;

use crate::inventory::{Inventory, ObjectId};
use crate::kinds::helm_release::Release;
use crate::pod_spec::is_workload;

/// The workloads that charts make.
#[derive(Default)]
pub(crate) struct ChartWorkloads {
    /// The position of the release, by workload.
    pub(crate) release: HashMap<ObjectId, usize>,
    /// The workload that represents its release, by the release's position: it has the release's name, or is the only one.
    pub(crate) main: HashMap<usize, ObjectId>,
}

impl ChartWorkloads {
    /// Collects the workloads of an inventory.
    pub(crate) fn new(inventory: &Inventory<'_>, releases: &[Release<'_>]) -> Self {
        let mut found = ChartWorkloads::default();
        let positions = releases.iter().enumerate().map(|(position, release)| {
            let id = flux::object_ref(release.object.node());
            (id, position)
        });
        let positions: HashMap<ObjectRef, usize> = positions.collect();
        let mut of_release: HashMap<usize, Vec<ObjectId>> = HashMap::new();
        let objects = inventory.objects.iter().enumerate();
        for (id, object) in objects.filter(|(_, object)| is_workload(object)) {
            let by = object.applied.generated_by.as_ref();
            let Some(&position) = by.and_then(|by| positions.get(by)) else {
                continue;
            };
            found.release.insert(id, position);
            // The workload of a hook does not stay.
            if object.annotation("helm.sh/hook").is_none() {
                of_release.entry(position).or_default().push(id);
            }
        }
        for (position, ids) in of_release {
            let Some(release) = releases.get(position) else {
                continue;
            };
            let object = |id: &ObjectId| inventory.objects.get(*id);
            let is_named = |id: &&ObjectId| object(id).is_some_and(|object| object.name == release.name);
            let main = match ids.as_slice() {
                [only] => Some(only),
                several => several.iter().find(is_named),
            };
            let is_in_namespace =
                |id: &&ObjectId| object(id).is_some_and(|object| object.namespace == release.namespace);
            found
                .main
                .extend(main.filter(is_in_namespace).map(|id| (position, *id)));
        }
        found
    }
}
