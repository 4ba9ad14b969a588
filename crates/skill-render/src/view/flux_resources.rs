//! The inventory of Kustomizations, HelmReleases and sources.

use std::collections::BTreeMap;

use infra_model::flux::{HelmRelease, Kustomization};
use minijinja::Value;
use serde::Serialize;

use super::example::Example;
use super::facts::{Facts, Head, Rows, listed, notes};
use super::platform::first_of;
use crate::components::Category;
use crate::environment::inert;
use plain_text::markdown::is_plain_name;

const NAMES: usize = 8;

#[derive(Debug, Serialize)]
pub(crate) struct FluxResources {
    /// The source of this repository, for commands.
    pub(crate) source: SourceCommand,
    /// Namespace of most Kustomizations; `<namespace>` if they are spread.
    pub(crate) namespace: Value,
    pub(crate) sample: Option<KustomizationRow>,
    pub(crate) helm_sample: Option<HelmReleaseRow>,
    pub(crate) has_helm: bool,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) notes: Vec<Value>,
}

/// The source of this repository for `flux get source`.
#[derive(Debug, Serialize)]
pub(crate) struct SourceCommand {
    /// `git`, `oci` or `bucket`.
    pub(crate) word: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) namespace: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Cluster {
    pub(crate) head: Head,
    pub(crate) kustomizations: Rows<KustomizationRow>,
    pub(crate) helm_releases: Rows<HelmReleaseRow>,
    pub(crate) sources: Rows<SourceRow>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct KustomizationRow {
    pub(crate) key: String,
    pub(crate) namespace: String,
    pub(crate) path: String,
    pub(crate) source_ref: Option<String>,
    pub(crate) depends_on: Vec<String>,
    pub(crate) interval: Option<String>,
    pub(crate) prune: bool,
    pub(crate) manages: Vec<String>,
    pub(crate) parent: Option<String>,
    /// Such as `suspended` or `does not build`.
    pub(crate) remarks: Vec<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct HelmReleaseRow {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) chart: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) chart_source: Option<String>,
    pub(crate) kustomization: Option<String>,
    pub(crate) interval: Option<String>,
    pub(crate) remarks: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct SourceRow {
    pub(crate) key: String,
    pub(crate) namespace: String,
    pub(crate) url: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) used_by: usize,
    pub(crate) is_self: bool,
}

pub(crate) fn view(all: &[Facts<'_>], example: Option<&Example>) -> FluxResources {
    FluxResources {
        source: source_command(all),
        namespace: namespace(all),
        sample: sample(all, example),
        helm_sample: helm_sample(all),
        has_helm: all.iter().any(|facts| !facts.infra.helm_releases.is_empty()),
        clusters: all.iter().map(cluster).collect(),
        notes: notes(all, &["flux-resources", "flux", "fluxResources"]),
    }
}

fn source_command(all: &[Facts<'_>]) -> SourceCommand {
    let sources = all.iter().flat_map(|facts| facts.infra.sources.values());
    let own = sources
        .filter(|source| source.is_self && is_plain_name(&source.name) && is_plain_name(&source.namespace))
        .filter_map(|source| {
            let (word, kind) = match source.kind.as_str() {
                "GitRepository" => ("git", "GitRepository"),
                "OCIRepository" => ("oci", "OCIRepository"),
                "Bucket" => ("bucket", "Bucket"),
                // `flux get source` has no command for others, such as an ExternalArtifact.
                _ => return None,
            };
            Some((word, kind, source))
        })
        .max_by_key(|(_, _, source)| source.used_by.len());
    let usual = || "flux-system".to_owned();
    SourceCommand {
        word: own.map_or("git", |(word, ..)| word),
        kind: own.map_or("GitRepository", |(_, kind, _)| kind),
        name: own.map_or_else(usual, |(.., source)| source.name.clone()),
        namespace: own.map_or_else(usual, |(.., source)| source.namespace.clone()),
    }
}

fn namespace(all: &[Facts<'_>]) -> Value {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for kustomization in all.iter().flat_map(|facts| facts.infra.kustomizations.values()) {
        *count.entry(&kustomization.namespace).or_insert(0) += 1;
    }
    let total: usize = count.values().sum();
    match count.into_iter().max_by_key(|(_, count)| *count) {
        Some((name, count)) if is_plain_name(name) && count * 10 >= total * 9 => inert(name),
        Some(_) => inert("<namespace>"),
        None => inert("flux-system"),
    }
}

/// The Kustomization that applies the example, else the one that manages most.
fn sample(all: &[Facts<'_>], example: Option<&Example>) -> Option<KustomizationRow> {
    let named = example.and_then(|example| example.kustomization.as_deref());
    all.iter().find_map(|facts| {
        let map = &facts.infra.kustomizations;
        let largest = || {
            map.iter()
                .max_by_key(|(_, kustomization)| kustomization.manages.len())
        };
        let named = named.and_then(|name| map.get_key_value(name));
        named.or_else(largest).map(kustomization_row)
    })
}

/// The HelmRelease of the logs, for which people ask most, else the first.
fn helm_sample(all: &[Facts<'_>]) -> Option<HelmReleaseRow> {
    all.iter().find_map(|facts| {
        let logs = first_of(&facts.found, Category::Logs);
        let map = &facts.infra.helm_releases;
        let logs = logs.and_then(|found| map.get_key_value(found.helm_release?));
        let first = || {
            let mut releases = map.iter();
            releases.find(|(key, release)| is_plain_name(key) && is_plain_name(&release.namespace))
        };
        logs.or_else(first).map(helm_release_row)
    })
}

fn cluster(facts: &Facts<'_>) -> Cluster {
    let infra = facts.infra;
    let sources = infra.sources.iter().map(|(key, source)| SourceRow {
        key: key.clone(),
        namespace: source.namespace.clone(),
        url: source.url.clone(),
        reference: source.reference.clone(),
        used_by: source.used_by.len(),
        is_self: source.is_self,
    });
    Cluster {
        head: facts.head.clone(),
        kustomizations: facts.rows(infra.kustomizations.iter().map(kustomization_row)),
        helm_releases: facts.rows(infra.helm_releases.iter().map(helm_release_row)),
        sources: facts.rows(sources),
    }
}

fn kustomization_row((key, kustomization): (&String, &Kustomization)) -> KustomizationRow {
    let flags = [
        (kustomization.suspend, "suspended"),
        (kustomization.error.is_some(), "does not build"),
        (kustomization.kube_config.is_some(), "applies to another cluster"),
        (kustomization.generated_by.is_some(), "made by a FluxInstance"),
    ];
    KustomizationRow {
        key: key.clone(),
        namespace: kustomization.namespace.clone(),
        path: kustomization.path.clone(),
        source_ref: kustomization.source_ref.clone(),
        depends_on: kustomization.depends_on.clone(),
        interval: kustomization.interval.clone(),
        prune: kustomization.prune,
        manages: listed(&kustomization.manages, NAMES),
        parent: kustomization.parent.clone(),
        remarks: remarks(&flags),
    }
}

fn helm_release_row((key, release): (&String, &HelmRelease)) -> HelmReleaseRow {
    let elsewhere = !release.release_namespace.is_empty() && release.release_namespace != release.namespace;
    let flags = [
        (release.suspend, "suspended"),
        (elsewhere, "installs into another namespace"),
    ];
    HelmReleaseRow {
        key: key.clone(),
        name: release.name.clone(),
        namespace: release.namespace.clone(),
        chart: release.chart.clone(),
        version: release.version.clone(),
        chart_source: release.chart_source.clone(),
        kustomization: release.kustomization.clone(),
        interval: release.interval.clone(),
        remarks: remarks(&flags),
    }
}

/// The remarks whose flags are set.
fn remarks(flags: &[(bool, &'static str)]) -> Vec<&'static str> {
    let set = flags.iter().filter(|(is_set, _)| *is_set);
    set.map(|(_, remark)| *remark).collect()
}

#[cfg(test)]
mod tests {
    use infra_model::Infrastructure;
    use infra_model::flux::Source;
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn commands_name_the_source_and_namespace_that_the_repository_has() {
        let mut infra = Infrastructure::default();
        let source = Source {
            kind: "OCIRepository".into(),
            name: "fleet".into(),
            namespace: "gitops".into(),
            is_self: true,
            ..Source::default()
        };
        infra.sources.insert("OCIRepository/fleet".into(), source);
        let kustomization = Kustomization {
            namespace: "gitops".into(),
            ..Kustomization::default()
        };
        infra.kustomizations.insert("apps".into(), kustomization);
        let view = view(&[Facts::new(None, &infra, 10)], None);
        assert_eq!((view.source.word, view.source.name.as_str()), ("oci", "fleet"));
        assert_eq!(view.namespace.as_str(), Some("gitops"));
        for name in ["a", "b"] {
            let kustomization = Kustomization {
                namespace: name.into(),
                ..Kustomization::default()
            };
            infra.kustomizations.insert(name.into(), kustomization);
        }
        assert_eq!(
            super::namespace(&[Facts::new(None, &infra, 10)]).as_str(),
            Some("<namespace>")
        );
    }

    #[test]
    fn without_any_the_usual_names_stand() {
        let infra = Infrastructure::default();
        let view = view(&[Facts::new(None, &infra, 10)], None);
        assert_eq!(
            (view.source.word, view.source.name.as_str()),
            ("git", "flux-system")
        );
        assert_eq!(view.namespace.as_str(), Some("flux-system"));
    }
}
