//! The secrets guide: which mechanisms there are and how each flows.

use infra_model::secrets::{ProducedBy, Protection, SecretProviderClass};
use minijinja::Value;
use serde::Serialize;

use super::facts::{Facts, Head, Rows, listed, notes};
use super::platform::named;
use plain_text::markdown::{is_plain_name, is_plain_word};

const NAMES: usize = 8;

#[derive(Debug, Serialize)]
pub(crate) struct SecretsMap {
    /// The class that the flow diagram shows.
    pub(crate) class: Option<Class>,
    /// Whether any class is Vault's.
    pub(crate) has_vault_class: bool,
    pub(crate) has_classes: bool,
    pub(crate) external_secret: Option<ExternalSecretSample>,
    pub(crate) vault_secret: Option<VaultSecretSample>,
    pub(crate) sealed_secret: Option<String>,
    pub(crate) has_sops: bool,
    /// Namespace of Vault, where it runs in the cluster.
    pub(crate) vault_namespace: Option<String>,
    /// Namespace of the CSI driver.
    pub(crate) csi_namespace: String,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) notes: Vec<Value>,
}

/// A SecretProviderClass of Vault with one of its secrets.
#[derive(Debug, Serialize)]
pub(crate) struct Class {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) provider: String,
    pub(crate) role: Option<String>,
    pub(crate) mount_path: Option<String>,
    pub(crate) vault_path: Option<String>,
    /// The same, where it can stand in a command.
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

/// Anything that makes a Secret: ExternalSecret, VaultStaticSecret, SealedSecret, a Secret in the repository.
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
    /// A chart may make it.
    pub(crate) maybe_chart: bool,
}

pub(crate) fn view(all: &[Facts<'_>]) -> SecretsMap {
    let secrets = || all.iter().map(|facts| &facts.infra.secrets);
    let namespace_of = |id| {
        all.iter()
            .find_map(|facts| named(&facts.found, id))
            .map(|found| found.namespace.to_owned())
    };
    let has_sops = secrets().any(|map| {
        map.secrets
            .values()
            .any(|secret| secret.protection == Protection::Sops)
    }) || all.iter().any(|facts| {
        facts
            .infra
            .kustomizations
            .values()
            .any(|k| k.decryption.is_some())
    });
    SecretsMap {
        class: secrets().find_map(|map| class(&map.secret_provider_classes)),
        has_vault_class: secrets().any(|map| {
            map.secret_provider_classes
                .values()
                .any(|class| class.provider == "vault")
        }),
        has_classes: secrets().any(|map| !map.secret_provider_classes.is_empty()),
        external_secret: secrets().find_map(|map| {
            map.external_secrets
                .values()
                .next()
                .map(|secret| ExternalSecretSample {
                    name: secret.name.clone(),
                    namespace: secret.namespace.clone(),
                    store: secret.store_name().unwrap_or("its store").to_owned(),
                    key: secret
                        .data
                        .first()
                        .map(|data| data.key.written.clone())
                        .or_else(|| secret.data_from.first().cloned()),
                    target: secret.target.clone(),
                })
        }),
        vault_secret: secrets().find_map(|map| {
            map.vault_secrets.values().next().map(|secret| VaultSecretSample {
                kind: secret.kind.clone(),
                name: secret.name.clone(),
                namespace: secret.namespace.clone(),
                path: secret.path.as_ref().map(|path| path.written.clone()),
                destination: secret.destination.clone(),
            })
        }),
        sealed_secret: secrets().find_map(|map| map.sealed_secrets.keys().next().cloned()),
        has_sops,
        vault_namespace: namespace_of("vault").or_else(|| namespace_of("openbao")),
        csi_namespace: namespace_of("secrets-store-csi-driver").unwrap_or_else(|| "kube-system".to_owned()),
        clusters: all.iter().map(cluster).collect(),
        notes: notes(all, &["secrets-map", "secrets", "secretsMap"]),
    }
}

/// The class that most services mount; Vault's before others.
fn class(classes: &std::collections::BTreeMap<String, SecretProviderClass>) -> Option<Class> {
    let (key, class) = classes
        .iter()
        .rev()
        .max_by_key(|(_, class)| (class.provider == "vault", class.used_by.len()))?;
    // Prefer a secret that is mounted: its flow can be shown to the end.
    let secret = class
        .secrets
        .iter()
        .find(|secret| !secret.mounts.is_empty())
        .or_else(|| class.secrets.first());
    let file = secret
        .and_then(|secret| secret.mounts.first())
        .map(|mount| mount.path.clone());
    let vault_path = secret
        .and_then(|secret| secret.vault_path.as_ref())
        .map(|path| path.written.clone());
    Some(Class {
        key: key.clone(),
        name: class.name.clone(),
        namespace: class.namespace.clone(),
        provider: class.provider.clone(),
        role: class.vault_role.as_ref().map(|role| role.written.clone()),
        mount_path: class.vault_mount_path.as_ref().map(|path| path.written.clone()),
        vault_path_word: vault_path.clone().filter(|path| is_plain_word(path)),
        vault_path,
        vault_key: secret
            .and_then(|secret| secret.vault_key.as_ref())
            .map(|key| key.written.clone()),
        secret_name: secret.and_then(|secret| secret.k8s_secret_name.clone()),
        folder: file
            .as_deref()
            .and_then(|file| file.rsplit_once('/'))
            .map(|(folder, _)| format!("{folder}/")),
        file,
        used_by: listed(&class.used_by, NAMES),
    })
}

fn cluster(facts: &Facts<'_>) -> Cluster {
    let secrets = &facts.infra.secrets;
    let classes = secrets
        .secret_provider_classes
        .iter()
        .map(|(key, class)| ClassRow {
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
        server: store.server.as_ref().map(|server| server.written.clone()),
        role: store.role.as_ref().map(|role| role.written.clone()),
    });
    let unmade = secrets.references.iter().filter_map(|(key, reference)| {
        let maybe_chart = match reference.produced_by {
            ProducedBy::Object(_) => return None,
            ProducedBy::Unknown => true,
            ProducedBy::Nothing => false,
        };
        let mut used_by: Vec<_> = reference.used_by.clone();
        used_by.extend(reference.usage.iter().filter_map(|usage| usage.object.clone()));
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
        classes: facts.rows(classes.collect()),
        carriers: facts.rows(carriers(facts)),
        stores: facts.rows(stores.collect()),
        unmade: facts.rows(unmade.collect()),
    }
}

fn sources(class: &SecretProviderClass) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for secret in &class.secrets {
        let path = match (&secret.vault_path, &secret.remote_ref) {
            (Some(path), _) => path.written.clone(),
            (None, Some(remote)) => remote.name.written.clone(),
            (None, None) => secret.object_name.clone(),
        };
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

fn targets(class: &SecretProviderClass) -> Vec<String> {
    let mut targets: Vec<String> = Vec::new();
    for secret in &class.secrets {
        let file = secret.mounts.first().map(|mount| mount.path.clone());
        for target in [
            file,
            secret
                .k8s_secret_name
                .as_ref()
                .map(|name| format!("Secret {name}")),
        ]
        .into_iter()
        .flatten()
        {
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
    }
    targets
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
        let from = secret.data.first().map(|data| data.key.written.clone());
        let from = from.or_else(|| secret.data_from.first().cloned());
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
            None => path.written.clone(),
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

/// Who reads the Secret of that name.
fn readers(facts: &Facts<'_>, namespace: &str, name: &str) -> Vec<String> {
    let references = &facts.infra.secrets.references;
    let reference = [name.to_owned(), format!("{namespace}/{name}")]
        .iter()
        .find_map(|key| references.get(key))
        .filter(|reference| reference.namespace == namespace && is_plain_name(&reference.name));
    let Some(reference) = reference else {
        return Vec::new();
    };
    let mut readers = reference.used_by.clone();
    readers.extend(reference.usage.iter().filter_map(|usage| usage.object.clone()));
    readers.sort();
    readers.dedup();
    readers
}

#[cfg(test)]
mod tests {
    use infra_model::secrets::{Mount, ProvidedSecret, SecretReference};
    use infra_model::{Infrastructure, Written};
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
