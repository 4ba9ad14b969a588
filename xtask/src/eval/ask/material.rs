//! The objects and files that questions are about.

use std::collections::BTreeMap;

use crate::eval::question::{Class, Draft, Fact, Question, pick};
use crate::eval::rendering::{Object, Rendering};
use crate::eval::score;

/// The objects and files that questions are about.
pub(crate) struct Material<'r> {
    pub(crate) rendering: &'r Rendering,
    /// Texts of the repository, by path.
    pub(crate) files: &'r BTreeMap<String, String>,
    /// Most questions of one class.
    pub(crate) most: usize,
    /// Rendered objects that run pods.
    pub(super) workloads: Vec<&'r Object>,
    /// Workloads and HelmReleases.
    pub(super) services: Vec<&'r Object>,
}

impl<'r> Material<'r> {
    /// Asks about a few of the candidates: those with an answer that the subject does not give away.
    pub(super) fn ask<T>(
        &self,
        class: &'static Class,
        candidates: impl IntoIterator<Item = T>,
        question: impl Fn(T) -> Draft<'r>,
    ) -> Vec<Question<'r>> {
        let drafts = candidates.into_iter().map(question).filter(|draft| {
            let given = |forms: &Vec<String>| forms.iter().any(|text| score::holds(&draft.subject, text));
            let mut texts = draft.answer.iter().flat_map(|fact| &fact.all).peekable();
            texts.peek().is_some() && !texts.all(given)
        });
        let picked = pick(class, self.most, drafts, |draft| draft.subject.clone()).into_iter();
        picked
            .map(|draft| Question {
                class,
                draft,
                is_of_all_clusters: false,
                is_in_one_file: true,
            })
            .collect()
    }

    /// A question about a service.
    pub(super) fn about_service(&self, command: &str, service: &'r Object, answer: Vec<Fact>) -> Draft<'r> {
        Draft::new(command, &self.service(service), answer, vec![service]).in_entry(
            namespace(service),
            service.kind(),
            service.name(),
        )
    }

    /// The name of a service among all services.
    pub(super) fn service(&self, object: &Object) -> String {
        label(object, &self.services)
    }

    /// The name of a Kustomization among all.
    pub(super) fn kustomization(&self, object: &Object) -> String {
        label(object, &self.rendering.kustomizations())
    }

    /// The fact that the answer is exactly these services and no other; no fact without services.
    pub(super) fn exactly(&self, services: &[&'r Object]) -> Vec<Fact> {
        let names = |services: &[&'r Object]| -> Vec<String> {
            services.iter().map(|service| self.service(service)).collect()
        };
        Fact::nonempty_set(&names(services), &names(&self.services))
    }
}

/// The namespace in which an object runs: for a HelmRelease that of its release.
pub(super) fn namespace(object: &Object) -> &str {
    match object.text("/spec/targetNamespace") {
        target if object.is_helm_release() && !target.is_empty() => target,
        _ => object.namespace(),
    }
}

/// The name by which people would ask for an object: with namespace and kind if others in the scope have the same name.
pub(super) fn label(object: &Object, scope: &[&Object]) -> String {
    let namesakes: Vec<&&Object> = scope
        .iter()
        .filter(|other| other.name() == object.name())
        .collect();
    if namesakes.len() < 2 {
        return object.name().to_owned();
    }
    let mut namespaces: Vec<&str> = namesakes.iter().map(|other| namespace(other)).collect();
    namespaces.sort_unstable();
    if namespaces.windows(2).all(|pair| pair[0] != pair[1]) {
        return format!("{}/{}", namespace(object), object.name());
    }
    format!("{}/{}/{}", namespace(object), object.kind(), object.name())
}
