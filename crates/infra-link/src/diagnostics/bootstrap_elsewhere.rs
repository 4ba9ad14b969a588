//! `bootstrap-elsewhere`: the Kustomization that bootstraps a cluster lies in the cluster's folder and builds the folder of another
//! cluster, so that nothing builds the first: a copied file whose path was not changed
//! (<https://fluxcd.io/flux/cmd/flux_bootstrap/>, `--path`).

use flux_evaluate::{Evaluated, Evaluation, flux};
use infra_model::codes;
use source_tree::{Diagnostic, RepoPath};

use crate::linker::is_flux_instance;
use crate::repository_files::folder_of;

/// The findings about each cluster of `asked`; `all` are the clusters of the repository.
pub(crate) fn bootstrap_elsewhere(asked: &[&Evaluation], all: &[&Evaluation]) -> Vec<Vec<Diagnostic>> {
    let find = |evaluation: &&Evaluation| find(evaluation, all).into_iter().collect();
    asked.iter().map(find).collect()
}

fn find(evaluation: &Evaluation, all: &[&Evaluation]) -> Option<Diagnostic> {
    let entry = &evaluation.entry;
    if all.len() < 2 || evaluation.is_remote || evaluation.root.id.is_some() || entry.is_root() {
        return None;
    }
    let is_other = |folder: &RepoPath| folder != entry && all.iter().any(|other| other.entry == *folder);
    evaluation.kustomizations.iter().find_map(|evaluated| {
        let object = evaluated.object.as_ref()?;
        let file = evaluation.files.path(object.mark.file)?;
        if !file.starts_with(entry) {
            return None;
        }
        let folder = folder_of(evaluation, &evaluated.path);
        if !is_other(&folder) || !is_bootstrap(evaluation, evaluated) {
            return None;
        }
        // A folder with nothing else only holds this file, which may lead to what clusters share.
        let left = evaluation.root.objects.iter().find_map(|other| {
            let other = evaluation.files.path(other.mark.file)?;
            let is_written = other.file_name().is_some_and(|name| name.starts_with("gotk-"));
            (other != file && !is_written).then_some(other)
        })?;
        let id = evaluated.id.as_ref()?;
        let message = format!(
            "Kustomization {id} in {entry}, with which that cluster begins, builds {folder}, the folder of another cluster, and not {entry}"
        );
        let finding = Diagnostic::warning(codes::BOOTSTRAP_ELSEWHERE, message)
            .at(evaluation.files.place(object.mark))
            .on(format!("Kustomization/{id}"))
            .hint(format!(
                "if the file was copied, correct its path to ./{entry}: as it is, nothing makes that cluster apply {left}"
            ));
        Some(finding)
    })
}

/// Whether a Kustomization bootstraps a cluster: the same file states its source, or a FluxInstance makes it.
fn is_bootstrap(evaluation: &Evaluation, evaluated: &Evaluated) -> bool {
    let (Some(object), Some(view)) = (&evaluated.object, &evaluated.kustomization) else {
        return false;
    };
    if evaluated.external || view.kube_config.is_some() || view.suspend {
        return false;
    }
    if evaluated.generated_by.as_ref().is_some_and(is_flux_instance) {
        return true;
    }
    let Some(source) = &view.source else { return false };
    let applied = evaluation.root.objects.iter().chain(&evaluation.bootstrapped);
    let mut beside = applied.filter(|other| other.mark.file == object.mark.file);
    beside.any(|other| flux::object_ref(&other.node) == source.id)
}
