//! What is dangerous in a change.
//!
//! One kind of danger, one file. A danger is an `error` where Flux would fail or something is lost that a revert does not bring
//! back, else a `warning`.

pub mod codes;
mod held_back;
mod images;
mod immutable;
mod kustomizations;
mod privileges;
mod prune;
mod quantity;
mod rbac;
mod storage;
mod subject;
mod undefined;

use std::collections::BTreeMap;

use flux_evaluate::{Evaluated, Evaluation};
use source_tree::Diagnostic;

pub(crate) use subject::Subject;

use crate::objects::{Objects, owners};
use crate::owner::Owner;
use crate::review::FindingChanges;

/// The dangers of a change, the worst first, then by place.
///
/// `objects` are all objects after the change.
pub(crate) fn dangers(
    subjects: &[Subject<'_>],
    objects: &Objects<'_>,
    before: &Evaluation,
    after: &Evaluation,
    findings: &FindingChanges,
) -> Vec<Diagnostic> {
    let owners: BTreeMap<Owner, &Evaluated> = owners(after).collect();
    let mut found = Vec::new();
    for subject in subjects {
        immutable::check(subject, &owners, &mut found);
        storage::check(subject, &mut found);
        prune::check(subject, &mut found);
        rbac::check(subject, objects, &mut found);
        privileges::check(subject, &mut found);
        images::check(subject, &mut found);
        held_back::check(subject, &mut found);
        kustomizations::check(subject, &mut found);
    }
    held_back::check_owners(subjects, &owners, after, &mut found);
    kustomizations::check_all(subjects, before, after, &mut found);
    undefined::check(findings, &mut found);
    Diagnostic::sort(&mut found);
    // What is worst comes first; a stable sort keeps the order of places.
    found.sort_by_key(|danger| std::cmp::Reverse(danger.severity));
    found
}
