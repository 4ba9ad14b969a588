//! Secrets that a service such as Vault keeps for others: those whose store, class or connection has its address, and
//! those of its provider without an address.

use infra_model::Written;
use infra_model::service::Service;

use super::path::{SecretPath, paths};
use crate::facts::is_searchable;
use crate::find::{host, repository};
use crate::{Facts, Subject};

/// Providers by the image of their server.
const PROVIDERS: &[(&str, &[&str])] = &[
    ("vault", &["vault"]),
    ("openbao", &["vault", "openbao"]),
    ("infisical", &["infisical"]),
    ("connect-api", &["onepassword"]),
];

/// The paths of secrets that lead through a service.
pub(crate) fn paths_through<'a>(facts: &'a dyn Facts, service: &Service) -> Vec<SecretPath<'a>> {
    if !may_keep_secrets(facts, service) {
        return Vec::new();
    }
    let mut found = paths(facts);
    found.retain(|path| {
        let (provider, address) = provider_and_address(path);
        match (address, provider) {
            (Some(address), _) => is_address_of(address, service),
            (None, Some(provider)) => is_server(service, provider),
            (None, None) => false,
        }
    });
    found
}

/// Whether any store, class or connection may lead to a service. This is cheap, and saves collecting all paths.
fn may_keep_secrets(facts: &dyn Facts, service: &Service) -> bool {
    let is_provider = PROVIDERS
        .iter()
        .any(|(_, providers)| providers.iter().any(|provider| is_server(service, provider)));
    let texts: Vec<&str> = std::iter::once(service.name.as_str())
        .chain(service.hosts.iter().map(String::as_str))
        .filter(|text| !text.is_empty() && is_searchable(text))
        .collect();
    let is_own = |address: Option<&str>| address.is_some_and(|address| is_address_of(address, service));
    let is_written = |address: &Option<Written>| is_own(address.as_ref().map(Written::value));
    let is_named = || {
        let mut stores = facts.secret_stores().mentioning(&texts);
        let mut classes = facts.secret_provider_classes().mentioning(&texts);
        let mut secrets = facts.vault_secrets().mentioning(&texts);
        stores.any(|(_, store)| is_written(&store.server))
            || classes.any(|(_, class)| is_written(&class.vault_address))
            || secrets.any(|(_, secret)| is_own(secret.address.as_deref()))
    };
    is_provider || (!texts.is_empty() && is_named())
}

/// The provider of a path's origin, and its address.
fn provider_and_address<'a>(path: &SecretPath<'a>) -> (Option<&'a str>, Option<&'a str>) {
    if let Some((_, store)) = path.store {
        return (
            store.provider.as_deref(),
            store.server.as_ref().map(Written::value),
        );
    }
    match path.carrier {
        Some(Subject::SecretProviderClass(_, class)) => (
            Some(class.provider.as_str()),
            class.vault_address.as_ref().map(Written::value),
        ),
        Some(Subject::VaultSecret(_, secret)) => (Some("vault"), secret.address.as_deref()),
        _ => (None, None),
    }
}

/// Whether an address leads to a service: by a name in the cluster, or by a host.
fn is_address_of(address: &str, service: &Service) -> bool {
    let address = address.to_ascii_lowercase();
    let host = host(&address);
    if service.hosts.iter().any(|own| own.eq_ignore_ascii_case(host)) {
        return true;
    }
    if service.dns.is_empty() {
        // The Services of a chart that is not available are mostly named after the HelmRelease.
        let mut parts = host.split('.');
        let (name, namespace) = (parts.next().unwrap_or_default(), parts.next());
        let own = [Some(service.name.as_str()), service.helm_release.as_deref()];
        let is_named = own.into_iter().flatten().any(|own| {
            let rest = name.strip_prefix(own);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        });
        return is_named && namespace == Some(service.namespace.as_str());
    }
    // The names of a StatefulSet's pods are below that of the Service.
    let below = host.split_once('.').map(|(_, rest)| rest);
    let mut names = [Some(host), below].into_iter().flatten();
    names.any(|name| {
        let is_start = |dns: &String| {
            let rest = dns.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        name.contains('.') && service.dns.iter().any(is_start)
    })
}

/// Whether a service is the server of a provider, by its image or its name.
fn is_server(service: &Service, provider: &str) -> bool {
    let is_image = |own: &String, image: &str| repository(own).rsplit('/').next() == Some(image);
    let mut servers = PROVIDERS
        .iter()
        .filter(|(_, providers)| providers.contains(&provider));
    servers.any(|(image, _)| service.name == *image || service.images.iter().any(|own| is_image(own, image)))
}
