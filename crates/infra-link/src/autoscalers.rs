//! HorizontalPodAutoscalers and KEDA's ScaledObjects of workloads.

use foldhash::{HashMap, HashMapExt};
use infra_model::ObjectRef;
use infra_model::pods::Autoscaler;

use crate::inventory::{Inventory, Object};

/// The autoscaler of each workload that has one.
pub(crate) struct Autoscalers(HashMap<ObjectRef, Autoscaler>);

impl Autoscalers {
    /// Collects the autoscalers of an inventory.
    pub(crate) fn new(inventory: &Inventory<'_>) -> Self {
        let mut found = HashMap::new();
        // Both name their target by kind and name; the default kind of a ScaledObject is Deployment
        // (https://keda.sh/docs/latest/reference/scaledobject-spec/#scaletargetref).
        for (group, kind, fields) in [
            (
                "autoscaling",
                "HorizontalPodAutoscaler",
                ["minReplicas", "maxReplicas"],
            ),
            ("keda.sh", "ScaledObject", ["minReplicaCount", "maxReplicaCount"]),
        ] {
            for object in inventory.of(group, kind) {
                let view = inventory.view(object);
                let Some(target) = view.at(&["spec", "scaleTargetRef"]) else {
                    continue;
                };
                let number = |field: &str| view.at(&["spec", field]).and_then(|value| value.node.as_i64());
                let [min, max] = fields.map(number);
                let scaled = ObjectRef::new(
                    target.text_of("kind").unwrap_or("Deployment"),
                    object.namespace,
                    target.text_of("name").unwrap_or_default(),
                );
                let autoscaler = Autoscaler {
                    kind: kind.to_owned(),
                    name: object.name.to_owned(),
                    min,
                    max,
                };
                found.insert(scaled, autoscaler);
            }
        }
        Autoscalers(found)
    }

    /// The autoscaler of a workload.
    pub(crate) fn find(&self, workload: &Object<'_>) -> Option<Autoscaler> {
        self.0.get(&workload.object_name()).cloned()
    }
}
