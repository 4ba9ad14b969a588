//! Flux Kustomizations.
//!
//! <https://github.com/fluxcd/kustomize-controller/blob/main/docs/spec/v1/kustomizations.md>

use std::collections::BTreeMap;

use super::condition::Condition;
use super::metadata::Metadata;
use super::reference::ObjectReference;
use super::view::views;

views! {
    /// A Flux Kustomization.
    Kustomization {
        metadata: Metadata,
        spec: KustomizationSpec,
        status: KustomizationStatus,
    }

    /// `spec`
    KustomizationSpec {
        suspend: bool,
        path: String,
        interval: String,
        depends_on: Vec<ObjectReference>,
        source_ref: ObjectReference,
    }

    /// `status`
    KustomizationStatus {
        observed_generation: Option<i64>,
        conditions: Vec<Condition>,
        last_applied_revision: String,
        last_attempted_revision: String,
        last_handled_reconcile_at: String,
        history: Vec<Reconciliations>,
    }

    /// An entry of `status.history`: all reconciliations of one digest with one result.
    Reconciliations {
        first_reconciled: String,
        last_reconciled: String,
        last_reconciled_status: String,
        total_reconciliations: Option<u64>,
        metadata: BTreeMap<String, String>,
    }
}
