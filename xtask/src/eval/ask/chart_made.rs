//! Workloads that charts make: no file of the repository names them.

use super::material::Material;
use crate::eval::question::{Catalog, Class, Fact, Question};
use crate::eval::rendering::Object;
use crate::facts::pod;
use crate::json::{list, text_at};

static NAMESPACE: Class = Class {
    name: "chart-made: namespace",
    asks: "In which namespace and as what does X run, which a chart makes?",
    catalog: Catalog::Services,
};
static IMAGES: Class = Class {
    name: "chart-made: images",
    asks: "Which images does X run, which a chart makes?",
    catalog: Catalog::Services,
};
static SERVICES: Class = Class {
    name: "chart-made: Service",
    asks: "Under which DNS name is X reached, which a chart makes?",
    catalog: Catalog::Services,
};

/// Questions about the workloads that `helm` rendered.
pub(crate) fn questions<'r>(
    material: &Material<'r>,
    is_rendered: impl Fn(&Object) -> bool,
) -> Vec<Question<'r>> {
    let rendered = || {
        let workloads = material.workloads.iter().copied();
        workloads.filter(|workload| is_rendered(workload) && workload.kind() != "Job")
    };
    let draft = |workload, answer| material.about_service("where", workload, answer).without_entry();
    let mut questions = material.ask(&NAMESPACE, rendered(), |workload| {
        let answer = Fact::new([workload.namespace(), workload.kind()]);
        draft(workload, vec![answer])
    });
    questions.extend(material.ask(&IMAGES, rendered(), |workload| {
        let images =
            pod::containers(workload.pod()).map(|container| Fact::new([text_at(container, "/image")]));
        draft(workload, images.collect())
    }));
    questions.extend(material.ask(&SERVICES, rendered(), |workload| {
        let services = material.rendering.of_kind("", "Service");
        let selecting = services.into_iter().filter(|service| selects(service, workload));
        let names = selecting.map(|service| {
            let short = format!("{}.{}.svc", service.name(), service.namespace());
            Fact::default().or_as([format!("{short}.cluster.local"), short])
        });
        draft(workload, names.collect())
    }));
    questions
}

fn selects(service: &Object, workload: &Object) -> bool {
    let labels = &workload.value["spec"]["template"]["metadata"]["labels"];
    let selector = service.value["spec"]["selector"].as_object();
    service.namespace() == workload.namespace()
        && selector.is_some_and(|selector| {
            !selector.is_empty() && selector.iter().all(|(name, value)| labels[name] == *value)
        })
        && list(&service.value["spec"]["ports"]).next().is_some()
}
