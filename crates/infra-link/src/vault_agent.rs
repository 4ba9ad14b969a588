//! Annotations of the Vault agent injector: the files that it writes into pods.
//!
//! Annotations: <https://developer.hashicorp.com/vault/docs/platform/k8s/injector/annotations>.

use std::collections::BTreeMap;

use infra_model::{ObjectRef, Written};

use crate::service_candidates::ServiceCandidate;
use crate::view::View;

const PREFIX: &str = "vault.hashicorp.com/";
/// The folder into which the injector writes.
const DEFAULT_FOLDER: &str = "/vault/secrets";
const DEFAULT_AUTH: &str = "auth/kubernetes";
/// The kind under which the entries stand: no object has it.
pub(crate) const KIND: &str = "VaultAgentInjector";

/// One file in the pods of a service.
pub(crate) struct Injected {
    /// `service:file` stands for the name.
    pub(crate) name: ObjectRef,
    pub(crate) candidate: usize,
    pub(crate) path: Written,
    pub(crate) role: Option<Written>,
    pub(crate) auth: String,
    /// Path of the file.
    pub(crate) file: String,
    pub(crate) mark: source_tree::Mark,
}

/// The files that the injector writes into the pods of all services.
pub(crate) fn injected(candidates: &[ServiceCandidate<'_>]) -> Vec<Injected> {
    let mut found = Vec::new();
    for (position, candidate) in candidates.iter().enumerate() {
        let Some(pods) = candidate.pods else {
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
                name: ObjectRef::new(
                    KIND,
                    candidate.namespace,
                    format!("{}:{file}", candidate.object.name),
                ),
                candidate: position,
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
