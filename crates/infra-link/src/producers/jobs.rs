//! Secrets that Jobs make by a command.

use super::{ProducerKeys, Producers};
use crate::inventory::Inventory;
use crate::job_secrets;
use crate::pod_spec::PodTemplate;
use crate::uses::Used;

impl Producers {
    /// Secrets that Jobs make by a command.
    pub(super) fn jobs<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        for object in ["Job", "CronJob"]
            .iter()
            .flat_map(|kind| inventory.of("batch", kind))
        {
            let containers = PodTemplate::of(inventory, object).into_iter();
            for container in containers.flat_map(PodTemplate::containers) {
                for made in job_secrets::made(container.view) {
                    let namespace = made.namespace.unwrap_or(object.namespace);
                    self.add(Used::Secret, namespace, made.name, || {
                        keys.objects.kind_key(object)
                    });
                }
            }
        }
    }
}
