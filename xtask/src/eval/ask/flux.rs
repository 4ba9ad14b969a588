//! Paths, sources, variables and dependencies of Kustomizations.

use std::collections::BTreeSet;

use super::material::{Material, label};
use crate::eval::question::{Catalog, Class, Draft, Fact, Question, words};
use crate::eval::rendering::Object;
use crate::json::{list, text_at};

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
        draft(material, "flux", object, vec![Fact::new(["path", path])])
    });
    questions.extend(material.ask(&INTERVAL, all(), |object| {
        let answer = Fact::new(["interval", object.text("/spec/interval")]);
        draft(material, "flux", object, vec![answer])
    }));
    questions.extend(material.ask(&SOURCE, all(), |object| {
        let answer = Fact::new([
            object.text("/spec/sourceRef/kind"),
            object.text("/spec/sourceRef/name"),
        ]);
        draft(material, "flux", object, vec![answer])
    }));
    questions.extend(material.ask(&VARIABLES, all(), |object| {
        let from = list(&object.value["spec"]["postBuild"]["substituteFrom"]);
        let answer = from
            .map(|from| Fact::new([text_at(from, "/kind"), text_at(from, "/name")]))
            .collect();
        draft(material, "flux", object, answer)
    }));
    questions.extend(material.ask(&WAITS_FOR, all(), |object| {
        let waits_for = material.rendering.depends_on(object);
        draft(material, "flux", object, set(object, &waits_for)).resting_on(waits_for)
    }));
    questions.extend(material.ask(&DEPENDENTS, all(), |object| {
        let dependents = graph.dependents(object);
        draft(material, "flux", object, set(object, &dependents)).resting_on(dependents)
    }));
    let deep = all().filter(|object| graph.all_dependents(object).len() > graph.dependents(object).len());
    questions.extend(material.ask(&ALL_DEPENDENTS, deep, |object| {
        let dependents = graph.all_dependents(object);
        let each = dependents
            .iter()
            .map(|dependent| Fact::new([material.kustomization(dependent)]));
        draft(material, "impact", object, each.collect())
            .without_entry()
            .resting_on(dependents)
    }));
    questions
}

/// A question about a Kustomization. The command names its kind too if a service has the same name.
fn draft<'r>(material: &Material<'r>, command: &str, object: &'r Object, answer: Vec<Fact>) -> Draft<'r> {
    let subject = material.kustomization(object);
    let mut draft = Draft::new(command, &subject, answer, vec![object]).in_entry(
        object.namespace(),
        object.kind(),
        object.name(),
    );
    let mut services = material.services.iter();
    if services.any(|service| service.name() == object.name()) {
        draft.command = words([command, &format!("Kustomization/{subject}")]);
    }
    draft
}

/// The dependencies between Kustomizations.
struct Graph<'m, 'r> {
    material: &'m Material<'r>,
    kustomizations: &'m [&'r Object],
}

impl<'r> Graph<'_, 'r> {
    fn dependents(&self, object: &Object) -> Vec<&'r Object> {
        let waits = |other: &&&Object| {
            let waits_for = self.material.rendering.depends_on(other);
            waits_for
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
