//! `variable-unreplaced`: a Kustomization that substitutes nothing applies a literal `${NAME}` that the API server refuses, or that is
//! in an image or in a reference of Flux to a chart or a source.

mod fields;

use infra_model::codes;
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::{first_and_more, is_true};
use crate::inventory::Owner;
use crate::linker::Linker;
use flux_evaluate::Applied;

use fields::{has_text, has_variable, image, is_variable, literal_name, refused, unresolved};

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

/// A variable in a label of `spec.commonMetadata`, which Flux adds after substitution
/// (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go>).
fn common_label(linker: &Linker<'_>, owner: &Owner<'_>) -> Option<Diagnostic> {
    let evaluated = owner.evaluated;
    let (id, applied) = (evaluated.id.as_ref()?, evaluated.object.as_ref()?);
    let mut objects = evaluated.objects.iter();
    let first = objects.find(|object| object.generated_by.is_none())?;
    // A variable that the parent may replace is literal in `node` only.
    let rendered = applied.rendered.as_ref().unwrap_or(&applied.node);
    const LABELS: [&str; 3] = ["spec", "commonMetadata", "labels"];
    let (known, labels) = (rendered.at(&LABELS)?, applied.node.at(&LABELS)?);
    let (key, value) = labels
        .iter()
        .find(|(key, value)| has_variable(value) && known.get(key).is_some_and(has_variable))?;
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

/// One finding for all objects that a Kustomization applies: the first place says enough.
fn of_owner(linker: &Linker<'_>, owner: &Owner<'_>) -> Option<Diagnostic> {
    let evaluated = owner.evaluated;
    let id = evaluated.id.as_ref()?;
    // A missing ConfigMap or Secret may define variables, and then Flux substitutes.
    let is_optional = || {
        let object = evaluated.object.as_ref();
        let from = object.and_then(|object| object.node.at(&["spec", "postBuild", "substituteFrom"]));
        from.is_some_and(|from| from.items().iter().all(|entry| is_true(entry, &["optional"])))
    };
    let may_define = !evaluated.missing.is_empty();
    let sources = &linker.inventory.evaluation.variables.sources;
    let is_made = |object| sources.get(object).is_some_and(|source| source.made_by.is_some());
    if evaluated.missing.iter().any(is_made) {
        return None;
    }
    if evaluated.substituted || !evaluated.encrypted.is_empty() || (may_define && !is_optional()) {
        return None;
    }
    let literal = |object: &Applied| {
        // If variables may be defined, `node` has them replaced.
        let rendered = object.rendered.as_ref().filter(|_| may_define);
        let node = rendered.unwrap_or(&object.node);
        if !has_text(node, &is_variable) {
            return None;
        }
        let (found, severity, why) = if let Some(found) = refused(node) {
            (found, Severity::Error, "which the API server refuses")
        } else if let Some(found) = image(node) {
            // The API server takes any text for an image (<https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>).
            (found, Severity::Error, "which is no image: its pods do not start")
        } else if let Some(found) = unresolved(node) {
            (found, Severity::Error, "which Flux cannot resolve")
        } else {
            (
                literal_name(node)?,
                Severity::Warning,
                "which is its name in the cluster",
            )
        };
        Some((found.clone(), severity, why))
    };
    let objects = evaluated.objects.iter();
    let own = objects.filter(|object| object.generated_by.is_none());
    // A variable of the Kustomization itself, such as in its `targetNamespace`, is for its parent to replace.
    let stated = evaluated.object.as_ref().map(|object| &object.node);
    let is_stated = |text: &Node| {
        let text = text.text().unwrap_or_default();
        let spec = stated.and_then(|node| node.get("spec"));
        spec.is_some_and(|spec| has_text(spec, &|stated| stated == text))
    };
    let found = own.filter_map(|object| Some((object, literal(object)?)));
    let found = found.filter(|(_, (node, ..))| !is_stated(node));
    let ((object, (node, severity, why)), others) = first_and_more(found)?;
    let text = node.text().unwrap_or_default();
    let object = flux_evaluate::flux::object_ref(&object.node);
    let message = format!(
        "Kustomization {id} substitutes nothing, so {object}{others} is applied with `{text}` unchanged, {why}"
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
