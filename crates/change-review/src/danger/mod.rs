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
mod undefined;

use std::collections::BTreeMap;

use flux_evaluate::{Evaluated, Evaluation};
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use crate::fate::Fate;
use crate::objects::{Object, Objects, owners};
use crate::owner::Owner;
use crate::review::FindingChanges;

/// An object of the change: it differs, is new, or is gone.
pub(crate) struct Subject<'a> {
    pub(crate) owner: Owner,
    pub(crate) before: Option<Object<'a>>,
    pub(crate) after: Option<Object<'a>>,
    /// What becomes of it, where it is gone.
    pub(crate) fate: Option<Fate>,
}

impl<'a> Subject<'a> {
    /// Both sides of an object that is still there under its name.
    fn both(&self) -> Option<(&Object<'a>, &Object<'a>)> {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) if before.name() == after.name() => Some((before, after)),
            _ => None,
        }
    }
}

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

/// Who fails when the API server refuses a part of it.
fn refusal(owner: &Owner) -> String {
    let owner = match owner {
        Owner::Entry => "what applies it".to_owned(),
        owner => owner.to_string(),
    };
    format!("the API server refuses it, so {owner} fails and nothing else of it rolls out")
}

/// A danger in an object, at the line of one of its parts.
fn danger(
    severity: Severity,
    code: &'static str,
    object: &Object<'_>,
    part: Option<&Node>,
    message: impl Into<String>,
) -> Diagnostic {
    let place = part
        .and_then(|part| object.place_of(part))
        .or_else(|| object.place());
    Diagnostic::new(severity, code, message)
        .at(place)
        .on(object.identity().to_string())
}
