//! Any other object: its conditions and its phase.

use super::condition::Condition;
use super::metadata::Metadata;
use super::reference::ObjectReference;
use super::view::views;

views! {
    /// An object of a kind without a view of its own.
    Custom {
        metadata: Metadata,
        spec: CustomSpec,
        status: CustomStatus,
    }

    /// `spec`, as far as kinds share it.
    CustomSpec {
        suspend: bool,
        secret_store_ref: ObjectReference,
    }

    /// `status`
    CustomStatus {
        observed_generation: Option<i64>,
        conditions: Vec<Condition>,
        phase: String,
    }
}
