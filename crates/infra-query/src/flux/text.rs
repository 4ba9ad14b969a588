//! The text of `flux`.

use std::collections::BTreeMap;
use std::fmt;

use infra_model::flux::{ChartStatus, Kustomization};
use infra_model::{Diagnostic, Severity};
use plain_text::{Lines, line, printable_name};

use super::FluxAnswer;
use crate::flux::waits::Wait;
use crate::flux::wording::{chart_line, in_another_cluster, in_short, ready_when, variables_from};
use crate::text::{field, in_namespace, many_names, names, places_text, texts, write_flux_annotations};
use crate::{Subject, Text, suspended_above};

impl FluxAnswer<'_> {
    /// The unknown variables of a Kustomization; for another subject only those that occur in it, and the number of
    /// others.
    fn write_unknown_variables(&self, f: &mut Lines<'_>, kustomization: &Kustomization) -> fmt::Result {
        let all = &kustomization.unknown_variables;
        if matches!(self.subject, Subject::Kustomization(..)) {
            return names(f, "unknown variables", all);
        }
        let releases = self.helm_release.into_iter();
        let values = releases.flat_map(|(_, release)| release.values.values());
        let values = values.map(|field| field.written.as_ref().unwrap_or(&field.value));
        let services = || self.subject.service().into_iter();
        let env = services().flat_map(|(_, service)| &service.env);
        let env = env.filter_map(|env| env.written.as_ref().or(env.value.as_ref()));
        let hosts = services().flat_map(|(_, service)| &service.hosts);
        let texts: Vec<&String> = values.chain(env).chain(hosts).collect();
        let occurs = |name: &&String| texts.iter().any(|text| text.contains(&format!("${{{name}")));
        let own: Vec<&String> = all.iter().filter(occurs).collect();
        names(f, "unknown variables", &own)?;
        match all.len() - own.len() {
            0 => Ok(()),
            others => line!(
                f,
                "unknown variables of {}: {others} others",
                printable_name(&kustomization.name)
            ),
        }
    }
}

impl Text for FluxAnswer<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        let subject = self.subject;
        line!(
            f,
            "{}: {}{}",
            printable_name(subject.own_key()),
            printable_name(subject.kind()),
            in_namespace(subject.namespace())
        )?;
        if let Some((key, release)) = self.helm_release {
            if !matches!(subject, Subject::HelmRelease(..)) {
                line!(
                    f,
                    "managed by: HelmRelease {}{}",
                    printable_name(key),
                    in_namespace(&release.namespace)
                )?;
            }
            let status = release
                .chart_status
                .filter(|status| *status != ChartStatus::Rendered);
            let chart = match (chart_line(release), status.map(ChartStatus::as_str)) {
                (Some(line), Some(status)) => Some(format!("{line}, {status}")),
                (line, status) => line.or(status.map(str::to_owned)),
            };
            field(f, "chart", chart)?;
            let rendered = release.chart_version.as_ref().filter(|_| status.is_none());
            field(
                f,
                "rendered with",
                rendered.filter(|known| Some(*known) != release.version.as_ref()),
            )?;
            if matches!(subject, Subject::HelmRelease(..)) {
                names(f, "workloads", &release.workloads)?;
                names(f, "hooks", texts(&release.hooks))?;
                names(f, "definitions", &release.crds)?;
            }
            names(f, "unknown values of", texts(&release.unknown_values))?;
            if release.suspend {
                line!(f, "suspended: the HelmRelease")?;
            }
            field(
                f,
                "installs in",
                release.kube_config.as_ref().map(in_another_cluster),
            )?;
            if let Some(remediation) = release.remediation.as_deref().map(in_short) {
                let retries = ["install.remediation.retries", "upgrade.remediation.retries"];
                let places = retries.iter().filter_map(|name| release.places.get(*name));
                let places = places_text(places, subject.place());
                line!(f, "remediation: {}{places}", printable_name(&remediation))?;
            }
        }
        if let Some((key, kustomization)) = self.kustomization {
            if !matches!(subject, Subject::Kustomization(..)) {
                line!(f, "applied by: Kustomization {}", printable_name(key))?;
                let also = match (self.helm_release, subject) {
                    (Some((_, release)), _) => release.also_applied_by.as_slice(),
                    (None, Subject::Service(_, service)) => service.also_applied_by.as_slice(),
                    _ => &[],
                };
                names(f, "also applied by", also)?;
            }
            write!(f, "path: {}", printable_name(&kustomization.path))?;
            if let Some((key, source)) = self.manifests_from {
                write!(f, " of {}", printable_name(key))?;
                if let Some(reference) = &source.reference {
                    write!(f, " ({})", printable_name(&reference.replacen(": ", " ", 1)))?;
                }
            }
            let place = |name: &str| places_text(kustomization.places.get(name), subject.place());
            let is_asked = matches!(subject, Subject::Kustomization(..));
            if let Some(interval) = &kustomization.interval {
                write!(f, ", interval {}", printable_name(interval))?;
                if is_asked {
                    write!(f, "{}", place("interval"))?;
                }
            }
            // Flux then leaves objects in the cluster that are removed from Git.
            if !kustomization.prune {
                write!(f, ", prune false{}", place("prune"))?;
            }
            line!(f)?;
            names(f, "below", &self.parents)?;
            if kustomization.suspend {
                line!(f, "suspended: the Kustomization")?;
            }
            suspended_above::write(f, self.suspended_above)?;
            if let Some(config) = &kustomization.kube_config {
                line!(
                    f,
                    "applies to: another cluster, by kubeConfig {}",
                    printable_name(config)
                )?;
            }
            field(f, "ready when", ready_when(kustomization))?;
            field(f, "error", kustomization.error.as_ref())?;
            let listed = |names: &[String]| (!names.is_empty()).then(|| names.join(", "));
            field(f, "partial, without", listed(&kustomization.missing).as_ref())?;
            self.write_unknown_variables(f, kustomization)?;
        }
        // Objects for another cluster are reconciled in the cluster that has their source.
        let release = self.helm_release.map(|(_, release)| release);
        let goes_elsewhere = release.is_some_and(|release| release.kube_config.is_some())
            || matches!(subject, Subject::Kustomization(_, kustomization) if kustomization.kube_config.is_some());
        let source = self
            .source
            .filter(|(_, source)| source.url.is_some() || !goes_elsewhere);
        if let Some((key, source)) = source {
            // The version of a chart from an OCIRepository is its tag, which the answer already has.
            let version = self
                .helm_release
                .and_then(|(_, release)| release.version.as_deref());
            let said = version.map(|version| format!("tag: {version}"));
            let reference = source
                .reference
                .as_ref()
                .filter(|reference| said.as_ref() != Some(reference))
                .map(|text| format!(", {}", text.replacen(": ", " ", 1)))
                .unwrap_or_default();
            // The reader knows the repository itself.
            let url = match source.url.as_deref() {
                Some(_) if source.is_self && !matches!(subject, Subject::Source(..)) => String::new(),
                Some(url) => format!(" {url}"),
                None => " not stated in the repository".to_owned(),
            };
            let place = |name: &str| places_text(source.places.get(name), subject.place());
            let is_asked = matches!(subject, Subject::Source(..));
            let reference = match reference.is_empty() || source.is_self && !is_asked {
                true => reference,
                // All fields of a source that a FluxInstance makes have the same line.
                false if is_asked && source.places.get("ref") == source.places.get("interval") => reference,
                false => format!("{reference}{}", place("ref")),
            };
            let interval = source.interval.as_deref();
            let mut interval =
                interval.map_or(String::new(), |interval| format!(", every {}", short(interval)));
            if is_asked {
                interval.push_str(&place("interval"));
            }
            line!(
                f,
                "source: {}{}{}{}",
                printable_name(key),
                printable_name(&url),
                printable_name(&reference),
                printable_name(&interval)
            )?;
        }
        let others = self
            .same_chart
            .iter()
            .map(|(key, release)| match &release.source {
                Some(place) => format!("HelmRelease {key} ({place})"),
                None => format!("HelmRelease {key}"),
            });
        names(f, "same chart and Kustomization", others)?;
        let (direct, further): (Vec<&Wait<'_>>, Vec<&Wait<'_>>) =
            self.waits_for.iter().partition(|wait| wait.distance == 1);
        let is_flux_own = matches!(subject, Subject::Kustomization(..) | Subject::HelmRelease(..));
        match self.waits_for.is_empty() && is_flux_own {
            true => line!(f, "waits for: nothing")?,
            false => names(f, "waits for", direct.into_iter().map(Wait::text))?,
        }
        names(f, "which wait for", further.into_iter().map(Wait::text))?;
        field(f, "ready", self.ready.as_deref().map(printable_name))?;
        field(f, "decryption", self.decryption.as_deref().map(printable_name))?;
        field(f, "alerts", self.alerts.as_deref().map(printable_name))?;
        field(f, "receivers", self.receivers.as_deref().map(printable_name))?;
        match subject {
            Subject::Kustomization(_, kustomization) => {
                many_names(f, "waited for by", &kustomization.dependents)?;
                names(f, "manages", &kustomization.manages)?;
                if !self.applies.is_empty() {
                    line!(f, "applies: {}", printable_name(&self.applies.join("; ")))?;
                }
                match variables_from(kustomization) {
                    none if none.is_empty() => line!(f, "variables: none")?,
                    some => names(f, "variables from", some)?,
                }
            }
            Subject::Source(_, source) => names(f, "used by", &source.used_by)?,
            _ => {}
        }
        field(f, "edit", subject.place().map(ToString::to_string))?;
        if let Subject::Service(_, service) = subject {
            write_flux_annotations(f, &service.tells_flux)?;
        }
        // A note about the Kustomization may be about any other object that it applies.
        let is_own = |diagnostic: &&&Diagnostic| {
            let object = diagnostic.object.as_deref();
            let is_of_kustomization = object.is_some_and(|object| object.starts_with("Kustomization/"));
            diagnostic.severity > Severity::Info
                || !is_of_kustomization
                || matches!(subject, Subject::Kustomization(..))
        };
        let (own, others): (Vec<&&Diagnostic>, Vec<&&Diagnostic>) = self.diagnostics.iter().partition(is_own);
        // The first finding of each code is written in full.
        let mut more: BTreeMap<&str, usize> = BTreeMap::new();
        let mut written: Vec<&str> = Vec::new();
        for diagnostic in own {
            let code = diagnostic.code.as_ref();
            match written.contains(&code) || written.len() == MOST_FINDINGS {
                true => *more.entry(code).or_default() += 1,
                false => {
                    line!(f, "{}: {}", diagnostic.severity, diagnostic.message)?;
                    written.push(code);
                }
            }
        }
        for diagnostic in others {
            *more.entry(diagnostic.code.as_ref()).or_default() += 1;
        }
        let more = more.into_iter().map(|(code, count)| match count {
            1 => code.to_owned(),
            count => format!("{count} {code}"),
        });
        names(f, "and", more)
    }
}

/// Maximum number of findings that are written in full.
const MOST_FINDINGS: usize = 3;

/// A duration without its zero parts: `1m0s` is `1m`.
fn short(duration: &str) -> &str {
    let duration = match duration.strip_suffix("0s") {
        Some(minutes) if minutes.ends_with('m') => minutes,
        _ => duration,
    };
    match duration.strip_suffix("0m") {
        Some(hours) if hours.ends_with('h') => hours,
        _ => duration,
    }
}
