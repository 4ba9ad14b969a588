//! Environment variables of containers: who has them, and from where.

use std::collections::BTreeMap;

use serde_json::Value;

use super::material::{Asked, Material, words};
use crate::eval::question::{Catalog, Class, Fact, Question};
use crate::eval::rendering::{Object, list, text};
use crate::facts::{pod, unhashed};

static LITERAL: Class = Class {
    name: "environment variable",
    asks: "Which services have the environment variable X, and with which values?",
    catalog: Catalog::Services,
};
static FROM_SECRET: Class = Class {
    name: "environment variable from a Secret",
    asks: "From which Secret and key does the environment variable X come, and in which services?",
    catalog: Catalog::Services,
};

/// Most services for which one question asks: an answer names a few, and counts the others.
const MOST: usize = 6;

/// An environment variable as a workload states it.
struct Stated<'r> {
    workload: &'r Object,
    variable: &'r Value,
}

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let mut by_name: BTreeMap<&'r str, Vec<Stated<'r>>> = BTreeMap::new();
    for &workload in &material.workloads {
        let pod = pod::pod_spec(&workload.value).unwrap_or(&Value::Null);
        for variable in pod::containers(pod).flat_map(|container| list(&container["env"])) {
            let stated = Stated { workload, variable };
            by_name.entry(text(variable, "/name")).or_default().push(stated);
        }
    }
    by_name.retain(|name, all| {
        let one_way = |stated: &Stated<'_>| stated.variable["value"].is_string();
        let literal = all.iter().filter(|stated| one_way(stated)).count();
        !name.is_empty() && all.len() <= MOST && (literal == 0 || literal == all.len())
    });
    let ask = |command: &str, name: &str, all: &[Stated<'r>], fact: &dyn Fn(&Stated<'r>) -> Option<Fact>| {
        let answer: Option<Vec<Fact>> = all.iter().map(fact).collect();
        Asked {
            command: words([command, name]),
            entry: None,
            answer: answer.unwrap_or_default(),
            objects: all.iter().map(|stated| stated.workload).collect(),
            files: Vec::new(),
            subject: name.to_owned(),
        }
    };
    let mut questions = material.ask(&LITERAL, by_name.iter(), |(name, all)| {
        ask("config", name, all, &|stated| {
            let value = stated.variable["value"].as_str()?;
            let is_short = (2..60).contains(&value.len()) && !value.contains(['\n', '$', '@']);
            let fact = Fact::new([material.service(stated.workload).as_str(), value]);
            (is_short && !super::is_credential(name)).then_some(fact)
        })
    });
    questions.extend(material.ask(&FROM_SECRET, by_name.iter(), |(name, all)| {
        ask("secret", name, all, &|stated| {
            let from = stated.variable.pointer("/valueFrom/secretKeyRef")?;
            let service = material.service(stated.workload);
            let [secret, key] = [text(from, "/name"), text(from, "/key")];
            Some(Fact::new([&service, unhashed(secret), key]))
        })
    }));
    questions
}
