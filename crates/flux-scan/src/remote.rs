//! The clusters to which Kustomizations of another one apply by `spec.kubeConfig`
//! (<https://fluxcd.io/flux/components/kustomize/kustomizations/#kubeconfig-remote-clusters>).

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Evaluated, Evaluation};

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
    let mut by_config: BTreeMap<(String, String), Vec<&Evaluated>> = BTreeMap::new();
    for evaluated in &evaluation.kustomizations {
        let Some(view) = &evaluated.kustomization else {
            continue;
        };
        let Some(config) = &view.kube_config else { continue };
        let (kind, name) = match (&config.secret, &config.config_map) {
            (Some(secret), _) => ("Secret", secret.name.as_str()),
            (None, Some(map)) => ("ConfigMap", map.name.as_str()),
            (None, None) => ("", "cluster"),
        };
        let holder = format!("{kind} {}/{name}", view.id.namespace);
        by_config
            .entry((name.to_owned(), holder))
            .or_default()
            .push(evaluated);
    }
    by_config
        .into_iter()
        .map(|((name, holder), kustomizations)| {
            let ids: Vec<String> = kustomizations
                .iter()
                .filter_map(|evaluated| evaluated.id.as_ref())
                .map(ToString::to_string)
                .collect();
            RemoteCluster {
                name: free_name(&name, taken),
                reached_by: format!("kubeConfig of {holder}, by Kustomization {}", ids.join(", ")),
                evaluation: only(evaluation, kustomizations),
            }
        })
        .collect()
}

/// An evaluation of some Kustomizations alone. What else the cluster holds is not known.
fn only(evaluation: &Evaluation, kustomizations: Vec<&Evaluated>) -> Evaluation {
    Evaluation {
        entry: evaluation.entry.clone(),
        sources: evaluation.sources.clone(),
        files: evaluation.files.clone(),
        root: Evaluated::default(),
        joined: Vec::new(),
        kustomizations: kustomizations.into_iter().cloned().collect(),
        variables: evaluation.variables.clone(),
        self_sources: evaluation.self_sources.clone(),
        contents: evaluation.contents.clone(),
        is_assumed: true,
        is_remote: true,
        releases: BTreeMap::new(),
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
