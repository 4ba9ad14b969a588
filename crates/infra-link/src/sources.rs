//! Sources, stated or only referenced, turn into catalog entries with who uses them.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::flux::Source;
use infra_model::{Ambiguous, Key, ObjectRef};

use crate::inventory::{Inventory, Object, Owner, SOURCE};
use crate::keys::{self, SOURCE_KINDS};
use crate::linker::Linker;
use crate::view::View;

/// URL or endpoint of a source.
pub(crate) fn url(view: View<'_>) -> Option<String> {
    let url = view
        .text_at(&["spec", "url"])
        .or_else(|| view.text_at(&["spec", "endpoint"]))?;
    Some(without_credentials(url))
}

/// A URL without user and password; a plain `git@` stays, a token in its place does not.
pub(crate) fn without_credentials(url: &str) -> String {
    let url = redaction::without_credentials(url);
    match url.split_once("://").and_then(|(scheme, rest)| {
        let (user, host) = rest.split_once('@')?;
        (user.contains(':') && !user.contains('/')).then(|| format!("{scheme}://{host}"))
    }) {
        Some(clean) => clean,
        None => url.into_owned(),
    }
}

/// The source that a Kustomization names.
pub(crate) fn of_kustomization(owner: &Owner<'_>) -> Option<ObjectRef> {
    let object = owner.evaluated.object.as_ref()?;
    let namespace = &owner.evaluated.id.as_ref()?.namespace;
    let reference = object.node.at(&["spec", "sourceRef"])?;
    let text = |field| reference.text_at(&[field]).filter(|text| !text.is_empty());
    Some(ObjectRef::new(
        text("kind")?,
        text("namespace").unwrap_or(namespace),
        text("name")?,
    ))
}

/// The map `sources`, and the names in it that are ambiguous.
pub(crate) fn link(linker: &Linker<'_>) -> (BTreeMap<Key, Source>, Ambiguous) {
    let inventory = linker.inventory;
    let mut users: BTreeMap<ObjectRef, BTreeSet<String>> = BTreeMap::new();
    for owner in &inventory.owners {
        if let (Some(source), Some(key)) = (of_kustomization(owner), &owner.key) {
            users
                .entry(source)
                .or_default()
                .insert(format!("Kustomization/{key}"));
        }
    }
    for release in linker.releases {
        let chart = release.chart.clone();
        let user = linker.object_keys.kind_key(release.object);
        let referenced = chart
            .chart_ref
            .map(|chart_ref| (chart_ref.kind, chart_ref.namespace, chart_ref.name));
        let source = chart
            .source_kind
            .zip(chart.source_name)
            .map(|(kind, name)| (kind, chart.source_namespace, name));
        for (kind, namespace, name) in referenced.into_iter().chain(source) {
            users
                .entry(ObjectRef::new(kind, namespace, name))
                .or_default()
                .insert(user.clone());
        }
    }
    let known_kind = |name: &&ObjectRef| SOURCE_KINDS.contains(&name.kind.as_str());
    let (keys, ambiguous) = keys::sources(inventory, users.keys().filter(known_kind).cloned());
    let mut entries = BTreeMap::new();
    for (name, key) in keys {
        let object = inventory.find(SOURCE, &name.kind, &name.namespace, &name.name);
        let mut source = match object {
            Some(object) => stated(inventory, object),
            None => Source {
                missing: true,
                ..Source::default()
            },
        };
        source.is_self = inventory.evaluation.self_sources.contains(&name.to_string());
        source.generated_by = source.generated_by.or_else(|| generated_by(inventory, &name));
        source.used_by = users.remove(&name).unwrap_or_default().into_iter().collect();
        source.kind = name.kind;
        source.namespace = name.namespace;
        source.name = name.name;
        entries.insert(key, source);
    }
    (entries, ambiguous)
}

fn stated(inventory: &Inventory<'_>, object: &Object<'_>) -> Source {
    let node = object.node();
    let view = View::new(node, Some(&object.applied.built), None);
    let text = |path: &[&str]| view.text_at(path).map(str::to_owned);
    Source {
        url: url(view),
        reference: reference(view),
        interval: text(&["spec", "interval"]),
        secret_ref: text(&["spec", "secretRef", "name"]),
        kustomization: inventory.kustomization(object),
        generated_by: object.applied.generated_by.clone(),
        source: crate::linker::edited_at(inventory, object),
        ..Source::default()
    }
}

/// `branch: main`, `tag: 1.2.3`, or the version of a HelmChart.
fn reference(view: View<'_>) -> Option<String> {
    let reference = view.at(&["spec", "ref"]);
    let stated = ["digest", "commit", "name", "semver", "tag", "branch"]
        .iter()
        .find_map(|field| Some(format!("{field}: {}", reference?.text_of(field)?)));
    stated.or_else(|| Some(format!("version: {}", view.text_at(&["spec", "version"])?)))
}

/// Whether a FluxInstance or an ArtifactGenerator makes a source, or the repository is it.
pub(crate) fn is_generated(inventory: &Inventory<'_>, name: &ObjectRef) -> bool {
    generated_by(inventory, name).is_some()
}

/// The object that makes a source which no file states.
fn generated_by(inventory: &Inventory<'_>, name: &ObjectRef) -> Option<String> {
    if name.kind == "ExternalArtifact" {
        return inventory
            .of("source.extensions.fluxcd.io", "ArtifactGenerator")
            .find(|object| {
                object.namespace == name.namespace
                    && inventory
                        .view(object)
                        .at(&["spec", "artifacts"])
                        .into_iter()
                        .flat_map(View::items)
                        .any(|artifact| artifact.text_of("name") == Some(&name.name))
            })
            .map(|object| object.object_name().to_string());
    }
    if inventory
        .find(SOURCE, &name.kind, &name.namespace, &name.name)
        .is_some()
    {
        return None;
    }
    // The FluxInstance that makes a Kustomization makes its source.
    inventory
        .owners
        .iter()
        .filter(|owner| owner.evaluated.generated_by.is_some())
        .find(|owner| of_kustomization(owner).as_ref() == Some(name))
        .and_then(|owner| owner.evaluated.generated_by.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_password() {
        assert_eq!(
            without_credentials("https://user:pass@example.com/x"),
            "https://example.com/x"
        );
        assert_eq!(
            without_credentials("ssh://git@example.com/x"),
            "ssh://git@example.com/x"
        );
    }
}
