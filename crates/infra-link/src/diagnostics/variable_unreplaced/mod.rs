//! `variable-unreplaced`: a Kustomization that substitutes nothing applies `${NAME}` as it stands, where the API server
//! refuses it, in an image, or where Flux looks for a chart or a source.

mod fields;

use infra_model::codes;
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::first_and_more;
use crate::inventory::Owner;
use crate::linker::Linker;
use flux_evaluate::Applied;

use fields::{any_text, holds_variable, image, is_variable, literal_name, refused, unresolved};

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let owners = linker.inventory.owners.iter();
    let of_owners = owners.clone().filter_map(|owner| of_owner(linker, owner));
    let common = owners.filter_map(|owner| common_label(linker, owner));
    let mut found: Vec<Diagnostic> = of_owners.chain(common).collect();
    if let Some(changes) = &linker.inventory.evaluation.changes_kustomizations {
        let hint = format!(
            "{changes} may give the Kustomization variables when it is applied; without them Flux substitutes nothing"
        );
        for diagnostic in &mut found {
            diagnostic.severity = Severity::Info;
            diagnostic.hint = Some(hint.clone());
        }
    }
    found
}

/// A variable in a label of `spec.commonMetadata`, which is put on after substitution
/// (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go>).
fn common_label(linker: &Linker<'_>, owner: &Owner<'_>) -> Option<Diagnostic> {
    let evaluated = owner.evaluated;
    let (id, applied) = (evaluated.id.as_ref()?, evaluated.object.as_ref()?);
    let first = evaluated
        .objects
        .iter()
        .find(|object| object.generated_by.is_none())?;
    // What its parent may replace is not known, and stands as it is written in `node` alone.
    let rendered = applied.rendered.as_ref().unwrap_or(&applied.node);
    const LABELS: [&str; 3] = ["spec", "commonMetadata", "labels"];
    let (known, labels) = (rendered.at(&LABELS)?, applied.node.at(&LABELS)?);
    let (key, value) = labels
        .iter()
        .find(|(key, value)| holds_variable(value) && known.get(key).is_some_and(holds_variable))?;
    let message = format!(
        "Kustomization {id} puts the label `{key}: {}` of `spec.commonMetadata` on {} and all else it applies as it stands, which the API \
         server refuses",
        value.text().unwrap_or_default(),
        flux_evaluate::flux::object_ref(&first.node)
    );
    Some(
        Diagnostic::error(codes::VARIABLE_UNREPLACED, message)
            .at(linker.inventory.place(value.mark).or_else(|| linker.inventory.place(applied.mark)))
            .on(format!("Kustomization/{id}"))
            .hint(
                "`spec.postBuild` of a Kustomization does not reach its own `spec`: define the variable in the Kustomization that applies \
                 it, or write the value out",
            ),
    )
}

/// One finding for all that a Kustomization applies: the first place says enough.
fn of_owner(linker: &Linker<'_>, owner: &Owner<'_>) -> Option<Diagnostic> {
    let evaluated = owner.evaluated;
    let id = evaluated.id.as_ref()?;
    // What is not here may define variables, and then Flux substitutes.
    let is_optional = || {
        let from = evaluated
            .object
            .as_ref()?
            .node
            .at(&["spec", "postBuild", "substituteFrom"])?;
        let needs = |one: &Node| one.get("optional").and_then(Node::as_bool) != Some(true);
        Some(!from.items().iter().any(needs))
    };
    let may_define = !evaluated.missing.is_empty();
    if evaluated.substituted || !evaluated.encrypted.is_empty() || (may_define && is_optional() != Some(true))
    {
        return None;
    }
    let literal = |object: &Applied| {
        // With what may define variables, `node` is as it would be then.
        let node = object
            .rendered
            .as_ref()
            .filter(|_| may_define)
            .unwrap_or(&object.node);
        if !any_text(node, &is_variable) {
            return None;
        }
        let refused = refused(node).map(|found| (found, Severity::Error, "which the API server refuses"));
        // The API server takes any text for an image (<https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>).
        let image = || {
            Some((
                image(node)?,
                Severity::Error,
                "which is no image: its pods do not start",
            ))
        };
        let unresolved = || Some((unresolved(node)?, Severity::Error, "which Flux cannot resolve"));
        let named = || {
            Some((
                literal_name(node)?,
                Severity::Warning,
                "which is its name in the cluster",
            ))
        };
        let (found, severity, why) = refused.or_else(image).or_else(unresolved).or_else(named)?;
        Some((found.clone(), severity, why))
    };
    let own = evaluated
        .objects
        .iter()
        .filter(|object| object.generated_by.is_none());
    // What its parent does not replace in the Kustomization itself, such as its `targetNamespace`, is unknown, and no fault
    // of this one.
    let stated = evaluated.object.as_ref().map(|object| &object.node);
    let is_stated = |text: &Node| {
        let text = text.text().unwrap_or_default();
        stated
            .and_then(|node| node.get("spec"))
            .is_some_and(|spec| any_text(spec, &|stated| stated == text))
    };
    let found = own.filter_map(|object| Some((object, literal(object)?)));
    let found = found.filter(|(_, (node, ..))| !is_stated(node));
    let ((object, (node, severity, why)), others) = first_and_more(found)?;
    let text = node.text().unwrap_or_default();
    let object = flux_evaluate::flux::object_ref(&object.node);
    let message = format!(
        "Kustomization {id} substitutes nothing, so {object}{others} is applied with `{text}` as it stands, {why}"
    );
    let mut diagnostic =
        Diagnostic::new(severity, codes::VARIABLE_UNREPLACED, message)
            .at(linker.inventory.place(node.mark))
            .on(format!("Kustomization/{id}"))
            .hint("define the variable in `spec.postBuild` of the Kustomization: without any variable Flux substitutes nothing, not even defaults");
    if let Some(missing) = evaluated.missing.first() {
        diagnostic.severity = Severity::Info;
        diagnostic.hint = Some(format!(
            "{missing} is optional and not in this repository: while it is not in the cluster either, Flux substitutes nothing, not \
             even defaults"
        ));
    }
    Some(diagnostic)
}
