//! `reference-missing` of volumes: a pod mounts a PersistentVolumeClaim that nothing makes, and waits for it.

use std::collections::BTreeSet;

use infra_model::codes;
use source_tree::Diagnostic;

use crate::inventory::{Inventory, Object};
use crate::linker::Linker;
use crate::producers::elsewhere;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let makers = linker.unknown_makers;
    let mut findings = Vec::new();
    for candidate in linker
        .candidates
        .iter()
        .filter(|candidate| !candidate.is_of_chart())
    {
        let Some(pods) = candidate.pods else { continue };
        let namespace = candidate.namespace;
        let mut seen = BTreeSet::new();
        for name in pods
            .volumes()
            .filter_map(|volume| volume.at(&["persistentVolumeClaim", "claimName"]))
        {
            let Some(claim) = name.text().filter(|claim| !claim.is_empty()) else {
                continue;
            };
            let is_known = claim.contains("${")
                || namespace.contains("${")
                || !seen.insert(claim)
                || inventory
                    .find("", "PersistentVolumeClaim", namespace, claim)
                    .is_some()
                || elsewhere(linker.knowledge, "PersistentVolumeClaim", namespace, claim)
                || is_of_template(inventory, namespace, claim)
                || is_of_database(inventory, namespace, claim)
                || !makers.are_none(namespace);
            if is_known {
                continue;
            }
            let mut others = inventory.of("", "PersistentVolumeClaim");
            let other = others.find(|other| other.name == claim);
            let hint = match other {
                Some(other) => format!(
                    "there is one of this name in the namespace {}, which does not count",
                    other.namespace
                ),
                None => "add the PersistentVolumeClaim, or correct `claimName`".to_owned(),
            };
            let claim = format!("PersistentVolumeClaim/{namespace}/{claim}");
            findings.push(
                Diagnostic::warning(
                    codes::REFERENCE_MISSING,
                    format!("service {} needs {claim}, which nothing makes", candidate.key),
                )
                .at(inventory.place(name.mark()))
                .on(claim)
                .hint(hint),
            );
        }
    }
    findings
}

/// Whether a StatefulSet makes the claim for one of its pods: `<template>-<StatefulSet>-<number>`.
fn is_of_template(inventory: &Inventory<'_>, namespace: &str, claim: &str) -> bool {
    let Some((start, number)) = claim.rsplit_once('-') else {
        return false;
    };
    number.bytes().all(|byte| byte.is_ascii_digit())
        && inventory
            .of("apps", "StatefulSet")
            .filter(|set| set.namespace == namespace)
            .any(|set| {
                inventory
                    .view(set)
                    .items_at(&["spec", "volumeClaimTemplates"])
                    .filter_map(|template| template.text_at(&["metadata", "name"]))
                    .any(|template| start == format!("{template}-{}", set.name))
            })
}

/// Whether an operator may have made the claim for pods of its own, which it names after its object.
fn is_of_database(inventory: &Inventory<'_>, namespace: &str, claim: &str) -> bool {
    let is_start = |object: &Object<'_>| object.namespace == namespace && claim.contains(object.name);
    [("postgresql.cnpg.io", "Cluster"), ("minio.min.io", "Tenant")]
        .into_iter()
        .flat_map(|(group, kind)| inventory.of(group, kind))
        .any(is_start)
}
