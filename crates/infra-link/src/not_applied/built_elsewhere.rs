//! `kustomizationNotApplied`, of a Kustomization that is applied: it states a folder, and does not build that of this repository.

use std::collections::BTreeMap;

use flux_evaluate::{Evaluated, Evaluation};
use foldhash::{HashMap, HashMapExt};
use infra_model::NotAppliedReason;
use source_tree::{ObjectRef, RepoPath};

use super::Cause;
use crate::inventory::KUSTOMIZE;

/// Such Kustomizations by the folder that they state.
pub(super) fn by_folder(evaluations: &[&Evaluation]) -> BTreeMap<RepoPath, Cause> {
    let mut found = BTreeMap::new();
    for evaluation in evaluations {
        let all = || evaluation.evaluated();
        let mut known: HashMap<ObjectRef, &Evaluated> = HashMap::new();
        for evaluated in all() {
            if let Some(id) = &evaluated.id {
                known.insert(
                    ObjectRef::new("Kustomization", &id.namespace, &id.name),
                    evaluated,
                );
            }
        }
        for applied in all().flat_map(|evaluated| &evaluated.objects) {
            let node = &applied.node;
            let is_kustomization = flux_evaluate::flux::api_group(node) == KUSTOMIZE;
            let path = node.text_at(&["spec", "path"]).filter(|_| is_kustomization);
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
                would_fail: None,
            });
        }
    }
    found
}

/// Why a Kustomization that states a folder does not build it; none where it does, or would.
fn why(evaluated: Option<&Evaluated>, folder: &RepoPath) -> Option<String> {
    let Some(evaluated) = evaluated else {
        return Some("is applied to a remote cluster, whose Flux reconciles it".to_owned());
    };
    let source = evaluated
        .kustomization
        .as_ref()
        .and_then(|view| view.source.as_ref());
    match source {
        Some(source) if evaluated.external => Some(format!("takes it from {}", source.id)),
        _ if !evaluated.external && evaluated.path != *folder => Some(match evaluated.path.as_str() {
            "" => "is applied with another path, the top of its source".to_owned(),
            path => format!("is applied with another path, {path}"),
        }),
        _ => None,
    }
}
