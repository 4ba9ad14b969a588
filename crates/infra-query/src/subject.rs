//! Everything that a question can be about, and the names under which people know it.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::Place;
use infra_model::config::{ConfigMap, Variable};
use infra_model::dependency::Target;
use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::object::{ObjectField, OtherObject};
use infra_model::secrets::{
    ExternalSecret, SealedSecret, Secret, SecretProviderClass, SecretReference, SecretStore, VaultSecret,
};
use infra_model::service::{ImageGroup, Service};

use crate::Facts;
use crate::facts::entries;

/// Something that a question can be about, with its key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Subject<'a> {
    /// A workload or HelmRelease.
    Service(&'a str, &'a Service),
    /// A Flux Kustomization.
    Kustomization(&'a str, &'a Kustomization),
    /// A HelmRelease, as Flux' object.
    HelmRelease(&'a str, &'a HelmRelease),
    /// A source.
    Source(&'a str, &'a Source),
    /// A SecretProviderClass.
    SecretProviderClass(&'a str, &'a SecretProviderClass),
    /// An ExternalSecret.
    ExternalSecret(&'a str, &'a ExternalSecret),
    /// A SecretStore or ClusterSecretStore.
    SecretStore(&'a str, &'a SecretStore),
    /// A VaultStaticSecret and its like.
    VaultSecret(&'a str, &'a VaultSecret),
    /// A SealedSecret.
    SealedSecret(&'a str, &'a SealedSecret),
    /// A Secret in the repository.
    Secret(&'a str, &'a Secret),
    /// A Secret that something reads.
    SecretReference(&'a str, &'a SecretReference),
    /// A ConfigMap.
    ConfigMap(&'a str, &'a ConfigMap),
    /// What decides an image.
    ImageGroup(&'a str, &'a ImageGroup),
    /// A substitution variable.
    Variable(&'a str, &'a Variable),
    /// An applied object that is none of the others.
    Object(&'a str, &'a OtherObject),
    /// A host or curated name outside of the repository.
    External(&'a str),
}

impl<'a> Subject<'a> {
    /// Key of the Kustomization that applies it.
    pub(crate) fn kustomization(&self) -> Option<&'a str> {
        match self {
            Subject::Service(_, service) => service.kustomization.as_deref(),
            Subject::Kustomization(_, kustomization) => kustomization.parent.as_deref(),
            Subject::HelmRelease(_, release) => release.kustomization.as_deref(),
            Subject::ConfigMap(_, config_map) => config_map.kustomization.as_deref(),
            Subject::Object(_, object) => object.kustomization.as_deref(),
            _ => None,
        }
    }

    /// Everything there is; services first, names from outside of the repository last.
    pub fn all(facts: &'a dyn Facts) -> Vec<Subject<'a>> {
        Subject::mentioning(facts, &[])
    }

    /// Everything in whose entry one of some texts may occur; without texts, everything.
    pub(crate) fn mentioning(facts: &'a dyn Facts, texts: &[&str]) -> Vec<Subject<'a>> {
        let mut all = Vec::new();
        macro_rules! add {
            ($($section:ident => $variant:ident),* $(,)?) => {
                $(all.extend(
                    entries(facts.$section(), texts).map(|(key, entry)| Subject::$variant(key, entry)),
                );)*
            };
        }
        add! {
            services => Service,
            kustomizations => Kustomization,
            helm_releases => HelmRelease,
            sources => Source,
            secret_provider_classes => SecretProviderClass,
            external_secrets => ExternalSecret,
            secret_stores => SecretStore,
            vault_secrets => VaultSecret,
            sealed_secrets => SealedSecret,
            secrets => Secret,
            secret_references => SecretReference,
            config_maps => ConfigMap,
            image_groups => ImageGroup,
            variables => Variable,
            objects => Object,
        }
        let services = all.iter().filter_map(|subject| match subject {
            Subject::Service(_, service) => Some(&service.depends_on),
            _ => None,
        });
        let hosts = services
            .flatten()
            .filter_map(|dependency| match &dependency.target {
                Target::External(host) => Some(host.as_str()),
                Target::Service(_) => None,
            });
        let curated = facts.knowledge().externals.keys().map(String::as_str);
        let mut externals: BTreeSet<&str> = hosts.chain(curated).collect();
        // What an operator makes of an object is not outside.
        for subject in &all {
            if let Subject::Object(_, object) = subject {
                for name in &object.dns {
                    externals.remove(name.as_str());
                }
            }
        }
        all.extend(externals.into_iter().map(Subject::External));
        all
    }

    /// The kind as people say it: the workload's for a service.
    pub fn kind(&self) -> &'a str {
        match *self {
            Subject::Service(_, service) => match &service.workload {
                Some(workload) => &workload.kind,
                None => "HelmRelease",
            },
            Subject::Kustomization(..) => "Kustomization",
            Subject::HelmRelease(..) => "HelmRelease",
            Subject::Source(_, source) => &source.kind,
            Subject::SecretProviderClass(..) => "SecretProviderClass",
            Subject::ExternalSecret(_, secret) => secret.kind.as_deref().unwrap_or("ExternalSecret"),
            Subject::SecretStore(_, store) => &store.kind,
            Subject::VaultSecret(_, secret) => &secret.kind,
            Subject::SealedSecret(..) => "SealedSecret",
            Subject::Secret(..) | Subject::SecretReference(..) => "Secret",
            Subject::ConfigMap(..) => "ConfigMap",
            Subject::ImageGroup(..) => "image group",
            Subject::Variable(..) => "variable",
            Subject::Object(_, object) => &object.kind,
            Subject::External(_) => "external",
        }
    }

    /// The key in its map.
    pub fn key(&self) -> &'a str {
        match *self {
            Subject::Service(key, _)
            | Subject::Kustomization(key, _)
            | Subject::HelmRelease(key, _)
            | Subject::Source(key, _)
            | Subject::SecretProviderClass(key, _)
            | Subject::ExternalSecret(key, _)
            | Subject::SecretStore(key, _)
            | Subject::VaultSecret(key, _)
            | Subject::SealedSecret(key, _)
            | Subject::Secret(key, _)
            | Subject::SecretReference(key, _)
            | Subject::ConfigMap(key, _)
            | Subject::ImageGroup(key, _)
            | Subject::Variable(key, _)
            | Subject::Object(key, _)
            | Subject::External(key) => key,
        }
    }

    /// The key without the kind, which keys of sources begin with.
    pub(super) fn own_key(&self) -> &'a str {
        let key = self.key();
        after_kind(self.kind(), key).unwrap_or(key)
    }

    /// Kind and key, the kind once.
    pub fn title(&self) -> String {
        titled(self.kind(), self.key())
    }

    /// The plain name.
    pub fn name(&self) -> &'a str {
        match *self {
            Subject::Service(_, service) => &service.name,
            Subject::Kustomization(_, kustomization) => &kustomization.name,
            Subject::HelmRelease(_, release) => &release.name,
            Subject::Source(_, source) => &source.name,
            Subject::SecretProviderClass(_, class) => &class.name,
            Subject::ExternalSecret(_, secret) => &secret.name,
            Subject::SecretStore(_, store) => &store.name,
            Subject::VaultSecret(_, secret) => &secret.name,
            Subject::SealedSecret(_, secret) => &secret.name,
            Subject::Secret(_, secret) => &secret.name,
            Subject::SecretReference(_, reference) => &reference.name,
            Subject::ConfigMap(_, config_map) => &config_map.name,
            Subject::ImageGroup(_, group) => &group.image_name,
            Subject::Object(_, object) => &object.name,
            Subject::Variable(name, _) | Subject::External(name) => name,
        }
    }

    /// Its namespace; empty where it has none.
    pub fn namespace(&self) -> &'a str {
        match *self {
            Subject::Service(_, service) => &service.namespace,
            Subject::Kustomization(_, kustomization) => &kustomization.namespace,
            Subject::HelmRelease(_, release) => &release.namespace,
            Subject::Source(_, source) => &source.namespace,
            Subject::SecretProviderClass(_, class) => &class.namespace,
            Subject::ExternalSecret(_, secret) => &secret.namespace,
            Subject::SecretStore(_, store) => &store.namespace,
            Subject::VaultSecret(_, secret) => &secret.namespace,
            Subject::SealedSecret(_, secret) => &secret.namespace,
            Subject::Secret(_, secret) => &secret.namespace,
            Subject::SecretReference(_, reference) => &reference.namespace,
            Subject::ConfigMap(_, config_map) => &config_map.namespace,
            Subject::Object(_, object) => &object.namespace,
            Subject::ImageGroup(..) | Subject::Variable(..) | Subject::External(_) => "",
        }
    }

    /// Where a person edits it.
    pub fn place(&self) -> Option<&'a Place> {
        match *self {
            Subject::Service(_, service) => service.source.as_ref(),
            Subject::Kustomization(_, kustomization) => kustomization.source.as_ref(),
            Subject::HelmRelease(_, release) => release.source.as_ref(),
            Subject::Source(_, source) => source.source.as_ref(),
            Subject::SecretProviderClass(_, class) => class.source.as_ref(),
            Subject::ExternalSecret(_, secret) => secret.source.as_ref(),
            Subject::SecretStore(_, store) => store.source.as_ref(),
            Subject::VaultSecret(_, secret) => secret.source.as_ref(),
            Subject::SealedSecret(_, secret) => secret.source.as_ref(),
            Subject::Secret(_, secret) => secret.source.as_ref(),
            Subject::ConfigMap(_, config_map) => config_map.source.as_ref(),
            Subject::ImageGroup(_, group) => Some(&group.source),
            Subject::Object(_, object) => object.source.as_ref(),
            Subject::SecretReference(..) | Subject::Variable(..) | Subject::External(_) => None,
        }
    }

    /// The fields that its entry keeps: of an object that no other section has, or the values of a release whose chart is not at
    /// hand.
    pub(super) fn fields(&self) -> Option<&'a BTreeMap<String, ObjectField>> {
        match *self {
            Subject::Object(_, object) => Some(&object.fields),
            Subject::HelmRelease(_, release) => Some(&release.values),
            _ => None,
        }
    }

    /// Further names: aliases, the hash-suffixed name, the Secret it makes.
    pub(super) fn aliases(&self) -> Vec<&'a str> {
        match *self {
            Subject::Service(_, service) => service
                .aliases
                .iter()
                .map(String::as_str)
                .chain(service.helm_release.as_deref())
                .collect(),
            Subject::HelmRelease(_, release) => vec![&release.release_name],
            Subject::SecretProviderClass(_, class) => class
                .secret_objects
                .iter()
                .map(|object| object.secret_name.as_str())
                .collect(),
            Subject::ExternalSecret(_, secret) => vec![&secret.target],
            Subject::VaultSecret(_, secret) => secret.destination.as_deref().into_iter().collect(),
            Subject::SealedSecret(_, secret) => vec![&secret.target],
            Subject::Secret(_, secret) => secret.rendered_name.as_deref().into_iter().collect(),
            Subject::ConfigMap(_, config_map) => config_map.rendered_name.as_deref().into_iter().collect(),
            Subject::ImageGroup(_, group) => group.image_name.rsplit('/').next().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Paths in a secret store that it reads, as written and as substituted.
    pub(super) fn secret_paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        let mut add = |text: &infra_model::Written| {
            paths.push(text.written.clone());
            paths.extend(text.resolved.clone());
        };
        match *self {
            Subject::SecretProviderClass(_, class) => {
                for secret in &class.secrets {
                    secret.vault_path.iter().for_each(&mut add);
                    secret.remote_ref.iter().for_each(|remote| add(&remote.name));
                }
            }
            Subject::ExternalSecret(_, secret) => {
                secret.data.iter().for_each(|data| add(&data.key));
                // `extract: path`
                let paths = secret.data_from.iter().filter_map(|from| from.split_once(": "));
                paths.for_each(|(_, path)| add(&infra_model::Written::plain(path)));
            }
            Subject::VaultSecret(_, secret) => {
                secret.path.iter().for_each(&mut add);
                if let (Some(mount), Some(path)) = (&secret.mount, &secret.path) {
                    paths.push(format!("{}/{}", mount.value(), path.value()));
                    // The path of the API, which people copy from other tools.
                    paths.push(format!("{}/data/{}", mount.value(), path.value()));
                }
            }
            _ => {}
        }
        paths
    }
}

/// Kind and key, the kind once: keys of sources begin with it.
pub(super) fn titled(kind: &str, key: &str) -> String {
    match after_kind(kind, key) {
        Some(_) => key.to_owned(),
        None => format!("{kind} {key}"),
    }
}

pub(super) fn after_kind<'k>(kind: &str, key: &'k str) -> Option<&'k str> {
    key.strip_prefix(kind)?.strip_prefix('/')
}
