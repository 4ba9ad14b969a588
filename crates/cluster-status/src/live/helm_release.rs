//! HelmReleases.
//!
//! <https://github.com/fluxcd/helm-controller/blob/main/docs/spec/v2/helmreleases.md>

use std::collections::BTreeMap;

use super::condition::Condition;
use super::metadata::Metadata;
use super::reference::ObjectReference;
use super::view::views;

views! {
    /// A HelmRelease.
    HelmRelease {
        metadata: Metadata,
        spec: HelmReleaseSpec,
        status: HelmReleaseStatus,
    }

    /// `spec`
    HelmReleaseSpec {
        suspend: bool,
        interval: String,
        chart: ChartTemplate,
        chart_ref: ObjectReference,
        depends_on: Vec<ObjectReference>,
        release_name: String,
        target_namespace: String,
    }

    /// `spec.chart`
    ChartTemplate {
        spec: ChartTemplateSpec,
    }

    /// `spec.chart.spec`
    ChartTemplateSpec {
        chart: String,
        version: String,
        source_ref: ObjectReference,
    }

    /// `status`
    HelmReleaseStatus {
        observed_generation: Option<i64>,
        conditions: Vec<Condition>,
        failures: Option<u64>,
        install_failures: Option<u64>,
        upgrade_failures: Option<u64>,
        last_applied_revision: String,
        last_attempted_revision: String,
        last_attempted_release_action: String,
        last_attempted_config_digest: String,
        last_handled_reconcile_at: String,
        helm_chart: String,
        history: Vec<ReleaseSnapshot>,
    }

    /// An entry of `status.history`, the newest first.
    ReleaseSnapshot {
        name: String,
        namespace: String,
        version: Option<u64>,
        status: String,
        chart_name: String,
        chart_version: String,
        config_digest: String,
        last_deployed: String,
        test_hooks: BTreeMap<String, TestHook>,
    }

    /// A test of a release.
    TestHook {
        phase: String,
    }
}
