//! Merge of the knowledge file into the model, with findings for entries that fit nothing of the scan.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::dependency::{Dependency, Target, Via};
use infra_model::knowledge::{Knowledge, ProducedElsewhere};
use infra_model::{Infrastructure, Key, Place, codes};
use source_tree::Diagnostic;

use crate::kinds::external_secret;
use crate::linker::Linker;
use crate::producers;

/// Merges descriptions, aliases, impacts and dependencies, and returns findings for stale entries.
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
                            let what = format!("`{name}` depends on `{}`", target.as_str());
                            findings.push(
                                stale(&noted.place, &what)
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
            [] => findings.push(stale_entry(&noted.place, &format!("service `{name}`"))),
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
        if !names.namespaces.contains(name.as_str()) && !linker.kube_services.has_namespace(name) {
            findings.push(stale_entry(&noted.place, &format!("namespace `{name}`")));
        }
    }
    for (name, noted) in &knowledge.components {
        if names.services(name).is_empty() && !names.components.contains(name.as_str()) {
            findings.push(stale_entry(&noted.place, &format!("component `{name}`")));
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
        format!("{what} is in the knowledge file, but not in the repository"),
    )
    .at(place.clone())
}

fn stale_entry(place: &Option<Place>, what: &str) -> Diagnostic {
    stale(place, what).hint("correct or delete the entry")
}

/// Names that the knowledge file may use.
struct Names {
    services: BTreeMap<String, Vec<Key>>,
    aliases: BTreeMap<String, BTreeSet<Key>>,
    namespaces: BTreeSet<String>,
    components: BTreeSet<String>,
}

impl Names {
    fn new(model: &Infrastructure, knowledge: &Knowledge) -> Self {
        let mut services: BTreeMap<String, Vec<Key>> = BTreeMap::new();
        let mut aliases: BTreeMap<String, BTreeSet<Key>> = BTreeMap::new();
        for (key, service) in &model.services {
            services.entry(key.clone()).or_default().push(key.clone());
            if service.name != *key {
                let of_name = services.entry(service.name.clone()).or_default();
                of_name.push(key.clone());
            }
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
        let of_releases = model.helm_releases.iter().flat_map(|(key, release)| {
            let names = [key, &release.name, &release.release_name];
            names.into_iter().chain(&release.chart)
        });
        let of_services = model.services.values().flat_map(|service| &service.aliases);
        let namespaces = model.services.values().map(|service| &service.namespace);
        let kustomizations = model.kustomizations.values();
        let namespaces = namespaces.chain(kustomizations.map(|kustomization| &kustomization.namespace));
        Names {
            components: of_releases.chain(of_services).cloned().collect(),
            namespaces: namespaces.cloned().collect(),
            services,
            aliases,
        }
    }

    /// The keys of the services with a name.
    fn services(&self, name: &str) -> &[Key] {
        self.services.get(name).map_or(&[], Vec::as_slice)
    }

    /// The target of a curated dependency, and whether the scan has it.
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

/// Findings for patterns of `producedElsewhere` that fit no used object.
fn stale_patterns(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let is_used = |pattern: &ProducedElsewhere| {
        linker.uses.iter().any(|found| {
            let name = linker
                .generated
                .catalogued(found.used, &found.namespace, &found.name);
            producers::matches(pattern, found.used.kind(), &found.namespace, name)
        })
    };
    let is_read = |pattern: &ProducedElsewhere| {
        let mut stores = external_secret::read_stores(linker.inventory);
        stores.any(|store| producers::matches(pattern, &store.kind, &store.namespace, &store.name))
    };
    let patterns = linker.knowledge.produced_elsewhere.iter();
    patterns
        .filter(|pattern| !is_used(pattern) && !is_read(pattern))
        .map(|pattern| {
            let what = format!("a use of {} `{}`", pattern.kind, pattern.name);
            stale_entry(&pattern.place, &what)
        })
        .collect()
}
