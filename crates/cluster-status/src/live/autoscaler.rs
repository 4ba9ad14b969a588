//! HorizontalPodAutoscalers, which own the replicas of a workload.

use super::metadata::Metadata;
use super::reference::ObjectReference;
use super::view::views;

views! {
    /// A HorizontalPodAutoscaler.
    Autoscaler {
        metadata: Metadata,
        spec: AutoscalerSpec,
    }

    /// `spec`
    AutoscalerSpec {
        scale_target_ref: ObjectReference,
    }
}
