//! Objects turn into the ConfigMaps and Secrets that they make in the cluster, by name.

mod certificates;
mod copies;
mod jobs;
mod operators;
mod policies;
mod secret_operators;
mod stated;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::ReleaseChart;
use foldhash::{HashMap, HashMapExt};
use infra_model::knowledge::{Knowledge, ProducedElsewhere};
use infra_model::secrets::{CopiedTo, ProducedBy};
use infra_model::{Key, ObjectRef};

use crate::copies::Namespace;
use crate::crossplane::EmbeddedObjects;
use crate::inventory::Inventory;
use crate::keys::ObjectKeys;
use crate::kinds::helm_release::Release;
use crate::kinds::kyverno_policy::{self, Generated};
use crate::service_candidates::ServiceCandidate;
use crate::uses::{Certainty, Use, Used, User};
use crate::wildcard::fits;

pub(crate) use stated::serving_certificate;

/// Who makes what.
pub(crate) struct Producers {
    /// `Kind/<key>` by what it makes, the surest producer first.
    made: HashMap<ObjectRef, String>,
    /// The namespace in which something makes an object of this kind and name; none where there are several.
    namespaces: HashMap<(Used, String), Option<String>>,
    cert_manager: String,
    /// Kinds and names that something makes in namespaces that no one states, with those of the repository that it leaves out.
    anywhere: BTreeMap<(Used, String), BTreeSet<String>>,
    /// The copies that something makes of objects of the repository.
    copies: HashMap<ObjectRef, Copy>,
    /// Where it puts them, by what is copied.
    copied_to: HashMap<ObjectRef, CopiedTo>,
    /// What policies may make beside other objects.
    generated: Vec<Generated>,
    /// Secrets to which ExternalSecrets and their like add, and that nothing else makes.
    merged_only: BTreeSet<ObjectRef>,
    /// Number of releases whose chart was not rendered, by namespace.
    charts: BTreeMap<String, usize>,
    /// Of them those that fail, and make nothing until they are mended.
    failed: BTreeMap<String, usize>,
    /// Services that charts make. What they need and nothing makes, their own jobs and operators may make.
    of_charts: BTreeSet<Key>,
}

/// What is copied into an object, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    /// `namespace/name`
    pub(crate) of: String,
    pub(crate) by: String,
}

/// Whether something makes an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Producer {
    By(String),
    /// A chart that was not rendered, a copying operator or a policy may.
    Perhaps,
    /// People say that something outside does.
    Elsewhere,
    No,
}

impl Producer {
    /// As `producedBy` says it.
    pub(crate) fn produced_by(self) -> ProducedBy {
        match self {
            Producer::By(object) => ProducedBy::Object(object),
            Producer::Perhaps => ProducedBy::Unknown,
            Producer::Elsewhere | Producer::No => ProducedBy::Nothing,
        }
    }
}

/// What producers are called in the catalogs.
pub(crate) struct ProducerKeys<'k> {
    pub(crate) objects: &'k ObjectKeys<'k>,
    pub(crate) secrets: &'k infra_model::KeyTable,
    pub(crate) external_secrets: &'k infra_model::KeyTable,
    pub(crate) vault_secrets: &'k infra_model::KeyTable,
}

impl Producers {
    /// Of everything in an inventory.
    pub(crate) fn new<'a>(
        inventory: &'a Inventory<'a>,
        embedded: &EmbeddedObjects<'a>,
        releases: &[Release<'a>],
        candidates: &[ServiceCandidate<'a>],
        keys: &ProducerKeys<'_>,
    ) -> Self {
        let mut producers = Producers {
            made: HashMap::new(),
            namespaces: HashMap::new(),
            cert_manager: releases
                .iter()
                .find(|release| release.chart.name.as_deref() == Some("cert-manager"))
                .map_or("cert-manager", |release| release.namespace.as_str())
                .to_owned(),
            anywhere: BTreeMap::new(),
            copies: HashMap::new(),
            copied_to: HashMap::new(),
            generated: kyverno_policy::generated(inventory),
            merged_only: BTreeSet::new(),
            charts: BTreeMap::new(),
            failed: BTreeMap::new(),
            of_charts: candidates
                .iter()
                .filter(|candidate| candidate.is_of_chart())
                .map(|candidate| candidate.key.clone())
                .collect(),
        };
        for release in releases.iter().filter(|release| release.rendered().is_none()) {
            *producers.charts.entry(release.namespace.clone()).or_default() += 1;
            let evaluated = release.evaluated.map(|evaluated| &evaluated.chart);
            if matches!(evaluated, Some(ReleaseChart::Failed(_))) {
                *producers.failed.entry(release.namespace.clone()).or_default() += 1;
            }
        }
        producers.stated(inventory, embedded, keys);
        let namespaces = Namespace::all(inventory);
        producers.secret_operators(inventory, &namespaces, keys);
        producers.certificates(inventory, keys);
        producers.operators(inventory, keys);
        producers.jobs(inventory, keys);
        producers.merged(inventory, keys);
        producers.copies(inventory, &namespaces);
        producers.policies(inventory, &namespaces, keys);
        producers
    }

    /// Whether something makes what a use names.
    pub(crate) fn of(&self, one: &Use, catalogued: &ObjectRef, knowledge: &Knowledge) -> Producer {
        if let Some(producer) = self.made.get(catalogued) {
            return Producer::By(producer.clone());
        }
        if elsewhere(knowledge, one.used.kind(), &one.namespace, &catalogued.name) {
            return Producer::Elsewhere;
        }
        let anywhere = self.copies_into(one.used, &one.namespace, &catalogued.name);
        let mut charts = self.charts.get(&one.namespace).copied().unwrap_or_default();
        if one.how == "valuesFrom" {
            charts -= self.failed.get(&one.namespace).copied().unwrap_or_default();
        }
        // What has to be there for a chart is made by another one, if by any.
        let own = usize::from(one.certainty == Certainty::Existing || one.how == "valuesFrom");
        let generated = self.may_be_generated(one.used, &one.namespace, &catalogued.name);
        let of_chart = matches!(&one.user, User::Service(key) if self.of_charts.contains(key));
        if anywhere || generated || of_chart || charts > own {
            Producer::Perhaps
        } else {
            Producer::No
        }
    }

    /// What makes an object, as `Kind/<key>`.
    pub(crate) fn made_by(&self, used: Used, namespace: &str, name: &str) -> Option<&str> {
        self.made
            .get(&ObjectRef::new(used.kind(), namespace, name))
            .map(String::as_str)
    }

    /// The one namespace in which something makes an object of this name.
    pub(crate) fn only_namespace(&self, used: Used, name: &str) -> Option<&str> {
        self.namespaces.get(&(used, name.to_owned()))?.as_deref()
    }

    /// Whether something copies an object of this kind and name to namespaces that no one states.
    pub(crate) fn copies_anywhere(&self, used: Used, name: &str) -> bool {
        self.anywhere.contains_key(&(used, name.to_owned()))
    }

    /// Whether something may copy an object of this kind and name to a namespace.
    pub(crate) fn copies_into(&self, used: Used, namespace: &str, name: &str) -> bool {
        let left_out = self.anywhere.get(&(used, name.to_owned()));
        left_out.is_some_and(|left_out| !left_out.contains(namespace))
    }

    /// What an object is a copy of, where something makes copies of objects of the repository.
    pub(crate) fn copy(&self, copy: &ObjectRef) -> Option<&Copy> {
        self.copies.get(copy)
    }

    /// Where something copies an object to.
    pub(crate) fn copied_to(&self, used: Used, namespace: &str, name: &str) -> Option<CopiedTo> {
        self.copied_to
            .get(&ObjectRef::new(used.kind(), namespace, name))
            .cloned()
    }

    /// Whether a policy of Kyverno may make an object.
    pub(crate) fn may_be_generated(&self, used: Used, namespace: &str, name: &str) -> bool {
        let mut generated = self.generated.iter();
        generated.any(|made| made.may_be(used.kind(), namespace, name))
    }

    /// Whether ExternalSecrets and their like add to a Secret that nothing else makes.
    pub(crate) fn is_merged_only(&self, namespace: &str, name: &str) -> bool {
        self.merged_only
            .contains(&ObjectRef::new("Secret", namespace, name))
    }

    /// Whether a chart that was not rendered may make objects in a namespace.
    pub(crate) fn has_charts(&self, namespace: &str) -> bool {
        self.charts.contains_key(namespace)
    }

    /// Where cert-manager runs, and its cluster-scoped issuers read Secrets.
    pub(crate) fn cert_manager_namespace(&self) -> &str {
        &self.cert_manager
    }

    /// Whether an object of the repository makes something.
    pub(crate) fn makes(&self, name: &ObjectRef) -> bool {
        self.made.contains_key(name)
    }

    /// Notes what is made in namespaces that no one states, but not in some.
    fn add_anywhere(&mut self, used: Used, name: &str, left_out: BTreeSet<String>) {
        self.anywhere
            .entry((used, name.to_owned()))
            .and_modify(|known| known.retain(|namespace| left_out.contains(namespace)))
            .or_insert(left_out);
    }

    fn add(&mut self, used: Used, namespace: &str, name: &str, producer: impl FnOnce() -> String) {
        let made = self.made.entry(ObjectRef::new(used.kind(), namespace, name));
        if let Entry::Vacant(vacant) = made {
            vacant.insert(producer());
            self.namespaces
                .entry((used, name.to_owned()))
                .and_modify(|only| *only = None)
                .or_insert_with(|| Some(namespace.to_owned()));
        }
    }
}

/// Whether people say that something outside makes an object.
pub(crate) fn elsewhere(knowledge: &Knowledge, kind: &str, namespace: &str, name: &str) -> bool {
    knowledge
        .produced_elsewhere
        .iter()
        .any(|pattern| matches(pattern, kind, namespace, name))
}

/// Whether a pattern of `producedElsewhere` fits an object.
pub(crate) fn matches(pattern: &ProducedElsewhere, kind: &str, namespace: &str, name: &str) -> bool {
    pattern.kind == kind
        && pattern
            .namespace
            .as_deref()
            .is_none_or(|wanted| fits(wanted, namespace, None))
        && fits(&pattern.name, name, None)
}
