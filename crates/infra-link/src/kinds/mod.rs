//! Typed views of objects, one file per kind.

pub(crate) mod external_secret;
pub(crate) mod helm_release;
pub(crate) mod kyverno_policy;
pub(crate) mod push_secret;
pub(crate) mod sealed_secret;
pub(crate) mod secret_provider_class;
pub(crate) mod secret_template;
pub(crate) mod source;
pub(crate) mod vault_secret;
