//! Everything that a question can be about, and the names by which people know it.

use std::collections::BTreeSet;

use infra_model::Place;
use infra_model::config::{ConfigMap, Variable};
use infra_model::dependency::Target;
use infra_model::fields::Fields;
use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::object::OtherObject;
use infra_model::secrets::{
    ExternalSecret, SealedSecret, Secret, SecretProviderClass, SecretReference, SecretStore, VaultSecret,
};
use infra_model::service::{ImageGroup, Service};

use crate::facts::entries;
use crate::graph::Node;
use crate::{Facts, Keyed};

/// Calls a macro with the subjects that have an entry, and their sections: services first.
macro_rules! with_sections {
    ($use:ident) => {
        $use! {
            Service services,
            Kustomization kustomizations,
            HelmRelease helm_releases,
            Source sources,
            SecretProviderClass secret_provider_classes,
            ExternalSecret external_secrets,
            SecretStore secret_stores,
            VaultSecret vault_secrets,
            SealedSecret sealed_secrets,
            Secret secrets,
            SecretReference secret_references,
            ConfigMap config_maps,
            ImageGroup image_groups,
            Variable variables,
            Object objects,
        }
    };
}
pub(crate) use with_sections;

/// Something that a question can be about, with its key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Subject<'a> {
    /// A workload or HelmRelease.
    Service(&'a str, &'a Service),
    /// A Flux Kustomization.
    Kustomization(&'a str, &'a Kustomization),
    /// A HelmRelease, as the object of Flux.
    HelmRelease(&'a str, &'a HelmRelease),
    /// A source.
    Source(&'a str, &'a Source),
    /// A SecretProviderClass.
    SecretProviderClass(&'a str, &'a SecretProviderClass),
    /// An ExternalSecret.
    ExternalSecret(&'a str, &'a ExternalSecret),
    /// A SecretStore or ClusterSecretStore.
    SecretStore(&'a str, &'a SecretStore),
    /// A VaultStaticSecret or another kind of the Vault operator and injector.
    VaultSecret(&'a str, &'a VaultSecret),
    /// A SealedSecret.
    SealedSecret(&'a str, &'a SealedSecret),
    /// A Secret in the repository.
    Secret(&'a str, &'a Secret),
    /// A Secret that something reads.
    SecretReference(&'a str, &'a SecretReference),
    /// A ConfigMap.
    ConfigMap(&'a str, &'a ConfigMap),
    /// The place that decides an image.
    ImageGroup(&'a str, &'a ImageGroup),
    /// A substitution variable.
    Variable(&'a str, &'a Variable),
    /// An applied object of a kind without a section.
    Object(&'a str, &'a OtherObject),
    /// A host or curated name outside of the repository.
    External(&'a str),
}

impl<'a> Subject<'a> {
    /// Key of the Kustomization that applies it; of a Kustomization its parent.
    pub(crate) fn kustomization(&self) -> Option<&'a str> {
        match *self {
            Subject::Service(_, it) => it.kustomization.as_deref(),
            Subject::Kustomization(_, it) => it.parent.as_deref(),
            Subject::HelmRelease(_, it) => it.kustomization.as_deref(),
            Subject::Source(_, it) => it.kustomization.as_deref(),
            Subject::SecretProviderClass(_, it) => it.kustomization.as_deref(),
            Subject::ExternalSecret(_, it) => it.kustomization.as_deref(),
            Subject::SecretStore(_, it) => it.kustomization.as_deref(),
            Subject::VaultSecret(_, it) => it.kustomization.as_deref(),
            Subject::SealedSecret(_, it) => it.kustomization.as_deref(),
            Subject::Secret(_, it) => it.kustomization.as_deref(),
            Subject::ConfigMap(_, it) => it.kustomization.as_deref(),
            Subject::Object(_, it) => it.kustomization.as_deref(),
            Subject::SecretReference(..)
            | Subject::ImageGroup(..)
            | Subject::Variable(..)
            | Subject::External(_) => None,
        }
    }

    /// [`Subject::kustomization`], only of services, Kustomizations, HelmReleases, ConfigMaps and objects without a
    /// section.
    pub(crate) fn applied_by(&self) -> Option<&'a str> {
        let is_named = matches!(
            self,
            Subject::Service(..)
                | Subject::Kustomization(..)
                | Subject::HelmRelease(..)
                | Subject::ConfigMap(..)
                | Subject::Object(..)
        );
        self.kustomization().filter(|_| is_named)
    }

    /// The service, if it is one.
    pub(crate) fn service(self) -> Option<Keyed<'a, Service>> {
        match self {
            Subject::Service(key, service) => Some((key, service)),
            _ => None,
        }
    }

    /// The HelmRelease, if it is one.
    pub(crate) fn helm_release(self) -> Option<Keyed<'a, HelmRelease>> {
        match self {
            Subject::HelmRelease(key, release) => Some((key, release)),
            _ => None,
        }
    }

    /// The ConfigMap, if it is one.
    pub(crate) fn config_map(self) -> Option<Keyed<'a, ConfigMap>> {
        match self {
            Subject::ConfigMap(key, map) => Some((key, map)),
            _ => None,
        }
    }

    /// All subjects; services first, names from outside of the repository last.
    pub fn all(facts: &'a dyn Facts) -> Vec<Subject<'a>> {
        Subject::mentioning(facts, &[])
    }

    /// The subjects in whose entries one of some texts may occur; all subjects if there are no texts.
    pub(crate) fn mentioning(facts: &'a dyn Facts, texts: &[&str]) -> Vec<Subject<'a>> {
        let mut all = Vec::new();
        macro_rules! add {
            ($($kind:ident $section:ident),* $(,)?) => {
                $(all.extend(
                    entries(facts.$section(), texts).map(|(key, entry)| Subject::$kind(key, entry)),
                );)*
            };
        }
        with_sections!(add);
        let services = all.iter().filter_map(|subject| subject.service());
        let hosts = services
            .flat_map(|(_, service)| &service.depends_on)
            .filter_map(|dependency| match &dependency.target {
                Target::External(host) => Some(host.as_str()),
                Target::Service(_) => None,
            });
        let curated = facts.knowledge().externals.keys().map(String::as_str);
        let mut externals: BTreeSet<&str> = hosts.chain(curated).collect();
        // The Services that an operator makes of an object are inside.
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

    /// The kind; of a service that of its workload.
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

    /// The key in its section.
    pub fn key(&self) -> &'a str {
        Node::from(*self).key()
    }

    /// The key without the kind, with which keys of sources and objects begin.
    pub(super) fn own_key(&self) -> &'a str {
        let key = self.key();
        after_kind(self.kind(), key).unwrap_or(key)
    }

    /// `Kind/namespace/name`, as findings name their objects.
    pub(crate) fn object(&self) -> String {
        format!("{}/{}/{}", self.kind(), self.namespace(), self.name())
    }

    /// Kind and key; the kind is not repeated if the key begins with it.
    pub fn title(&self) -> String {
        titled(self.kind(), self.key())
    }

    /// The name in `metadata`.
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

    /// Its namespace; empty if it has none.
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

    /// The fields that its entry has: those of an object without a section of its own, or the values of a HelmRelease
    /// whose chart is not available.
    pub(super) fn fields(&self) -> Option<&'a Fields> {
        match *self {
            Subject::Object(_, object) => Some(&object.fields),
            Subject::HelmRelease(_, release) => Some(&release.values),
            _ => None,
        }
    }

    /// Other names: aliases, the name with a hash suffix, the Secret that it makes.
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

    /// The paths that it reads in a secret store, as written and as substituted.
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
                    // The path of Vault's API, which people copy from other tools.
                    paths.push(format!("{}/data/{}", mount.value(), path.value()));
                }
            }
            _ => {}
        }
        paths
    }
}

/// Kind and key; the kind is not repeated for keys that begin with it, such as those of sources.
pub(super) fn titled(kind: &str, key: &str) -> String {
    match after_kind(kind, key) {
        Some(_) => key.to_owned(),
        None => format!("{kind} {key}"),
    }
}

pub(super) fn after_kind<'k>(kind: &str, key: &'k str) -> Option<&'k str> {
    key.strip_prefix(kind)?.strip_prefix('/')
}
