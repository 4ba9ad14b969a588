//! Commands that show the status of Flux objects.

use super::step::{Step, events, shell};
use crate::Facts;
use crate::graph::links::{chart_source, source_of};
use infra_model::flux::{ChartStatus, HelmRelease, Kustomization, Source};
use plain_text::Command;

/// Status of a Kustomization's source, of the Kustomization, and events.
pub fn for_kustomization(facts: &dyn Facts, kustomization: &Kustomization) -> Vec<Step> {
    source_of(facts, kustomization)
        .and_then(|(_, source)| status_of_source(source))
        .into_iter()
        .chain(status_of_kustomization(kustomization))
        .chain(events(&kustomization.namespace))
        .collect()
}

/// Status of a HelmRelease, of its chart's source, of its Kustomization, and events of its pods.
pub fn for_helm_release(facts: &dyn Facts, release: &HelmRelease) -> Vec<Step> {
    status_of_helm_release(release)
        .into_iter()
        .chain(chart_source(facts, release).and_then(|(_, source)| status_of_source(source)))
        .chain(status_of_owner(facts, release.kustomization.as_deref()))
        .chain(events(&release.release_namespace))
        .chain(get_chart(release))
        .collect()
}

/// The command that fetches a chart which is not available: `fetch`, or `helm pull` into the folder for `--charts` in a
/// program without that command.
pub(crate) fn get_chart(release: &HelmRelease) -> Option<Step> {
    if release.chart_status != Some(ChartStatus::NotAtHand) {
        return None;
    }
    let command = match cfg!(feature = "fetch") {
        true => {
            let kinds = ["HelmRepository", "OCIRepository", "GitRepository", "Bucket"];
            let kind = release.chart_source_kind.as_deref()?;
            kinds
                .contains(&kind)
                .then(|| Command::new("flux-infra-guide fetch"))?
        }
        false => helm_pull(release)?.literal("-d charts"),
    };
    shell("the chart, which is not available", command)
}

fn helm_pull(release: &HelmRelease) -> Option<Command> {
    let (chart, url) = (release.chart.as_deref()?, release.chart_source_url.as_deref()?);
    let command = Command::new("helm pull");
    let command = match (release.chart_source_kind.as_deref()?, url.starts_with("oci://")) {
        // The address of an OCIRepository names the chart.
        ("OCIRepository", true) => command.text(url),
        ("HelmRepository", true) => command.text(&format!("{}/{chart}", url.trim_end_matches('/'))),
        ("HelmRepository", false) => command.name(chart).literal("--repo").text(url),
        _ => return None,
    };
    Some(match &release.version {
        Some(version) => command.literal("--version").text(version),
        None => command,
    })
}

/// Status of a source, and events.
pub fn for_source(source: &Source) -> Vec<Step> {
    status_of_source(source)
        .into_iter()
        .chain(events(&source.namespace))
        .collect()
}

/// Status of the Kustomization that applies an object.
pub(super) fn status_of_owner(facts: &dyn Facts, key: Option<&str>) -> Option<Step> {
    status_of_kustomization(facts.kustomizations().get(key?)?)
}

/// `flux get kustomization`
fn status_of_kustomization(kustomization: &Kustomization) -> Option<Step> {
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
