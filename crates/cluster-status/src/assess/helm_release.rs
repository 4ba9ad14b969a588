//! HelmReleases.
//!
//! `Ready` summarises `Remediated`, `TestSuccess` and `Released`, so that a rollback hides the failure before it.
//! <https://github.com/fluxcd/helm-controller/blob/main/internal/reconcile/release.go>

use infra_model::ObjectRef;

use super::headline::{FluxStatus, headline};
use super::{Assessment, Assessor, Retry, State, text_of};
use crate::live::{Conditions, HelmRelease};
use crate::message::{named, non_empty, objects, quoted_after, shown, word_after};

impl Assessor<'_> {
    pub(super) fn helm_release(&self, object: &ObjectRef, release: &HelmRelease) -> Assessment {
        let HelmRelease {
            metadata,
            spec,
            status,
        } = release;
        let mut assessment = headline(
            object,
            &FluxStatus {
                metadata,
                suspend: spec.suspend,
                observed_generation: status.observed_generation,
                conditions: &status.conditions,
                last_handled_reconcile_at: &status.last_handled_reconcile_at,
                has_result: false,
            },
        );
        versions(&mut assessment, release);
        if matches!(assessment.state, State::Broken | State::Waiting) {
            let failures = [status.failures, status.upgrade_failures, status.install_failures];
            let failures = failures.into_iter().flatten().max();
            assessment.tries = failures.filter(|failures| *failures > 0);
            self.hidden_cause(&mut assessment, release);
            self.follow_release(&mut assessment, release);
        }
        assessment
    }

    /// The failure that a rollback or an uninstallation hides.
    fn hidden_cause(&self, assessment: &mut Assessment, release: &HelmRelease) {
        let conditions = release.status.conditions.as_slice();
        let ready = conditions.of_type("Ready").map_or("", |ready| &ready.reason);
        let is_remediated = ready.starts_with("Rollback") || ready.starts_with("Uninstall");
        let Some(released) = conditions
            .with_status("Released", "False")
            .filter(|_| is_remediated)
        else {
            return;
        };
        assessment.note(match ready {
            "RollbackSucceeded" => "it was rolled back, which hides the cause in the condition Released",
            "UninstallSucceeded" => "it was uninstalled, which hides the cause in the condition Released",
            _ => "the remediation failed too; the cause is in the condition Released",
        });
        if assessment.retry != Some(Retry::Stalled) {
            assessment.reason = shown(&released.reason);
        }
        assessment.message = match conditions.with_status("Stalled", "True") {
            Some(stalled) => shown(&format!("{}: {}", stalled.message, released.message)),
            None => shown(&released.message),
        };
    }

    fn follow_release(&self, assessment: &mut Assessment, release: &HelmRelease) {
        let HelmRelease { spec, status, .. } = release;
        let object = assessment.object.clone();
        let conditions = status.conditions.as_slice();
        let ready = conditions.of_type("Ready");
        let text = text_of(ready);
        match ready.map_or("", |ready| ready.reason.as_str()) {
            "DependencyNotReady" => {
                assessment.state = State::Waiting;
                let name = quoted_after(text, "dependency ").or_else(|| quoted_after(text, "unable to get "));
                assessment.lead_all(name.map(|name| named("HelmRelease", name, &object)));
                let stated = spec.depends_on.iter();
                assessment.lead_all(stated.filter_map(|it| it.object("HelmRelease", &object.namespace)));
                if text.contains("revision is not up to date") {
                    assessment.note("a dependency that is Ready blocks it");
                }
            }
            "SourceNotReady" | "ArtifactFailed" => {
                for kind in ["HelmChart", "OCIRepository", "ExternalArtifact"] {
                    let name = quoted_after(text, kind);
                    assessment.lead_all(name.map(|name| named(kind, name, &object)));
                }
                let chart = || non_empty(&status.helm_chart).map(|name| named("HelmChart", name, &object));
                let repository = &spec.chart.spec.source_ref;
                let source = spec.chart_ref.object("OCIRepository", &object.namespace);
                let source = source.or_else(chart);
                assessment
                    .lead_all(source.or_else(|| repository.object("HelmRepository", &object.namespace)));
            }
            "ValuesError" => {
                for kind in ["ConfigMap", "Secret"]
                    .into_iter()
                    .filter(|kind| text.contains(kind))
                {
                    let name = quoted_after(text, "values reference ");
                    assessment.lead_all(name.map(|name| named(kind, name, &object)));
                }
            }
            _ => {
                let released = text_of(conditions.with_status("Released", "False"));
                self.hook_job(assessment, release, &format!("{released} {text}"));
                let named = objects(released).into_iter().chain(objects(text));
                assessment.lead_all(named.map(|(object, _)| object));
                assessment.lead_all(self.owned_by(&object));
                if conditions.is_empty() {
                    assessment.lead_all(self.controller("helm-controller"));
                }
            }
        }
    }

    /// The Job of a hook that failed: hooks are not in the inventory of a release.
    fn hook_job(&self, assessment: &mut Assessment, release: &HelmRelease, text: &str) {
        let namespace = non_empty(&release.spec.target_namespace).unwrap_or(&release.metadata.namespace);
        // Helm writes `job papi-migrate failed: BackoffLimitExceeded`.
        let named = word_after(text, "job ").filter(|name| plain_text::is_name(name));
        let named = named.map(|name| ObjectRef::new("Job", namespace, name));
        let mentions_hook = text.contains("hook") || named.is_some();
        let release_name = non_empty(&release.spec.release_name).unwrap_or(&release.metadata.name);
        let live = self.snapshot.workloads.iter().filter(|(job, it)| {
            let metadata = &it.metadata;
            let is_hook = metadata.annotations.get("helm.sh/hook").is_some();
            let is_own = job.name.starts_with(release_name)
                || metadata.labels.get("app.kubernetes.io/instance") == Some(release_name);
            let is_failed = it.status.conditions.with_status("Failed", "True").is_some();
            job.kind == "Job" && job.namespace == namespace && is_hook && is_own && is_failed
        });
        let live = live.map(|(job, _)| job.clone());
        let stated = self.repository.hook_jobs(&assessment.object).into_iter();
        let in_repository = stated.filter(|_| mentions_hook);
        let mut jobs: Vec<ObjectRef> = Vec::new();
        for job in named.into_iter().chain(live).chain(in_repository) {
            if !jobs.contains(&job) {
                jobs.push(job);
            }
        }
        let (there, gone): (Vec<ObjectRef>, Vec<ObjectRef>) = jobs
            .into_iter()
            .partition(|job| self.snapshot.has(job) || !self.snapshot.is_complete_for(job));
        if let (true, Some(gone)) = (there.is_empty(), gone.first()) {
            let note = format!(
                "{gone} of its hook is gone, and its log with it; events keep the last lines for an hour"
            );
            assessment.notes.push(shown(&note));
        }
        assessment.lead_all(there);
    }
}

/// Sets the version that runs and the one that was attempted.
fn versions(assessment: &mut Assessment, release: &HelmRelease) {
    let status = &release.status;
    let of_status = |name: &str| status.history.iter().find(|snapshot| snapshot.status == name);
    // After a rollback an earlier release runs, and failed ones are newer in the history.
    let runs = of_status("deployed").or_else(|| of_status("superseded"));
    let version = |chart: &str, version: &str| match chart {
        "" => version.to_owned(),
        chart => format!("{chart}@{version}"),
    };
    let running = match runs {
        Some(runs) => shown(&version(&runs.chart_name, &runs.chart_version)),
        None => shown(&status.last_applied_revision),
    };
    assessment.running = Some(running).filter(|text| !text.is_empty());
    let chart = runs.and_then(|runs| non_empty(&runs.chart_name));
    let chart = chart.unwrap_or(&release.spec.chart.spec.chart);
    let attempted = non_empty(&status.last_attempted_revision);
    assessment.wanted = attempted.map(|attempted| shown(&version(chart, attempted)));
    if let Some(runs) = runs
        && assessment.state != State::Ready
        && assessment.running == assessment.wanted
        && !runs.config_digest.is_empty()
        && !status.last_attempted_config_digest.is_empty()
        && runs.config_digest != status.last_attempted_config_digest
    {
        assessment.note("the chart is the same; its values changed");
    }
    let failed_test = status.history.first().and_then(|newest| {
        let mut tests = newest.test_hooks.iter();
        tests.find(|(_, test)| test.phase == "Failed")
    });
    if let Some((test, _)) = failed_test.filter(|_| assessment.state != State::Ready) {
        assessment.notes.push(shown(&format!("the test {test} failed")));
    }
}
