//! Pods.

use super::condition::Condition;
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

    /// A container that has ended. Its message is what the program wrote, and is not read.
    Terminated {
        reason: String,
        exit_code: i64,
        finished_at: String,
    }
}

impl Pod {
    /// Whether nothing is to be said of it: it runs and is ready, or has done its work.
    pub(crate) fn is_fine(&self) -> bool {
        if self.metadata.is_deleting() || self.status.phase == "Succeeded" {
            return true;
        }
        let is_ready = |condition: &Condition| condition.r#type == "Ready" && condition.status == "True";
        self.status.phase == "Running" && self.status.conditions.iter().any(is_ready)
    }
}
