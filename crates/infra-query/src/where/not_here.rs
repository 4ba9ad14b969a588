//! Objects in the folder of a subject that Flux does not apply. People may expect that it does.

use infra_model::{NotApplied, NotAppliedReason, RepoPath};

use crate::{Facts, Subject, why_not};

use super::fact::{Told, fact};

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
    // Objects that another Kustomization would apply do not belong here.
    let is_own = |entry: &&NotApplied| {
        matches!(
            entry.reason,
            NotAppliedReason::Unlisted | NotAppliedReason::CommentedOut | NotAppliedReason::SourceIgnored
        ) && entry.part_of.is_none()
            && entry.source.as_ref().is_some_and(|source| is_below(&source.file))
    };
    let found: Vec<&NotApplied> = facts.not_applied().iter().filter(is_own).collect();
    let texts = found.iter().take(MOST).map(|entry| why_not::sentence(entry));
    let more = found.len().saturating_sub(MOST);
    let more = (more > 0).then(|| format!("and {more} more in {folder}"));
    let facts = texts
        .chain(more)
        .map(|text| fact("not applied beside it", text, None));
    facts.collect()
}

/// The folder that a Kustomization builds; of a service that of its Kustomization, if this applies no other service.
fn folder_of(facts: &dyn Facts, subject: Subject<'_>) -> Option<String> {
    let plain = |path: &str| {
        let path = path.trim_start_matches("./").trim_matches('/');
        // The whole repository is not the folder of a subject.
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
