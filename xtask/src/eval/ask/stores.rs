//! Stores of secrets, from the store to whatever reads through it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::material::{Asked, Material, words};
use crate::eval::question::{Catalog, Class, Fact, Question};
use crate::eval::rendering::{Object, text};
use crate::facts::pod;

static THROUGH: Class = Class {
    name: "through a store",
    asks: "Which ExternalSecrets read through the store X?",
    catalog: Catalog::SecretsMap,
};
static FAILS: Class = Class {
    name: "fails with a store",
    asks: "Which services lose their secrets when the store X fails?",
    catalog: Catalog::SecretsMap,
};

/// Most ExternalSecrets of a store that is asked about: an answer names a few, and counts the others.
const MOST: usize = 6;

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let mut stores: BTreeMap<&'r str, Vec<&'r Object>> = BTreeMap::new();
    for secret in material
        .rendering
        .of_kind("external-secrets.io", "ExternalSecret")
    {
        stores
            .entry(secret.text("/spec/secretStoreRef/name"))
            .or_default()
            .push(secret);
    }
    stores.retain(|name, secrets| !name.is_empty() && secrets.len() <= MOST);
    let ask = |command: &str, name: &str, answer: Vec<Fact>, objects: Vec<&'r Object>| Asked {
        command: words([command, name]),
        entry: None,
        answer,
        objects,
        files: Vec::new(),
        subject: name.to_owned(),
    };
    let mut questions = material.ask(&THROUGH, stores.iter(), |(name, secrets)| {
        let answer = secrets
            .iter()
            .map(|secret| Fact::new([secret.name(), secret.namespace()]));
        ask("secret", name, answer.collect(), secrets.clone())
    });
    questions.extend(material.ask(&FAILS, stores.iter(), |(name, secrets)| {
        let reads = |workload: &&&'r Object| {
            let pod = pod::pod_spec(&workload.value).unwrap_or(&Value::Null);
            let used = pod::secrets(pod);
            secrets.iter().any(|secret| {
                let made = match text(&secret.value, "/spec/target/name") {
                    "" => secret.name(),
                    target => target,
                };
                secret.namespace() == workload.namespace() && used.contains(&made)
            })
        };
        let readers: Vec<&'r Object> = material.workloads.iter().filter(reads).copied().collect();
        let answer = readers
            .iter()
            .map(|reader| Fact::new([material.service(reader)]))
            .collect();
        ask("impact", name, answer, readers)
    }));
    questions
}
