//! The overview: the numbers and findings of each cluster.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use infra_model::{Infrastructure, Severity};
use minijinja::Value;
use serde::Serialize;

use super::facts::{Facts, Head, notes};

#[derive(Debug, Serialize)]
pub(crate) struct Overview {
    /// Name of the platform, as people write it.
    pub(crate) platform: String,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) notes: Vec<Value>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Cluster {
    pub(crate) head: Head,
    pub(crate) services: usize,
    pub(crate) kustomizations: usize,
    pub(crate) helm_releases: usize,
    pub(crate) secret_provider_classes: usize,
    pub(crate) references: usize,
    pub(crate) config_maps: usize,
    pub(crate) variables: usize,
    pub(crate) findings: Vec<Finding>,
}

/// Number of diagnostics with a code.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    pub(crate) code: String,
    pub(crate) severity: &'static str,
    pub(crate) count: usize,
}

pub(crate) fn view(all: &[Facts<'_>], repository: &str) -> Overview {
    let platform = all.iter().find_map(|facts| platform(facts.infra));
    Overview {
        platform: platform.unwrap_or_else(|| repository.to_owned()),
        clusters: all.iter().map(cluster).collect(),
        notes: notes(all, &["overview", "general"]),
    }
}

fn cluster(facts: &Facts<'_>) -> Cluster {
    let infra = facts.infra;
    Cluster {
        head: facts.head.clone(),
        services: infra.services.len(),
        kustomizations: infra.kustomizations.len(),
        helm_releases: infra.helm_releases.len(),
        secret_provider_classes: infra.secrets.secret_provider_classes.len(),
        references: infra.secrets.references.len(),
        config_maps: infra.config_maps.len(),
        variables: infra.variable_substitution.variables.len(),
        findings: findings(infra),
    }
}

/// Diagnostics by code, the worst first.
fn findings(infra: &Infrastructure) -> Vec<Finding> {
    let mut count: BTreeMap<(Reverse<Severity>, &str), usize> = BTreeMap::new();
    for diagnostic in &infra.diagnostics {
        let key = (Reverse(diagnostic.severity), &*diagnostic.code);
        *count.entry(key).or_insert(0) += 1;
    }
    let findings = count.into_iter().map(|((severity, code), count)| Finding {
        code: code.to_owned(),
        severity: severity.0.as_str(),
        count,
    });
    findings.collect()
}

/// The owner of the repository, in the spelling of the curated texts.
fn platform(infra: &Infrastructure) -> Option<String> {
    let mut own = infra.sources.values().filter(|source| source.is_self);
    let url = own.find_map(|source| source.url.as_deref())?;
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    // Host, optional port, owner, optional groups, repository.
    let mut parts = path.split(['/', ':']).filter(|part| !part.is_empty()).skip(1);
    let owner = parts.find(|part| !part.chars().all(|c| c.is_ascii_digit()))?;
    // Without a further part it would be the repository.
    parts.next()?;
    let spelt = curated_texts(infra)
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '.'))
        .find(|word| word.eq_ignore_ascii_case(owner));
    Some(spelt.unwrap_or(owner).to_owned())
}

fn curated_texts(infra: &Infrastructure) -> impl Iterator<Item = &str> {
    let knowledge = &infra.knowledge;
    let components = knowledge.components.values().flat_map(|noted| {
        let component = &noted.value;
        let texts = [&component.purpose, &component.storage, &component.consumers];
        texts.into_iter().filter_map(Option::as_deref)
    });
    let services = knowledge.services.values();
    let services = services.filter_map(|noted| noted.value.description.as_deref());
    let namespaces = knowledge.namespaces.values().map(|noted| noted.value.as_str());
    let notes = knowledge.notes.values().map(|note| note.value.as_str());
    components.chain(services).chain(namespaces).chain(notes)
}

#[cfg(test)]
mod tests {
    use infra_model::flux::Source;
    use infra_model::knowledge::{ComponentKnowledge, Noted};
    use pretty_assertions::assert_eq;

    use super::*;

    #[track_caller]
    fn check(url: &str, consumers: &str, expected: Option<&str>) {
        let mut infra = Infrastructure::default();
        let source = Source {
            url: Some(url.into()),
            is_self: true,
            ..Source::default()
        };
        infra.sources.insert("GitRepository/flux-system".into(), source);
        let component = ComponentKnowledge {
            consumers: Some(consumers.into()),
            ..ComponentKnowledge::default()
        };
        infra.knowledge.components.insert(
            "cortex".into(),
            Noted {
                value: component,
                place: None,
            },
        );
        assert_eq!(platform(&infra).as_deref(), expected);
    }

    #[test]
    fn the_platform_is_the_owner_as_people_spell_it() {
        check(
            "ssh://git@github.com/runwhen/infra",
            "End-users of RunWhen",
            Some("RunWhen"),
        );
        check("https://github.com/onedr0p/home-ops.git", "", Some("onedr0p"));
        check("git@github.com:acme/infra.git", "", Some("acme"));
        check(
            "ssh://git@git.example.com:2222/acme/platform/fleet",
            "",
            Some("acme"),
        );
        check("oci://ghcr.io/acme/manifests/kubernetes", "", Some("acme"));
        check("https://git.example.com/infra", "", None);
    }
}
