//! The clusters to which Kustomizations and HelmReleases of another one apply by `spec.kubeConfig`
//! (<https://fluxcd.io/flux/components/kustomize/kustomizations/#kubeconfig-remote-clusters>,
//! <https://fluxcd.io/flux/components/helm/helmreleases/#kubeconfig-remote-clusters>).

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::flux::{HelmRelease, KubeConfig};
use flux_evaluate::{Applied, Evaluated, Evaluation};

use crate::verdict::releases;

/// What is applied to a remote cluster.
pub(crate) struct RemoteCluster {
    /// `remote/` and what tells it apart.
    pub(crate) name: String,
    /// By what, such as `kubeConfig of Secret flux-system/east-kc, by Kustomization flux-system/east`.
    pub(crate) reached_by: String,
    /// What Flux applies to it.
    pub(crate) evaluation: Evaluation,
}

/// The remote clusters of a cluster, by the objects that hold their kubeconfigs. `taken` are names that others have.
pub(crate) fn remote_clusters(evaluation: &Evaluation, taken: &mut BTreeSet<String>) -> Vec<RemoteCluster> {
    let mut by_config: BTreeMap<(String, String), Parts<'_>> = BTreeMap::new();
    for evaluated in &evaluation.kustomizations {
        if let Some(view) = &evaluated.kustomization
            && let Some(config) = &view.kube_config
        {
            let parts = by_config.entry(holder(config, &view.id.namespace)).or_default();
            parts.kustomizations.push(evaluated);
        }
    }
    for evaluated in evaluation.evaluated() {
        let is_remote = |view: &flux_evaluate::flux::Kustomization| view.kube_config.is_some();
        if evaluated.kustomization.as_deref().is_some_and(is_remote) {
            continue;
        }
        for applied in releases(evaluated) {
            let release = HelmRelease::of(&applied.node);
            if let Some(config) = &release.kube_config {
                let parts = by_config
                    .entry(holder(config, &release.id.namespace))
                    .or_default();
                parts
                    .releases
                    .insert(release.id.to_string(), (evaluated, applied));
            }
        }
    }
    by_config
        .into_iter()
        .map(|((name, holder), parts)| {
            let ids = parts
                .kustomizations
                .iter()
                .filter_map(|evaluated| evaluated.id.as_ref());
            let ids = ids.map(|id| format!("Kustomization {id}"));
            let releases = parts.releases.keys().map(|id| id.replacen('/', " ", 1));
            let by: Vec<String> = ids.chain(releases).collect();
            RemoteCluster {
                name: free_name(&name, taken),
                reached_by: format!("kubeConfig of {holder}, by {}", by.join(", ")),
                evaluation: only(evaluation, parts),
            }
        })
        .collect()
}

/// What is applied to one remote cluster.
#[derive(Default)]
struct Parts<'a> {
    kustomizations: Vec<&'a Evaluated>,
    /// HelmReleases by their ids, each with the Kustomization that applies it.
    releases: BTreeMap<String, (&'a Evaluated, &'a Applied)>,
}

/// The name of the object that holds a kubeconfig, and what to call it.
fn holder(config: &KubeConfig, namespace: &str) -> (String, String) {
    let (kind, name) = config.holder().unwrap_or(("", "cluster"));
    (name.to_owned(), format!("{kind} {namespace}/{name}"))
}

/// An evaluation of some Kustomizations and releases alone. What else the cluster holds is not known.
fn only(evaluation: &Evaluation, parts: Parts<'_>) -> Evaluation {
    let mut kustomizations: Vec<Evaluated> = parts.kustomizations.into_iter().cloned().collect();
    for (evaluated, applied) in parts.releases.into_values() {
        let known = kustomizations.iter_mut().find(|known| known.id == evaluated.id);
        match known {
            Some(known) => known.objects.push(applied.clone()),
            None => kustomizations.push(Evaluated {
                objects: vec![applied.clone()],
                ..evaluated.clone()
            }),
        }
    }
    Evaluation {
        entry: evaluation.entry.clone(),
        sources: evaluation.sources.clone(),
        files: evaluation.files.clone(),
        root: Evaluated::default(),
        joined: Vec::new(),
        kustomizations,
        variables: evaluation.variables.clone(),
        self_sources: evaluation.self_sources.clone(),
        contents: evaluation.contents.clone(),
        is_assumed: true,
        is_remote: true,
        bootstrapped: Vec::new(),
        releases: BTreeMap::new(),
        // They are applied to the cluster that holds them.
        changes_kustomizations: evaluation.changes_kustomizations.clone(),
        diagnostics: Vec::new(),
    }
}

/// A name that a folder can have, without what names of kubeconfigs have in common.
fn free_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let short = ["-kubeconfig", "-kube-config"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name);
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let legal: String = short.chars().map(|c| if fits(c) { c } else { '-' }).collect();
    let legal = match legal.trim_matches(['.', '-']) {
        "" => "cluster".to_owned(),
        legal if legal.to_ascii_lowercase().ends_with(".json") => legal.replace('.', "-"),
        legal => legal.to_owned(),
    };
    let mut name = format!("remote/{legal}");
    let mut count = 2;
    while !taken.insert(name.clone()) {
        name = format!("remote/{legal}-{count}");
        count += 1;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_legal_and_each_is_another() {
        let mut taken = BTreeSet::new();
        assert_eq!(free_name("east-kubeconfig", &mut taken), "remote/east");
        assert_eq!(free_name("east", &mut taken), "remote/east-2");
        assert_eq!(free_name("../${name}", &mut taken), "remote/name");
        assert_eq!(free_name("..", &mut taken), "remote/cluster");
    }
}
