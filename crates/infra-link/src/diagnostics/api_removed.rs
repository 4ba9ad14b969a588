//! `api-removed`: an API version that Flux no longer serves.

use std::collections::BTreeMap;

use flux_evaluate::flux::{RemovedVersion, removed_version};
use source_tree::{Diagnostic, Severity};

use super::api_version;
use crate::inventory::{Inventory, Object};
use crate::linker::Linker;

/// The first object of a version that was removed, and the number of others.
type Users<'o> = (&'o Object<'o>, RemovedVersion, usize);

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    // By version and its successor.
    let mut found: BTreeMap<(&str, &str, &str, Severity), Users<'_>> = BTreeMap::new();
    for object in &inventory.objects {
        let Some((_, version)) = object.api_version.split_once('/') else {
            continue;
        };
        let Some(removed) = removed_version(object.api_version, object.kind) else {
            continue;
        };
        // The repository may hold the definitions of the Flux that it runs.
        let severity = match is_served(inventory, object, version) {
            Some(true) => continue,
            Some(false) => Severity::Error,
            None => Severity::Warning,
        };
        found
            .entry((object.group, version, removed.instead, severity))
            .and_modify(|(.., more)| *more += 1)
            .or_insert((object, removed, 0));
    }
    let findings = found
        .into_iter()
        .map(|((group, version, instead, severity), (object, removed, more))| {
            let (major, minor) = removed.release;
            let release = format!("{major}.{minor}");
            let version = format!("{group}/{version}");
            let why = format!("which Flux {release} and later do not serve");
            let hint = format!(
                "before Flux is upgraded to {release}, use {group}/{instead} (`flux migrate` rewrites the files); an older Flux may not serve that yet"
            );
            api_version::finding(inventory, (object, more), severity, &version, &why, hint)
        });
    findings.collect()
}

/// Whether a definition in the repository serves a version of an object's kind; `None` without a definition.
fn is_served(inventory: &Inventory<'_>, object: &Object<'_>, version: &str) -> Option<bool> {
    let definition = inventory
        .of("apiextensions.k8s.io", "CustomResourceDefinition")
        .find(|definition| {
            let view = inventory.view(definition);
            view.text_at(&["spec", "group"]) == Some(object.group)
                && view.text_at(&["spec", "names", "kind"]) == Some(object.kind)
        })?;
    let mut versions = inventory.view(definition).items_at(&["spec", "versions"]);
    Some(versions.any(|stated| stated.text_of("name") == Some(version) && stated.is_true("served")))
}
