//! `dependency-missing` and `reference-missing` of ResourceSets: the objects that one waits for, and those that its objects copy
//! (<https://fluxoperator.dev/docs/crd/resourceset/>).

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::if_sure;
use crate::inventory::{HELM, KUSTOMIZE, Object, SOURCE};
use crate::linker::Linker;
use crate::made_keys::copied_of;
use crate::uses::Used;

/// API group of flux-operator.
const OPERATOR: &str = "fluxcd.controlplane.io";

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let sets = linker.inventory.of(OPERATOR, "ResourceSet");
    let mut findings: Vec<Diagnostic> = sets.flat_map(|set| dependencies(linker, set)).collect();
    for (kind, used) in [("ConfigMap", Used::ConfigMap), ("Secret", Used::Secret)] {
        let objects = linker.inventory.of("", kind);
        findings.extend(objects.filter_map(|object| copy(linker, object, used)));
    }
    findings
}

/// Objects that a ResourceSet waits for and nothing applies. It waits forever, since its `dependsOn` is not a template.
fn dependencies(linker: &Linker<'_>, set: &Object<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let wanted = set.node().at(&["spec", "dependsOn"]).map_or(&[][..], Node::items);
    let finding = |entry: &Node| {
        let text = |field: &str| entry.text_at(&[field]).unwrap_or_default();
        let group = flux_evaluate::flux::api_group(entry);
        let (kind, name) = (text("kind"), text("name"));
        let is_there = |namespace: &str| inventory.find(group, kind, namespace, name).is_some();
        // Flux's own definitions exist wherever a ResourceSet is reconciled.
        let is_of_flux = kind == "CustomResourceDefinition" && name.ends_with(".fluxcd.io");
        let is_empty = kind.is_empty() || name.is_empty();
        if is_empty || is_there(text("namespace")) || is_there("") || is_of_flux {
            return None;
        }
        // Charts and operators make objects of other kinds.
        let is_sure = inventory.is_complete() && [OPERATOR, KUSTOMIZE, HELM, SOURCE].contains(&group);
        let (severity, which) = match is_sure {
            true => (Severity::Error, "which nothing applies"),
            false => (Severity::Info, "which nothing that is known applies"),
        };
        let id = set.object_name();
        let wanted = ObjectRef::new(kind, text("namespace"), name);
        Some(
            Diagnostic::new(
                severity,
                codes::DEPENDENCY_MISSING,
                format!("{id} depends on {wanted}, {which}"),
            )
            .at(inventory.place(entry.mark).or_else(|| inventory.source(set)))
            .on(id.to_string())
            .hint("correct the name or the `namespace`, or remove the entry"),
        )
    };
    wanted.iter().filter_map(finding).collect()
}

/// An object of a ResourceSet that copies an object which nothing makes.
fn copy(linker: &Linker<'_>, object: &Object<'_>, used: Used) -> Option<Diagnostic> {
    let inventory = linker.inventory;
    let source = copied_of(object)?;
    let stated = inventory.find("", &source.kind, &source.namespace, &source.name);
    if stated.is_some()
        || linker.is_made(used, &source.namespace, &source.name)
        || linker.producers.has_charts(&source.namespace)
    {
        return None;
    }
    let severity = if_sure(inventory.is_complete(), Severity::Warning);
    let message = format!(
        "{} is copied of {source}, which nothing makes",
        object.object_name()
    );
    Some(
        Diagnostic::new(severity, codes::REFERENCE_MISSING, message)
            .at(inventory.source(object))
            .on(source.to_string())
            .hint("add the object, or correct the annotation fluxcd.controlplane.io/copyFrom"),
    )
}
