//! Pod templates and containers of workloads.

use crate::inventory::{Inventory, Object};
use crate::view::View;

/// Workload types by group and kind, with the path of their pod template.
const WORKLOADS: &[(&str, &str, &[&str])] = &[
    ("apps", "Deployment", &["spec", "template"]),
    ("apps", "StatefulSet", &["spec", "template"]),
    ("apps", "DaemonSet", &["spec", "template"]),
    ("apps", "ReplicaSet", &["spec", "template"]),
    ("extensions", "Deployment", &["spec", "template"]),
    ("extensions", "DaemonSet", &["spec", "template"]),
    ("extensions", "ReplicaSet", &["spec", "template"]),
    ("batch", "Job", &["spec", "template"]),
    ("batch", "CronJob", &["spec", "jobTemplate", "spec", "template"]),
    ("", "Pod", &[]),
    ("argoproj.io", "Rollout", &["spec", "template"]),
    ("serving.knative.dev", "Service", &["spec", "template"]),
];

/// Whether an object is a workload.
pub(crate) fn is_workload(object: &Object<'_>) -> bool {
    template_path(object).is_some()
}

/// The path of a workload's pod template.
fn template_path(object: &Object<'_>) -> Option<&'static [&'static str]> {
    let mut workloads = WORKLOADS.iter();
    let found = workloads.find(|(group, kind, _)| *group == object.group && *kind == object.kind);
    found.map(|(_, _, path)| *path)
}

/// Metadata and spec of the pods that a workload makes.
#[derive(Clone, Copy)]
pub(crate) struct PodTemplate<'a> {
    view: View<'a>,
}

/// One container of a pod.
#[derive(Clone, Copy)]
pub(crate) struct Container<'a> {
    pub(crate) view: View<'a>,
    pub(crate) name: Option<&'a str>,
    /// Whether it is one of `initContainers`.
    pub(crate) init: bool,
}

impl<'a> PodTemplate<'a> {
    /// The pod template of a workload.
    pub(crate) fn of(inventory: &Inventory<'a>, object: &Object<'a>) -> Option<Self> {
        let path = template_path(object)?;
        let view = inventory.view(object);
        if let Some(template) = view.at(path).filter(|template| template.get("spec").is_some()) {
            return Some(PodTemplate { view: template });
        }
        // A Rollout may take its template from a Deployment
        // (https://argo-rollouts.readthedocs.io/en/stable/migrating/#reference-deployment-from-rollout).
        let reference = view
            .at(&["spec", "workloadRef"])
            .filter(|_| object.kind == "Rollout")?;
        let other = inventory.find(
            "apps",
            reference.text_of("kind")?,
            object.namespace,
            reference.text_of("name")?,
        )?;
        Some(PodTemplate {
            view: inventory.view(other).at(&["spec", "template"])?,
        })
    }

    /// The pod's `spec`.
    pub(crate) fn spec(self) -> Option<View<'a>> {
        self.view.get("spec")
    }

    /// The pod's labels.
    pub(crate) fn labels(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.view.labels_at(&["metadata", "labels"])
    }

    /// The text of one label.
    pub(crate) fn label(self, key: &str) -> Option<&'a str> {
        self.view.at(&["metadata", "labels", key])?.text()
    }

    /// The pod's annotations.
    pub(crate) fn annotations(self) -> impl Iterator<Item = (&'a str, View<'a>)> {
        self.view.entries_at(&["metadata", "annotations"])
    }

    /// Init containers, then normal ones, in order.
    pub(crate) fn containers(self) -> impl Iterator<Item = Container<'a>> {
        let list = move |field, init| {
            self.view.items_at(&["spec", field]).map(move |view| Container {
                view,
                name: view.text_of("name"),
                init,
            })
        };
        list("initContainers", true).chain(list("containers", false))
    }

    /// The pod's volumes.
    pub(crate) fn volumes(self) -> impl Iterator<Item = View<'a>> {
        self.view.items_at(&["spec", "volumes"])
    }

    /// The ServiceAccount that it runs as, if stated.
    pub(crate) fn service_account(self) -> Option<View<'a>> {
        let spec = self.spec()?;
        let stated = |field| spec.get(field).filter(|_| spec.text_of(field).is_some());
        stated("serviceAccountName").or_else(|| stated("serviceAccount"))
    }
}
