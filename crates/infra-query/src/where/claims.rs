//! Volume claims of services, and those that nothing mounts.

use infra_model::object::OtherObject;
use infra_model::service::Service;

use super::told::{CLAIM, told};
use crate::Facts;
use crate::graph::links::object_named;
use crate::r#where::Told;

/// That no pod mounts a claim; where a chart that is not at hand may, it is named.
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
            "nothing here, nor do the values of HelmRelease {only}, whose chart is not at hand, name it"
        ),
        several => format!(
            "nothing here, nor do the values of the {} HelmReleases of its namespace name it whose charts are not at hand",
            several.len()
        ),
    };
    Some(told("mounted by", text, None))
}

/// Whether one service alone mounts a claim that the repository states.
pub(super) fn is_of_one(facts: &dyn Facts, namespace: &str, claim: &str) -> bool {
    object_named(facts, CLAIM, namespace, claim).is_some_and(|(_, object)| object.used_by.len() == 1)
}

/// A claim by its name: its size and class, where the repository has it.
pub(super) fn claim(facts: &dyn Facts, service: &Service, name: &str) -> Told {
    let Some((_, object)) = object_named(facts, CLAIM, &service.namespace, name) else {
        return told("volume claim", name.to_owned(), None);
    };
    let value = |path: &str| object.fields.get(path).map(|field| field.value.as_str());
    let mut text = name.to_owned();
    if let Some(size) = value("spec.resources.requests.storage") {
        text.push_str(&format!(" {size}"));
    }
    if let Some(class) = value("spec.storageClassName").filter(|class| !class.is_empty()) {
        text.push_str(&format!(" of {class}"));
    }
    told("volume claim", text, object.source.clone())
}
