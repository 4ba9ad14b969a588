//! Commands that show what the cluster says of the objects of findings.

use plain_text::Command;
use std::collections::BTreeMap;

use super::step::{Step, each_once, shell};
use super::{checked, steps_for_all};
use crate::{Facts, Subject};
use infra_model::{Diagnostic, Severity};

/// Commands that check the objects of findings, those of errors first, and one that shows all objects of Flux that are
/// not ready.
pub fn for_findings(facts: &dyn Facts, findings: &[&Diagnostic]) -> Vec<Step> {
    let steps = steps_for_all(facts, objects_of_findings(facts, findings));
    each_once(steps.into_iter().chain(not_ready()))
}

/// The objects of findings that the commands check, those of errors first.
pub fn objects_of_findings<'a>(facts: &'a dyn Facts, findings: &[&Diagnostic]) -> Vec<Subject<'a>> {
    let mut objects: BTreeMap<&str, Severity> = BTreeMap::new();
    for finding in findings {
        if let Some(object) = &finding.object {
            let worst = objects.entry(object).or_insert(finding.severity);
            *worst = (*worst).max(finding.severity);
        }
    }
    if objects.is_empty() {
        return Vec::new();
    }
    let mut subjects: Vec<(Severity, Subject<'_>)> = Subject::all(facts)
        .into_iter()
        // A HelmRelease is also found as a service.
        .filter(|subject| !matches!(subject, Subject::Service(_, service) if service.workload.is_none()))
        .filter_map(|subject| Some((*objects.get(subject.object().as_str())?, subject)))
        .collect();
    subjects.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    checked(subjects.into_iter().map(|(_, subject)| subject)).collect()
}

fn not_ready() -> Option<Step> {
    let command = Command::new("flux get all -A --status-selector ready=false");
    shell("what the cluster says is not ready", command)
}
