//! What Flux applies turns into the model: who owns, mounts, reads, waits for, talks to whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::crossplane::EmbeddedObjects;
use crate::helm_releases::Release;
use crate::hosts::Hosts;
use crate::inventory::{HELM, Inventory};
use crate::keys::{GeneratedNames, ObjectKeys};
use crate::kube_services::KubeServices;
use crate::producers::{ProducerKeys, Producers};
use crate::services::Seed;
use crate::uses::{Certainty, Collector, Use, Used, User};
use crate::view::View;
use flux_evaluate::Evaluation;
use foldhash::HashMap;
use infra_model::knowledge::Knowledge;
use infra_model::secrets::Secrets;
use infra_model::{Ambiguous, Diagnostic, Infrastructure, Key, KeyTable, Metadata, ObjectRef, Place};

use crate::{
    config_maps, curated, dependencies, diagnostics, external_secrets, helm_releases, helm_uses, inventory,
    keys, kustomizations, references, sealed_secrets, secret_provider_classes, secret_references,
    secret_stores, secret_values, secrets, services, sources, uses, variable_substitution, vault_agent,
    vault_secrets,
};

/// Links what one cluster entry applies.
pub fn link(evaluation: &Evaluation, knowledge: &Knowledge, metadata: &Metadata) -> Infrastructure {
    let evaluation = &*secret_values::withhold(evaluation);
    let kustomization_keys = keys::kustomizations(evaluation);
    let inventory = Inventory::new(evaluation, &kustomization_keys);
    let generated = GeneratedNames::new(&inventory);
    let embedded = EmbeddedObjects::new(&inventory);
    let (releases, object_keys) = rayon::join(
        || Release::all(&inventory, &embedded, &generated),
        || ObjectKeys::new(&inventory),
    );
    let (seeds, ambiguous_services) = services::seeds(&inventory, &releases);
    let injected = vault_agent::injected(&seeds);
    let secret_keys = secrets::keys(&inventory);
    let external_secret_keys = external_secrets::keys(&inventory);
    let vault_secret_keys = vault_secrets::keys(&inventory, &injected);
    let producer_keys = ProducerKeys {
        objects: &object_keys,
        secrets: &secret_keys,
        external_secrets: &external_secret_keys,
        vault_secrets: &vault_secret_keys,
    };
    let ((kube_services, hosts), (producers, uses)) = rayon::join(
        || {
            let kube_services = KubeServices::new(&inventory, &seeds, &releases);
            let hosts = Hosts::new(&inventory, &kube_services, &seeds, &releases);
            (kube_services, hosts)
        },
        || {
            let producers = Producers::new(&inventory, &embedded, &releases, &producer_keys);
            let uses = all_uses(
                &inventory,
                &object_keys,
                &seeds,
                &releases,
                &producers,
                &generated,
            );
            (producers, uses)
        },
    );
    let linker = Linker {
        inventory: &inventory,
        knowledge,
        kustomization_keys: &kustomization_keys,
        object_keys: &object_keys,
        config_map_keys: &config_maps::keys(&inventory, &embedded, &uses, &generated),
        reference_keys: &secret_references::keys(&uses, &generated),
        secret_keys: &secret_keys,
        external_secret_keys: &external_secret_keys,
        secret_store_keys: &secret_stores::keys(&inventory),
        vault_secret_keys: &vault_secret_keys,
        generated: &generated,
        embedded: &embedded,
        releases: &releases,
        seeds: &seeds,
        ambiguous_services: &ambiguous_services,
        kube_services: &kube_services,
        hosts: &hosts,
        uses: &uses,
        secret_users: secret_users(&uses, &generated),
        workload_keys: seeds
            .iter()
            .flat_map(|seed| {
                let workload = seed.workload.into_iter();
                let objects = workload.chain(std::iter::once(seed.object));
                objects.map(move |object| (object.object_name(), &seed.key))
            })
            .collect(),
        injected: &injected,
        producers: &producers,
    };
    linker.run(Infrastructure {
        metadata: metadata.clone(),
        ..Infrastructure::default()
    })
}

/// Everything that the stages which fill the model know.
pub(crate) struct Linker<'a> {
    pub(crate) inventory: &'a Inventory<'a>,
    pub(crate) knowledge: &'a Knowledge,
    pub(crate) kustomization_keys: &'a KeyTable,
    pub(crate) object_keys: &'a ObjectKeys<'a>,
    pub(crate) config_map_keys: &'a KeyTable,
    pub(crate) reference_keys: &'a KeyTable,
    pub(crate) secret_keys: &'a KeyTable,
    pub(crate) external_secret_keys: &'a KeyTable,
    pub(crate) secret_store_keys: &'a KeyTable,
    pub(crate) vault_secret_keys: &'a KeyTable,
    pub(crate) generated: &'a GeneratedNames<'a>,
    pub(crate) embedded: &'a EmbeddedObjects<'a>,
    pub(crate) releases: &'a [Release<'a>],
    pub(crate) seeds: &'a [Seed<'a>],
    pub(crate) ambiguous_services: &'a Ambiguous,
    pub(crate) kube_services: &'a KubeServices<'a>,
    pub(crate) hosts: &'a Hosts,
    pub(crate) uses: &'a [Use],
    /// Who reads each Secret, by its catalogued name.
    pub(crate) secret_users: BTreeMap<ObjectRef, BTreeSet<String>>,
    /// Keys of services by workload.
    pub(crate) workload_keys: HashMap<ObjectRef, &'a Key>,
    pub(crate) injected: &'a [vault_agent::Injected],
    pub(crate) producers: &'a Producers,
}

impl Linker<'_> {
    /// Every stage fills its part of the model, and reads that of no other. What takes longest begins first.
    fn run(&self, mut model: Infrastructure) -> Infrastructure {
        let (mut depends_on, mut ambiguous_sources) = (BTreeMap::new(), Ambiguous::new());
        let (mut in_plain_text, mut redacted, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        let Secrets {
            secret_provider_classes,
            external_secrets,
            secret_stores,
            vault_secrets,
            sealed_secrets,
            secrets,
            references,
        } = &mut model.secrets;
        rayon::scope(|scope| {
            scope.spawn(|_| (model.services, model.image_groups) = services::link(self));
            scope.spawn(|_| depends_on = dependencies::link(self));
            scope.spawn(|_| wrong = diagnostics::find(self));
            scope.spawn(|_| (model.sources, ambiguous_sources) = sources::link(self));
            scope.spawn(|_| model.helm_releases = helm_releases::link(self));
            scope.spawn(|_| (model.config_maps, redacted) = config_maps::link(self));
            scope.spawn(|_| model.kustomizations = kustomizations::link(self));
            scope.spawn(|_| *external_secrets = external_secrets::link(self));
            scope.spawn(|_| *secret_provider_classes = secret_provider_classes::link(self));
            scope.spawn(|_| *secret_stores = secret_stores::link(self));
            scope.spawn(|_| *vault_secrets = vault_secrets::link(self));
            scope.spawn(|_| *sealed_secrets = sealed_secrets::link(self));
            scope.spawn(|_| (*secrets, in_plain_text) = secrets::link(self));
            scope.spawn(|_| *references = secret_references::link(self));
            scope.spawn(|_| model.variable_substitution = variable_substitution::link(self));
        });
        for (key, depends_on) in depends_on {
            if let Some(service) = model.services.get_mut(&key) {
                service.depends_on = depends_on;
            }
        }
        model.ambiguous = self.ambiguous(ambiguous_sources);
        let stale = curated::merge(self, &mut model);
        model.diagnostics = [
            self.inventory.evaluation.diagnostics.clone(),
            in_plain_text,
            redacted,
            stale,
            wrong,
        ]
        .concat();
        Diagnostic::sort(&mut model.diagnostics);
        model
    }

    /// The names that stand for several entries, by map.
    fn ambiguous(&self, sources: Ambiguous) -> BTreeMap<String, Ambiguous> {
        let of_kind = |group, kind| self.object_keys.table(group, kind).map(KeyTable::ambiguous);
        let tables = [
            ("services", Some(self.ambiguous_services)),
            ("kustomizations", Some(self.kustomization_keys.ambiguous())),
            ("helmReleases", of_kind(HELM, "HelmRelease")),
            ("sources", Some(&sources)),
            ("configMaps", Some(self.config_map_keys.ambiguous())),
            (
                "secretProviderClasses",
                of_kind(secret_provider_classes::GROUP, "SecretProviderClass"),
            ),
            ("externalSecrets", Some(self.external_secret_keys.ambiguous())),
            ("secretStores", Some(self.secret_store_keys.ambiguous())),
            ("vaultSecrets", Some(self.vault_secret_keys.ambiguous())),
            ("sealedSecrets", of_kind(sealed_secrets::GROUP, "SealedSecret")),
            ("secrets", Some(self.secret_keys.ambiguous())),
            ("references", Some(self.reference_keys.ambiguous())),
        ];
        tables
            .into_iter()
            .filter_map(|(map, names)| {
                Some((map.to_owned(), names.filter(|names| !names.is_empty())?.clone()))
            })
            .collect()
    }

    /// Whether the repository makes a ConfigMap or Secret.
    pub(crate) fn is_made(&self, used: Used, namespace: &str, name: &str) -> bool {
        let catalogued = self.generated.catalogued(used, namespace, name);
        self.producers
            .makes(&ObjectRef::new(used.kind(), namespace, catalogued))
    }

    /// The catalog key of what a use names.
    pub(crate) fn used_key(&self, one: &Use) -> Option<Key> {
        let name = self.generated.object_name(one);
        match one.used {
            Used::ConfigMap => self.config_map_keys.get(&name).cloned(),
            Used::Secret => self.reference_keys.get(&name).cloned(),
            Used::SecretProviderClass => self
                .object_keys
                .table(secret_provider_classes::GROUP, one.used.kind())?
                .get(&name)
                .cloned(),
            Used::ServiceAccount => None,
        }
    }

    /// Who reads a Secret, as `usedBy` says it.
    pub(crate) fn users_of_secret(&self, namespace: &str, name: &str) -> Vec<String> {
        let users = self.secret_users.get(&ObjectRef::new("Secret", namespace, name));
        users.into_iter().flatten().cloned().collect()
    }

    /// The key of the service that is a workload.
    pub(crate) fn service_key(&self, namespace: &str, kind: &str, name: &str) -> Option<Key> {
        self.workload_keys
            .get(&ObjectRef::new(kind, namespace, name))
            .map(|key| (*key).clone())
    }
}

/// Where a person edits an object: nowhere for what a FluxInstance makes of itself.
pub(crate) fn edited_at(inventory: &Inventory<'_>, object: &inventory::Object<'_>) -> Option<Place> {
    match &object.applied.generated_by {
        Some(by) if is_flux_instance(by) => None,
        _ => inventory.source(object),
    }
}

pub(crate) fn is_flux_instance(generated_by: &str) -> bool {
    generated_by.starts_with("FluxInstance/")
}

fn secret_users(uses: &[Use], generated: &GeneratedNames<'_>) -> BTreeMap<ObjectRef, BTreeSet<String>> {
    let mut users: BTreeMap<ObjectRef, BTreeSet<String>> = BTreeMap::new();
    for one in uses.iter().filter(|one| one.used == Used::Secret) {
        users
            .entry(generated.object_name(one))
            .or_default()
            .insert(one.user_text().to_owned());
    }
    users
}

/// Uses of pods, releases, Kustomizations and other objects.
fn all_uses<'a>(
    inventory: &'a Inventory<'a>,
    object_keys: &ObjectKeys<'_>,
    seeds: &[Seed<'a>],
    releases: &[Release<'a>],
    producers: &Producers,
    generated: &GeneratedNames<'a>,
) -> Vec<Use> {
    let (mut uses, of_objects) = rayon::join(
        || service_uses(object_keys, seeds, releases, producers, generated),
        || {
            let mut uses = Vec::new();
            let key_of = |object: &inventory::Object<'a>| object_keys.kind_key(object);
            kustomization_uses(inventory, &mut uses);
            uses::object_uses(inventory, &key_of, &mut uses);
            references::references(inventory, producers, generated, &key_of, &mut uses);
            uses
        },
    );
    uses.extend(of_objects);
    uses
}

/// Uses of pods and releases.
fn service_uses<'a>(
    object_keys: &ObjectKeys<'_>,
    seeds: &[Seed<'a>],
    releases: &[Release<'a>],
    producers: &Producers,
    generated: &GeneratedNames<'a>,
) -> Vec<Use> {
    let mut uses = Vec::new();
    for seed in seeds {
        if let Some(pods) = seed.pods {
            let mut collector = Collector {
                uses: &mut uses,
                user: User::Service(seed.key.clone()),
                namespace: seed.namespace.to_owned(),
                certainty: Certainty::Stated,
            };
            collector.pod(pods);
        }
        if let Some(release) = seed.release.and_then(|release| releases.get(release)) {
            let names = Names {
                producers,
                generated,
                release,
            };
            release_uses(release, seed, object_keys, &names, &mut uses);
        }
    }
    uses
}

/// Uses of Kustomizations themselves.
fn kustomization_uses<'a>(inventory: &'a Inventory<'a>, uses: &mut Vec<Use>) {
    for owner in &inventory.owners {
        let (Some(key), Some(id), Some(object)) = (&owner.key, &owner.evaluated.id, &owner.evaluated.object)
        else {
            continue;
        };
        let mut collector = Collector {
            uses: &mut *uses,
            user: User::Object(format!("Kustomization/{key}")),
            namespace: id.namespace.clone(),
            certainty: Certainty::Stated,
        };
        let view = View::new(&object.node, Some(&object.built), None);
        for entry in view
            .at(&["spec", "postBuild", "substituteFrom"])
            .into_iter()
            .flat_map(View::items)
        {
            add_reference(&mut collector, entry, "substituteFrom");
        }
        if let Some(secret) = view.at(&["spec", "decryption", "secretRef", "name"]) {
            collector.add(Used::Secret, secret, "decryption");
        }
        kube_config(&mut collector, view);
    }
}

/// `spec.kubeConfig` of a Kustomization or HelmRelease.
fn kube_config(collector: &mut Collector<'_>, view: View<'_>) {
    for (field, used) in [("secretRef", Used::Secret), ("configMapRef", Used::ConfigMap)] {
        if let Some(name) = view.at(&["spec", "kubeConfig", field, "name"]) {
            collector.add(used, name, "kubeConfig");
        }
    }
}

fn release_uses(
    release: &Release<'_>,
    seed: &Seed<'_>,
    object_keys: &ObjectKeys<'_>,
    names: &Names<'_, '_>,
    uses: &mut Vec<Use>,
) {
    let mut collector = Collector {
        uses,
        user: User::Object(object_keys.kind_key(release.object)),
        namespace: release.object.namespace.to_owned(),
        certainty: Certainty::Stated,
    };
    for entry in release
        .view
        .at(&["spec", "valuesFrom"])
        .into_iter()
        .flat_map(View::items)
    {
        if let Some(added) = add_reference(&mut collector, entry, "valuesFrom") {
            added.key = Some(entry.text_of("valuesKey").unwrap_or("values.yaml").to_owned());
        }
    }
    kube_config(&mut collector, release.view);
    helm_uses::values_uses(&release.values.node, &seed.key, release.namespace, names, uses);
}

/// What the names in the values of a release stand for.
struct Names<'n, 'a> {
    producers: &'n Producers,
    generated: &'n GeneratedNames<'a>,
    release: &'n Release<'a>,
}

impl helm_uses::Names for Names<'_, '_> {
    fn untemplated(&self, text: &str) -> Option<String> {
        self.release.untemplated(text)
    }

    fn is_made(&self, used: Used, name: &str) -> bool {
        let namespace = self.release.namespace;
        let catalogued = self.generated.catalogued(used, namespace, name);
        self.producers.made_by(used, namespace, catalogued).is_some()
            // A generated object is not there under its name before the hash.
            && self.generated.rendered(used, namespace, name).is_none()
    }
}

/// A use of what `{kind, name, optional}` refers to.
fn add_reference<'u>(
    collector: &'u mut Collector<'_>,
    entry: View<'_>,
    how: &'static str,
) -> Option<&'u mut Use> {
    let used = match entry.text_of("kind")? {
        "ConfigMap" => Used::ConfigMap,
        "Secret" => Used::Secret,
        _ => return None,
    };
    let optional = entry
        .get("optional")
        .and_then(|view| view.node.as_bool())
        .unwrap_or(false);
    let added = collector.add(used, entry.get("name")?, how)?;
    added.optional = optional;
    Some(added)
}
