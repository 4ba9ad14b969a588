//! Files that the Vault agent injector writes into pods, by their annotations.
//!
//! Annotations: <https://developer.hashicorp.com/vault/docs/platform/k8s/injector/annotations>.

use std::collections::BTreeMap;

use infra_model::{ObjectRef, Written};
use yaml_node::{Node, Value};

use crate::kinds::helm_release::Release;
use crate::service_candidates::ServiceCandidate;
use crate::view::View;

const PREFIX: &str = "vault.hashicorp.com/";
/// The folder into which the injector writes.
const DEFAULT_FOLDER: &str = "/vault/secrets";
/// The annotation that enables the injector, without the prefix.
const INJECT: &str = "agent-inject";
const DEFAULT_AUTH: &str = "auth/kubernetes";
/// The kind of the entries, which no object has.
pub(crate) const KIND: &str = "VaultAgentInjector";

/// One file in the pods of a service.
pub(crate) struct Injected {
    /// The name is `service:file`.
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
pub(crate) fn injected(candidates: &[ServiceCandidate<'_>], releases: &[Release<'_>]) -> Vec<Injected> {
    let mut found = Vec::new();
    for (position, candidate) in candidates.iter().enumerate() {
        let sets: Vec<Vec<(&str, View<'_>)>> = match (candidate.pods, candidate.release) {
            (Some(pods), _) => vec![pods.annotations().collect()],
            // The annotations in values of a chart that was not rendered are most often those of pods.
            (None, Some(release)) => {
                let release = releases.get(release);
                let values = release.and_then(|release| release.view.at(&["spec", "values"]));
                let values = values.filter(|values| has_annotations(values.node));
                values.map_or(Vec::new(), annotations_in)
            }
            (None, None) => Vec::new(),
        };
        for annotations in sets {
            add_files(position, candidate, annotations, &mut found);
        }
    }
    found
}

/// Whether a mapping of values may enable the injector. Few do, and views of all values take longer.
fn has_annotations(values: &Node) -> bool {
    const ENABLING: &str = "vault.hashicorp.com/agent-inject";
    match &values.value {
        Value::Scalar(_) => false,
        Value::Sequence(items) => items.iter().any(has_annotations),
        Value::Mapping(mapping) => {
            let mut entries = mapping.entries().iter();
            entries.any(|(key, below)| key.text() == Some(ENABLING) || has_annotations(below))
        }
    }
}

/// The mappings of values that enable the injector.
fn annotations_in(values: View<'_>) -> Vec<Vec<(&str, View<'_>)>> {
    let mut found = Vec::new();
    let mut open = vec![values];
    while let Some(view) = open.pop() {
        let mut keys = view.node.iter().map(|(key, _)| key.strip_prefix(PREFIX));
        if keys.any(|key| key == Some(INJECT)) {
            found.push(view.entries().collect());
            continue;
        }
        open.extend(view.entries().map(|(_, view)| view).chain(view.items()));
    }
    found
}

/// Adds the files of annotations.
fn add_files(
    position: usize,
    candidate: &ServiceCandidate<'_>,
    annotations: Vec<(&str, View<'_>)>,
    found: &mut Vec<Injected>,
) {
    let annotations: BTreeMap<&str, View<'_>> = annotations
        .into_iter()
        .filter_map(|(key, value)| Some((key.strip_prefix(PREFIX)?, value)))
        .collect();
    let text = |key: &str| annotations.get(key).and_then(|view| view.text());
    if text(INJECT) != Some("true") {
        return;
    }
    let stated = annotations.iter().filter_map(|(key, value)| {
        let file = key.strip_prefix("agent-inject-secret-")?;
        Some((file, value.written()?, value.mark()))
    });
    // A template states its paths itself, and needs no secret of its name.
    let templates = annotations.iter().filter_map(|(key, value)| {
        let file = key.strip_prefix("agent-inject-template-")?;
        let is_alone = !annotations.contains_key(format!("agent-inject-secret-{file}").as_str());
        let path = template_path(value.text()?).filter(|_| is_alone)?;
        Some((file, Written::plain(path), value.mark()))
    });
    for (file, path, mark) in stated.chain(templates) {
        let own = |setting: &str| text(&format!("{setting}-{file}")).or_else(|| text(setting));
        let folder = own("secret-volume-path").unwrap_or(DEFAULT_FOLDER);
        let folder = folder.trim_end_matches('/');
        let file_name = text(&format!("agent-inject-file-{file}")).unwrap_or(file);
        let name = format!("{}:{file}", candidate.object.name);
        found.push(Injected {
            name: ObjectRef::new(KIND, candidate.namespace, name),
            candidate: position,
            path,
            role: annotations.get("role").and_then(|view| view.written()),
            auth: text("auth-path").unwrap_or(DEFAULT_AUTH).to_owned(),
            file: format!("{folder}/{file_name}"),
            mark,
        });
    }
}

/// The first path that a template reads: `{{ with secret "pki/issue/web" }}`.
fn template_path(text: &str) -> Option<&str> {
    let mut after = text.split("secret ").skip(1);
    after.find_map(|rest| {
        let rest = rest.trim_start().strip_prefix('"')?;
        let (path, _) = rest.split_once('"')?;
        (!path.is_empty() && !path.contains("{{")).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits};

    #[test]
    fn annotations_are_found_anywhere_in_values() {
        let check = |values: &str, expected: usize| {
            let node = yaml_node::read_documents(values, FileId(1), &Limits::default())
                .unwrap()
                .remove(0);
            assert_eq!(annotations_in(View::plain(&node)).len(), expected, "{values}");
            assert_eq!(has_annotations(&node), expected > 0, "{values}");
        };
        check("a: [{b: {vault.hashicorp.com/agent-inject: 'true'}}]", 1);
        check("vault.hashicorp.com/agent-inject: x\nb: {c: d}", 1);
        check("a: {vault.hashicorp.com/role: x}\nagent-inject: 'true'", 0);
    }

    #[test]
    fn a_template_names_its_path() {
        let text = "{{ with secret \"pki/issue/web\" \"common_name=x\" }}{{ end }}";
        assert_eq!(template_path(text), Some("pki/issue/web"));
        assert_eq!(template_path("{{- with secret \"\" -}}"), None);
        assert_eq!(template_path("the secret of it"), None);
    }
}
