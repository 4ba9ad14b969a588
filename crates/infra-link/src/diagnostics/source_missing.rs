//! `source-missing`: a HelmRelease names a source that nothing states. Evaluation reports those of Kustomizations.

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark, Severity};

use crate::inventory::SOURCE;
use crate::keys::SOURCE_KINDS;
use crate::kinds::helm_release::Release;
use crate::linker::Linker;
use crate::sources;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let severity = if inventory.is_complete() {
        Severity::Error
    } else {
        Severity::Info
    };
    let mut findings = Vec::new();
    for release in linker.releases {
        let Some((wanted, mark)) = chart_source(release) else {
            continue;
        };
        let stated = inventory
            .find(SOURCE, &wanted.kind, &wanted.namespace, &wanted.name)
            .is_some()
            || sources::is_generated(inventory, &wanted)
            // What Kustomizations take for this repository is it for releases, too.
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
            .hint("add the source object, or correct the reference"),
        );
    }
    findings
}

/// The source from which a HelmRelease takes its chart, and where it says so.
pub(super) fn chart_source(release: &Release<'_>) -> Option<(ObjectRef, Option<Mark>)> {
    let chart = release.chart.clone();
    let source = match (chart.chart_ref, chart.source_kind, chart.source_name) {
        (Some(reference), ..) => ObjectRef::new(reference.kind, reference.namespace, reference.name),
        (None, Some(kind), Some(name)) => ObjectRef::new(kind, chart.source_namespace, name),
        _ => return None,
    };
    let view = ["chartRef", "chart"]
        .iter()
        .find_map(|field| release.view.at(&["spec", field]));
    // A patch that states a part of the reference decides it.
    let paths: [&[&str]; 2] = [&["spec", "chartRef"], &["spec", "chart", "spec", "sourceRef"]];
    let reference = paths.iter().find_map(|path| release.view.at(path));
    let of_patch = reference.and_then(|reference| {
        let parts = ["namespace", "name", "kind"].iter();
        let mut marks = parts.filter_map(|field| Some(reference.get(field)?.mark()));
        marks.find(|mark| mark.is_some() && mark.file != reference.mark().file)
    });
    Some((source, of_patch.or(view.map(|view| view.mark()))))
}
