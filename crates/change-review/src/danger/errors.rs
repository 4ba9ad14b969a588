//! Errors that the scan finds after the change and did not find before.

use std::collections::BTreeSet;

use source_tree::{Diagnostic, Severity};

use super::codes;
use crate::review::FindingChanges;

/// Takes over findings of the scan, which decides what Flux would refuse. Leaves out build errors that `found` has already.
pub(super) fn check(findings: &FindingChanges, found: &mut Vec<Diagnostic>) {
    let fails = found.iter().filter(|danger| danger.code == codes::BUILD_FAILS);
    let failing: BTreeSet<String> = fails.filter_map(|danger| danger.object.clone()).collect();
    for finding in &findings.new {
        let code = match finding.code.as_ref() {
            source_tree::codes::VARIABLE_UNDEFINED | source_tree::codes::SUBSTITUTE_FROM_MISSING => {
                codes::UNDEFINED
            }
            _ if finding.severity != Severity::Error => continue,
            // The finding of an entry names no object.
            source_tree::codes::BUILD_FAILED if finding.object.is_none() && !failing.is_empty() => continue,
            _ if finding.object.as_ref().is_some_and(|it| failing.contains(it)) => continue,
            _ => codes::ERROR,
        };
        found.push(Diagnostic {
            code: code.into(),
            ..finding.clone()
        });
    }
}
