//! Producers of ConfigMaps, Secrets and their like in the cluster, by the name of what they make.

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
use foldhash::HashMap;
use infra_model::knowledge::{Knowledge, ProducedElsewhere};
use infra_model::secrets::{CopiedTo, ProducedBy};
use infra_model::{Key, ObjectRef};

use crate::copies::Namespace;
use crate::crossplane::EmbeddedObjects;
use crate::inventory::{Inventory, Object};
use crate::keys::ObjectKeys;
use crate::kinds::helm_release::Release;
use crate::kinds::kyverno_policy::{self, Generated};
use crate::service_candidates::ServiceCandidate;
use crate::uses::{Certainty, Use, Used, User};
use crate::wildcard::fits;

pub(crate) use stated::serving_certificate;

/// Which object makes which.
#[derive(Default)]
pub(crate) struct Producers {
    /// The surest producer of an object, as `Kind/<key>`.
    made: HashMap<ObjectRef, String>,
    /// The namespace in which an object of this kind and name is made; `None` if there are several.
    namespaces: HashMap<(Used, String), Option<String>>,
    /// The namespace of cert-manager.
    cert_manager: String,
    /// Objects that are made in unknown namespaces, by kind and name, with the namespaces of the repository that are left out.
    anywhere: BTreeMap<(Used, String), BTreeSet<String>>,
    /// Copies of objects of the repository.
    copies: HashMap<ObjectRef, Copy>,
    /// The namespaces of the copies, by their original.
    copied_to: HashMap<ObjectRef, CopiedTo>,
    /// Objects that policies may make.
    generated: Vec<Generated>,
    /// Secrets to which ExternalSecrets and their like add, and that nothing else makes.
    merged_only: BTreeSet<ObjectRef>,
    /// Number of releases whose chart was not rendered, by namespace.
    charts: BTreeMap<String, usize>,
    /// Number of those that fail, and make nothing until they are mended.
    failed: BTreeMap<String, usize>,
    /// Services that charts make. Their own jobs and operators may make objects that they need and nothing else makes.
    of_charts: BTreeSet<Key>,
}

/// The original of a copied object, and what copies it.
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
    /// A chart that was not rendered, a copying operator or a policy may make it.
    Perhaps,
    /// Something outside of the repository makes it, by the knowledge file.
    Elsewhere,
    No,
}

impl Producer {
    /// The value of `producedBy`.
    pub(crate) fn produced_by(self) -> ProducedBy {
        match self {
            Producer::By(object) => ProducedBy::Object(object),
            Producer::Perhaps => ProducedBy::Unknown,
            Producer::Elsewhere | Producer::No => ProducedBy::Nothing,
        }
    }
}

/// Catalog keys of producers.
pub(crate) struct ProducerKeys<'k> {
    pub(crate) objects: &'k ObjectKeys<'k>,
    pub(crate) secrets: &'k infra_model::KeyTable,
    pub(crate) external_secrets: &'k infra_model::KeyTable,
    pub(crate) vault_secrets: &'k infra_model::KeyTable,
}

impl Producers {
    /// Collects the producers of an inventory.
    pub(crate) fn new<'a>(
        inventory: &'a Inventory<'a>,
        embedded: &EmbeddedObjects<'a>,
        releases: &[Release<'a>],
        candidates: &[ServiceCandidate<'a>],
        keys: &ProducerKeys<'_>,
    ) -> Self {
        let mut cert_managers = releases.iter();
        let cert_manager =
            cert_managers.find(|release| release.chart.name.as_deref() == Some("cert-manager"));
        let of_charts = candidates.iter().filter(|candidate| candidate.is_of_chart());
        let mut producers = Producers {
            cert_manager: cert_manager
                .map_or("cert-manager", |release| release.namespace.as_str())
                .to_owned(),
            generated: kyverno_policy::generated(inventory),
            of_charts: of_charts.map(|candidate| candidate.key.clone()).collect(),
            ..Producers::default()
        };
        for release in releases.iter().filter(|release| release.rendered().is_none()) {
            *producers.charts.entry(release.namespace.clone()).or_default() += 1;
            let evaluated = release.evaluated.map(|evaluated| &evaluated.chart);
            if matches!(evaluated, Some(ReleaseChart::Failed(_))) {
                *producers.failed.entry(release.namespace.clone()).or_default() += 1;
            }
        }
        producers.add_stated(inventory, embedded, keys);
        let namespaces = Namespace::all(inventory);
        producers.add_secret_operators(inventory, &namespaces, keys);
        producers.add_certificates(inventory, keys);
        producers.add_operators(inventory, keys);
        producers.add_jobs(inventory, keys);
        producers.add_merged(inventory, keys);
        producers.add_copies(inventory, &namespaces);
        producers.add_policies(inventory, &namespaces, keys);
        producers
    }

    /// The producer of a used object.
    pub(crate) fn of(&self, found: &Use, catalogued: &ObjectRef, knowledge: &Knowledge) -> Producer {
        if let Some(producer) = self.made.get(catalogued) {
            return Producer::By(producer.clone());
        }
        let (used, namespace, name) = (found.used, &found.namespace, &catalogued.name);
        if elsewhere(knowledge, used.kind(), namespace, name) {
            return Producer::Elsewhere;
        }
        let anywhere = self.copies_into(used, namespace, name);
        let is_of_values = found.how == "valuesFrom";
        let mut charts = self.charts.get(namespace).copied().unwrap_or_default();
        if is_of_values {
            charts -= self.failed.get(namespace).copied().unwrap_or_default();
        }
        // An object that a chart needs before it is installed can only come from another chart.
        let own = usize::from(found.certainty == Certainty::Existing || is_of_values);
        let generated = self.may_be_generated(used, namespace, name);
        let of_chart = matches!(&found.user, User::Service(key) if self.of_charts.contains(key));
        if anywhere || generated || of_chart || charts > own {
            Producer::Perhaps
        } else {
            Producer::No
        }
    }

    /// The producer of an object, as `Kind/<key>`.
    pub(crate) fn made_by(&self, used: Used, namespace: &str, name: &str) -> Option<&str> {
        let made = self.made.get(&ObjectRef::new(used.kind(), namespace, name));
        made.map(String::as_str)
    }

    /// The only namespace in which an object of this name is made.
    pub(crate) fn only_namespace(&self, used: Used, name: &str) -> Option<&str> {
        self.namespaces.get(&(used, name.to_owned()))?.as_deref()
    }

    /// Whether an object of this kind and name is copied to unknown namespaces.
    pub(crate) fn copies_anywhere(&self, used: Used, name: &str) -> bool {
        self.anywhere.contains_key(&(used, name.to_owned()))
    }

    /// Whether an object of this kind and name may be copied to a namespace.
    pub(crate) fn copies_into(&self, used: Used, namespace: &str, name: &str) -> bool {
        let left_out = self.anywhere.get(&(used, name.to_owned()));
        left_out.is_some_and(|left_out| !left_out.contains(namespace))
    }

    /// The original of an object that is copied from one of the repository.
    pub(crate) fn copy(&self, copy: &ObjectRef) -> Option<&Copy> {
        self.copies.get(copy)
    }

    /// The namespaces that an object is copied to.
    pub(crate) fn copied_to(&self, used: Used, namespace: &str, name: &str) -> Option<CopiedTo> {
        let original = ObjectRef::new(used.kind(), namespace, name);
        self.copied_to.get(&original).cloned()
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

    /// The namespace of cert-manager, in which its cluster-scoped issuers read Secrets.
    pub(crate) fn cert_manager_namespace(&self) -> &str {
        &self.cert_manager
    }

    /// Whether an object of the repository makes something.
    pub(crate) fn makes(&self, name: &ObjectRef) -> bool {
        self.made.contains_key(name)
    }

    /// Adds an object that is made in unknown namespaces, other than those left out.
    fn add_anywhere(&mut self, used: Used, name: &str, left_out: BTreeSet<String>) {
        self.anywhere
            .entry((used, name.to_owned()))
            .and_modify(|known| known.retain(|namespace| left_out.contains(namespace)))
            .or_insert(left_out);
    }

    /// Adds an object that another one makes in its own namespace.
    fn add_own(&mut self, used: Used, object: &Object<'_>, name: &str, keys: &ProducerKeys<'_>) {
        self.add(used, object.namespace, name, || keys.objects.kind_key(object));
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

/// Whether something outside of the repository makes an object, by the knowledge file.
pub(crate) fn elsewhere(knowledge: &Knowledge, kind: &str, namespace: &str, name: &str) -> bool {
    let mut patterns = knowledge.produced_elsewhere.iter();
    patterns.any(|pattern| matches(pattern, kind, namespace, name))
}

/// Whether a pattern of `producedElsewhere` fits an object.
pub(crate) fn matches(pattern: &ProducedElsewhere, kind: &str, namespace: &str, name: &str) -> bool {
    let wanted = pattern.namespace.as_deref();
    pattern.kind == kind
        && wanted.is_none_or(|wanted| fits(wanted, namespace, None))
        && fits(&pattern.name, name, None)
}
