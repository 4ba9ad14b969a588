//! `build-failed` by a CEL expression that does not parse: Flux stalls on it, and applies nothing of the object
//! (<https://fluxcd.io/flux/components/kustomize/kustomizations/#health-check-expressions>).

use infra_model::codes;
use source_tree::Diagnostic;

use crate::cel_syntax::syntax_error;
use crate::inventory::{HELM, Inventory, KUSTOMIZE, Object};
use crate::linker::Linker;
use crate::view::View;

/// A list of `spec`, and the fields of its items that hold an expression.
type List = (&'static str, &'static [&'static str]);

/// Group and kind of objects with such lists.
const EXPRESSIONS: &[(&str, &str, &[List])] = &[
    (KUSTOMIZE, "Kustomization", OF_RECONCILERS),
    (HELM, "HelmRelease", OF_RECONCILERS),
    (
        "fluxcd.controlplane.io",
        "ResourceSet",
        &[("dependsOn", &["readyExpr"])],
    ),
];

const OF_RECONCILERS: &[List] = &[
    ("dependsOn", &["readyExpr"]),
    ("healthCheckExprs", &["current", "inProgress", "failed"]),
];

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let of_kinds = EXPRESSIONS.iter().flat_map(|(group, kind, lists)| {
        let objects = inventory.of(group, kind);
        objects.filter_map(|object| of_object(inventory, object, lists))
    });
    of_kinds.collect()
}

/// The first expression of an object that does not parse: one is enough.
fn of_object(inventory: &Inventory<'_>, object: &Object<'_>, lists: &[List]) -> Option<Diagnostic> {
    let view = inventory.view(object);
    let items = lists.iter().flat_map(|(list, fields)| {
        let items = view
            .at(&["spec", list])
            .into_iter()
            .flat_map(View::items)
            .enumerate();
        items.map(move |(position, item)| (format!("spec.{list}[{position}]"), item, *fields))
    });
    let mut expressions = items.flat_map(|(path, item, fields)| {
        let stated = fields
            .iter()
            .filter_map(move |field| Some((*field, item.get(field)?)));
        stated.map(move |(field, value)| (format!("{path}.{field}"), value))
    });
    expressions.find_map(|(path, value)| {
        let text = value
            .text()
            .filter(|text| !text.is_empty() && !text.contains("${"))?;
        let error = syntax_error(text)?;
        let id = object.object_name();
        Some(
            Diagnostic::error(
                codes::BUILD_FAILED,
                format!("{id}: `{path}` is no CEL expression: {error}"),
            )
            .at(inventory.place(value.mark()).or_else(|| inventory.source(object)))
            .on(id.to_string())
            .hint("Flux stalls on it, and applies nothing of the object until the expression parses"),
        )
    })
}
