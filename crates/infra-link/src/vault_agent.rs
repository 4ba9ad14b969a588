//! Annotations of the Vault agent injector turn into entries of `vault_secrets`: the files that it writes into pods.
//!
//! Annotations: <https://developer.hashicorp.com/vault/docs/platform/k8s/injector/annotations>.

use std::collections::BTreeMap;

use infra_model::secrets::VaultSecret;
use infra_model::{Key, ObjectRef, Written};

use crate::linker::Linker;
use crate::services::Seed;
use crate::view::View;

const PREFIX: &str = "vault.hashicorp.com/";
/// The folder into which the injector writes.
const DEFAULT_FOLDER: &str = "/vault/secrets";
const DEFAULT_AUTH: &str = "auth/kubernetes";
/// The kind under which the entries stand: no object has it.
const KIND: &str = "VaultAgentInjector";

/// One file in the pods of a service.
pub(crate) struct Injected {
    /// `service:file` stands for the name.
    pub(crate) name: ObjectRef,
    seed: usize,
    path: Written,
    role: Option<Written>,
    auth: String,
    /// Path of the file.
    file: String,
    mark: source_tree::Mark,
}

/// The files that the injector writes into the pods of all services.
pub(crate) fn injected(seeds: &[Seed<'_>]) -> Vec<Injected> {
    let mut found = Vec::new();
    for (position, seed) in seeds.iter().enumerate() {
        let Some(pods) = seed.pods else {
            continue;
        };
        let annotations: BTreeMap<&str, View<'_>> = pods
            .annotations()
            .filter_map(|(key, value)| Some((key.strip_prefix(PREFIX)?, value)))
            .collect();
        if annotations.get("agent-inject").and_then(|view| view.text()) != Some("true") {
            continue;
        }
        let text = |key: &str| annotations.get(key).and_then(|view| view.text());
        for (key, value) in &annotations {
            let Some(file) = key.strip_prefix("agent-inject-secret-") else {
                continue;
            };
            let Some(path) = value.written() else {
                continue;
            };
            let own = |setting: &str| text(&format!("{setting}-{file}")).or_else(|| text(setting));
            let folder = own("secret-volume-path")
                .unwrap_or(DEFAULT_FOLDER)
                .trim_end_matches('/');
            let file_name = text(&format!("agent-inject-file-{file}")).unwrap_or(file);
            found.push(Injected {
                name: ObjectRef::new(KIND, seed.namespace, format!("{}:{file}", seed.object.name)),
                seed: position,
                path,
                role: annotations.get("role").and_then(|view| view.written()),
                auth: text("auth-path").unwrap_or(DEFAULT_AUTH).to_owned(),
                file: format!("{folder}/{file_name}"),
                mark: value.mark(),
            });
        }
    }
    found
}

/// The entries of `vault_secrets`.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, VaultSecret> {
    let inventory = linker.inventory;
    let mut secrets = BTreeMap::new();
    for one in linker.injected {
        let Some(key) = linker.vault_secret_keys.get(&one.name).cloned() else {
            continue;
        };
        let Some(seed) = linker.seeds.get(one.seed) else {
            continue;
        };
        let secret = VaultSecret {
            name: one.name.name.clone(),
            namespace: one.name.namespace.clone(),
            kustomization: inventory.kustomization(seed.object),
            also_applied_by: inventory.also_applied_by(seed.object),
            used_by: vec![seed.key.clone()],
            source: inventory.place(one.mark),
            kind: KIND.to_owned(),
            path: Some(one.path.clone()),
            auth: Some(one.auth.clone()),
            role: one.role.clone(),
            destination: Some(one.file.clone()),
            ..VaultSecret::default()
        };
        secrets.insert(key, secret);
    }
    secrets
}
