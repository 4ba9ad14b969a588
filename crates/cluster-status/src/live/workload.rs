//! Deployments, StatefulSets, DaemonSets, Jobs and CronJobs.

use super::condition::Condition;
use super::metadata::Metadata;
use super::view::views;

/// The kinds of workloads.
pub(crate) const WORKLOADS: [&str; 5] = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];

views! {
    /// A workload.
    Workload {
        metadata: Metadata,
        spec: WorkloadSpec,
        status: WorkloadStatus,
    }

    /// `spec`
    WorkloadSpec {
        replicas: Option<i64>,
        suspend: bool,
        completions: Option<i64>,
        template: PodTemplate,
        job_template: JobTemplate,
    }

    /// `spec.jobTemplate` of a CronJob.
    JobTemplate {
        spec: JobTemplateSpec,
    }

    /// `spec.jobTemplate.spec`
    JobTemplateSpec {
        template: PodTemplate,
    }

    /// `spec.template`
    PodTemplate {
        spec: PodTemplateSpec,
    }

    /// `spec.template.spec`
    PodTemplateSpec {
        init_containers: Vec<Container>,
        containers: Vec<Container>,
    }

    /// A container; its environment is not read.
    Container {
        name: String,
        image: String,
    }

    /// `status`
    WorkloadStatus {
        observed_generation: Option<i64>,
        conditions: Vec<Condition>,
        replicas: i64,
        ready_replicas: i64,
        updated_replicas: i64,
        available_replicas: i64,
        current_revision: String,
        update_revision: String,
        number_ready: i64,
        desired_number_scheduled: i64,
        updated_number_scheduled: i64,
        active: i64,
        failed: i64,
        succeeded: i64,
    }
}

impl Workload {
    /// The image of its first container, init containers apart.
    pub(crate) fn main_image(&self) -> Option<&str> {
        let mut containers = self.pods().flat_map(|pod| &pod.containers);
        containers.next().map(|container| container.image.as_str())
    }

    /// The images of its containers, each once, in the order of the model.
    pub(crate) fn images(&self) -> Vec<&str> {
        let mut images: Vec<&str> = Vec::new();
        for container in self
            .pods()
            .flat_map(|pod| pod.init_containers.iter().chain(&pod.containers))
        {
            if !images.contains(&container.image.as_str()) {
                images.push(&container.image);
            }
        }
        images
    }

    /// The pod specs of all kinds, of which a workload has one.
    fn pods(&self) -> impl Iterator<Item = &PodTemplateSpec> {
        [
            &self.spec.template.spec,
            &self.spec.job_template.spec.template.spec,
        ]
        .into_iter()
    }
}
