//! GitRepository, OCIRepository, HelmRepository, HelmChart, Bucket and ExternalArtifact.
//!
//! <https://github.com/fluxcd/source-controller/blob/main/docs/spec/v1/README.md>

use super::condition::Condition;
use super::metadata::Metadata;
use super::reference::ObjectReference;
use super::view::views;

views! {
    /// A source.
    Source {
        metadata: Metadata,
        spec: SourceSpec,
        status: SourceStatus,
    }

    /// `spec`
    SourceSpec {
        suspend: bool,
        r#type: String,
        url: String,
        interval: String,
        chart: String,
        version: String,
        source_ref: ObjectReference,
    }

    /// `status`
    SourceStatus {
        observed_generation: Option<i64>,
        conditions: Vec<Condition>,
        artifact: Artifact,
        last_handled_reconcile_at: String,
    }

    /// `status.artifact`
    Artifact {
        revision: String,
        last_update_time: String,
    }
}
