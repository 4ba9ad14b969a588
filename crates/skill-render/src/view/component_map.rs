//! The component map of the observability stack, and the files that configure it.

use infra_model::config::ConfigValue;
use serde::Serialize;

use super::facts::{Facts, Head, Rows};
use super::platform::Found;

#[derive(Debug, Serialize)]
pub(crate) struct Cluster {
    pub(crate) head: Head,
    pub(crate) components: Rows<ComponentRow>,
    pub(crate) files: Rows<FileRow>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ComponentRow {
    pub(crate) title: String,
    pub(crate) purpose: String,
    pub(crate) namespace: String,
    /// `GCS`, if the storage names a scheme.
    pub(crate) scheme: Option<String>,
    pub(crate) storage: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct FileRow {
    pub(crate) file: String,
    pub(crate) controls: String,
}

/// The tables of one cluster.
pub(crate) fn cluster(facts: &Facts<'_>) -> Cluster {
    let components = facts.components(true).into_iter().map(component_row);
    let mut files: Vec<FileRow> = Vec::new();
    for found in &facts.found {
        for row in files_of(facts, found) {
            if !files.iter().any(|other| other.file == row.file) {
                files.push(row);
            }
        }
    }
    Cluster {
        head: facts.head.clone(),
        components: facts.rows(components.chain(curated_only(facts))),
        files: facts.rows(files),
    }
}

fn component_row(found: &Found<'_>) -> ComponentRow {
    let storage = found.storage();
    // `GCS: name` shows the name as code; anything else is a sentence.
    let parts = storage
        .as_deref()
        .and_then(|storage| storage.split_once(": "))
        .filter(|(scheme, name)| !scheme.contains(' ') && !name.contains(' '));
    ComponentRow {
        title: found.component.title.to_owned(),
        purpose: found.purpose().to_owned(),
        namespace: found.namespace.to_owned(),
        scheme: parts.map(|(scheme, _)| scheme.to_owned()),
        storage: parts.map(|(_, name)| name.to_owned()).or(storage.clone()),
    }
}

/// Components that people describe and the built-in list does not know.
fn curated_only<'a>(facts: &'a Facts<'_>) -> impl Iterator<Item = ComponentRow> + 'a {
    let components = &facts.infra.knowledge.components;
    components.iter().filter_map(|(name, noted)| {
        let mut known = facts.found.iter().filter_map(|found| found.known);
        let taken = known.any(|known| std::ptr::eq(known, &noted.value));
        let service = facts.infra.services.get(name).filter(|_| !taken)?;
        let storage = noted.value.storage.clone();
        Some(ComponentRow {
            title: name.clone(),
            purpose: noted.value.purpose.clone()?,
            namespace: service.namespace.clone(),
            scheme: None,
            storage,
        })
    })
}

/// The files with a component's configuration, then the manifest that installs it.
fn files_of(facts: &Facts<'_>, found: &Found<'_>) -> Vec<FileRow> {
    let mut rows = Vec::new();
    if !found.component.configures.is_empty() {
        let release = found.helm_release.map(|key| format!("HelmRelease/{key}"));
        let users = [release.as_deref(), found.service];
        let is_user = |user: &String| users.contains(&Some(user.as_str()));
        let maps = facts.infra.config_maps.values();
        let used = maps.filter(|map| map.used_by.iter().any(is_user));
        for value in used.flat_map(|map| map.keys.values()) {
            if let ConfigValue::File { file: Some(file), .. } = value {
                rows.push(FileRow {
                    file: file.clone(),
                    controls: found.component.configures.to_owned(),
                });
            }
        }
    }
    if let (Some(place), Some(controls)) = (found.source, found.controls()) {
        rows.push(FileRow {
            file: place.file.to_string(),
            controls,
        });
    }
    rows
}
