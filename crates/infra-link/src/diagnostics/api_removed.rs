//! `api-removed`: an API version that Flux no longer serves.

use infra_model::codes;
use source_tree::{Diagnostic, Severity};

use crate::inventory::{HELM, Inventory, KUSTOMIZE, Object, SOURCE};
use crate::linker::Linker;
use crate::view::View;

/// Group, version, the Flux release without it, and what is served instead
/// (<https://fluxcd.io/flux/releases/>).
const REMOVED: &[(&str, &str, &str, &str)] = &[
    (KUSTOMIZE, "v1beta1", "2.7", "v1"),
    (KUSTOMIZE, "v1beta2", "2.8", "v1"),
    (HELM, "v2beta1", "2.7", "v2"),
    (HELM, "v2beta2", "2.8", "v2"),
    (SOURCE, "v1beta1", "2.7", "v1"),
    (SOURCE, "v1beta2", "2.8", "v1"),
];

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    for object in &inventory.objects {
        let Some(version) = object.api_version().split_once('/').map(|(_, version)| version) else {
            continue;
        };
        let Some((group, _, release, instead)) = REMOVED
            .iter()
            .find(|(group, removed, ..)| *group == object.group && *removed == version)
        else {
            continue;
        };
        // The repository may hold the definitions of the Flux that it runs.
        let severity = match served(inventory, object, version) {
            Some(true) => continue,
            Some(false) => Severity::Error,
            None => Severity::Warning,
        };
        let name = object.object_name().to_string();
        let mark = object
            .node()
            .get("apiVersion")
            .map(|node| node.mark)
            .filter(|mark| mark.is_some());
        findings.push(
            Diagnostic::new(
                severity,
                codes::API_REMOVED,
                format!("{name} uses {group}/{version}, which Flux {release} has removed"),
            )
            .at(mark
                .and_then(|mark| inventory.place(mark))
                .or_else(|| inventory.source(object)))
            .on(name)
            .hint(format!(
                "use {group}/{instead}; `flux migrate` rewrites the files"
            )),
        );
    }
    findings
}

/// Whether a definition in the repository serves a version of an object's kind; none where there is no definition.
fn served(inventory: &Inventory<'_>, object: &Object<'_>, version: &str) -> Option<bool> {
    let definition = inventory
        .of("apiextensions.k8s.io", "CustomResourceDefinition")
        .find(|definition| {
            let view = inventory.view(definition);
            view.text_at(&["spec", "group"]) == Some(object.group)
                && view.text_at(&["spec", "names", "kind"]) == Some(object.kind)
        })?;
    let versions = inventory
        .view(definition)
        .at(&["spec", "versions"])
        .into_iter()
        .flat_map(View::items);
    Some(
        versions
            .filter(|one| one.text_of("name") == Some(version))
            .any(|one| {
                one.get("served")
                    .and_then(|view| view.node.as_bool())
                    .unwrap_or(false)
            }),
    )
}
