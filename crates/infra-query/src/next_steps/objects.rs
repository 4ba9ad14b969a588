//! Commands that show the state of an object.

use infra_model::object::OtherObject;
use plain_text::Command;

use super::flux::status_of_owner;
use super::step::{Step, shell};
use crate::Facts;

/// The object in the cluster, and the Kustomization that applies it.
pub(super) fn for_object(facts: &dyn Facts, object: &OtherObject) -> Vec<Step> {
    let resource = match object.api_version.split_once('/') {
        // Kinds of several operators may have one name.
        Some((group, _)) => format!("{}.{group}", object.kind.to_lowercase()),
        None => object.kind.to_lowercase(),
    };
    let command = Command::new("kubectl get").name(&resource).name(&object.name);
    let command = command.namespace(&object.namespace).literal("-o yaml");
    shell("the object", command)
        .into_iter()
        .chain(status_of_owner(facts, object.kustomization.as_deref()))
        .collect()
}
