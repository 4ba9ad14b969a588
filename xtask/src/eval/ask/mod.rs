//! Questions about a rendering: templates, and for each a few subjects that fit it.
//!
//! A subject fits where the rendering alone decides the answer and the question does not give it away.

mod config;
mod flux;
mod helm;
mod images;
mod network;
mod secrets;
mod services;

use std::collections::BTreeMap;

use super::question::{Class, Fact, Question, entry, pick};
use super::rendering::{Object, Rendering};
use super::score;
use crate::facts::pod;

/// What questions are made of.
pub(crate) struct Material<'r> {
    pub(crate) rendering: &'r Rendering,
    /// Texts of the repository, by path.
    pub(crate) files: &'r BTreeMap<String, String>,
    /// How many questions a class gets.
    pub(crate) most: usize,
    /// What runs pods, rendered.
    workloads: Vec<&'r Object>,
    /// Workloads and HelmReleases.
    services: Vec<&'r Object>,
}

/// Every question about a rendering, by class.
pub(crate) fn questions<'r>(
    rendering: &'r Rendering,
    files: &'r BTreeMap<String, String>,
    most: usize,
) -> Vec<Question<'r>> {
    let workloads: Vec<&Object> = rendering
        .objects
        .iter()
        .filter(|object| pod::pod_spec(&object.value).is_some())
        .collect();
    let mut services = workloads.clone();
    services.extend(rendering.helm_releases());
    let material = Material {
        rendering,
        files,
        most,
        workloads,
        services,
    };
    [
        services::questions,
        images::questions,
        network::questions,
        flux::questions,
        helm::questions,
        secrets::questions,
        config::questions,
    ]
    .into_iter()
    .flat_map(|questions| questions(&material))
    .collect()
}

impl<'r> Material<'r> {
    /// Asks about a few of some candidates.
    fn ask<T>(
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
                 }| Question {
                    class,
                    subject,
                    command,
                    entry,
                    answer,
                    objects,
                },
            )
            .collect()
    }

    /// A question about a service.
    fn of_service(&self, command: &str, service: &'r Object, answer: Vec<Fact>) -> Asked<'r> {
        let subject = self.service(service);
        Asked {
            command: words([command, &subject]),
            entry: Some(entry(namespace(service), service.kind(), service.name())),
            answer,
            objects: vec![service],
            subject,
        }
    }

    /// The name of a service among all services.
    fn service(&self, object: &Object) -> String {
        label(object, &self.services)
    }

    /// The name of a Kustomization among all.
    fn kustomization(&self, object: &Object) -> String {
        label(object, &self.rendering.kustomizations())
    }

    /// A fact that exactly these are what is asked for among all services; none where they are none.
    fn exactly(&self, services: &[&'r Object]) -> Vec<Fact> {
        let names: Vec<String> = services.iter().map(|service| self.service(service)).collect();
        match names.is_empty() {
            true => Vec::new(),
            false => vec![Fact::set(&names, &self.service_names())],
        }
    }

    /// The names of all services.
    fn service_names(&self) -> Vec<String> {
        self.services.iter().map(|object| self.service(object)).collect()
    }
}

/// A question without its class.
struct Asked<'r> {
    subject: String,
    command: Vec<String>,
    entry: Option<String>,
    answer: Vec<Fact>,
    objects: Vec<&'r Object>,
}

/// The namespace in which an object runs: for a HelmRelease that of its release.
fn namespace(object: &Object) -> &str {
    match object.text("/spec/targetNamespace") {
        target if object.is_helm_release() && !target.is_empty() => target,
        _ => object.namespace(),
    }
}

/// The name by which people would ask for an object: its own, with namespace and kind where it has namesakes.
fn label(object: &Object, scope: &[&Object]) -> String {
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

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}
