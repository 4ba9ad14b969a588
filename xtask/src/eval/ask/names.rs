//! Names that people use for a service and that are not its key: of a container, a chart, a label.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::material::{Asked, Material, words};
use crate::eval::question::{Catalog, Class, Fact, Question};
use crate::eval::rendering::{Object, text};
use crate::facts::pod;

static CONTAINER: Class = Class {
    name: "by container",
    asks: "Which service has the container X?",
    catalog: Catalog::Services,
};
static LABEL: Class = Class {
    name: "by label",
    asks: "Which service do people mean by its label X?",
    catalog: Catalog::Services,
};
static CHART: Class = Class {
    name: "by chart",
    asks: "Which release installs the chart X?",
    catalog: Catalog::FluxResources,
};
static NAMESAKES: Class = Class {
    name: "name of several",
    asks: "Where does everything run that is called X?",
    catalog: Catalog::Services,
};

const LABELS: [&str; 4] = [
    "app",
    "app.kubernetes.io/name",
    "app.kubernetes.io/component",
    "k8s-app",
];

/// Services by another name of theirs.
type Named<'r> = BTreeMap<&'r str, BTreeMap<String, &'r Object>>;

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let mut containers = Named::new();
    let mut labels = Named::new();
    let mut charts = Named::new();
    for &workload in &material.workloads {
        let pod = pod::pod_spec(&workload.value).unwrap_or(&Value::Null);
        for container in pod::containers(pod) {
            add(&mut containers, text(container, "/name"), workload);
        }
        for label in LABELS {
            for of in ["/metadata/labels", "/spec/template/metadata/labels"] {
                let label = workload.value.pointer(of).map(|labels| &labels[label]);
                add(
                    &mut labels,
                    label.and_then(Value::as_str).unwrap_or_default(),
                    workload,
                );
            }
        }
    }
    for release in material.rendering.helm_releases() {
        if release.text("/spec/chart/spec/sourceRef/kind") == "HelmRepository" {
            add(&mut charts, release.text("/spec/chart/spec/chart"), release);
        }
    }
    // A name that something else has as its own means that.
    let taken: BTreeSet<&str> = material
        .rendering
        .objects
        .iter()
        .map(|object| object.name())
        .collect();
    let free = |named: Named<'r>| {
        let named = named.into_iter();
        named.filter(|(name, of)| !taken.contains(name) && name.len() > 2 && of.len() == 1)
    };
    let ask = |(name, of): (&'r str, BTreeMap<String, &'r Object>)| Asked {
        command: words(["where", name]),
        entry: None,
        answer: of
            .values()
            .map(|service| Fact::new([material.service(service)]))
            .collect(),
        objects: of.into_values().collect(),
        files: Vec::new(),
        subject: name.to_owned(),
    };
    let mut questions = material.ask(&CONTAINER, free(containers), ask);
    questions.extend(material.ask(&LABEL, free(labels), ask));
    questions.extend(material.ask(&CHART, free(charts), ask));
    let mut namesakes = Named::new();
    for &service in &material.services {
        add(&mut namesakes, service.name(), service);
    }
    namesakes.retain(|_, of| (2..6).contains(&of.len()));
    questions.extend(material.ask(&NAMESAKES, namesakes, |(name, of)| {
        Asked {
            command: words(["where", name]),
            entry: None,
            answer: of
                .values()
                .map(|service| Fact::new([service.namespace(), service.kind()]))
                .collect(),
            objects: of.into_values().collect(),
            files: Vec::new(),
            subject: name.to_owned(),
        }
    }));
    questions
}

fn add<'r>(named: &mut Named<'r>, name: &'r str, service: &'r Object) {
    if !name.is_empty() && name != service.name() && !name.contains('$') {
        named.entry(name).or_default().insert(service.identity(), service);
    }
}
