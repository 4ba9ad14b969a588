//! The pod template and containers of a workload.

use crate::inventory::{Inventory, Object};
use crate::view::View;

/// Workload types by group and kind, with the way to their pod template.
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
    WORKLOADS
        .iter()
        .any(|(group, kind, _)| *group == object.group && *kind == object.kind)
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
    /// Its name; none where the API server gives it one.
    pub(crate) name: Option<&'a str>,
    /// Whether it stands in `initContainers`.
    pub(crate) init: bool,
}

impl<'a> PodTemplate<'a> {
    /// The pod template of a workload.
    pub(crate) fn of(inventory: &Inventory<'a>, object: &Object<'a>) -> Option<Self> {
        let (_, _, path) = WORKLOADS
            .iter()
            .find(|(group, kind, _)| *group == object.group && *kind == object.kind)?;
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
        self.metadata("labels")
            .filter_map(|(key, value)| Some((key, value.text()?)))
    }

    /// The text of one label.
    pub(crate) fn label(self, key: &str) -> Option<&'a str> {
        self.view.at(&["metadata", "labels", key])?.text()
    }

    /// The pod's annotations.
    pub(crate) fn annotations(self) -> impl Iterator<Item = (&'a str, View<'a>)> {
        self.metadata("annotations")
    }

    fn metadata(self, field: &str) -> impl Iterator<Item = (&'a str, View<'a>)> {
        self.view.entries_at(&["metadata", field])
    }

    /// Init containers, then normal ones, in order.
    pub(crate) fn containers(self) -> impl Iterator<Item = Container<'a>> {
        let list = move |field: &'static str, init| {
            self.spec()
                .and_then(|spec| spec.get(field))
                .into_iter()
                .flat_map(View::items)
                .map(move |view| Container {
                    view,
                    name: view.text_of("name"),
                    init,
                })
        };
        list("initContainers", true).chain(list("containers", false))
    }

    /// The pod's volumes.
    pub(crate) fn volumes(self) -> impl Iterator<Item = View<'a>> {
        self.spec()
            .and_then(|spec| spec.get("volumes"))
            .into_iter()
            .flat_map(View::items)
    }

    /// The ServiceAccount it runs as, where stated.
    pub(crate) fn service_account(self) -> Option<View<'a>> {
        let spec = self.spec()?;
        let stated = |field| {
            spec.get(field)
                .filter(|view| view.text().is_some_and(|text| !text.is_empty()))
        };
        stated("serviceAccountName").or_else(|| stated("serviceAccount"))
    }
}
