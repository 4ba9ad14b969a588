//! `store-missing`: an ExternalSecret reads a SecretStore that nothing makes, so its Secret is never created.

use std::collections::BTreeMap;

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Severity};

use super::reference_missing::may_be_applied_by;
use super::{first_and_more, source_in_parentheses};
use crate::inventory::Object;
use crate::kinds::external_secret::{self, GROUP, KINDS};
use crate::linker::Linker;
use crate::producers::elsewhere;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut readers: BTreeMap<ObjectRef, Vec<&Object<'_>>> = BTreeMap::new();
    for object in KINDS.iter().flat_map(|kind| inventory.of(GROUP, kind)) {
        let stores = external_secret::stores(object, inventory.view(object)).into_iter();
        for store in stores.filter(|store| !is_stated(linker, store)) {
            readers.entry(store).or_default().push(object);
        }
    }
    let finding = |(store, readers): (ObjectRef, Vec<&Object<'_>>)| {
        let (object, more) = first_and_more(readers)?;
        let message = format!("{}{more} reads {store}, which nothing", object.object_name());
        let (severity, message) = match may_be_applied_by(inventory, &store.namespace, |_| true) {
            None if let Some(release) = may_be_made_by(linker, &store) => (
                Severity::Info,
                format!("{message} that is known makes; the chart of {release}, which is not available, may"),
            ),
            None => (Severity::Warning, format!("{message} makes")),
            Some((owner, reason)) => (
                Severity::Info,
                format!("{message} that is known makes; Kustomization {owner} may, {reason}"),
            ),
        };
        Some(
            Diagnostic::new(severity, codes::STORE_MISSING, message)
                .at(inventory.source(object))
                .on(store.to_string())
                .hint(namesake(linker, &store).unwrap_or_else(|| {
                    "add the store, correct the name, or declare it in the knowledge file under producedElsewhere".to_owned()
                })),
        )
    };
    readers.into_iter().filter_map(finding).collect()
}

/// The release of a chart that is not rendered and may, by its name, make a ClusterSecretStore. The operator's own chart makes none.
fn may_be_made_by(linker: &Linker<'_>, store: &ObjectRef) -> Option<String> {
    const OWN: &str = "external-secrets";
    let first = store.name.split('-').next().unwrap_or_default();
    let is_about_stores = |name: &str| {
        let words = [first, "eso", "secret", "secrets", "stores"];
        name != OWN && name.split(['-', '/', '.']).any(|word| words.contains(&word))
    };
    let mut releases = linker.releases.iter();
    let release = releases.find(|release| {
        let chart = release.chart.name.as_deref().unwrap_or_default();
        release.rendered().is_none()
            && store.namespace.is_empty()
            && chart != OWN
            && (is_about_stores(chart) || is_about_stores(release.object.name))
    })?;
    Some(release.object.object_name().to_string())
}

/// The hint if there is a store of the name with the other kind or in another namespace.
fn namesake(linker: &Linker<'_>, store: &ObjectRef) -> Option<String> {
    let inventory = linker.inventory;
    let named = |kind: &'static str| {
        let mut stores = inventory.of(GROUP, kind);
        stores.find(|object| object.name == store.name)
    };
    let place = |object: &Object<'_>| source_in_parentheses(inventory, object);
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
    let (kind, namespace, name) = (&store.kind, &store.namespace, &store.name);
    linker.inventory.find(GROUP, kind, namespace, name).is_some()
        || (!namespace.is_empty() && linker.producers.has_charts(namespace))
        || name.contains("${")
        || elsewhere(linker.knowledge, kind, namespace, name)
}
