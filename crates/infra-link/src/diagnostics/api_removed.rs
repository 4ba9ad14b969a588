//! `api-removed`: an API version that Flux no longer serves.

use std::collections::BTreeMap;

use flux_evaluate::flux::{RemovedVersion, removed_version};
use infra_model::codes;
use source_tree::{Diagnostic, Place, Severity};

use super::api_version;
use crate::inventory::{Inventory, Object};
use crate::linker::Linker;
use crate::view::View;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut findings: BTreeMap<(&str, &str, &str, Severity), Found> = BTreeMap::new();
    for object in &inventory.objects {
        let Some((_, version)) = object.api_version().split_once('/') else {
            continue;
        };
        let Some(removed) = removed_version(object.api_version(), object.kind) else {
            continue;
        };
        // The repository may hold the definitions of the Flux that it runs.
        let severity = match served(inventory, object, version) {
            Some(true) => continue,
            Some(false) => Severity::Error,
            None => Severity::Warning,
        };
        let found = findings
            .entry((object.group, version, removed.instead, severity))
            .or_insert_with(|| Found {
                count: 0,
                name: object.object_name().to_string(),
                place: api_version::place(inventory, object),
                removed,
            });
        found.count += 1;
    }
    findings
        .into_iter()
        .map(|(version, found)| found.finding(version))
        .collect()
}

/// The objects of one version: how many, and the first of them.
struct Found {
    count: usize,
    name: String,
    place: Option<Place>,
    removed: RemovedVersion,
}

impl Found {
    fn finding(self, (group, version, instead, severity): (&str, &str, &str, Severity)) -> Diagnostic {
        let Found {
            count, name, removed, ..
        } = self;
        let (major, minor) = removed.release;
        let release = format!("{major}.{minor}");
        let who = api_version::who_uses(&name, count.saturating_sub(1));
        let message = format!("{who} {group}/{version}, which Flux {release} and later do not serve");
        Diagnostic::new(severity, codes::API_REMOVED, message)
            .at(self.place)
            .on(name)
            .hint(format!(
                "before Flux is upgraded to {release}, use {group}/{instead} (`flux migrate` rewrites the files); an older Flux may not serve that yet"
            ))
    }
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
