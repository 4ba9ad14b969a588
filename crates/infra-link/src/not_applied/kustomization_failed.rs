//! `kustomizationFailed`: the Kustomization that would apply an object cannot be built.

use flux_evaluate::Evaluation;
use infra_model::{NotApplied, NotAppliedReason};
use kustomize_build::Sources;

use super::{Cause, name_of};
use crate::repository_files::{RepositoryFiles, folders_of, objects};

/// Most bytes of an error's beginning and end: the cause is mostly at the end.
const LONGEST: (usize, usize) = (60, 240);

/// The objects that Kustomizations of a cluster would apply if they could be built.
pub(super) fn find(evaluation: &Evaluation, files: &RepositoryFiles, sources: &Sources) -> Vec<NotApplied> {
    let mut found = Vec::new();
    for evaluated in evaluation.evaluated() {
        let Some(error) = &evaluated.error else { continue };
        if evaluated.external || !evaluated.objects.is_empty() {
            continue;
        }
        let mark = evaluated.object.as_ref().map(|object| object.mark);
        let cause = Cause {
            reason: NotAppliedReason::KustomizationFailed,
            evidence: mark.and_then(|mark| evaluation.files.place(mark)),
            by: name_of(evaluated),
            detail: Some(shortened(error)),
            ..Cause::default()
        };
        let built = files.built(sources, folders_of(evaluation, evaluated));
        let manifests = files.manifests.iter();
        let built = manifests.filter(|file| built.files.contains(&file.path));
        found.extend(objects(built).map(|(file, object)| cause.entry(object, file)));
    }
    found
}

pub(super) fn shortened(text: &str) -> String {
    let (first, last) = LONGEST;
    if text.len() <= first + last {
        return text.to_owned();
    }
    let begin = text.get(..text.floor_char_boundary(first));
    let end = text.get(text.ceil_char_boundary(text.len() - last)..);
    format!("{}…{}", begin.unwrap_or_default(), end.unwrap_or_default())
}
