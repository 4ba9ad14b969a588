//! `kustomizationNotApplied` for a Kustomization that is applied, but does not build its folder of this repository.

use std::collections::BTreeMap;

use flux_evaluate::{Evaluated, Evaluation};
use foldhash::HashMap;
use infra_model::NotAppliedReason;
use source_tree::{ObjectRef, RepoPath};

use super::Cause;
use crate::inventory::{KUSTOMIZE, kustomization_ref};

/// Such Kustomizations by their folder.
pub(super) fn by_folder(evaluations: &[&Evaluation]) -> BTreeMap<RepoPath, Cause> {
    let mut found = BTreeMap::new();
    for evaluation in evaluations {
        let all = evaluation.evaluated();
        let known: HashMap<ObjectRef, &Evaluated> = all
            .filter_map(|evaluated| Some((kustomization_ref(evaluated.id.as_ref()?), evaluated)))
            .collect();
        for applied in evaluation.evaluated().flat_map(|evaluated| &evaluated.objects) {
            let node = &applied.node;
            let is_kustomization = flux_evaluate::flux::api_group(node) == KUSTOMIZE;
            let path = is_kustomization
                .then(|| node.text_at(&["spec", "path"]))
                .flatten();
            let Some(folder) = path.map(|path| RepoPath::new(path.trim_start_matches("./"))) else {
                continue;
            };
            let id = flux_evaluate::flux::object_ref(node);
            let Some(why) = why(known.get(&id).copied(), &folder) else {
                continue;
            };
            found.entry(folder).or_insert_with(|| Cause {
                reason: NotAppliedReason::KustomizationNotApplied,
                evidence: evaluation.files.place(applied.mark),
                by: Some(format!("{}/{}", id.namespace, id.name)),
                detail: Some(why),
                ..Cause::default()
            });
        }
    }
    found
}

/// Why a Kustomization does not build its folder; `None` if it does, or would.
fn why(evaluated: Option<&Evaluated>, folder: &RepoPath) -> Option<String> {
    let Some(evaluated) = evaluated else {
        return Some("is applied to a remote cluster, whose Flux reconciles it".to_owned());
    };
    let kustomization = evaluated.kustomization.as_ref();
    match kustomization.and_then(|kustomization| kustomization.source.as_ref()) {
        Some(source) if evaluated.external => Some(format!("takes it from {}", source.id)),
        _ if !evaluated.external && evaluated.path != *folder => Some(match evaluated.path.as_str() {
            "" => "is applied with another path, the top of its source".to_owned(),
            path => format!("is applied with another path, {path}"),
        }),
        _ => None,
    }
}
