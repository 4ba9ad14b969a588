//! Secrets in the cluster: sealed, plain or generated, and who reads them.

use infra_model::secrets::{
    ProducedBy, Protection as ModelProtection, SealedSecret, Secret, SecretReference,
};

use super::{Common, common, common_model};
use crate::convert::common::{name_unless_key, stated, usage, usage_model};
use crate::layout::{Protection, ReferenceEntry, SealedSecretEntry, SecretEntry};

/// What `producedBy` says where a chart that was not rendered may make the Secret.
const UNKNOWN: &str = "unknown";

pub(crate) fn sealed_secret_entry(key: &str, secret: &SealedSecret) -> SealedSecretEntry {
    let SealedSecret { entry, target, keys } = secret;
    let Common {
        name,
        namespace,
        kustomization,
        also_applied_by,
        used_by,
        source,
    } = common(key, entry);
    SealedSecretEntry {
        name,
        namespace,
        target: target.clone(),
        keys: keys.clone(),
        kustomization,
        also_applied_by,
        used_by,
        source,
    }
}

pub(crate) fn sealed_secret(key: &str, entry: SealedSecretEntry) -> SealedSecret {
    let SealedSecretEntry {
        name,
        namespace,
        target,
        keys,
        kustomization,
        also_applied_by,
        used_by,
        source,
    } = entry;
    let common = Common {
        name,
        namespace,
        kustomization,
        also_applied_by,
        used_by,
        source,
    };
    SealedSecret {
        entry: common_model(key, common),
        target,
        keys,
    }
}

pub(crate) fn secret_entry(key: &str, secret: &Secret) -> SecretEntry {
    let Secret {
        entry,
        secret_type,
        keys,
        protection,
        rendered_name,
    } = secret.clone();
    let Common {
        name,
        namespace,
        kustomization,
        also_applied_by,
        used_by,
        source,
    } = common(key, &entry);
    SecretEntry {
        name,
        namespace,
        secret_type,
        keys,
        protection: match protection {
            ModelProtection::Sops => Protection::Sops,
            ModelProtection::Generator => Protection::Generator,
            ModelProtection::Plain => Protection::Plain,
        },
        rendered_name,
        kustomization,
        also_applied_by,
        used_by,
        source,
    }
}

pub(crate) fn secret(key: &str, entry: SecretEntry) -> Secret {
    let SecretEntry {
        name,
        namespace,
        secret_type,
        keys,
        protection,
        rendered_name,
        kustomization,
        also_applied_by,
        used_by,
        source,
    } = entry;
    let common = Common {
        name,
        namespace,
        kustomization,
        also_applied_by,
        used_by,
        source,
    };
    Secret {
        entry: common_model(key, common),
        secret_type,
        keys,
        protection: match protection {
            Protection::Sops => ModelProtection::Sops,
            Protection::Generator => ModelProtection::Generator,
            Protection::Plain => ModelProtection::Plain,
        },
        rendered_name,
    }
}

pub(crate) fn reference_entry(key: &str, reference: &SecretReference) -> ReferenceEntry {
    let SecretReference {
        name,
        namespace,
        used_by,
        usage: uses,
        produced_by,
    } = reference;
    ReferenceEntry {
        name: name_unless_key(name, key),
        namespace: stated(namespace),
        used_by: used_by.clone(),
        usage: uses.iter().map(usage).collect(),
        produced_by: match produced_by {
            ProducedBy::Object(object) => Some(object.clone()),
            ProducedBy::Unknown => Some(UNKNOWN.to_owned()),
            ProducedBy::Nothing => None,
        },
    }
}

pub(crate) fn reference(key: &str, entry: ReferenceEntry) -> SecretReference {
    let ReferenceEntry {
        name,
        namespace,
        used_by,
        usage: uses,
        produced_by,
    } = entry;
    SecretReference {
        name: name.unwrap_or_else(|| key.to_owned()),
        namespace: namespace.unwrap_or_default(),
        used_by,
        usage: uses.into_iter().map(usage_model).collect(),
        produced_by: match produced_by {
            Some(unknown) if unknown == UNKNOWN => ProducedBy::Unknown,
            Some(object) => ProducedBy::Object(object),
            None => ProducedBy::Nothing,
        },
    }
}
