//! The secrets that a service keeps for others, as Vault does: those whose store, class or connection names its address, and
//! those of its kind of provider that name none.

use infra_model::Written;
use infra_model::service::Service;

use super::path::{SecretPath, paths};
use crate::facts::is_searchable;
use crate::find::{host, repository};
use crate::{Facts, Subject};

/// Providers by the image of what serves them.
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
            (None, Some(provider)) => serves(service, provider),
            (None, None) => false,
        }
    });
    found
}

/// Whether anything that reads secrets may read them from a service: a cheap look, before all paths are made.
fn may_keep_secrets(facts: &dyn Facts, service: &Service) -> bool {
    let is_provider = PROVIDERS
        .iter()
        .any(|(_, providers)| providers.iter().any(|provider| serves(service, provider)));
    let texts: Vec<&str> = std::iter::once(service.name.as_str())
        .chain(service.hosts.iter().map(String::as_str))
        .filter(|text| !text.is_empty() && is_searchable(text))
        .collect();
    let is_named = || {
        facts.secret_stores().mentioning(&texts).any(|(_, store)| {
            let server = store.server.as_ref().map(Written::value);
            server.is_some_and(|server| is_address_of(server, service))
        }) || facts
            .secret_provider_classes()
            .mentioning(&texts)
            .any(|(_, class)| {
                let address = class.vault_address.as_ref().map(Written::value);
                address.is_some_and(|address| is_address_of(address, service))
            })
            || facts.vault_secrets().mentioning(&texts).any(|(_, secret)| {
                let address = secret.address.as_deref();
                address.is_some_and(|address| is_address_of(address, service))
            })
    };
    is_provider || (!texts.is_empty() && is_named())
}

/// The kind of provider that a path begins at, and its address.
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
    // Pods of a StatefulSet have names below that of the Service.
    service.dns.iter().any(|dns| {
        let names = std::iter::successors(Some(host), |name| name.split_once('.').map(|(_, rest)| rest));
        names.take(2).any(|name| {
            name.contains('.')
                && dns
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }) || service.dns.is_empty() && {
        // The chart's Services are not known: they bear the release's name.
        let mut parts = host.split('.');
        let own = [Some(service.name.as_str()), service.helm_release.as_deref()];
        let name = parts.next();
        let is_named = own.contains(&name)
            || name.is_some_and(|name| {
                own.iter()
                    .flatten()
                    .any(|own| name.starts_with(&format!("{own}-")))
            });
        is_named && parts.next() == Some(service.namespace.as_str())
    }
}

/// Whether a service is what serves a kind of provider, by its image or its name.
fn serves(service: &Service, provider: &str) -> bool {
    PROVIDERS
        .iter()
        .filter(|(_, providers)| providers.contains(&provider))
        .any(|(image, _)| {
            service.name == *image
                || service
                    .images
                    .iter()
                    .any(|own| repository(own).rsplit('/').next() == Some(image))
        })
}
