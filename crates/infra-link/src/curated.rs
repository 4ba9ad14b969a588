//! Curated knowledge is merged into the model; entries that name nothing of the scan are findings.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::dependency::{Dependency, Target, Via};
use infra_model::knowledge::Knowledge;
use infra_model::{Infrastructure, Key, Place, codes};
use source_tree::Diagnostic;

use crate::kinds::external_secret;
use crate::linker::Linker;
use crate::producers;

/// Merges descriptions, aliases, impacts and dependencies, and gives the entries that are stale.
pub(crate) fn merge(linker: &Linker<'_>, model: &mut Infrastructure) -> Vec<Diagnostic> {
    let knowledge = linker.knowledge;
    let names = Names::new(model, knowledge);
    let mut findings = Vec::new();
    for (name, noted) in &knowledge.services {
        match names.services(name) {
            [key] => {
                if let Some(service) = model.services.get_mut(key) {
                    let known = &noted.value;
                    service.description = known.description.clone().or(service.description.take());
                    service.failure_impact.clone_from(&known.failure_impact);
                    let mut aliases: BTreeSet<String> = service.aliases.drain(..).collect();
                    aliases.extend(known.aliases.iter().filter(|alias| *alias != key).cloned());
                    service.aliases = aliases.into_iter().collect();
                    for target in &known.depends_on {
                        let (target, found) = names.target(target, &knowledge.externals);
                        if !found {
                            findings.push(
                                stale(
                                    &noted.place,
                                    &format!("`{name}` depends on `{}`", target.as_str()),
                                )
                                .hint("correct the name, or describe it under externals"),
                            );
                        }
                        let (file, line) = Place::parts(noted.place.clone());
                        service.depends_on.push(Dependency {
                            evidence: format!("{} dependsOn", place_text(&noted.place)),
                            target,
                            via: Via::Curated,
                            file,
                            line,
                        });
                    }
                    service.depends_on.sort();
                    service.depends_on.dedup();
                }
            }
            [] => findings
                .push(stale(&noted.place, &format!("service `{name}`")).hint("correct or delete the entry")),
            keys => findings.push(
                stale(&noted.place, &format!("one service `{name}`"))
                    .hint(format!("use one of the keys {}", keys.join(", "))),
            ),
        }
    }
    let targets: BTreeSet<&str> = model
        .services
        .values()
        .flat_map(|service| &service.depends_on)
        .map(|dependency| dependency.target.as_str())
        .collect();
    for (name, noted) in &knowledge.externals {
        if !targets.contains(name.as_str()) {
            findings.push(
                stale(&noted.place, &format!("external `{name}`"))
                    .hint("no service depends on it: name it under dependsOn of one, or delete the entry"),
            );
        }
    }
    for (name, noted) in &knowledge.namespaces {
        if !names.namespaces.contains(name.as_str()) && !has_namespace(linker, name) {
            findings.push(
                stale(&noted.place, &format!("namespace `{name}`")).hint("correct or delete the entry"),
            );
        }
    }
    for (name, noted) in &knowledge.components {
        if names.services(name).is_empty() && !names.components.contains(name.as_str()) {
            findings.push(
                stale(&noted.place, &format!("component `{name}`")).hint("correct or delete the entry"),
            );
        }
    }
    findings.extend(stale_patterns(linker));
    model.knowledge = knowledge.clone();
    findings
}

fn place_text(place: &Option<Place>) -> String {
    place.as_ref().map_or_else(
        || "flux-infra-guide.yaml".to_owned(),
        |place| place.file.to_string(),
    )
}

fn stale(place: &Option<Place>, what: &str) -> Diagnostic {
    Diagnostic::warning(
        codes::KNOWLEDGE_STALE,
        format!("{what} is in the knowledge file, but the scan found none"),
    )
    .at(place.clone())
}

/// What names may stand for.
struct Names {
    services: BTreeMap<String, Vec<Key>>,
    aliases: BTreeMap<String, BTreeSet<Key>>,
    namespaces: BTreeSet<String>,
    components: BTreeSet<String>,
}

impl Names {
    fn new(model: &Infrastructure, knowledge: &Knowledge) -> Self {
        let mut services: BTreeMap<String, Vec<Key>> = BTreeMap::new();
        for (key, service) in &model.services {
            services.entry(key.clone()).or_default().push(key.clone());
            if service.name != *key {
                services
                    .entry(service.name.clone())
                    .or_default()
                    .push(key.clone());
            }
        }
        let mut aliases: BTreeMap<String, BTreeSet<Key>> = BTreeMap::new();
        for (key, service) in &model.services {
            for alias in &service.aliases {
                aliases.entry(alias.clone()).or_default().insert(key.clone());
            }
        }
        for (name, noted) in &knowledge.services {
            if let Some([key]) = services.get(name).map(Vec::as_slice) {
                for alias in &noted.value.aliases {
                    aliases.entry(alias.clone()).or_default().insert(key.clone());
                }
            }
        }
        let components = model
            .helm_releases
            .iter()
            .flat_map(|(key, release)| {
                [
                    Some(key),
                    Some(&release.name),
                    Some(&release.release_name),
                    release.chart.as_ref(),
                ]
            })
            .flatten()
            .chain(model.services.values().flat_map(|service| &service.aliases))
            .cloned();
        Names {
            components: components.collect(),
            namespaces: model
                .services
                .values()
                .map(|service| &service.namespace)
                .chain(
                    model
                        .kustomizations
                        .values()
                        .map(|kustomization| &kustomization.namespace),
                )
                .cloned()
                .collect(),
            services,
            aliases,
        }
    }

    /// The keys of the services with a name.
    fn services(&self, name: &str) -> &[Key] {
        self.services.get(name).map_or(&[], Vec::as_slice)
    }

    /// What a curated dependency names, and whether that is anything.
    fn target<T>(&self, name: &str, externals: &BTreeMap<String, T>) -> (Target, bool) {
        match self.services(name) {
            [key] => (Target::Service(key.clone()), true),
            [] if externals.contains_key(name) => (Target::External(name.to_owned()), true),
            [] => match self.aliases.get(name).map(|keys| (keys.len(), keys.first())) {
                Some((1, Some(key))) => (Target::Service(key.clone()), true),
                _ => (Target::External(name.to_owned()), false),
            },
            _ => (Target::External(name.to_owned()), false),
        }
    }
}

fn has_namespace(linker: &Linker<'_>, name: &str) -> bool {
    linker.kube_services.has_namespace(name)
}

/// Patterns of `producedElsewhere` that fit nothing which anything reads.
fn stale_patterns(linker: &Linker<'_>) -> Vec<Diagnostic> {
    linker
        .knowledge
        .produced_elsewhere
        .iter()
        .filter(|pattern| {
            let used = linker.uses.iter().any(|one| {
                let name = linker.generated.catalogued(one.used, &one.namespace, &one.name);
                producers::matches(pattern, one.used.kind(), &one.namespace, name)
            });
            let read = || {
                external_secret::read_stores(linker.inventory)
                    .any(|store| producers::matches(pattern, &store.kind, &store.namespace, &store.name))
            };
            !used && !read()
        })
        .map(|pattern| {
            let what = format!("a use of {} `{}`", pattern.kind, pattern.name);
            stale(&pattern.place, &what).hint("correct or delete the entry")
        })
        .collect()
}
