//! Where a service runs, and what applies it.

use super::{Asked, Material, namespace, words};
use crate::eval::question::{Catalog, Class, Fact, Question, entry};
use crate::eval::rendering::Object;

const NAMESPACE: Class = Class {
    name: "namespace",
    asks: "In which namespace does X run?",
    catalog: Catalog::Services,
};
const PATH: Class = Class {
    name: "flux path",
    asks: "From which path of the repository does Flux apply X?",
    catalog: Catalog::Services,
};
const APPLIED_BY: Class = Class {
    name: "applied by",
    asks: "Which Kustomization applies X?",
    catalog: Catalog::Services,
};

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    static NAMESPACE_CLASS: Class = NAMESPACE;
    static PATH_CLASS: Class = PATH;
    static APPLIED_BY_CLASS: Class = APPLIED_BY;
    let applied = || {
        let services = material.services.iter().copied();
        services.filter(|service| !material.rendering.owner(service).is_entry())
    };
    let ask = |service: &'r Object, answer: Fact| {
        let subject = material.service(service);
        Asked {
            command: words(["where", &subject]),
            entry: Some(entry(namespace(service), service.kind(), service.name())),
            answer: vec![answer],
            objects: vec![service],
            subject,
        }
    };
    let mut questions = material.ask(&NAMESPACE_CLASS, material.services.iter().copied(), |service| {
        ask(service, Fact::new([namespace(service)]))
    });
    questions.extend(material.ask(&PATH_CLASS, applied(), |service| {
        let path = &material.rendering.owner(service).path;
        ask(service, Fact::new([path.trim_start_matches("./").trim_end_matches('/')]))
    }));
    questions.extend(material.ask(&APPLIED_BY_CLASS, applied(), |service| {
        let owner = material.rendering.owner(service);
        let kustomizations = material.rendering.kustomizations();
        let kustomization = kustomizations.into_iter().find(|other| {
            owner.name == format!("{}/{}", other.namespace(), other.name())
        });
        let name = kustomization.map_or(owner.plain_name().to_owned(), |it| material.kustomization(it));
        ask(service, Fact::new([name]))
    }));
    questions
}
