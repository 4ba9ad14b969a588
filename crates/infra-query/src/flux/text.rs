//! The text of `flux`.

use std::collections::BTreeMap;
use std::fmt;

use infra_model::flux::{ChartStatus, Kustomization};
use infra_model::{Diagnostic, Severity};
use plain_text::{Lines, line, printable_name};

use super::*;
use crate::flux::wording::chart_line;
use crate::flux::wording::in_another_cluster;
use crate::flux::wording::in_short;
use crate::flux::wording::places_text;
use crate::flux::wording::ready_when;
use crate::flux::wording::variables_from;
use crate::suspended_above;
use crate::text::{field, in_namespace, many_names, names, texts, told};
use crate::{Subject, Text};

impl FluxAnswer<'_> {
    /// The variables that a Kustomization does not know; of what it applies those that occur there.
    pub(super) fn write_unknown_variables(
        &self,
        f: &mut Lines<'_>,
        kustomization: &Kustomization,
    ) -> fmt::Result {
        let all = &kustomization.unknown_variables;
        if matches!(self.subject, Subject::Kustomization(..)) {
            return names(f, "unknown variables", all);
        }
        let service = match self.subject {
            Subject::Service(_, service) => Some(service),
            _ => None,
        };
        let values = self
            .helm_release
            .into_iter()
            .flat_map(|(_, release)| release.values.values());
        let values = values.map(|field| field.written.as_ref().unwrap_or(&field.value));
        let env = service.into_iter().flat_map(|service| &service.env);
        let env = env.filter_map(|env| env.written.as_ref().or(env.value.as_ref()));
        let hosts = service.into_iter().flat_map(|service| &service.hosts);
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
        write!(
            f,
            "{}: {}",
            printable_name(subject.own_key()),
            printable_name(subject.kind())
        )?;
        line!(f, "{}", in_namespace(subject.namespace()))?;
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
            let place = |name: &str| places_text(kustomization.places.get(name).into_iter(), subject.place());
            let is_asked = matches!(subject, Subject::Kustomization(..));
            if let Some(interval) = &kustomization.interval {
                write!(f, ", interval {}", printable_name(interval))?;
                if is_asked {
                    write!(f, "{}", place("interval"))?;
                }
            }
            // What Flux leaves in the cluster when it is gone from Git.
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
        // What goes to another cluster is reconciled in the one that states its source.
        let release = self.helm_release.map(|(_, release)| release);
        let goes_elsewhere = release.is_some_and(|release| release.kube_config.is_some())
            || matches!(subject, Subject::Kustomization(_, kustomization) if kustomization.kube_config.is_some());
        let source = self
            .source
            .filter(|(_, source)| source.url.is_some() || !goes_elsewhere);
        if let Some((key, source)) = source {
            // The version of a chart from an OCIRepository is its tag, and was said already.
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
            // Where this repository is, its reader knows.
            let url = match source.url.as_deref() {
                Some(_) if source.is_self && !matches!(subject, Subject::Source(..)) => String::new(),
                Some(url) => format!(" {url}"),
                None => " not stated in the repository".to_owned(),
            };
            let place = |name: &str| places_text(source.places.get(name).into_iter(), subject.place());
            let is_asked = matches!(subject, Subject::Source(..));
            let reference = match reference.is_empty() || source.is_self && !is_asked {
                true => reference,
                // What a FluxInstance makes has one line.
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
        let direct = self.waits_for.iter().filter(|wait| wait.distance == 1);
        let direct = direct.map(Wait::text);
        let is_flux_own = matches!(subject, Subject::Kustomization(..) | Subject::HelmRelease(..));
        match self.waits_for.is_empty() && is_flux_own {
            true => line!(f, "waits for: nothing")?,
            false => names(f, "waits for", direct)?,
        }
        let further = self
            .waits_for
            .iter()
            .filter(|wait| wait.distance > 1)
            .map(Wait::text);
        names(f, "which wait for", further)?;
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
            told(f, &service.tells_flux)?;
        }
        // What is only remarked on a Kustomization may be about anything that it applies.
        let is_own = |diagnostic: &&&Diagnostic| {
            let is_of_kustomization = diagnostic
                .object
                .as_deref()
                .is_some_and(|object| object.starts_with("Kustomization/"));
            diagnostic.severity > Severity::Info
                || !is_of_kustomization
                || matches!(subject, Subject::Kustomization(..))
        };
        let (own, others): (Vec<&&Diagnostic>, Vec<&&Diagnostic>) = self.diagnostics.iter().partition(is_own);
        // Of findings with one code the first says what they are.
        let mut more: BTreeMap<&str, usize> = BTreeMap::new();
        let mut told: Vec<&str> = Vec::new();
        for diagnostic in own {
            let code = diagnostic.code.as_ref();
            match told.contains(&code) || told.len() == MOST_FINDINGS {
                true => *more.entry(code).or_default() += 1,
                false => {
                    line!(f, "{}: {}", diagnostic.severity, diagnostic.message)?;
                    told.push(code);
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
        names(f, "and", more)?;
        Ok(())
    }
}

/// So many findings are told in full.
pub(super) const MOST_FINDINGS: usize = 3;

/// A duration without the parts that are nothing: `1m0s` is `1m`.
pub(super) fn short(duration: &str) -> &str {
    let minutes = duration.strip_suffix("m0s").map(|start| start.len() + 1);
    let duration = minutes.and_then(|end| duration.get(..end)).unwrap_or(duration);
    let hours = duration.strip_suffix("h0m").map(|start| start.len() + 1);
    hours.and_then(|end| duration.get(..end)).unwrap_or(duration)
}
