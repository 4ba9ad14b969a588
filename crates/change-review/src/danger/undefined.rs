//! Variables that nothing defines any more.

use source_tree::Diagnostic;

use super::codes;
use crate::review::FindingChanges;

/// Takes what the scan found: which variables are defined is its question.
pub(super) fn check(findings: &FindingChanges, found: &mut Vec<Diagnostic>) {
    for finding in &findings.new {
        if matches!(
            finding.code.as_ref(),
            source_tree::codes::VARIABLE_UNDEFINED | source_tree::codes::SUBSTITUTE_FROM_MISSING
        ) {
            found.push(Diagnostic {
                code: codes::UNDEFINED.into(),
                ..finding.clone()
            });
        }
    }
}
