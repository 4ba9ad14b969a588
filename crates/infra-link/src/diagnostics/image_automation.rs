//! `source-missing` of image automation: an ImagePolicy whose ImageRepository nothing applies, or an ImageUpdateAutomation whose
//! source nothing applies (<https://fluxcd.io/flux/components/image/imagepolicies/#image-repository-reference>).

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Severity};

use super::if_sure;
use crate::inventory::{Inventory, SOURCE};
use crate::linker::Linker;
use crate::producers::elsewhere;
use crate::sources;
use crate::view::View;

/// API group of image automation.
pub(super) const IMAGE: &str = "image.toolkit.fluxcd.io";

/// Kind, the field that refers to another object, the default kind of that object, and the verb of the message.
const REFERENCES: &[(&str, &str, &str, &str)] = &[
    (
        "ImagePolicy",
        "imageRepositoryRef",
        "ImageRepository",
        "chooses among the tags of",
    ),
    (
        "ImageUpdateAutomation",
        "sourceRef",
        "GitRepository",
        "commits to",
    ),
];

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let makers = linker.unknown_makers;
    let mut findings = Vec::new();
    for (kind, field, default_kind, does) in REFERENCES {
        for object in inventory.of(IMAGE, kind) {
            let view = inventory.view(object);
            let Some((wanted, name)) = reference(view, field, default_kind, object.namespace) else {
                continue;
            };
            if is_there(linker, &wanted) {
                continue;
            }
            let id = object.object_name();
            let severity = if_sure(makers.are_none(&wanted.namespace), Severity::Error);
            findings.push(
                Diagnostic::new(
                    severity,
                    codes::SOURCE_MISSING,
                    format!("{id} {does} {wanted}, which nothing applies"),
                )
                .at(inventory.place(name.mark()).or_else(|| inventory.source(object)))
                .on(id.to_string())
                .hint(hint(inventory, &wanted)),
            );
        }
    }
    findings
}

/// The object that a field refers to, and its name in the reference.
fn reference<'a>(
    object: View<'a>,
    field: &str,
    kind: &str,
    namespace: &str,
) -> Option<(ObjectRef, View<'a>)> {
    let reference = object.at(&["spec", field])?;
    let name = reference.get("name")?;
    let kind = reference.text_of("kind").unwrap_or(kind);
    let namespace = reference.text_of("namespace").unwrap_or(namespace);
    Some((ObjectRef::new(kind, namespace, name.text()?), name))
}

/// The API group of the object that is referred to.
fn group_of(wanted: &ObjectRef) -> &'static str {
    match wanted.kind.as_str() {
        "ImageRepository" => IMAGE,
        _ => SOURCE,
    }
}

fn is_there(linker: &Linker<'_>, wanted: &ObjectRef) -> bool {
    let inventory = linker.inventory;
    wanted.name.contains("${")
        || wanted.namespace.contains("${")
        || inventory
            .find(group_of(wanted), &wanted.kind, &wanted.namespace, &wanted.name)
            .is_some()
        || sources::is_generated(inventory, wanted)
        || inventory.evaluation.self_sources.contains(wanted)
        || elsewhere(linker.knowledge, &wanted.kind, &wanted.namespace, &wanted.name)
}

/// The hint, with the namespace in which there is an object of the name.
fn hint(inventory: &Inventory<'_>, wanted: &ObjectRef) -> String {
    let mut of_kind = inventory.of(group_of(wanted), &wanted.kind);
    match of_kind.find(|object| object.name == wanted.name) {
        Some(object) => format!(
            "there is one in the namespace {}: give its `namespace` in the reference",
            object.namespace
        ),
        None => format!("add the {}, or correct the reference", wanted.kind),
    }
}
