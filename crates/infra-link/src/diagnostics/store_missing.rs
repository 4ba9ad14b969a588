//! `store-missing`: an ExternalSecret reads a SecretStore that nothing makes, so its Secret never comes.

use std::collections::BTreeMap;

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Severity};

use super::reference_missing::may_be_applied_by;
use crate::inventory::Object;
use crate::kinds::external_secret::{self, GROUP};
use crate::linker::Linker;
use crate::producers;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    // The first reader of each store, and how many there are.
    let mut missing: BTreeMap<ObjectRef, (&Object<'_>, usize)> = BTreeMap::new();
    for kind in ["ExternalSecret", "ClusterExternalSecret"] {
        for object in inventory.of(GROUP, kind) {
            for store in external_secret::stores(object, inventory.view(object)) {
                if is_stated(linker, &store) {
                    continue;
                }
                let (_, readers) = missing.entry(store).or_insert((object, 0));
                *readers += 1;
            }
        }
    }
    let mut findings = Vec::new();
    for (store, (object, readers)) in missing {
        let more = match readers {
            0 | 1 => String::new(),
            readers => format!(" (and {} more)", readers - 1),
        };
        let message = format!("{}{more} reads {store}, which nothing", object.object_name());
        let (severity, message) = match may_be_applied_by(inventory, &store.namespace, |_| true) {
            None if let Some(release) = may_be_made_by(linker, &store) => (
                Severity::Info,
                format!("{message} that is known makes; the chart of {release}, which is not at hand, may"),
            ),
            None => (Severity::Warning, format!("{message} makes")),
            Some((owner, reason)) => (
                Severity::Info,
                format!("{message} that is known makes; Kustomization {owner} may, {reason}"),
            ),
        };
        findings.push(
            Diagnostic::new(severity, codes::STORE_MISSING, message)
                .at(inventory.source(object))
                .on(store.to_string())
                .hint(namesake(linker, &store).unwrap_or_else(|| {
                    "add the store, correct the name, or declare it in the knowledge file under producedElsewhere".to_owned()
                })),
        );
    }
    findings
}

/// The release of a chart that is not at hand and tells by its name that it may make a store for all namespaces. The operator's
/// own chart makes none.
fn may_be_made_by(linker: &Linker<'_>, store: &ObjectRef) -> Option<String> {
    const OWN: &str = "external-secrets";
    let first = store.name.split('-').next().unwrap_or_default();
    let tells = |name: &str| {
        let words = [first, "eso", "secret", "secrets", "stores"];
        name != OWN && name.split(['-', '/', '.']).any(|word| words.contains(&word))
    };
    let mut releases = linker
        .releases
        .iter()
        .filter(|release| release.rendered().is_none());
    let release = releases.find(|release| {
        let chart = release.chart.name.as_deref().unwrap_or_default();
        store.namespace.is_empty() && chart != OWN && (tells(chart) || tells(release.object.name))
    })?;
    Some(release.object.object_name().to_string())
}

/// What to do where there is a store of the name, of the other kind or in another namespace.
fn namesake(linker: &Linker<'_>, store: &ObjectRef) -> Option<String> {
    let inventory = linker.inventory;
    let named = |kind: &'static str| {
        let mut stores = inventory.of(GROUP, kind);
        stores.find(|object| object.name == store.name)
    };
    let place = |object: &Object<'_>| {
        let place = inventory.source(object);
        place.map_or(String::new(), |place| format!(" ({place})"))
    };
    if store.kind == "ClusterSecretStore" {
        let other = named("SecretStore")?;
        return Some(format!(
            "there is a SecretStore of this name in {}{}: say `kind: SecretStore`, which counts in its own namespace alone",
            other.namespace,
            place(other)
        ));
    }
    if let Some(cluster) = named("ClusterSecretStore") {
        return Some(format!(
            "there is a ClusterSecretStore of this name{}: say `kind: ClusterSecretStore` in the reference",
            place(cluster)
        ));
    }
    let other = named("SecretStore")?;
    Some(format!(
        "there is one of this name in the namespace {}{}, which does not count: make it in {}, or use a ClusterSecretStore",
        other.namespace,
        place(other),
        store.namespace
    ))
}

fn is_stated(linker: &Linker<'_>, store: &ObjectRef) -> bool {
    let made = linker
        .inventory
        .find(GROUP, &store.kind, &store.namespace, &store.name)
        .is_some()
        || (!store.namespace.is_empty() && linker.producers.has_charts(&store.namespace));
    made || store.name.contains("${")
        || linker
            .knowledge
            .produced_elsewhere
            .iter()
            .any(|pattern| producers::matches(pattern, &store.kind, &store.namespace, &store.name))
}
