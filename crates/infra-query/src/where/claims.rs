//! Volume claims of services, and claims that nothing mounts.

use infra_model::object::OtherObject;
use infra_model::service::Service;

use super::fact::{CLAIM, Told, fact};
use crate::Facts;
use crate::graph::links::object_named;
use crate::object::value;

/// The fact that no pod mounts a claim, with the chart that may, if one is not available.
pub(super) fn no_user(facts: &dyn Facts, claim: &OtherObject) -> Option<Told> {
    if !claim.used_by.is_empty() {
        return None;
    }
    let unknown = facts
        .helm_releases()
        .iter()
        .filter(|(_, release)| release.is_chart_unknown() && release.release_namespace == claim.namespace);
    let unknown: Vec<&str> = unknown.map(|(key, _)| key).collect();
    let text = match unknown.as_slice() {
        [] => "nothing here".to_owned(),
        [only] => format!(
            "nothing here, nor do the values of HelmRelease {only}, whose chart is not available, name it"
        ),
        several => format!(
            "nothing here, nor do the values of the {} HelmReleases of its namespace name it whose charts are not available",
            several.len()
        ),
    };
    Some(fact("mounted by", text, None))
}

/// Whether only one service mounts a claim of the repository.
pub(super) fn is_of_one(facts: &dyn Facts, namespace: &str, claim: &str) -> bool {
    object_named(facts, CLAIM, namespace, claim).is_some_and(|(_, object)| object.used_by.len() == 1)
}

/// A claim of a service, with size and class if it is in the repository.
pub(super) fn claim(facts: &dyn Facts, service: &Service, name: &str) -> Told {
    let Some((_, object)) = object_named(facts, CLAIM, &service.namespace, name) else {
        return fact("volume claim", name.to_owned(), None);
    };
    let mut text = name.to_owned();
    if let Some(size) = value(object, "spec.resources.requests.storage") {
        text.push_str(&format!(" {size}"));
    }
    if let Some(class) = value(object, "spec.storageClassName").filter(|class| !class.is_empty()) {
        text.push_str(&format!(" of {class}"));
    }
    fact("volume claim", text, object.source.clone())
}
