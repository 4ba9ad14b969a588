//! The secrets guide: the mechanisms in use, with a flow diagram of each.

use std::collections::BTreeMap;

use infra_model::Written;
use infra_model::secrets::{
    ExternalSecret, ProducedBy, Protection, Secret, SecretProviderClass, SecretReference,
};
use minijinja::Value;
use serde::Serialize;

use super::facts::{Facts, Head, Rows, listed, notes, unique};
use super::platform::named;
use plain_text::markdown::{is_plain_name, is_plain_word};

const NAMES: usize = 8;

#[derive(Debug, Serialize)]
pub(crate) struct SecretsMap {
    /// The class that the flow diagram shows.
    pub(crate) class: Option<Class>,
    /// Whether any class belongs to Vault.
    pub(crate) has_vault_class: bool,
    pub(crate) has_classes: bool,
    pub(crate) external_secret: Option<ExternalSecretSample>,
    pub(crate) vault_secret: Option<VaultSecretSample>,
    pub(crate) sealed_secret: Option<String>,
    pub(crate) has_sops: bool,
    /// Namespace of Vault, if it runs in the cluster.
    pub(crate) vault_namespace: Option<String>,
    /// Namespace of the CSI driver.
    pub(crate) csi_namespace: String,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) notes: Vec<Value>,
}

/// A SecretProviderClass with one of its secrets.
#[derive(Debug, Serialize)]
pub(crate) struct Class {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) provider: String,
    pub(crate) role: Option<String>,
    pub(crate) mount_path: Option<String>,
    pub(crate) vault_path: Option<String>,
    /// `vault_path`, if it is safe in a command.
    pub(crate) vault_path_word: Option<String>,
    pub(crate) vault_key: Option<String>,
    pub(crate) secret_name: Option<String>,
    /// Path of the file in a pod.
    pub(crate) file: Option<String>,
    /// Folder of that file, with a final `/`.
    pub(crate) folder: Option<String>,
    pub(crate) used_by: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ExternalSecretSample {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) store: String,
    pub(crate) key: Option<String>,
    pub(crate) target: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct VaultSecretSample {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) path: Option<String>,
    pub(crate) destination: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Cluster {
    pub(crate) head: Head,
    pub(crate) classes: Rows<ClassRow>,
    pub(crate) carriers: Rows<CarrierRow>,
    pub(crate) stores: Rows<StoreRow>,
    pub(crate) unmade: Rows<UnmadeRow>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ClassRow {
    pub(crate) key: String,
    pub(crate) namespace: String,
    pub(crate) provider: String,
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
    pub(crate) used_by: Vec<String>,
}

/// An object that makes a Secret: ExternalSecret, VaultStaticSecret, SealedSecret, a Secret in the repository.
#[derive(Debug, Serialize)]
pub(crate) struct CarrierRow {
    pub(crate) kind: String,
    pub(crate) key: String,
    pub(crate) namespace: String,
    pub(crate) makes: String,
    pub(crate) from: Option<String>,
    pub(crate) used_by: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct StoreRow {
    pub(crate) kind: String,
    pub(crate) key: String,
    pub(crate) provider: Option<String>,
    pub(crate) server: Option<String>,
    pub(crate) role: Option<String>,
}

/// A Secret that something reads and nothing in the repository makes.
#[derive(Debug, Serialize)]
pub(crate) struct UnmadeRow {
    pub(crate) key: String,
    pub(crate) namespace: String,
    pub(crate) used_by: Vec<String>,
    /// Whether a chart may make it.
    pub(crate) maybe_chart: bool,
}

pub(crate) fn view(all: &[Facts<'_>]) -> SecretsMap {
    let secrets = || all.iter().map(|facts| &facts.infra.secrets);
    let namespace_of = |id| {
        let found = all.iter().find_map(|facts| named(&facts.found, id));
        found.map(|found| found.namespace.to_owned())
    };
    let is_sops = |secret: &Secret| secret.protection == Protection::Sops;
    let mut kustomizations = all.iter().flat_map(|facts| facts.infra.kustomizations.values());
    let mut classes = secrets().flat_map(|map| map.secret_provider_classes.values());
    let external_secret = secrets().flat_map(|map| map.external_secrets.values()).next();
    let vault_secret = secrets().flat_map(|map| map.vault_secrets.values()).next();
    SecretsMap {
        class: secrets().find_map(|map| class(&map.secret_provider_classes)),
        has_vault_class: classes.any(|class| class.provider == "vault"),
        has_classes: secrets().any(|map| !map.secret_provider_classes.is_empty()),
        external_secret: external_secret.map(|secret| ExternalSecretSample {
            name: secret.name.clone(),
            namespace: secret.namespace.clone(),
            store: secret.store_name().unwrap_or("its store").to_owned(),
            key: first_key(secret),
            target: secret.target.clone(),
        }),
        vault_secret: vault_secret.map(|secret| VaultSecretSample {
            kind: secret.kind.clone(),
            name: secret.name.clone(),
            namespace: secret.namespace.clone(),
            path: secret.path.as_ref().map(written),
            destination: secret.destination.clone(),
        }),
        sealed_secret: secrets().find_map(|map| map.sealed_secrets.keys().next().cloned()),
        has_sops: secrets().any(|map| map.secrets.values().any(is_sops))
            || kustomizations.any(|kustomization| kustomization.decryption.is_some()),
        vault_namespace: namespace_of("vault").or_else(|| namespace_of("openbao")),
        csi_namespace: namespace_of("secrets-store-csi-driver").unwrap_or_else(|| "kube-system".to_owned()),
        clusters: all.iter().map(cluster).collect(),
        notes: notes(all, &["secrets-map", "secrets", "secretsMap"]),
    }
}

fn written(text: &Written) -> String {
    text.written.clone()
}

/// The first key that an ExternalSecret fetches.
fn first_key(secret: &ExternalSecret) -> Option<String> {
    let key = secret.data.first().map(|data| written(&data.key));
    key.or_else(|| secret.data_from.first().cloned())
}

/// The class that most services mount; classes of Vault come before others.
fn class(classes: &BTreeMap<String, SecretProviderClass>) -> Option<Class> {
    let rank = |class: &SecretProviderClass| (class.provider == "vault", class.used_by.len());
    let (key, class) = classes.iter().rev().max_by_key(|(_, class)| rank(class))?;
    // Prefer a mounted secret: its flow can be shown to the end.
    let mounted = class.secrets.iter().find(|secret| !secret.mounts.is_empty());
    let secret = mounted.or(class.secrets.first());
    let file = secret.and_then(|secret| Some(secret.mounts.first()?.path.clone()));
    let vault_path = secret.and_then(|secret| secret.vault_path.as_ref().map(written));
    Some(Class {
        key: key.clone(),
        name: class.name.clone(),
        namespace: class.namespace.clone(),
        provider: class.provider.clone(),
        role: class.vault_role.as_ref().map(written),
        mount_path: class.vault_mount_path.as_ref().map(written),
        vault_path_word: vault_path.clone().filter(|path| is_plain_word(path)),
        vault_path,
        vault_key: secret.and_then(|secret| secret.vault_key.as_ref().map(written)),
        secret_name: secret.and_then(|secret| secret.k8s_secret_name.clone()),
        folder: file
            .as_ref()
            .and_then(|file| Some(format!("{}/", file.rsplit_once('/')?.0))),
        file,
        used_by: listed(&class.used_by, NAMES),
    })
}

fn cluster(facts: &Facts<'_>) -> Cluster {
    let secrets = &facts.infra.secrets;
    let classes = secrets.secret_provider_classes.iter();
    let classes = classes.map(|(key, class)| ClassRow {
        key: key.clone(),
        namespace: class.namespace.clone(),
        provider: class.provider.clone(),
        from: listed(&sources(class), NAMES),
        to: listed(&targets(class), NAMES),
        used_by: listed(&class.used_by, NAMES),
    });
    let stores = secrets.secret_stores.iter().map(|(key, store)| StoreRow {
        kind: store.kind.clone(),
        key: key.clone(),
        provider: store.provider.clone(),
        server: store.server.as_ref().map(written),
        role: store.role.as_ref().map(written),
    });
    let unmade = secrets.references.iter().filter_map(|(key, reference)| {
        let maybe_chart = match reference.produced_by {
            ProducedBy::Object(_) => return None,
            ProducedBy::Unknown => true,
            ProducedBy::Nothing => false,
        };
        let mut used_by = users(reference);
        used_by.dedup();
        Some(UnmadeRow {
            key: key.clone(),
            namespace: reference.namespace.clone(),
            used_by: listed(&used_by, NAMES),
            maybe_chart,
        })
    });
    Cluster {
        head: facts.head.clone(),
        classes: facts.rows(classes),
        carriers: facts.rows(carriers(facts)),
        stores: facts.rows(stores),
        unmade: facts.rows(unmade),
    }
}

fn sources(class: &SecretProviderClass) -> Vec<String> {
    let paths = class
        .secrets
        .iter()
        .map(|secret| match (&secret.vault_path, &secret.remote_ref) {
            (Some(path), _) => written(path),
            (None, Some(remote)) => written(&remote.name),
            (None, None) => secret.object_name.clone(),
        });
    unique(paths)
}

fn targets(class: &SecretProviderClass) -> Vec<String> {
    let targets = class.secrets.iter().flat_map(|secret| {
        let file = secret.mounts.first().map(|mount| mount.path.clone());
        let name = secret.k8s_secret_name.as_ref();
        file.into_iter().chain(name.map(|name| format!("Secret {name}")))
    });
    unique(targets)
}

fn carriers(facts: &Facts<'_>) -> Vec<CarrierRow> {
    let secrets = &facts.infra.secrets;
    let row = |kind: &str, key: &str, namespace: &str, makes: &str, from: Option<String>| CarrierRow {
        kind: kind.to_owned(),
        key: key.to_owned(),
        namespace: namespace.to_owned(),
        makes: makes.to_owned(),
        from,
        used_by: listed(&readers(facts, namespace, makes), NAMES),
    };
    let mut rows = Vec::new();
    for (key, secret) in &secrets.external_secrets {
        let from = first_key(secret);
        rows.push(row(
            "ExternalSecret",
            key,
            &secret.namespace,
            &secret.target,
            from,
        ));
    }
    for (key, secret) in &secrets.vault_secrets {
        let from = secret.path.as_ref().map(|path| match &secret.mount {
            Some(mount) => format!("{}/{}", mount.written, path.written),
            None => written(path),
        });
        let makes = secret.destination.as_deref().unwrap_or(&secret.name);
        rows.push(row(&secret.kind, key, &secret.namespace, makes, from));
    }
    for (key, secret) in &secrets.sealed_secrets {
        rows.push(row("SealedSecret", key, &secret.namespace, &secret.target, None));
    }
    for (key, secret) in &secrets.secrets {
        let kind = match secret.protection {
            Protection::Sops => "Secret (SOPS)",
            Protection::Generator => "secretGenerator",
            Protection::Copy => "Secret (copy)",
            Protection::Filled => "Secret (filled in the cluster)",
            Protection::Plain => "Secret (plain text)",
        };
        let from = secret.source.as_ref().map(|place| place.file.to_string());
        rows.push(row(kind, key, &secret.namespace, &secret.name, from));
    }
    rows
}

/// The readers of a Secret.
fn readers(facts: &Facts<'_>, namespace: &str, name: &str) -> Vec<String> {
    let references = &facts.infra.secrets.references;
    let full = || references.get(&format!("{namespace}/{name}"));
    let reference = references.get(name).or_else(full);
    let reference =
        reference.filter(|reference| reference.namespace == namespace && is_plain_name(&reference.name));
    let mut readers = reference.map(users).unwrap_or_default();
    readers.sort();
    readers.dedup();
    readers
}

/// The services and objects that read a Secret.
fn users(reference: &SecretReference) -> Vec<String> {
    let objects = reference.usage.iter().filter_map(|usage| usage.object.clone());
    reference.used_by.iter().cloned().chain(objects).collect()
}

#[cfg(test)]
mod tests {
    use infra_model::Infrastructure;
    use infra_model::secrets::{Mount, ProvidedSecret};
    use pretty_assertions::assert_eq;

    use super::*;

    fn class_of(provider: &str, users: &[&str], path: &str) -> SecretProviderClass {
        SecretProviderClass {
            name: "c".into(),
            namespace: "ns".into(),
            used_by: users.iter().map(|user| (*user).to_owned()).collect(),
            provider: provider.into(),
            secrets: vec![ProvidedSecret {
                vault_path: Some(Written::plain(path)),
                mounts: vec![Mount {
                    service: "s".into(),
                    container: "c".into(),
                    path: "/etc/keys/a.pem".into(),
                }],
                ..ProvidedSecret::default()
            }],
            ..SecretProviderClass::default()
        }
    }

    #[test]
    fn the_flow_shows_the_most_mounted_class_of_vault() {
        let classes = [
            ("azure", class_of("azure", &["a", "b", "c"], "x")),
            ("most", class_of("vault", &["a", "b"], "kv/${env}/app")),
            ("one", class_of("vault", &["a"], "y")),
        ];
        let classes = classes
            .into_iter()
            .map(|(key, class)| (key.to_owned(), class))
            .collect();
        let class = class(&classes).expect("a class");
        assert_eq!(class.key, "most");
        assert_eq!(class.folder.as_deref(), Some("/etc/keys/"));
        assert_eq!(class.vault_path_word.as_deref(), Some("kv/${env}/app"));
    }

    #[test]
    fn a_path_that_is_no_word_stands_in_no_command() {
        let classes = [("c".to_owned(), class_of("vault", &[], "kv; id"))]
            .into_iter()
            .collect();
        assert_eq!(class(&classes).and_then(|class| class.vault_path_word), None);
    }

    #[test]
    fn what_nothing_makes_is_listed_with_its_readers() {
        let mut infra = Infrastructure::default();
        for (name, produced_by) in [
            ("made", ProducedBy::Object("ExternalSecret/made".into())),
            ("maybe", ProducedBy::Unknown),
            ("gone", ProducedBy::Nothing),
        ] {
            let reference = SecretReference {
                name: name.into(),
                used_by: vec!["papi".into()],
                produced_by,
                ..SecretReference::default()
            };
            infra.secrets.references.insert(name.into(), reference);
        }
        let cluster = cluster(&Facts::new(None, &infra, 10));
        let rows: Vec<_> = cluster
            .unmade
            .rows
            .iter()
            .map(|row| (row.key.as_str(), row.maybe_chart))
            .collect();
        assert_eq!(rows, [("gone", false), ("maybe", true)]);
    }
}
