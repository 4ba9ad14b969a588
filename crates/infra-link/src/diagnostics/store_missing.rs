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
        let (severity, message) = match may_be_applied_by(inventory, &store.namespace) {
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
                .hint("add the store, correct the name, or declare it in the knowledge file under producedElsewhere"),
        );
    }
    findings
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
