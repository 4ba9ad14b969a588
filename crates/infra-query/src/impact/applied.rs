//! Objects that a Kustomization applies beside services and objects of Flux: stores, Secrets, ConfigMaps and others.

use infra_model::service::Service;

use crate::facts::mentioning;
use crate::graph::links::object_named;
use crate::{Facts, Subject};

/// The objects that a Kustomization applies, sources of secrets first.
pub(super) fn objects<'a>(facts: &'a dyn Facts, key: &str) -> Vec<Subject<'a>> {
    let mut found = Vec::new();
    macro_rules! add {
        ($($section:ident => $variant:ident),* $(,)?) => {
            $(found.extend(
                mentioning(facts.$section(), key)
                    .filter(|(_, entry)| entry.kustomization.as_deref() == Some(key))
                    .map(|(key, entry)| Subject::$variant(key, entry)),
            );)*
        };
    }
    add! {
        secret_stores => SecretStore,
        secret_provider_classes => SecretProviderClass,
        external_secrets => ExternalSecret,
        vault_secrets => VaultSecret,
        sealed_secrets => SealedSecret,
        secrets => Secret,
        config_maps => ConfigMap,
        objects => Object,
    }
    found
}

/// The Kubernetes Services that select a workload.
pub(super) fn services<'a>(facts: &'a dyn Facts, service: &Service) -> Vec<Subject<'a>> {
    let ports = service.service_ports.iter();
    let mut names: Vec<&str> = ports.map(|port| port.service.as_str()).collect();
    names.dedup();
    let of_name = names.into_iter();
    of_name
        .filter_map(|name| object_named(facts, "Service", &service.namespace, name))
        .map(|(key, object)| Subject::Object(key, object))
        .collect()
}

/// The key of the Kustomization that applies a subject.
pub(super) fn kustomization(subject: Subject<'_>) -> Option<&str> {
    match subject {
        // A Kustomization that takes its variables from here is a user, whoever applies it.
        Subject::Kustomization(key, _) => Some(key),
        Subject::Service(..) | Subject::HelmRelease(..) | Subject::Source(..) | Subject::Object(..) => {
            subject.kustomization()
        }
        _ => None,
    }
}
