//! `reference-missing` of ExternalSecrets that add to a Secret, which nothing makes: External Secrets then makes none either
//! (<https://external-secrets.io/latest/guides/ownership-deletion-policy/>).

use infra_model::codes;
use source_tree::{Diagnostic, Severity};

use crate::kinds::external_secret::{self, GROUP};
use crate::linker::Linker;
use crate::producers::elsewhere;
use crate::unknown_makers::UnknownMakers;
use crate::uses::Used;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let makers = UnknownMakers::new(inventory, linker.producers);
    let mut findings = Vec::new();
    for object in inventory
        .of(GROUP, "ExternalSecret")
        .filter(|object| !object.is_of_chart())
    {
        let view = inventory.view(object);
        let target = external_secret::target(object, view);
        let Some(name) = target.filter(|_| external_secret::is_merged(object, view)) else {
            continue;
        };
        let namespace = object.namespace;
        // What charts and their jobs make on their own is not known.
        let has_releases = linker
            .releases
            .iter()
            .any(|release| release.namespace == namespace);
        let is_known = name.contains("${")
            || !linker.producers.is_merged_only(namespace, name)
            || linker.producers.copies_anywhere(Used::Secret, name)
            || elsewhere(linker.knowledge, "Secret", namespace, name)
            || has_releases
            || !makers.are_none(namespace);
        if is_known {
            continue;
        }
        let mark = view
            .at(&["spec", "target", "creationPolicy"])
            .map(|view| view.mark());
        let id = object.object_name();
        findings.push(
            Diagnostic::new(
                Severity::Warning,
                codes::REFERENCE_MISSING,
                format!(
                    "{id} adds to Secret/{namespace}/{name}, which nothing makes: with `creationPolicy: Merge` it is not made either"
                ),
            )
            .at(mark
                .and_then(|mark| inventory.place(mark))
                .or_else(|| inventory.source(object)))
            .on(id.to_string())
            .hint("use `creationPolicy: Owner`, or correct `target.name`"),
        );
    }
    findings
}
