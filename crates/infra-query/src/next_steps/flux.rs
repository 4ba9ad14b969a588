//! Flux' objects turn into commands that show their status.

use super::{Step, events, shell};
use crate::Facts;
use crate::facts::mentioning;
use infra_model::flux;
use infra_model::flux::{HelmRelease, Kustomization, Source};
use plain_text::Command;

/// Status of a Kustomization's source, of itself, and events. What it waits for is checked in the same way.
pub fn for_kustomization(facts: &dyn Facts, kustomization: &Kustomization) -> Vec<Step> {
    source_of_kustomization(facts, kustomization)
        .and_then(status_of_source)
        .into_iter()
        .chain(status_of_kustomization(kustomization))
        .chain(events(&kustomization.namespace))
        .collect()
}

/// Status of a HelmRelease first, then its chart's source, its Kustomization, its pods' events.
pub fn for_helm_release(facts: &dyn Facts, release: &HelmRelease) -> Vec<Step> {
    let kustomization = release
        .kustomization
        .as_ref()
        .and_then(|key| facts.kustomizations().get(key));
    status_of_helm_release(release)
        .into_iter()
        .chain(chart_source(facts, release).and_then(|(_, source)| status_of_source(source)))
        .chain(kustomization.and_then(status_of_kustomization))
        .chain(events(&release.release_namespace))
        .collect()
}

/// Status of a source.
pub fn for_source(source: &Source) -> Vec<Step> {
    status_of_source(source)
        .into_iter()
        .chain(events(&source.namespace))
        .collect()
}

/// `flux get kustomization`
pub(super) fn status_of_kustomization(kustomization: &Kustomization) -> Option<Step> {
    let command = Command::new("flux get kustomization")
        .name(&kustomization.name)
        .namespace(&kustomization.namespace);
    shell("status of the Kustomization", command)
}

/// `flux get helmrelease`
pub(super) fn status_of_helm_release(release: &HelmRelease) -> Option<Step> {
    let command = Command::new("flux get helmrelease")
        .name(&release.name)
        .namespace(&release.namespace);
    shell("status of the HelmRelease", command)
}

fn status_of_source(source: &Source) -> Option<Step> {
    let word = match source.kind.as_str() {
        "GitRepository" => "git",
        "OCIRepository" => "oci",
        "HelmRepository" => "helm",
        "HelmChart" => "chart",
        "Bucket" => "bucket",
        "ExternalArtifact" => "external",
        _ => return None,
    };
    let command = Command::new("flux get source")
        .literal(word)
        .name(&source.name)
        .namespace(&source.namespace);
    shell("status of the source", command)
}

/// The source of a Kustomization, with its key.
pub(crate) fn source_with_key<'a>(
    facts: &'a dyn Facts,
    kustomization: &Kustomization,
) -> Option<(&'a str, &'a Source)> {
    let namespace = kustomization
        .source_namespace
        .as_ref()
        .unwrap_or(&kustomization.namespace);
    let name = kustomization.source_ref.as_deref()?;
    mentioning(facts.sources(), name).find(|(_, source)| {
        Some(&source.name) == kustomization.source_ref.as_ref()
            && Some(&source.kind) == kustomization.source_kind.as_ref()
            && &source.namespace == namespace
    })
}

fn source_of_kustomization<'a>(facts: &'a dyn Facts, kustomization: &Kustomization) -> Option<&'a Source> {
    source_with_key(facts, kustomization).map(|(_, source)| source)
}

/// The source of a HelmRelease's chart, with its key.
pub(crate) fn chart_source<'a>(facts: &'a dyn Facts, release: &HelmRelease) -> Option<(&'a str, &'a Source)> {
    let named = |kind: &str, name: &str, namespace: Option<&str>| {
        mentioning(facts.sources(), name).find(|(_, source)| {
            source.kind == kind
                && source.name == name
                && namespace.is_none_or(|namespace| source.namespace == namespace)
        })
    };
    match &release.chart_ref {
        Some(flux::ChartRef {
            kind,
            name,
            namespace,
        }) => named(kind, name, Some(namespace)),
        None => {
            let (kind, name) = (
                release.chart_source_kind.as_deref()?,
                release.chart_source.as_deref()?,
            );
            // The namespace of a chart's source is not catalogued: its own comes first.
            named(kind, name, Some(&release.namespace)).or_else(|| named(kind, name, None))
        }
    }
}
