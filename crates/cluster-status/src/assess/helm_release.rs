//! HelmReleases.
//!
//! `Ready` is a summary of `Remediated`, `TestSuccess` and `Released`, so that a rollback hides the failure behind it.
//! <https://github.com/fluxcd/helm-controller/blob/main/internal/reconcile/release.go>

use infra_model::ObjectRef;

use super::headline::{Stated, headline};
use super::{Assessment, Assessor, Retry, State, text_of};
use crate::live::{Conditions, HelmRelease};
use crate::message::{named, objects, quoted_after, shown, word_after};

impl Assessor<'_> {
    pub(super) fn helm_release(&self, object: &ObjectRef, release: &HelmRelease) -> Assessment {
        let HelmRelease {
            metadata,
            spec,
            status,
        } = release;
        let mut assessment = headline(
            object,
            &Stated {
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
            assessment.tries = failures
                .into_iter()
                .flatten()
                .max()
                .filter(|failures| *failures > 0);
            self.hidden_cause(&mut assessment, release);
            self.follow_release(&mut assessment, release);
        }
        assessment
    }

    /// The failure that a rollback or an uninstallation hides.
    fn hidden_cause(&self, assessment: &mut Assessment, release: &HelmRelease) {
        let conditions = release.status.conditions.as_slice();
        let remediated = conditions.of_type("Ready").is_some_and(|ready| {
            ready.reason.starts_with("Rollback") || ready.reason.starts_with("Uninstall")
        });
        let Some(released) = conditions.with_status("Released", "False").filter(|_| remediated) else {
            return;
        };
        let what = match conditions.of_type("Ready").map(|ready| ready.reason.as_str()) {
            Some("RollbackSucceeded") => {
                "it was rolled back, which hides the cause in the condition Released"
            }
            Some("UninstallSucceeded") => {
                "it was uninstalled, which hides the cause in the condition Released"
            }
            _ => "the remediation failed too; the cause is in the condition Released",
        };
        assessment.notes.push(what.to_owned());
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
        let chart = named("HelmChart", &status.helm_chart, &object);
        let source = match spec.chart_ref.object("OCIRepository", &object.namespace) {
            Some(source) => Some(source),
            None if !status.helm_chart.is_empty() => Some(chart),
            None => spec
                .chart
                .spec
                .source_ref
                .object("HelmRepository", &object.namespace),
        };
        match ready.map_or("", |ready| ready.reason.as_str()) {
            "DependencyNotReady" => {
                assessment.state = State::Waiting;
                let named_one =
                    quoted_after(text, "dependency ").or_else(|| quoted_after(text, "unable to get "));
                let named_one = named_one.map(|name| named("HelmRelease", name, &object));
                let stated = spec.depends_on.iter();
                let stated = stated.filter_map(|one| one.object("HelmRelease", &object.namespace));
                for dependency in named_one.into_iter().chain(stated) {
                    assessment.lead(dependency);
                }
                if text.contains("revision is not up to date") {
                    assessment
                        .notes
                        .push("a dependency that is Ready blocks it".to_owned());
                }
            }
            "SourceNotReady" | "ArtifactFailed" => {
                for kind in ["HelmChart", "OCIRepository", "ExternalArtifact"] {
                    if let Some(name) = quoted_after(text, kind) {
                        assessment.lead(named(kind, name, &object));
                    }
                }
                source.into_iter().for_each(|source| assessment.lead(source));
            }
            "ValuesError" => {
                for kind in ["ConfigMap", "Secret"] {
                    if text.contains(kind)
                        && let Some(name) = quoted_after(text, "values reference ")
                    {
                        assessment.lead(named(kind, name, &object));
                    }
                }
            }
            _ => {
                let released = text_of(conditions.with_status("Released", "False"));
                self.hook_job(assessment, release, &format!("{released} {text}"));
                for (one, _) in objects(released).into_iter().chain(objects(text)) {
                    assessment.lead(one);
                }
                for one in self.owned_by(&object) {
                    assessment.lead(one);
                }
                if conditions.is_empty()
                    && let Some(controller) = self.controller("helm-controller")
                {
                    assessment.lead(controller);
                }
            }
        }
    }

    /// The Job of a hook that failed: hooks are not in the inventory of a release.
    fn hook_job(&self, assessment: &mut Assessment, release: &HelmRelease, text: &str) {
        let namespace = match release.spec.target_namespace.as_str() {
            "" => release.metadata.namespace.as_str(),
            namespace => namespace,
        };
        // Helm writes `job papi-migrate failed: BackoffLimitExceeded`.
        let named_one = word_after(text, "job ")
            .filter(|name| plain_text::is_name(name))
            .map(|name| ObjectRef::new("Job", namespace, name));
        let speaks_of_hook = text.contains("hook") || named_one.is_some();
        let release_name = match release.spec.release_name.as_str() {
            "" => release.metadata.name.as_str(),
            name => name,
        };
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
        let in_repository = stated.filter(|_| speaks_of_hook);
        let mut jobs: Vec<ObjectRef> = Vec::new();
        for job in named_one.into_iter().chain(live).chain(in_repository) {
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
        for job in there {
            assessment.lead(job);
        }
    }
}

/// What runs, and what was tried.
fn versions(assessment: &mut Assessment, release: &HelmRelease) {
    let status = &release.status;
    let deployed = status
        .history
        .iter()
        .find(|snapshot| snapshot.status == "deployed");
    // After a rollback the release that runs is one of those before, whose status is old in a history of failures.
    let runs = deployed.or_else(|| {
        let mut older = status.history.iter();
        older.find(|snapshot| snapshot.status == "superseded")
    });
    let version = |chart: &str, version: &str| match chart {
        "" => version.to_owned(),
        chart => format!("{chart}@{version}"),
    };
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    assessment.running = match runs {
        Some(runs) => some(shown(&version(&runs.chart_name, &runs.chart_version))),
        None => some(shown(&status.last_applied_revision)),
    };
    let chart = runs.map_or("", |runs| runs.chart_name.as_str());
    let chart = match chart {
        "" => release.spec.chart.spec.chart.as_str(),
        chart => chart,
    };
    let attempted = status.last_attempted_revision.as_str();
    assessment.wanted = (!attempted.is_empty()).then(|| shown(&version(chart, attempted)));
    if let Some(runs) = runs
        && assessment.state != State::Ready
        && assessment.running == assessment.wanted
        && !runs.config_digest.is_empty()
        && !status.last_attempted_config_digest.is_empty()
        && runs.config_digest != status.last_attempted_config_digest
    {
        assessment
            .notes
            .push("the chart is the same; its values changed".to_owned());
    }
    let failed_test = status.history.first().and_then(|newest| {
        let mut tests = newest.test_hooks.iter();
        tests.find(|(_, test)| test.phase == "Failed")
    });
    if let Some((test, _)) = failed_test.filter(|_| assessment.state != State::Ready) {
        assessment.notes.push(shown(&format!("the test {test} failed")));
    }
}
