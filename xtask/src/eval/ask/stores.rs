//! Stores of secrets, and the ExternalSecrets and services that read through them.

use std::collections::BTreeMap;

use super::material::Material;
use crate::eval::question::{Catalog, Class, Draft, Fact, Question};
use crate::eval::rendering::{Object, or_own_name};
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

/// Most ExternalSecrets that a store in a question may have: an answer names a few, and counts the others.
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
    let mut questions = material.ask(&THROUGH, stores.iter(), |(name, secrets)| {
        let answer = secrets
            .iter()
            .map(|secret| Fact::new([secret.name(), secret.namespace()]));
        Draft::new("secret", name, answer.collect(), secrets.clone())
    });
    questions.extend(material.ask(&FAILS, stores.iter(), |(name, secrets)| {
        let reads = |workload: &&&'r Object| {
            let used = pod::secrets(workload.pod());
            secrets.iter().any(|secret| {
                let target = or_own_name(secret.text("/spec/target/name"), secret);
                secret.namespace() == workload.namespace() && used.contains(&target)
            })
        };
        let readers: Vec<&'r Object> = material.workloads.iter().filter(reads).copied().collect();
        let answer = readers
            .iter()
            .map(|reader| Fact::new([material.service(reader)]))
            .collect();
        Draft::new("impact", name, answer, readers)
    }));
    questions
}
