//! Secrets that the commands of Jobs make.

use super::{ProducerKeys, Producers};
use crate::inventory::Inventory;
use crate::job_secrets;
use crate::pod_spec::PodTemplate;
use crate::uses::Used;

impl Producers {
    /// Adds the Secrets that the commands of Jobs make.
    pub(super) fn add_jobs<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        for object in inventory.of_kinds("batch", &["Job", "CronJob"]) {
            let containers = PodTemplate::of(inventory, object).into_iter();
            for container in containers.flat_map(PodTemplate::containers) {
                for made in job_secrets::made_secrets(container.view) {
                    let namespace = made.namespace.unwrap_or(object.namespace);
                    self.add(Used::Secret, namespace, made.name, || {
                        keys.objects.kind_key(object)
                    });
                }
            }
        }
    }
}
