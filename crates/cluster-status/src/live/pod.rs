//! Pods.

use super::condition::{Condition, Conditions};
use super::metadata::Metadata;
use super::view::views;

views! {
    /// A pod.
    Pod {
        metadata: Metadata,
        status: PodStatus,
    }

    /// `status`
    PodStatus {
        phase: String,
        reason: String,
        message: String,
        start_time: String,
        conditions: Vec<Condition>,
        init_container_statuses: Vec<ContainerStatus>,
        container_statuses: Vec<ContainerStatus>,
    }

    /// The status of a container.
    ContainerStatus {
        name: String,
        image: String,
        ready: bool,
        restart_count: u64,
        state: ContainerState,
        last_state: ContainerState,
    }

    /// `state` and `lastState`
    ContainerState {
        waiting: Option<Waiting>,
        terminated: Option<Terminated>,
    }

    /// A container that does not run yet.
    Waiting {
        reason: String,
        message: String,
    }

    /// A container that has ended. Its message comes from the program and is not read.
    Terminated {
        reason: String,
        exit_code: i64,
        finished_at: String,
    }
}

impl Pod {
    /// Whether it needs no report: it is ready, done, or being deleted.
    pub(crate) fn is_fine(&self) -> bool {
        if self.metadata.is_deleting() || self.status.phase == "Succeeded" {
            return true;
        }
        let ready = self.status.conditions.with_status("Ready", "True");
        self.status.phase == "Running" && ready.is_some()
    }
}
