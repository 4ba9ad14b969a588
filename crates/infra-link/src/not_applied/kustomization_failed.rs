//! `kustomizationFailed`: the Kustomization that would apply an object cannot be built.

use flux_evaluate::Evaluation;
use infra_model::{NotApplied, NotAppliedReason};
use kustomize_build::Sources;

use super::{Cause, name_of};
use crate::repository_files::{RepositoryFiles, folders_of};

/// Most bytes of an error's beginning and end: what went wrong is mostly said last.
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
            would_fail: None,
        };
        let built = files.built(sources, folders_of(evaluation, evaluated));
        let would = files
            .manifests
            .iter()
            .filter(|file| built.files.contains(&file.path));
        for file in would {
            found.extend(file.objects.iter().map(|object| cause.entry(object, &file.path)));
        }
    }
    found
}

pub(super) fn shortened(text: &str) -> String {
    let (first, last) = LONGEST;
    if text.len() <= first + last {
        return text.to_owned();
    }
    let begin = (0..=first).rev().find(|at| text.is_char_boundary(*at));
    let end = (text.len() - last..text.len()).find(|at| text.is_char_boundary(*at));
    let part = |range: Option<&str>| range.unwrap_or_default().to_owned();
    format!(
        "{}…{}",
        part(text.get(..begin.unwrap_or_default())),
        part(end.and_then(|end| text.get(end..)))
    )
}
