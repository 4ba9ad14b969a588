//! Secrets that VaultStaticSecrets, VaultDynamicSecrets and VaultPKISecrets of the Vault Secrets Operator make.

use crate::view::View;

/// API group of the Vault Secrets Operator.
pub(crate) const GROUP: &str = "secrets.hashicorp.com";

/// The kinds that make Secrets.
pub(crate) const KINDS: &[&str] = &["VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret"];

/// The name of the Secret that an object makes.
pub(crate) fn destination<'a>(view: View<'a>) -> Option<&'a str> {
    view.text_at(&["spec", "destination", "name"])
}

/// Whether an object only fills a Secret that something else has to make, which is the default
/// (<https://github.com/hashicorp/vault-secrets-operator/blob/main/helpers/secrets.go>).
pub(crate) fn is_merged(view: View<'_>) -> bool {
    let create = view.at(&["spec", "destination", "create"]);
    create.is_none_or(|create| create.node.is_null() || create.node.as_bool() == Some(false))
}
