//! Fields of Flux objects in words.

use infra_model::flux::{HelmRelease, Kustomization};
use plain_text::printable_name;

use crate::text::{joined, texts};

/// A remediation without its details: `install: 3 retries; upgrade: 2 retries`.
pub(super) fn in_short(remediation: &str) -> String {
    let parts = remediation
        .split("; ")
        .map(|part| part.split(", ").next().unwrap_or(part));
    parts.collect::<Vec<_>>().join("; ")
}

/// The health checks by which a Kustomization becomes ready.
pub(super) fn ready_when(kustomization: &Kustomization) -> Option<String> {
    let mut text = match (kustomization.wait, kustomization.health_checks.as_slice()) {
        (true, _) => "all is healthy (wait)".to_owned(),
        (false, []) => return None,
        (false, checks) => format!("{} healthy", joined(&texts(checks).collect::<Vec<_>>())),
    };
    if !kustomization.health_check_exprs.is_empty() {
        text.push_str(&format!(
            ", by expressions for {}",
            joined(&kustomization.health_check_exprs)
        ));
    }
    // https://fluxcd.io/flux/components/kustomize/kustomizations/#timeout
    match (&kustomization.timeout, &kustomization.interval) {
        (Some(timeout), _) => text.push_str(&format!(", within {}", printable_name(timeout))),
        (None, Some(interval)) => {
            text.push_str(&format!(", within {} (the interval)", printable_name(interval)))
        }
        (None, None) => {}
    }
    Some(text)
}

/// The sources of a Kustomization's variables.
pub(super) fn variables_from(kustomization: &Kustomization) -> Vec<String> {
    let own = match kustomization.substitute.as_slice() {
        [] => None,
        own => Some(format!("substitute ({})", joined(own))),
    };
    let others = kustomization.substitute_from.iter().map(|from| {
        let remark = match (from.known, from.optional) {
            (true, _) => "",
            (false, true) => " (optional, values unknown)",
            (false, false) => " (values unknown)",
        };
        format!("{} {}{remark}", from.kind, from.name)
    });
    others.chain(own).collect()
}

/// The chart with its version and the line that states it.
pub(crate) fn chart_line(release: &HelmRelease) -> Option<String> {
    let mut text = release.chart.clone()?;
    // https://fluxcd.io/flux/components/helm/helmreleases/#chart-template
    let has_own_version = matches!(
        release.chart_source_kind.as_deref(),
        Some("GitRepository" | "Bucket")
    );
    match &release.version {
        Some(version) if has_own_version => {
            text.push_str(&format!(
                " (version {version} is ignored: a chart of files has its own)"
            ));
        }
        Some(version) => text.push_str(&format!(" {version}")),
        None if release.chart_source_kind.as_deref() == Some("HelmRepository") => {
            text.push_str(" (no version: the newest)");
        }
        None => {}
    }
    if let Some(place) = &release.version_source {
        text.push_str(&format!(" <- {place}"));
    }
    Some(text)
}

/// The cluster that a kubeConfig leads to.
pub(crate) fn in_another_cluster(config: &String) -> String {
    format!("another cluster, by kubeConfig {config}")
}
