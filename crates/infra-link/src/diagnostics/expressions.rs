//! `build-failed` by a CEL expression that does not parse: Flux stalls, and applies nothing of the object
//! (<https://fluxcd.io/flux/components/kustomize/kustomizations/#health-check-expressions>).

use infra_model::codes;
use source_tree::Diagnostic;

use crate::cel_syntax::syntax_error;
use crate::inventory::{HELM, Inventory, KUSTOMIZE, Object};
use crate::linker::Linker;

/// A list of `spec`, and the fields of its items that hold an expression.
type List = (&'static str, &'static [&'static str]);

/// Group and kind of objects with expressions, and the lists that hold them.
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

/// A finding about the first expression of an object that does not parse.
fn of_object(inventory: &Inventory<'_>, object: &Object<'_>, lists: &[List]) -> Option<Diagnostic> {
    let view = inventory.view(object);
    let mut expressions = lists.iter().flat_map(|(list, fields)| {
        let items = view.items_at(&["spec", list]).enumerate();
        items.flat_map(move |(position, item)| {
            let stated = fields.iter();
            stated.filter_map(move |field| Some((list, position, field, item.get(field)?)))
        })
    });
    expressions.find_map(|(list, position, field, value)| {
        let text = value.text();
        let text = text.filter(|text| !text.is_empty() && !text.contains("${"))?;
        let error = syntax_error(text)?;
        let id = object.object_name();
        Some(
            Diagnostic::error(
                codes::BUILD_FAILED,
                format!("{id}: `spec.{list}[{position}].{field}` is not a valid CEL expression: {error}"),
            )
            .at(inventory.place(value.mark()).or_else(|| inventory.source(object)))
            .on(id.to_string())
            .hint("Flux stalls on it, and applies nothing of the object until the expression parses"),
        )
    })
}
