//! What stands in the folder of a thing and Flux does not apply: people look there for it.

use infra_model::{NotApplied, NotAppliedReason, RepoPath};

use crate::{Facts, Subject, why_not};

use super::told::{Told, told};

/// The objects in the folder of a Kustomization or service that are not applied, each with the reason.
pub(super) fn not_here(facts: &dyn Facts, subject: Subject<'_>) -> Vec<Told> {
    const MOST: usize = 3;
    let Some(folder) = folder_of(facts, subject) else {
        return Vec::new();
    };
    let is_below = |file: &RepoPath| {
        let rest = file.as_str().strip_prefix(folder.as_str());
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    // What another Kustomization would apply says nothing of this one.
    let is_own = |entry: &&NotApplied| {
        matches!(
            entry.reason,
            NotAppliedReason::Unlisted | NotAppliedReason::CommentedOut | NotAppliedReason::SourceIgnored
        ) && entry.part_of.is_none()
            && entry.source.as_ref().is_some_and(|source| is_below(&source.file))
    };
    let found: Vec<&NotApplied> = facts.not_applied().iter().filter(is_own).collect();
    let mut texts: Vec<String> = found
        .iter()
        .take(MOST)
        .map(|entry| why_not::sentence(entry))
        .collect();
    if let Some(more @ 1..) = found.len().checked_sub(MOST) {
        texts.push(format!("and {more} more in {folder}"));
    }
    let lines = texts
        .into_iter()
        .map(|text| told("not applied beside it", text, None));
    lines.collect()
}

/// The folder that a Kustomization builds, or the one of a service that its Kustomization applies alone.
fn folder_of(facts: &dyn Facts, subject: Subject<'_>) -> Option<String> {
    let plain = |path: &str| {
        let path = path.trim_start_matches("./").trim_matches('/');
        // The whole repository is the folder of nothing.
        (!path.is_empty() && path != ".").then(|| path.to_owned())
    };
    match subject {
        Subject::Kustomization(_, kustomization) if kustomization.children.is_empty() => {
            plain(&kustomization.path)
        }
        Subject::Service(_, service) => {
            let owner = facts.kustomizations().get(service.kustomization.as_deref()?)?;
            let is_alone = owner.manages.len() == 1;
            is_alone.then(|| plain(service.flux_path.as_deref().unwrap_or_default()))?
        }
        _ => None,
    }
}
