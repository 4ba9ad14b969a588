//! What a Kustomization is made of, and what waits for what.

use std::collections::BTreeSet;

use super::material::{Asked, Material, label, words};
use crate::eval::question::{Catalog, Class, Fact, Question, entry};
use crate::eval::rendering::{Object, list, text};

static PATH: Class = Class {
    name: "path of a Kustomization",
    asks: "Which path does Kustomization X apply?",
    catalog: Catalog::FluxResources,
};
static INTERVAL: Class = Class {
    name: "interval",
    asks: "At which interval does Kustomization X reconcile?",
    catalog: Catalog::FluxResources,
};
static SOURCE: Class = Class {
    name: "source",
    asks: "From which source does Kustomization X apply?",
    catalog: Catalog::FluxResources,
};
static VARIABLES: Class = Class {
    name: "variables from",
    asks: "From which objects does Kustomization X take its variables?",
    catalog: Catalog::FluxResources,
};
static WAITS_FOR: Class = Class {
    name: "depends on",
    asks: "What does Kustomization X wait for?",
    catalog: Catalog::FluxResources,
};
static DEPENDENTS: Class = Class {
    name: "dependents",
    asks: "Which Kustomizations wait for Kustomization X?",
    catalog: Catalog::FluxResources,
};
static ALL_DEPENDENTS: Class = Class {
    name: "all dependents",
    asks: "Which Kustomizations wait for Kustomization X, directly or through others?",
    catalog: Catalog::FluxResources,
};

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let kustomizations = material.rendering.kustomizations();
    let graph = Graph {
        material,
        kustomizations: &kustomizations,
    };
    let all = || kustomizations.iter().copied();
    let names: Vec<String> = all().map(|object| material.kustomization(object)).collect();
    let set = |object: &'r Object, members: &[&'r Object]| {
        let members: Vec<String> = members
            .iter()
            .map(|member| material.kustomization(member))
            .collect();
        match members.is_empty() {
            true => Vec::new(),
            false => vec![Fact::set(&members, &names).allowing(&material.kustomization(object))],
        }
    };
    let mut questions = material.ask(&PATH, all(), |object| {
        let path = object
            .text("/spec/path")
            .trim_start_matches("./")
            .trim_end_matches('/');
        asked(material, "flux", object, vec![Fact::new(["path", path])])
    });
    questions.extend(material.ask(&INTERVAL, all(), |object| {
        let answer = Fact::new(["interval", object.text("/spec/interval")]);
        asked(material, "flux", object, vec![answer])
    }));
    questions.extend(material.ask(&SOURCE, all(), |object| {
        let answer = Fact::new([
            object.text("/spec/sourceRef/kind"),
            object.text("/spec/sourceRef/name"),
        ]);
        asked(material, "flux", object, vec![answer])
    }));
    questions.extend(material.ask(&VARIABLES, all(), |object| {
        let from = list(&object.value["spec"]["postBuild"]["substituteFrom"]);
        let answer = from
            .map(|from| Fact::new([text(from, "/kind"), text(from, "/name")]))
            .collect();
        asked(material, "flux", object, answer)
    }));
    questions.extend(material.ask(&WAITS_FOR, all(), |object| {
        let waits_for = graph.waits_for(object);
        let mut asked = asked(material, "flux", object, set(object, &waits_for));
        asked.objects.extend(waits_for);
        asked
    }));
    questions.extend(material.ask(&DEPENDENTS, all(), |object| {
        let dependents = graph.dependents(object);
        let mut asked = asked(material, "flux", object, set(object, &dependents));
        asked.objects.extend(dependents);
        asked
    }));
    let deep = all().filter(|object| graph.all_dependents(object).len() > graph.dependents(object).len());
    questions.extend(material.ask(&ALL_DEPENDENTS, deep, |object| {
        let dependents = graph.all_dependents(object);
        let each = dependents
            .iter()
            .map(|dependent| Fact::new([material.kustomization(dependent)]));
        let mut asked = asked(material, "impact", object, each.collect());
        asked.entry = None;
        asked.objects.extend(dependents);
        asked
    }));
    questions
}

/// A question about a Kustomization: by its kind, too, where a service bears its name.
fn asked<'r>(material: &Material<'r>, command: &str, object: &'r Object, answer: Vec<Fact>) -> Asked<'r> {
    let subject = material.kustomization(object);
    let shared = material
        .services
        .iter()
        .any(|service| service.name() == object.name());
    let term = if shared {
        format!("Kustomization/{subject}")
    } else {
        subject.clone()
    };
    Asked {
        command: words([command, &term]),
        entry: Some(entry(object.namespace(), object.kind(), object.name())),
        answer,
        objects: vec![object],
        files: Vec::new(),
        subject,
    }
}

/// Who waits for whom.
struct Graph<'m, 'r> {
    material: &'m Material<'r>,
    kustomizations: &'m [&'r Object],
}

impl<'r> Graph<'_, 'r> {
    fn waits_for(&self, object: &Object) -> Vec<&'r Object> {
        list(&object.value["spec"]["dependsOn"])
            .filter_map(|other| {
                let namespace = match text(other, "/namespace") {
                    "" => object.namespace(),
                    namespace => namespace,
                };
                self.material.rendering.find(
                    "kustomize.toolkit.fluxcd.io",
                    "Kustomization",
                    namespace,
                    text(other, "/name"),
                )
            })
            .collect()
    }

    fn dependents(&self, object: &Object) -> Vec<&'r Object> {
        let waits = |other: &&&Object| {
            self.waits_for(other)
                .iter()
                .any(|waited| waited.identity() == object.identity())
        };
        self.kustomizations.iter().filter(waits).copied().collect()
    }

    fn all_dependents(&self, object: &Object) -> Vec<&'r Object> {
        let mut seen = BTreeSet::from([object.identity()]);
        let mut open = self.dependents(object);
        let mut all = Vec::new();
        while let Some(next) = open.pop() {
            if seen.insert(next.identity()) {
                open.extend(self.dependents(next));
                all.push(next);
            }
        }
        all.sort_by_key(|object| label(object, self.kustomizations));
        all
    }
}
