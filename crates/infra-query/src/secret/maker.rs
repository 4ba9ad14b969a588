//! Whether a chart that is not available may make a Secret.

use infra_model::flux::HelmRelease;
use infra_model::secrets::SecretReference;

use crate::Facts;
use crate::facts::mentioning;

/// Whether a chart that is not available, or a controller that copies, may make a Secret. If only plain workloads read
/// it, its name has to be that of a HelmRelease, its chart, or one among its values.
pub(super) fn may_be_made(facts: &dyn Facts, reference: &SecretReference) -> bool {
    let name = reference.name.as_str();
    let is_plain = |service: &str| {
        let service = facts.services().get(service);
        service.is_some_and(|service| service.workload.is_some() && service.helm_release.is_none())
    };
    let mut services = reference.usage.iter().map(|usage| usage.service.as_deref());
    let are_plain = services.all(|service| service.is_some_and(is_plain));
    if reference.usage.is_empty() || !are_plain || may_be_copied(facts, name) {
        return true;
    }
    let releases = mentioning(facts.helm_releases(), &reference.namespace);
    let mut beside = releases.filter(|(_, release)| release.release_namespace == reference.namespace);
    beside.any(|(_, release)| release.is_chart_unknown() && may_name(release, name))
}

/// Whether a HelmRelease installs a chart that is not available in a namespace.
pub(super) fn has_unknown_chart(facts: &dyn Facts, namespace: &str) -> bool {
    let mut releases = mentioning(facts.helm_releases(), namespace);
    releases.any(|(_, release)| release.release_namespace == namespace && release.is_chart_unknown())
}

/// Whether a chart may use a name.
fn may_name(release: &HelmRelease, name: &str) -> bool {
    let stems = [
        Some(&release.name),
        Some(&release.release_name),
        release.chart.as_ref(),
    ];
    let is_stem = |stem: &str| !stem.is_empty() && name.contains(stem);
    let is_override = |path: &str| path.to_ascii_lowercase().ends_with("nameoverride");
    stems.into_iter().flatten().any(|stem| is_stem(stem))
        || release.values.iter().any(|(path, field)| {
            field.value.contains(name) || path.contains(name) || is_override(path) && is_stem(&field.value)
        })
}

/// Whether any namespace has an object of this name, from where it may be copied.
pub(super) fn may_be_copied(facts: &dyn Facts, name: &str) -> bool {
    mentioning(facts.external_secrets(), name).any(|(_, it)| it.target == name)
        || mentioning(facts.sealed_secrets(), name).any(|(_, it)| it.target == name)
        || mentioning(facts.secrets(), name).any(|(_, it)| it.name == name)
        || mentioning(facts.objects(), name).any(|(_, it)| it.name == name)
}
