//! Names that people use for a service although they are not its key: of a container, a chart, a label.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::material::Material;
use crate::eval::question::{Catalog, Class, Draft, Fact, Question};
use crate::eval::rendering::Object;
use crate::facts::pod;
use crate::json::text_at;

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

/// Services by another name, then by identity.
type Named<'r> = BTreeMap<&'r str, BTreeMap<String, &'r Object>>;

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let mut containers = Named::new();
    let mut labels = Named::new();
    let mut charts = Named::new();
    for &workload in &material.workloads {
        for container in pod::containers(workload.pod()) {
            add(&mut containers, text_at(container, "/name"), workload);
        }
        for label in LABELS {
            for place in ["/metadata/labels", "/spec/template/metadata/labels"] {
                let label = workload.value.pointer(place).map(|labels| &labels[label]);
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
    // A name that an object has as its own means that object.
    let taken: BTreeSet<&str> = material
        .rendering
        .objects
        .iter()
        .map(|object| object.name())
        .collect();
    let free = |named: Named<'r>| {
        let named = named.into_iter();
        named.filter(|(name, services)| !taken.contains(name) && name.len() > 2 && services.len() == 1)
    };
    let ask = |(name, services): (&'r str, BTreeMap<String, &'r Object>)| {
        let answer = services
            .values()
            .map(|service| Fact::new([material.service(service)]))
            .collect();
        Draft::new("where", name, answer, services.into_values().collect())
    };
    let mut questions = material.ask(&CONTAINER, free(containers), ask);
    questions.extend(material.ask(&LABEL, free(labels), ask));
    questions.extend(material.ask(&CHART, free(charts), ask));
    let mut namesakes = Named::new();
    for &service in &material.services {
        add(&mut namesakes, service.name(), service);
    }
    namesakes.retain(|_, services| (2..6).contains(&services.len()));
    questions.extend(material.ask(&NAMESAKES, namesakes, |(name, services)| {
        let answer = services
            .values()
            .map(|service| Fact::new([service.namespace(), service.kind()]))
            .collect();
        Draft::new("where", name, answer, services.into_values().collect())
    }));
    questions
}

fn add<'r>(named: &mut Named<'r>, name: &'r str, service: &'r Object) {
    if !name.is_empty() && name != service.name() && !name.contains('$') {
        named.entry(name).or_default().insert(service.identity(), service);
    }
}
