//! Commands that show how an object is that no operator of ours knows more of.

use infra_model::object::OtherObject;
use plain_text::Command;

use super::flux::status_of_kustomization;
use super::step::{Step, shell};
use crate::Facts;

/// The object in the cluster, and the Kustomization that applies it.
pub(super) fn for_object(facts: &dyn Facts, object: &OtherObject) -> Vec<Step> {
    let kustomization = object.kustomization.as_ref();
    let kustomization = kustomization.and_then(|key| facts.kustomizations().get(key));
    let resource = match object.api_version.split_once('/') {
        // Kinds of operators share their names.
        Some((group, _)) => format!("{}.{group}", object.kind.to_lowercase()),
        None => object.kind.to_lowercase(),
    };
    let command = Command::new("kubectl get").name(&resource).name(&object.name);
    let command = match object.namespace.as_str() {
        "" => command,
        namespace => command.namespace(namespace),
    };
    shell("the object", command.literal("-o yaml"))
        .into_iter()
        .chain(kustomization.and_then(status_of_kustomization))
        .collect()
}
