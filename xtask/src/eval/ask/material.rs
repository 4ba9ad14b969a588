//! What questions are made of, and what they share.

use std::collections::BTreeMap;

use crate::eval::question::{Class, Fact, Question, entry, pick};
use crate::eval::rendering::{Object, Rendering};
use crate::eval::score;

/// What questions are made of.
pub(crate) struct Material<'r> {
    pub(crate) rendering: &'r Rendering,
    /// Texts of the repository, by path.
    pub(crate) files: &'r BTreeMap<String, String>,
    /// How many questions a class gets.
    pub(crate) most: usize,
    /// What runs pods, rendered.
    pub(super) workloads: Vec<&'r Object>,
    /// Workloads and HelmReleases.
    pub(super) services: Vec<&'r Object>,
}

impl<'r> Material<'r> {
    /// Asks about a few of some candidates.
    pub(super) fn ask<T>(
        &self,
        class: &'static Class,
        candidates: impl IntoIterator<Item = T>,
        question: impl Fn(T) -> Asked<'r>,
    ) -> Vec<Question<'r>> {
        let questions = candidates.into_iter().map(question).filter(|asked| {
            let given = |forms: &Vec<String>| forms.iter().any(|text| score::holds(&asked.subject, text));
            let mut texts = asked.answer.iter().flat_map(|fact| &fact.all).peekable();
            texts.peek().is_some() && !texts.all(given)
        });
        pick(class, self.most, questions, |asked| asked.subject.clone())
            .into_iter()
            .map(
                |Asked {
                     subject,
                     command,
                     entry,
                     answer,
                     objects,
                     files,
                 }| Question {
                    class,
                    subject,
                    command,
                    entry,
                    answer,
                    objects,
                    files,
                    of_all_clusters: false,
                    of_one_file: true,
                },
            )
            .collect()
    }

    /// A question about a service.
    pub(super) fn of_service(&self, command: &str, service: &'r Object, answer: Vec<Fact>) -> Asked<'r> {
        let subject = self.service(service);
        Asked {
            command: words([command, &subject]),
            entry: Some(entry(namespace(service), service.kind(), service.name())),
            answer,
            objects: vec![service],
            files: Vec::new(),
            subject,
        }
    }

    /// The name of a service among all services.
    pub(super) fn service(&self, object: &Object) -> String {
        label(object, &self.services)
    }

    /// The name of a Kustomization among all.
    pub(super) fn kustomization(&self, object: &Object) -> String {
        label(object, &self.rendering.kustomizations())
    }

    /// A fact that exactly these are what is asked for among all services; none where they are none.
    pub(super) fn exactly(&self, services: &[&'r Object]) -> Vec<Fact> {
        let names: Vec<String> = services.iter().map(|service| self.service(service)).collect();
        match names.is_empty() {
            true => Vec::new(),
            false => vec![Fact::set(&names, &self.service_names())],
        }
    }

    /// The names of all services.
    pub(super) fn service_names(&self) -> Vec<String> {
        self.services.iter().map(|object| self.service(object)).collect()
    }
}

/// A question without its class.
pub(super) struct Asked<'r> {
    pub(super) subject: String,
    pub(super) command: Vec<String>,
    pub(super) entry: Option<String>,
    pub(super) answer: Vec<Fact>,
    pub(super) objects: Vec<&'r Object>,
    pub(super) files: Vec<&'r str>,
}

/// The namespace in which an object runs: for a HelmRelease that of its release.
pub(super) fn namespace(object: &Object) -> &str {
    match object.text("/spec/targetNamespace") {
        target if object.is_helm_release() && !target.is_empty() => target,
        _ => object.namespace(),
    }
}

/// The name by which people would ask for an object: its own, with namespace and kind where it has namesakes.
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

pub(super) fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}
