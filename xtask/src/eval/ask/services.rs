//! Where a service runs, and which Kustomization applies it.

use super::material::{Material, namespace};
use crate::eval::question::{Catalog, Class, Fact, Question};

static NAMESPACE: Class = Class {
    name: "namespace",
    asks: "In which namespace does X run?",
    catalog: Catalog::Services,
};
static PATH: Class = Class {
    name: "flux path",
    asks: "From which path of the repository does Flux apply X?",
    catalog: Catalog::Services,
};
static APPLIED_BY: Class = Class {
    name: "applied by",
    asks: "Which Kustomization applies X?",
    catalog: Catalog::Services,
};

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let rendering = material.rendering;
    let all = || material.services.iter().copied();
    let applied = || all().filter(|service| !rendering.owner(service).is_entry());
    let mut questions = material.ask(&NAMESPACE, all(), |service| {
        let answer = Fact::new([service.name(), namespace(service)]);
        material.about_service("where", service, vec![answer])
    });
    questions.extend(material.ask(&PATH, applied(), |service| {
        let path = rendering.owner(service).path.trim_start_matches("./");
        let answer = Fact::new([path.trim_end_matches('/')]);
        material.about_service("where", service, vec![answer])
    }));
    questions.extend(material.ask(&APPLIED_BY, applied(), |service| {
        let owner = rendering.owner(service);
        let name = rendering
            .kustomization(&owner.name)
            .map_or(owner.plain_name().to_owned(), |object| {
                material.kustomization(object)
            });
        material.about_service("where", service, vec![Fact::new([name])])
    }));
    questions
}
