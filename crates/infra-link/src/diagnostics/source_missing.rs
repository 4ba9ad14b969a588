//! `source-missing`: a HelmRelease names a source that nothing states. Evaluation reports missing sources of Kustomizations.

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark, Severity};

use super::if_sure;
use super::reference_missing::is_renamed;
use crate::inventory::{Inventory, SOURCE};
use crate::keys::SOURCE_KINDS;
use crate::kinds::helm_release::Release;
use crate::linker::Linker;
use crate::sources;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let severity = if_sure(inventory.is_complete(), Severity::Error);
    let mut findings = Vec::new();
    for release in linker.releases {
        let Some((wanted, mark)) = chart_source(release) else {
            continue;
        };
        let stated = inventory
            .find(SOURCE, &wanted.kind, &wanted.namespace, &wanted.name)
            .is_some()
            || sources::is_generated(inventory, &wanted)
            // The sources that evaluation takes for this repository.
            || inventory.evaluation.self_sources.contains(&wanted);
        if stated || wanted.name.contains("${") || !SOURCE_KINDS.contains(&wanted.kind.as_str()) {
            continue;
        }
        let place = mark.and_then(|mark| inventory.place(mark));
        let name = release.object.object_name().to_string();
        findings.push(
            Diagnostic::new(
                severity,
                codes::SOURCE_MISSING,
                format!("{name} takes its chart from {wanted}, which nothing applies"),
            )
            .at(place.or_else(|| inventory.source(release.object)))
            .on(name)
            .hint(hint(inventory, release, &wanted)),
        );
    }
    findings
}

/// The hint: most often the source exists, in another namespace or with another kind.
fn hint(inventory: &Inventory<'_>, release: &Release<'_>, wanted: &ObjectRef) -> String {
    let named = |kind: &&str| {
        let mut of_kind = inventory.of(SOURCE, kind);
        of_kind.find(|object| object.name == wanted.name && !object.namespace.is_empty())
    };
    if let Some(found) = named(&wanted.kind.as_str()) {
        return format!(
            "there is one in the namespace {}: give its `namespace` in the reference",
            found.namespace
        );
    }
    let has_chart_ref = release.view.at(&["spec", "chartRef"]).is_some();
    let mut of_kind = inventory.of(SOURCE, &wanted.kind);
    let renamed = of_kind.find(|object| {
        object.namespace == wanted.namespace && is_renamed(inventory, release.object, object, &wanted.name)
    });
    if let Some(found) = renamed {
        let field = match has_chart_ref {
            true => "spec.chartRef",
            false => "spec.chart.spec.sourceRef",
        };
        return format!(
            "there is {} {}: `namePrefix` and `nameSuffix` do not reach `{field}`; declare the field as a nameReference under `configurations`",
            found.kind, found.name
        );
    }
    match SOURCE_KINDS.iter().find_map(named) {
        // `spec.chart` takes no OCIRepository (<https://fluxcd.io/flux/components/helm/helmreleases/#chart-reference>).
        Some(found) if found.kind == "OCIRepository" && !has_chart_ref => format!(
            "there is an OCIRepository {} in the namespace {}: name it by `chartRef` in the place of `chart`",
            found.name, found.namespace
        ),
        Some(found) => format!(
            "there is a {} {} in the namespace {}: correct the reference",
            found.kind, found.name, found.namespace
        ),
        None => "add the source object, or correct the reference".to_owned(),
    }
}

/// The source of a HelmRelease's chart, and the mark that states it.
pub(super) fn chart_source(release: &Release<'_>) -> Option<(ObjectRef, Option<Mark>)> {
    let chart = &release.chart;
    let source = match (&chart.chart_ref, &chart.source_kind, &chart.source_name) {
        (Some(reference), ..) => ObjectRef::new(&reference.kind, &reference.namespace, &reference.name),
        (None, Some(kind), Some(name)) => ObjectRef::new(kind, &chart.source_namespace, name),
        _ => return None,
    };
    let view = ["chartRef", "chart"]
        .iter()
        .find_map(|field| release.view.at(&["spec", field]));
    // The mark is that of a patch, if one states a part of the reference.
    let paths: [&[&str]; 2] = [&["spec", "chartRef"], &["spec", "chart", "spec", "sourceRef"]];
    let reference = paths.iter().find_map(|path| release.view.at(path));
    let of_patch = reference.and_then(|reference| {
        let parts = ["namespace", "name", "kind"].iter();
        let mut marks = parts.filter_map(|field| Some(reference.get(field)?.mark()));
        marks.find(|mark| mark.is_some() && mark.file != reference.mark().file)
    });
    Some((source, of_patch.or(view.map(|view| view.mark()))))
}
