//! What a Kustomization applies beside services and Flux' own objects: stores, Secrets, ConfigMaps and other objects.

use infra_model::service::Service;

use crate::facts::mentioning;
use crate::graph::links::object_named;
use crate::{Facts, Subject};

/// The things that a Kustomization applies, those first that secrets come from.
pub(super) fn things<'a>(facts: &'a dyn Facts, key: &str) -> Vec<Subject<'a>> {
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
    let mut names: Vec<&str> = service
        .service_ports
        .iter()
        .map(|port| port.service.as_str())
        .collect();
    names.dedup();
    let of_name = names.into_iter();
    of_name
        .filter_map(|name| object_named(facts, "Service", &service.namespace, name))
        .map(|(key, object)| Subject::Object(key, object))
        .collect()
}

/// The key of the Kustomization that applies a thing.
pub(super) fn kustomization(subject: Subject<'_>) -> Option<&str> {
    match subject {
        Subject::Service(_, it) => it.kustomization.as_deref(),
        Subject::HelmRelease(_, it) => it.kustomization.as_deref(),
        Subject::Source(_, it) => it.kustomization.as_deref(),
        // One that takes its variables from here is a user, whoever applies it.
        Subject::Kustomization(key, _) => Some(key),
        Subject::Object(_, it) => it.kustomization.as_deref(),
        _ => None,
    }
}
