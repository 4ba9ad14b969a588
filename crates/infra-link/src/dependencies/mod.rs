//! Dependencies of services: the hosts that env, args, volumes, ConfigMaps, Secrets and Helm values name.
//!
//! A name of the cluster's DNS leads through the rendered Service to the workload that it selects; other hosts are external
//! targets. A word counts only if its form or key makes it a host.

mod ends;
mod texts;

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use infra_model::dependency::{Dependency, Target, Via};
use infra_model::{Key, ObjectRef, Place};
use source_tree::Mark;

use crate::config_maps::ConfigMapData;
use crate::host_mentions::host_mentions;
use crate::linker::Linker;
use crate::secret_templates::secret_texts;
use crate::service_candidates::ServiceCandidate;
use crate::uses::{Used, User};

use ends::{End, Text, has_possible_host};

/// The dependencies of every service.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, Vec<Dependency>> {
    let uses = uses_of(linker, Used::ConfigMap);
    let secret_uses = uses_of(linker, Used::Secret);
    let templates = &secret_texts(linker.inventory);
    let data = &ConfigMapData::new(linker.inventory, linker.embedded);
    let mut cache = ConfigCache::default();
    let mut all = BTreeMap::new();
    for (position, candidate) in linker.candidates.iter().enumerate() {
        let mut found = ServiceDependencies {
            linker,
            position,
            candidate,
            edges: BTreeSet::new(),
            known: BTreeSet::new(),
        };
        found.add_pods();
        found.add_volumes();
        found.add_values();
        for (name, key) in uses.get(&candidate.key).into_iter().flatten() {
            found.add_config_map(data, name, key.as_deref(), &mut cache);
        }
        for (name, key) in secret_uses.get(&candidate.key).into_iter().flatten() {
            let texts = templates.get(name).into_iter().flatten();
            found.add_secret(
                &name.name,
                texts.filter(|text| key.as_ref().is_none_or(|key| *key == text.key)),
            );
        }
        all.insert(candidate.key.clone(), found.edges.into_iter().collect());
    }
    all
}

/// ConfigMaps or Secrets that pods read, with the key where only one is read.
fn uses_of(linker: &Linker<'_>, used: Used) -> BTreeMap<Key, BTreeSet<(ObjectRef, Option<String>)>> {
    let mut uses: BTreeMap<Key, BTreeSet<_>> = BTreeMap::new();
    for found in linker.uses.iter().filter(|found| found.used == used) {
        if let User::Service(key) = &found.user {
            uses.entry(key.clone())
                .or_default()
                .insert((linker.generated.object_name(found), found.key.clone()));
        }
    }
    uses
}

/// The edges of a key of a ConfigMap, found once for all readers.
type ConfigCache = HashMap<(ObjectRef, String), Vec<Edge>>;

/// A dependency without the service that has it.
#[derive(Clone)]
struct Edge {
    end: End,
    evidence: String,
    mark: Mark,
}

/// The dependencies of one service.
struct ServiceDependencies<'l, 'a> {
    linker: &'l Linker<'a>,
    position: usize,
    candidate: &'l ServiceCandidate<'a>,
    edges: BTreeSet<Dependency>,
    known: BTreeSet<(Target, Via, String)>,
}

impl<'a> ServiceDependencies<'_, 'a> {
    fn add(&mut self, via: Via, edge: Edge) {
        let target = match edge.end {
            End::Service(position) if position == self.position => return,
            End::Service(position) => match self.linker.candidates.get(position) {
                Some(candidate) => Target::Service(candidate.key.clone()),
                None => return,
            },
            End::External(host) => Target::External(host),
        };
        // Of several places with one target and evidence the first counts.
        if self.known.insert((target.clone(), via, edge.evidence.clone())) {
            let inventory = self.linker.inventory;
            let place = inventory.place(edge.mark).or_else(|| {
                // Fields of a chart's objects have no line: a person edits the release.
                let release = self.candidate.is_of_chart().then_some(self.candidate.object);
                inventory.source(release?)
            });
            let (file, line) = Place::parts(place);
            self.edges.insert(Dependency {
                target,
                via,
                evidence: edge.evidence,
                file,
                line,
            });
        }
    }

    fn edges_of(&self, text: &Text<'_>, evidence: &dyn Fn(&str) -> String) -> Vec<Edge> {
        if !has_possible_host(text.text, text.key) {
            return Vec::new();
        }
        let mentions = host_mentions(text.text).into_iter();
        mentions
            .flat_map(|mention| {
                let ends = self.ends(text, &mention).into_iter();
                ends.map(move |end| Edge {
                    end,
                    evidence: evidence(&mention.shown()),
                    mark: text.line(mention.line),
                })
            })
            .collect()
    }
}
