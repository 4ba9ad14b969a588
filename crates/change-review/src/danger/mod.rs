//! Dangers of a change.
//!
//! One kind of danger, one file. A danger is an `error` if Flux would fail, or if a revert does not bring back what is lost; else a
//! `warning`.

pub mod codes;
mod errors;
mod held_back;
mod images;
mod immutable;
mod kustomizations;
mod privileges;
mod prune;
mod rbac;
mod sources;
mod still_used;
mod storage;
mod subject;

use std::collections::BTreeMap;

use flux_evaluate::{Evaluated, Evaluation};
use source_tree::Diagnostic;

pub(crate) use subject::Subject;

use crate::fate::Fates;
use crate::held::{Held, Hold};
use crate::objects::{Objects, owners};
use crate::owner::Owner;
use crate::review::FindingChanges;

/// The dangers of a change, errors first, then by place.
///
/// `objects` are all objects after the change.
pub(crate) fn dangers(
    subjects: &[Subject<'_>],
    objects: &Objects<'_>,
    before: &Evaluation,
    after: &Evaluation,
    fates: &Fates<'_>,
    held: &Held<'_>,
    findings: &FindingChanges,
) -> Vec<Diagnostic> {
    let owners: BTreeMap<Owner, &Evaluated> = owners(after).collect();
    let mut found = Vec::new();
    for subject in subjects {
        // The API server does not see a change that is held back, and a failing owner brings no image or right into the cluster.
        if subject.hold.is_none() {
            immutable::check(subject, &owners, &mut found);
            storage::check(subject, &mut found);
        }
        prune::check(subject, &mut found);
        if subject.hold != Some(Hold::Failing) {
            rbac::check(subject, objects, &mut found);
            privileges::check(subject, &mut found);
            images::check(subject, &mut found);
        }
        held_back::check(subject, held, &mut found);
        kustomizations::check(subject, &mut found);
    }
    held_back::check_owners(subjects, &owners, after, &mut found);
    held_back::check_charts(held, after, &mut found);
    kustomizations::check_all(subjects, before, after, findings, &mut found);
    kustomizations::check_names(subjects, fates, &mut found);
    storage::check_all(subjects, &mut found);
    sources::check_all(subjects, objects, after, &mut found);
    still_used::check_all(subjects, objects, &mut found);
    errors::check(findings, &mut found);
    Diagnostic::sort(&mut found);
    // The sort is stable and keeps the order of places.
    found.sort_by_key(|danger| std::cmp::Reverse(danger.severity));
    found
}
