//! Objects in the repository that no cluster gets.

use std::collections::{BTreeMap, BTreeSet};

use yaml_rust2::{Yaml, YamlLoader};

use super::material::Material;
use crate::eval::question::{Catalog, Class, Draft, Fact, Question};

static WHY_NOT: Class = Class {
    name: "why not",
    asks: "In which file is X, which the cluster does not have?",
    catalog: Catalog::FluxResources,
};

const KINDS: [&str; 6] = [
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "HelmRelease",
    "Kustomization",
];

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let applied: BTreeSet<&str> = material
        .rendering
        .objects
        .iter()
        .map(|object| object.name())
        .collect();
    let is_part = |name: &str| {
        applied
            .iter()
            .any(|known| known.contains(name) || name.contains(known))
    };
    let mut found: BTreeMap<String, BTreeSet<&'r str>> = BTreeMap::new();
    let mut mentioned: BTreeMap<String, usize> = BTreeMap::new();
    for (file, text) in material.files {
        if !file.ends_with(".yaml") && !file.ends_with(".yml") {
            continue;
        }
        for document in YamlLoader::load_from_str(text).unwrap_or_default() {
            let name = document["metadata"]["name"].as_str().unwrap_or_default();
            let is_object = document["spec"].as_hash().is_some() && document["apiVersion"].as_str().is_some();
            if !name.is_empty() && is_object && kind(&document).is_some() && !is_part(name) {
                found.entry(name.to_owned()).or_default().insert(file);
                *mentioned.entry(name.to_owned()).or_default() += 1;
            }
        }
    }
    // A name that occurs once is not a patch of another object either.
    let once = found.into_iter().filter(|(name, _)| {
        mentioned.get(name) == Some(&1) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    });
    let mut questions = material.ask(&WHY_NOT, once, |(name, files)| {
        let answer = files.iter().map(|file| Fact::new([*file])).collect();
        Draft {
            files: files.into_iter().collect(),
            ..Draft::new("where", &name, answer, Vec::new())
        }
    });
    for question in &mut questions {
        // Another cluster may have it.
        question.is_in_one_file = false;
    }
    questions
}

fn kind(document: &Yaml) -> Option<&str> {
    document["kind"].as_str().filter(|kind| KINDS.contains(kind))
}
