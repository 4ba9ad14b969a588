//! Objects turn into the ConfigMaps and Secrets that they make in the cluster, by name.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::ReleaseChart;
use flux_evaluate::flux::operator_objects;
use foldhash::{HashMap, HashMapExt};
use infra_model::knowledge::{Knowledge, ProducedElsewhere};
use infra_model::secrets::{CopiedTo, ProducedBy};
use infra_model::{Key, ObjectRef};

use crate::copies::{Namespace, copied_to, pushed};
use crate::copies_by_policy;
use crate::crossplane::EmbeddedObjects;
use crate::inventory::{Inventory, Object};
use crate::job_secrets;
use crate::keys::ObjectKeys;
use crate::kinds::helm_release::Release;
use crate::kinds::kyverno_policy::{self, Generated};
use crate::kinds::{external_secret, sealed_secret, secret, secret_provider_class, vault_secret};
use crate::pod_spec::PodTemplate;
use crate::service_candidates::ServiceCandidate;
use crate::uses::{Certainty, Use, Used, User};
use crate::view::View;
use crate::wildcard::fits;

/// Who makes what.
pub(crate) struct Producers {
    /// `Kind/<key>` by what it makes, the surest producer first.
    made: HashMap<ObjectRef, String>,
    /// The namespace in which something makes an object of this kind and name; none where there are several.
    namespaces: HashMap<(Used, String), Option<String>>,
    cert_manager: String,
    /// Kinds and names that something makes in namespaces that no one states.
    anywhere: BTreeSet<(Used, String)>,
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
            anywhere: BTreeSet::new(),
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
        producers.core(inventory, embedded, keys);
        producers.secret_operators(inventory, keys);
        producers.certificates(inventory, keys);
        producers.connections(inventory, keys);
        producers.jobs(inventory, keys);
        producers.merged(inventory, keys);
        producers.copies(inventory);
        producers.policies(inventory, keys);
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
        let anywhere = self.anywhere.contains(&(one.used, catalogued.name.clone()));
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
        self.anywhere.contains(&(used, name.to_owned()))
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

    fn core<'a>(
        &mut self,
        inventory: &'a Inventory<'a>,
        embedded: &EmbeddedObjects<'a>,
        keys: &ProducerKeys<'_>,
    ) {
        for object in inventory.of("", "Secret") {
            let name = secret::catalogued(object);
            let producer = || {
                let key = keys
                    .secrets
                    .get(&name)
                    .cloned()
                    .unwrap_or_else(|| name.name.clone());
                format!("Secret/{key}")
            };
            self.add(Used::Secret, object.namespace, object.unhashed_name(), producer);
        }
        for (kind, used) in [
            ("ConfigMap", Used::ConfigMap),
            ("ServiceAccount", Used::ServiceAccount),
        ] {
            for object in inventory.of("", kind) {
                self.add(used, object.namespace, object.unhashed_name(), || {
                    keys.objects.kind_key(object)
                });
            }
        }
        for object in inventory.of("", "Service") {
            if let Some(name) = serving_certificate(object) {
                self.add(Used::Secret, object.namespace, name, || {
                    keys.objects.kind_key(object)
                });
            }
        }
        for object in inventory.of(secret_provider_class::GROUP, "SecretProviderClass") {
            self.add(Used::SecretProviderClass, object.namespace, object.name, || {
                keys.objects.kind_key(object)
            });
        }
        for one in &embedded.all {
            let used = match one.kind {
                "ConfigMap" => Used::ConfigMap,
                "Secret" => Used::Secret,
                "ServiceAccount" => Used::ServiceAccount,
                _ => continue,
            };
            self.add(used, one.namespace, one.name, || {
                keys.objects.kind_key(one.object)
            });
        }
    }

    fn secret_operators<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        for object in inventory.of(sealed_secret::GROUP, "SealedSecret") {
            let name = sealed_secret::target(object);
            self.add(Used::Secret, object.namespace, name, || {
                keys.objects.kind_key(object)
            });
        }
        let shared = |table: &infra_model::KeyTable, object: &Object<'_>| {
            let key = table
                .get(&object.object_name())
                .cloned()
                .unwrap_or_else(|| object.name.to_owned());
            format!("{}/{key}", object.kind)
        };
        for kind in ["ExternalSecret", "ClusterExternalSecret"] {
            for object in inventory.of(external_secret::GROUP, kind) {
                let view = inventory.view(object);
                let Some((made, name)) = external_secret::made(object, view) else {
                    continue;
                };
                let used = match made {
                    "ConfigMap" => Used::ConfigMap,
                    _ => Used::Secret,
                };
                if kind == "ExternalSecret" {
                    // What adds to a Secret comes after all that may make it.
                    if external_secret::is_merged(object, view) {
                        continue;
                    }
                    self.add(used, object.namespace, name, || {
                        shared(keys.external_secrets, object)
                    });
                    continue;
                }
                for namespace in external_secret::namespaces(inventory, view) {
                    self.add(used, namespace, name, || shared(keys.external_secrets, object));
                }
                self.anywhere.insert((used, name.to_owned()));
            }
        }
        for object in vault_secret::KINDS
            .iter()
            .flat_map(|kind| inventory.of(vault_secret::GROUP, kind))
        {
            let view = inventory.view(object);
            if let Some(name) = vault_secret::destination(view).filter(|_| !vault_secret::is_merged(view)) {
                self.add(Used::Secret, object.namespace, name, || {
                    shared(keys.vault_secrets, object)
                });
            }
        }
        for (name, object) in secret_provider_class::synced(inventory) {
            self.add(Used::Secret, &name.namespace, &name.name, || {
                keys.objects.kind_key(object)
            });
        }
    }

    /// cert-manager (<https://cert-manager.io/docs/usage/>): Certificates, issuers' account keys, and Ingresses and
    /// Gateways that name an issuer.
    fn certificates<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        const GROUP: &str = "cert-manager.io";
        for object in inventory.of(GROUP, "Certificate") {
            if let Some(name) = inventory.view(object).text_at(&["spec", "secretName"]) {
                self.add(Used::Secret, object.namespace, name, || {
                    keys.objects.kind_key(object)
                });
            }
        }
        // Cluster issuers keep their Secrets where cert-manager runs.
        let home = self.cert_manager.clone();
        for (kind, cluster) in [("Issuer", false), ("ClusterIssuer", true)] {
            for object in inventory.of(GROUP, kind) {
                let account =
                    inventory
                        .view(object)
                        .text_at(&["spec", "acme", "privateKeySecretRef", "name"]);
                let namespace = if cluster { &home } else { object.namespace };
                if let Some(name) = account {
                    self.add(Used::Secret, namespace, name, || keys.objects.kind_key(object));
                }
            }
        }
        for group in ["networking.k8s.io", "extensions"] {
            for object in inventory
                .of(group, "Ingress")
                .filter(|object| names_issuer(object))
            {
                let view = inventory.view(object);
                for tls in view.at(&["spec", "tls"]).into_iter().flat_map(View::items) {
                    if let Some(name) = tls.text_of("secretName") {
                        self.add(Used::Secret, object.namespace, name, || {
                            keys.objects.kind_key(object)
                        });
                    }
                }
            }
        }
        for object in inventory
            .of("gateway.networking.k8s.io", "Gateway")
            .filter(|object| names_issuer(object))
        {
            let view = inventory.view(object);
            let listeners = view.at(&["spec", "listeners"]).into_iter().flat_map(View::items);
            let references = listeners
                .filter_map(|listener| listener.at(&["tls", "certificateRefs"]))
                .flat_map(View::items);
            for name in references.filter_map(|reference| reference.text_of("name")) {
                self.add(Used::Secret, object.namespace, name, || {
                    keys.objects.kind_key(object)
                });
            }
        }
        for object in inventory.of("trust.cert-manager.io", "Bundle") {
            self.anywhere.insert((Used::ConfigMap, object.name.to_owned()));
            self.anywhere.insert((Used::Secret, object.name.to_owned()));
        }
    }

    /// What other operators make of their resources, and Secrets with the outputs of Crossplane resources and of Terraform
    /// objects.
    fn connections<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        for object in inventory
            .objects
            .iter()
            .filter(|object| object.group.contains('.'))
        {
            let view = inventory.view(object);
            for made in operator_objects(view.node) {
                let used = match made.kind.as_str() {
                    "ConfigMap" => Used::ConfigMap,
                    _ => Used::Secret,
                };
                // What it is applied to may put the object into a namespace that its text lacks.
                let namespace = match made.namespace.as_str() {
                    "" => object.namespace,
                    namespace => namespace,
                };
                self.add(used, namespace, &made.name, || keys.objects.kind_key(object));
            }
            for field in [
                "writeConnectionSecretToRef",
                "publishConnectionDetailsTo",
                "writeOutputsToSecret",
            ] {
                let Some(reference) = view.at(&["spec", field]) else {
                    continue;
                };
                let Some(name) = reference.text_of("name") else {
                    continue;
                };
                let namespace = reference.text_of("namespace").unwrap_or(object.namespace);
                self.add(Used::Secret, namespace, name, || keys.objects.kind_key(object));
            }
        }
    }

    /// Secrets that Jobs make by a command.
    fn jobs<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        for object in ["Job", "CronJob"]
            .iter()
            .flat_map(|kind| inventory.of("batch", kind))
        {
            let containers = PodTemplate::of(inventory, object).into_iter();
            for container in containers.flat_map(PodTemplate::containers) {
                for made in job_secrets::made(container.view) {
                    let namespace = made.namespace.unwrap_or(object.namespace);
                    self.add(Used::Secret, namespace, made.name, || {
                        keys.objects.kind_key(object)
                    });
                }
            }
        }
    }

    /// Secrets to which ExternalSecrets and objects of the Vault Secrets Operator add.
    fn merged<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        for object in inventory.of(external_secret::GROUP, "ExternalSecret") {
            let view = inventory.view(object);
            let target = external_secret::target(object, view);
            let Some(name) = target.filter(|_| external_secret::is_merged(object, view)) else {
                continue;
            };
            self.add_merged(object, name, keys.external_secrets);
        }
        for object in vault_secret::KINDS
            .iter()
            .flat_map(|kind| inventory.of(vault_secret::GROUP, kind))
        {
            let view = inventory.view(object);
            if let Some(name) = vault_secret::destination(view).filter(|_| vault_secret::is_merged(view)) {
                self.add_merged(object, name, keys.vault_secrets);
            }
        }
    }

    fn add_merged(&mut self, object: &Object<'_>, name: &str, table: &infra_model::KeyTable) {
        let secret = ObjectRef::new("Secret", object.namespace, name);
        if !self.made.contains_key(&secret) {
            self.merged_only.insert(secret);
        }
        self.add(Used::Secret, object.namespace, name, || {
            let key = table.get(&object.object_name());
            format!("{}/{}", object.kind, key.map_or(object.name, |key| key))
        });
    }

    /// Objects that reflectors and replicators copy to other namespaces. In those that the repository knows, what makes the
    /// original makes the copies.
    fn copies(&mut self, inventory: &Inventory<'_>) {
        const PREFIXES: &[&str] = &[
            "k8s-replicator/",
            "reflector.v1.k8s.emberstack.com/",
            "replicator.v1.mittwald.de/",
            "kubed.appscode.com/sync",
        ];
        let copied = |view: View<'_>, path: &[&str]| {
            view.at(path)
                .into_iter()
                .flat_map(View::entries)
                .any(|(key, _)| PREFIXES.iter().any(|prefix| key.starts_with(prefix)))
        };
        let namespaces = Namespace::all(inventory);
        for object in &inventory.objects {
            let view = inventory.view(object);
            let (used, name, templates) = match (object.group, object.kind) {
                ("", "ConfigMap") => (Used::ConfigMap, Some(object.unhashed_name()), &[][..]),
                ("", "Secret") => (Used::Secret, Some(object.unhashed_name()), &[][..]),
                (external_secret::GROUP, "ExternalSecret") => (
                    Used::Secret,
                    external_secret::target(object, view),
                    &[&["spec", "target", "template", "metadata", "annotations"][..]][..],
                ),
                ("cert-manager.io", "Certificate") => (
                    Used::Secret,
                    view.text_at(&["spec", "secretName"]),
                    &[&["spec", "secretTemplate", "annotations"][..]][..],
                ),
                (sealed_secret::GROUP, "SealedSecret") => (
                    Used::Secret,
                    Some(object.name),
                    &[&["spec", "template", "metadata", "annotations"][..]][..],
                ),
                _ => continue,
            };
            let own: &[&str] = &["metadata", "annotations"];
            let paths = || templates.iter().copied().chain([own]);
            let Some(name) = name.filter(|_| paths().any(|path| copied(view, path))) else {
                continue;
            };
            self.anywhere.insert((used, name.to_owned()));
            let original = ObjectRef::new(used.kind(), object.namespace, name);
            let Some(maker) = self.made.get(&original).cloned() else {
                continue;
            };
            let pushed: Vec<_> = paths()
                .filter_map(|path| view.at(path))
                .flat_map(pushed)
                .collect();
            if let Some(to) = copied_to(&pushed, object.namespace) {
                self.copied_to.insert(original, to);
            }
            for pushed in pushed {
                let copy = pushed.name.unwrap_or(name);
                self.anywhere.insert((used, copy.to_owned()));
                for namespace in namespaces
                    .iter()
                    .filter(|known| pushed.is_into(known, object.namespace))
                {
                    let of = (object.namespace, name);
                    self.add_copy(used, (namespace.name, copy), of, pushed.by, &maker);
                }
            }
        }
    }

    /// What rules of Kyverno make in namespaces.
    fn policies(&mut self, inventory: &Inventory<'_>, keys: &ProducerKeys<'_>) {
        let policies = inventory.of(copies_by_policy::GROUP, "ClusterPolicy");
        let policies: Vec<&Object<'_>> = policies
            .chain(inventory.of(copies_by_policy::GROUP, "Policy"))
            .collect();
        if policies.is_empty() {
            return;
        }
        let namespaces = Namespace::all(inventory);
        for policy in policies {
            let key = keys.objects.kind_key(policy);
            for generated in copies_by_policy::generated(inventory.view(policy), policy.namespace) {
                let (used, name) = (generated.used, generated.name);
                self.anywhere.insert((used, name.to_owned()));
                let original = generated
                    .origin
                    .map(|(namespace, name)| ObjectRef::new(used.kind(), namespace, name));
                let maker = original
                    .as_ref()
                    .and_then(|original| self.made.get(original))
                    .cloned();
                let to = generated.copied_to(&key);
                for namespace in namespaces.iter().filter(|known| generated.is_into(known)) {
                    match (generated.origin, &maker) {
                        (Some(origin), Some(maker)) => {
                            self.add_copy(used, (namespace.name, name), origin, &to.by, maker);
                        }
                        (Some(_), None) => {}
                        (None, _) => self.add(used, namespace.name, name, || key.clone()),
                    }
                }
                if let Some(original) = original {
                    self.copied_to.entry(original).or_insert(to);
                }
            }
        }
    }

    /// Notes a copy by its namespace and name; what makes the original makes it.
    fn add_copy(
        &mut self,
        used: Used,
        (namespace, name): (&str, &str),
        (of_namespace, of): (&str, &str),
        by: &str,
        maker: &str,
    ) {
        let copy = ObjectRef::new(used.kind(), namespace, name);
        if !self.made.contains_key(&copy) {
            let known = Copy {
                of: format!("{of_namespace}/{of}"),
                by: by.to_owned(),
            };
            self.copies.insert(copy, known);
        }
        self.add(used, namespace, name, || maker.to_owned());
    }
}

/// The Secret that OpenShift makes for a Service, with `tls.crt` and `tls.key`
/// (<https://docs.openshift.com/container-platform/latest/security/certificates/service-serving-certificate.html>).
pub(crate) fn serving_certificate<'a>(object: &Object<'a>) -> Option<&'a str> {
    [
        "service.beta.openshift.io/serving-cert-secret-name",
        "service.alpha.openshift.io/serving-cert-secret-name",
    ]
    .iter()
    .find_map(|key| object.annotation(key))
}

fn names_issuer(object: &Object<'_>) -> bool {
    [
        "cert-manager.io/cluster-issuer",
        "cert-manager.io/issuer",
        "kubernetes.io/tls-acme",
    ]
    .iter()
    .any(|key| object.annotation(key).is_some())
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
