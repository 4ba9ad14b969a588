//! Environment variables of containers: which services have them, and where their values come from.

use std::collections::BTreeMap;

use serde_json::Value;

use super::material::Material;
use crate::eval::question::{Catalog, Class, Draft, Fact, Question};
use crate::eval::rendering::Object;
use crate::facts::{pod, unhashed};
use crate::json::{list, text_at};

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

/// Most services that one question may be about: an answer names a few, and counts the others.
const MOST: usize = 6;

/// A workload, and an environment variable of one of its containers.
type Variable<'r> = (&'r Object, &'r Value);

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let mut by_name: BTreeMap<&'r str, Vec<Variable<'r>>> = BTreeMap::new();
    for &workload in &material.workloads {
        for variable in pod::containers(workload.pod()).flat_map(|container| list(&container["env"])) {
            let named = by_name.entry(text_at(variable, "/name")).or_default();
            named.push((workload, variable));
        }
    }
    by_name.retain(|name, all| {
        let literal = all.iter().filter(|(_, variable)| variable["value"].is_string());
        let literal = literal.count();
        !name.is_empty() && all.len() <= MOST && (literal == 0 || literal == all.len())
    });
    let ask = |command, name, all: &[Variable<'r>], fact: &dyn Fn(&Variable<'r>) -> Option<Fact>| {
        let answer: Option<Vec<Fact>> = all.iter().map(fact).collect();
        let workloads = all.iter().map(|(workload, _)| *workload).collect();
        Draft::new(command, name, answer.unwrap_or_default(), workloads)
    };
    let mut questions = material.ask(&LITERAL, by_name.iter(), |(name, all)| {
        ask("config", name, all, &|(workload, variable)| {
            let value = variable["value"].as_str()?;
            let is_short = (2..60).contains(&value.len()) && !value.contains(['\n', '$', '@']);
            let fact = Fact::new([material.service(workload).as_str(), value]);
            (is_short && !super::is_credential(name)).then_some(fact)
        })
    });
    questions.extend(material.ask(&FROM_SECRET, by_name.iter(), |(name, all)| {
        ask("secret", name, all, &|(workload, variable)| {
            let from = variable.pointer("/valueFrom/secretKeyRef")?;
            let service = material.service(workload);
            let [secret, key] = [text_at(from, "/name"), text_at(from, "/key")];
            Some(Fact::new([&service, unhashed(secret), key]))
        })
    }));
    questions
}
