//! Remote clusters, to which Kustomizations and HelmReleases apply by `spec.kubeConfig`
//! (<https://fluxcd.io/flux/components/kustomize/kustomizations/#kubeconfig-remote-clusters>,
//! <https://fluxcd.io/flux/components/helm/helmreleases/#kubeconfig-remote-clusters>).

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::flux::{HelmRelease, KubeConfig};
use flux_evaluate::{Applied, Evaluated, Evaluation};

use crate::verdict::releases;

/// A remote cluster.
pub(crate) struct RemoteCluster {
    /// `remote/` and a unique name.
    pub(crate) name: String,
    /// Such as `kubeConfig of Secret flux-system/east-kc, by Kustomization flux-system/east`.
    pub(crate) reached_by: String,
    /// The objects that Flux applies to it.
    pub(crate) evaluation: Evaluation,
}

/// The remote clusters of a cluster, by the objects that hold their kubeconfigs. `taken` are the names of other clusters.
pub(crate) fn remote_clusters(evaluation: &Evaluation, taken: &mut BTreeSet<String>) -> Vec<RemoteCluster> {
    let mut by_config: BTreeMap<Holder, Parts<'_>> = BTreeMap::new();
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
        let may_be_remote = |applied: &&Applied| applied.node.at(&["spec", "kubeConfig"]).is_some();
        for applied in releases(evaluated).filter(may_be_remote) {
            let release = HelmRelease::of(&applied.node);
            if let Some(config) = &release.kube_config {
                let holder = holder(config, &release.id.namespace);
                let releases = &mut by_config.entry(holder).or_default().releases;
                releases.insert(release.id.to_string(), (evaluated, applied));
            }
        }
    }
    let names = names(by_config.keys());
    let named = by_config.into_iter().zip(names);
    named
        .map(|((holder, parts), name)| {
            let kustomizations = parts.kustomizations.iter();
            let ids = kustomizations.filter_map(|evaluated| evaluated.id.as_ref());
            let ids = ids.map(|id| format!("Kustomization {id}"));
            let releases = parts.releases.keys().map(|id| id.replacen('/', " ", 1));
            let by: Vec<String> = ids.chain(releases).collect();
            RemoteCluster {
                name: free_name(&name, taken),
                reached_by: format!("kubeConfig of {}, by {}", holder.object(), by.join(", ")),
                evaluation: only(evaluation, parts),
            }
        })
        .collect()
}

/// The Kustomizations and HelmReleases that apply to a remote cluster.
#[derive(Default)]
struct Parts<'a> {
    kustomizations: Vec<&'a Evaluated>,
    /// HelmReleases by their ids, each with the Kustomization that applies it.
    releases: BTreeMap<String, (&'a Evaluated, &'a Applied)>,
}

/// The object that holds a kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Holder {
    name: String,
    kind: String,
    namespace: String,
}

impl Holder {
    /// Such as `Secret flux-system/east`.
    fn object(&self) -> String {
        format!("{} {}/{}", self.kind, self.namespace, self.name)
    }

    /// Its name without the usual suffixes of kubeconfigs.
    fn short(&self) -> &str {
        let mut ends = ["-kubeconfig", "-kube-config"].iter();
        let short = ends.find_map(|end| self.name.strip_suffix(end));
        short.unwrap_or(&self.name)
    }
}

fn holder(config: &KubeConfig, namespace: &str) -> Holder {
    let (kind, name) = config.holder().unwrap_or(("", "cluster"));
    Holder {
        name: name.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
    }
}

/// Names for clusters: those of the objects with their kubeconfigs, or their namespaces if several have the same name.
fn names<'h>(holders: impl Iterator<Item = &'h Holder> + Clone) -> Vec<String> {
    let named = holders.clone().map(|holder| {
        let of_name = holders.clone().filter(|other| other.short() == holder.short());
        let in_namespace = of_name
            .clone()
            .filter(|other| other.namespace == holder.namespace);
        match (of_name.count(), in_namespace.count()) {
            (1, _) => holder.short().to_owned(),
            (_, 1) => holder.namespace.clone(),
            _ => format!("{}-{}", holder.namespace, holder.name),
        }
    });
    named.collect()
}

/// An evaluation of only some Kustomizations and releases. The other objects of the cluster are unknown.
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
        kustomizations,
        is_assumed: true,
        is_remote: true,
        // Kustomizations are changed only in the cluster that holds them.
        ..evaluation.emptied()
    }
}

/// A valid folder name that no other cluster has.
fn free_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let legal = flux_evaluate::legal_folder_name(name);
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
    fn namespaces_tell_secrets_of_one_name_apart() {
        let holder = |text: &str| {
            let (namespace, name) = text.split_once('/').unwrap();
            Holder {
                name: name.to_owned(),
                kind: "Secret".to_owned(),
                namespace: namespace.to_owned(),
            }
        };
        for (holders, expected) in [
            (&["a/east-kubeconfig", "a/west"][..], &["east", "west"][..]),
            (
                &["stage/cluster-kubeconfig", "prod/cluster-kubeconfig"],
                &["stage", "prod"],
            ),
            (&["a/x-kubeconfig", "a/x", "b/x"], &["a-x-kubeconfig", "a-x", "b"]),
        ] {
            let holders: Vec<Holder> = holders.iter().map(|text| holder(text)).collect();
            assert_eq!(names(holders.iter()), expected);
        }
    }

    #[test]
    fn names_are_legal_and_each_is_another() {
        let mut taken = BTreeSet::new();
        assert_eq!(free_name("east", &mut taken), "remote/east");
        assert_eq!(free_name("east", &mut taken), "remote/east-2");
        assert_eq!(free_name("../${name}", &mut taken), "remote/name");
        assert_eq!(free_name("..", &mut taken), "remote/cluster");
    }
}
