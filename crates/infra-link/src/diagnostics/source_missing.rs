//! `source-missing`: a HelmRelease names a source that nothing states. Evaluation reports those of Kustomizations.

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Severity};

use crate::inventory::SOURCE;
use crate::keys::SOURCE_KINDS;
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
        let chart = release.chart.clone();
        let wanted = match (chart.chart_ref, chart.source_kind, chart.source_name) {
            (Some(reference), ..) => ObjectRef::new(reference.kind, reference.namespace, reference.name),
            (None, Some(kind), Some(name)) => ObjectRef::new(kind, chart.source_namespace, name),
            _ => continue,
        };
        let stated = inventory
            .find(SOURCE, &wanted.kind, &wanted.namespace, &wanted.name)
            .is_some()
            || sources::is_generated(inventory, &wanted);
        if stated || wanted.name.contains("${") || !SOURCE_KINDS.contains(&wanted.kind.as_str()) {
            continue;
        }
        let place = ["chartRef", "chart"]
            .iter()
            .find_map(|field| release.view.at(&["spec", field]))
            .and_then(|view| inventory.place(view.mark()));
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
