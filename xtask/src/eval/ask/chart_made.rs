//! What runs inside of a release: workloads that no file of the repository names.

use super::material::Material;
use crate::eval::question::{Catalog, Class, Fact, Question};
use crate::eval::rendering::{Object, list, text};
use crate::facts::pod;

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

/// Questions about the objects that `helm` made.
pub(crate) fn questions<'r>(material: &Material<'r>, is_made: impl Fn(&Object) -> bool) -> Vec<Question<'r>> {
    let made = || {
        let workloads = material.workloads.iter().copied();
        workloads.filter(|workload| is_made(workload) && workload.text("/kind") != "Job")
    };
    let mut questions = material.ask(&NAMESPACE, made(), |workload| {
        let answer = Fact::new([workload.namespace(), workload.kind()]);
        of_workload(material, workload, vec![answer])
    });
    questions.extend(material.ask(&IMAGES, made(), |workload| {
        let containers = pod::pod_spec(&workload.value)
            .into_iter()
            .flat_map(pod::containers);
        let images = containers.map(|container| Fact::new([text(container, "/image")]));
        of_workload(material, workload, images.collect())
    }));
    questions.extend(material.ask(&SERVICES, made(), |workload| {
        let services = material.rendering.of_kind("", "Service");
        let selecting = services.into_iter().filter(|service| selects(service, workload));
        let names = selecting.map(|service| {
            let short = format!("{}.{}.svc", service.name(), service.namespace());
            Fact::default().or_as([format!("{short}.cluster.local"), short])
        });
        of_workload(material, workload, names.collect())
    }));
    questions
}

fn of_workload<'r>(
    material: &Material<'r>,
    workload: &'r Object,
    answer: Vec<Fact>,
) -> super::material::Asked<'r> {
    let mut asked = material.of_service("where", workload, answer);
    asked.entry = None;
    asked
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
