//! `field-invalid`: fields of Flux's own objects that the API server refuses, so that the Kustomization which applies them
//! fails.

use rayon::prelude::*;
use source_tree::{Diagnostic, codes};
use yaml_node::Node;

use super::replaced_definitions::{Replaced, folders_of_bootstrapping};
use super::round::{Evaluator, Round};
use super::state::State;
use super::strictness::Strictness;
use crate::Applied;
use crate::flux::schema::{self, Definitions, Problem, Schema, Violation};
use crate::flux::{object_ref, type_hint};

/// Most characters of a value in a message.
const MAX_SHOWN: usize = 60;

pub(super) fn findings(
    evaluator: &Evaluator<'_>,
    state: &State,
    view: &Round<'_>,
    strictness: &Strictness,
) -> Vec<Diagnostic> {
    let (mut local, mut remote) = (Vec::new(), Vec::new());
    for key in view.reach.keys() {
        let objects = match view.reach.is_remote(&key) {
            true => &mut remote,
            false => &mut local,
        };
        objects.extend(state.objects(&key).unwrap_or_default());
    }
    let folders = folders_of_bootstrapping(evaluator);
    let bootstrapped = folders.iter().filter_map(|build| build.as_ref().as_ref().ok());
    let bootstrapped = bootstrapped.flat_map(|build| build.resources.iter().map(|resource| &resource.node));
    // The last of several definitions counts.
    let definitions = Definitions::new(bootstrapped.chain(local.iter().map(|object| &object.node)));
    let replaced = Replaced::find(evaluator, state, view, &folders);
    // A newer Flux may have fields that the tables do not have.
    let is_newer = strictness.version.is_some_and(|version| version > schema::FLUX);
    let none = Definitions::default();
    let check = |objects: &[&Applied], definitions: &Definitions<'_>| -> Vec<Diagnostic> {
        let found = objects.par_iter().flat_map_iter(|object| {
            let Some(known) = definitions.schema(&object.node).filter(|_| is_applied(object)) else {
                return Vec::new();
            };
            let is_stated = definitions.has(&object.node);
            if !is_stated && replaced.may_define(&object.node) {
                return Vec::new();
            }
            let spec = object.node.get("spec");
            let mut violations = beside_spec(&object.node, &known);
            violations.extend(spec.map_or(Vec::new(), |spec| known.violations(spec)));
            // Helm applies objects without strict validation, so that an unknown field is no error.
            let is_of_helm = object.is_made_by("HelmRelease");
            let is_lenient = is_newer && !is_stated || is_of_helm;
            let certain = violations.into_iter().filter(|violation| {
                let may_be_newer = matches!(
                    violation.problem,
                    Problem::Undeclared { .. } | Problem::NotAllowed { .. }
                );
                // Helm may remove null before the API server sees it, and there may be an unknown default.
                let is_null = matches!(violation.problem, Problem::Type { value, .. } if value.is_null());
                let may_be_null = is_of_helm || !(is_stated || schema::has_defaults(&object.node));
                let may_be_accepted = is_lenient && may_be_newer || is_null && may_be_null;
                !(may_be_accepted || is_patched_in(object, violation))
            });
            certain
                .map(|violation| finding(evaluator, object, violation))
                .collect()
        });
        found.collect()
    };
    let mut findings = check(&local, &definitions);
    findings.extend(check(&remote, &none));
    findings
}

/// Whether a missing field is the source of a chart that the Flux extension of Azure sets to the source of its configuration
/// (<https://learn.microsoft.com/azure/azure-arc/kubernetes/tutorial-use-gitops-flux2#use-the-managed-source>).
fn is_patched_in(object: &Applied, violation: &Violation<'_>) -> bool {
    const ANNOTATION: &str = "clusterconfig.azure.com/use-managed-source";
    let annotation = object.node.text_at(&["metadata", "annotations", ANNOTATION]);
    matches!(violation.problem, Problem::Missing)
        && violation.path == "spec.chart.spec.sourceRef"
        && annotation == Some("true")
}

/// Undeclared fields beside `spec`; most of them belong into `spec`.
fn beside_spec<'n>(object: &'n Node, known: &Schema) -> Vec<Violation<'n>> {
    const FIELDS: [&str; 5] = ["apiVersion", "kind", "metadata", "spec", "status"];
    let entries = object.as_mapping().map_or(&[][..], |mapping| mapping.entries());
    let others = entries.iter().filter_map(|(key, value)| {
        let name = key.text().filter(|name| !FIELDS.contains(name))?;
        Some(Violation {
            path: name.to_owned(),
            mark: schema::entry_mark(key, value),
            problem: Problem::Undeclared {
                similar: known.declares(name).then(|| format!("spec.{name}")),
            },
        })
    });
    others.collect()
}

/// Whether an object is applied as written by a Kustomization, a ResourceSet or a chart: it is not made by another
/// controller, encrypted by SOPS, or annotated so that Flux ignores it.
fn is_applied(object: &Applied) -> bool {
    let made_by = object.generated_by.as_ref().map(|maker| maker.kind.as_str());
    let annotation = |name: &str, value: &str| {
        let name = format!("kustomize.toolkit.fluxcd.io/{name}");
        let text = object.node.text_at(&["metadata", "annotations", &name]);
        text.is_some_and(|text| text.eq_ignore_ascii_case(value))
    };
    matches!(made_by, None | Some("ResourceSet" | "HelmRelease"))
        && object.node.get("sops").is_none()
        && !annotation("ssa", "ignore")
        && !annotation("reconcile", "disabled")
}

fn finding(evaluator: &Evaluator<'_>, object: &Applied, violation: Violation<'_>) -> Diagnostic {
    let id = object_ref(&object.node);
    let Violation { path, mark, problem } = violation;
    let kind = object.node.text_at(&["kind"]).unwrap_or_default();
    let api_version = object.node.text_at(&["apiVersion"]).unwrap_or_default();
    const REFUSED: &str = "the API server refuses the object, and Flux applies nothing of what comes with it";
    let (message, hint) = match problem {
        Problem::Undeclared { similar } => (
            format!("`{path}` is not a field of {kind} in {api_version}"),
            match similar {
                Some(similar) => format!("{REFUSED}: write `{similar}`"),
                None => format!("{REFUSED}: remove the field, or move it to where it belongs"),
            },
        ),
        Problem::Missing => (
            format!("`{path}` is missing"),
            format!("{REFUSED}: {kind} in {api_version} requires the field"),
        ),
        Problem::Type {
            found,
            expected,
            value,
        } => (
            format!("`{path}` is {found} instead of {expected}"),
            type_hint(Some(&object.built), value, expected),
        ),
        Problem::NotAllowed { value, allowed } => (
            format!("`{path}` is `{}`", shown(value)),
            format!("{REFUSED}: write one of {}", allowed.join(", ")),
        ),
        Problem::Pattern { value, pattern } if pattern.is_duration() => (
            format!("`{path}` is `{}`, which is not a duration", shown(value)),
            format!("{REFUSED}: write it as in `30s`, `10m` or `1h30m`"),
        ),
        Problem::Pattern { value, pattern } => (
            format!("`{path}` is `{}`, which does not match `{pattern}`", shown(value)),
            REFUSED.to_owned(),
        ),
        Problem::Length { count, bounds, of } => {
            let (bound, limit) = match count < bounds.0 {
                true => ("at least", bounds.0),
                false => ("at most", bounds.1),
            };
            let message = format!("`{path}` has {count} {of}, and needs {bound} {limit}");
            (message, REFUSED.to_owned())
        }
        Problem::Rule(what) => (format!("`{path}` {what}"), REFUSED.to_owned()),
    };
    Diagnostic::error(codes::FIELD_INVALID, format!("{id}: {message}"))
        .at(evaluator.place_or(mark, object.mark))
        .on(id.to_string())
        .hint(hint)
}

/// The start of a value's first line, with credentials redacted.
fn shown(value: &str) -> String {
    let value = redaction::without_credentials(value);
    let line = value.lines().next().unwrap_or_default();
    match line.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}...", line.get(..end).unwrap_or_default()),
        None if line.len() < value.len() => format!("{line}..."),
        None => line.to_owned(),
    }
}
