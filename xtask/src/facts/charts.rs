//! HelmReleases turn into the objects that the real `helm` renders from their charts, called as Flux calls it.
//!
//! Independent of the engine under test: a `helm` of version 4.2 on `PATH` renders, with the values in the rendered records.
//! Releases with post renderers or with unknown values are left out of the comparison.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};
use source_tree::{FileId, Limits};

use super::catalog::{self, workload_of};
use super::fact::unhashed;
use super::pod;
use crate::json::{entries, full_name, list, name, namespace, text, text_at};
use crate::regen::Catalogs;

/// Classes of facts about the objects of a release.
pub(super) const CLASSES: [&str; 9] = [
    "workload",
    "image",
    "usesConfigMap",
    "usesSecret",
    "usesSecretProviderClass",
    "dns",
    "host",
    "containerPort",
    "selector",
];

/// Hooks that run while a release is installed or upgraded.
const HOOKS: [&str; 4] = ["pre-install", "post-install", "pre-upgrade", "post-upgrade"];

/// The releases of a cluster.
#[derive(Default)]
pub(super) struct Releases {
    /// Number of releases with `chartStatus: rendered`.
    pub(super) count: usize,
    /// Those of them whose chart has another version than the stated one.
    pub(super) other_version: usize,
    /// Workloads of the releases that are left out, as `Kind namespace/name`.
    left_out: BTreeSet<String>,
    /// Number of releases that are left out.
    pub(super) not_compared: usize,
    /// The objects of `valuesFrom`, as facts about the main workload of each release.
    pub(super) uses: Vec<(&'static str, String)>,
}

impl Releases {
    /// Whether a fact is about a workload that is left out.
    pub(super) fn leaves_out(&self, fact: &str) -> bool {
        self.left_out.iter().any(|workload| {
            fact.strip_prefix(workload.as_str())
                .is_some_and(|rest| rest.starts_with(' '))
        })
    }
}

/// Adds the objects of each release to the record of the Kustomization that applies the release.
pub(super) fn render(
    records: &mut [Value],
    catalogs: &Catalogs,
    charts: &Utf8Path,
    repository: &Utf8Path,
) -> Result<Releases> {
    let mut releases = Releases::default();
    let other =
        list(&catalogs.flux_resources["diagnostics"]).filter(|found| found["code"] == "chart-version");
    releases.other_version = other.count();
    let config_maps: Vec<Value> = records
        .iter()
        .flat_map(|record| list(&record["objects"]))
        .filter(|object| object["kind"] == "ConfigMap")
        .cloned()
        .collect();
    for record in records {
        if text(&record["kustomization"]).ends_with("(root)") {
            continue;
        }
        let mut added = Vec::new();
        for object in list(&record["objects"]).filter(|object| is_release(object)) {
            let id = full_name(object);
            let own = entries(&catalogs.flux_resources["helmReleases"])
                .find(|(key, entry)| catalog::full_name(key, entry) == id);
            let Some((_, entry)) = own.filter(|(_, entry)| entry["chartStatus"] == "rendered") else {
                continue;
            };
            releases.count += 1;
            match objects(object, entry, &config_maps, charts, repository).with_context(|| id)? {
                Some(objects) => {
                    releases.uses.extend(values_used(object, entry, &objects));
                    added.extend(objects);
                }
                None => {
                    releases.not_compared += 1;
                    for key in list(&entry["workloads"]).map(text) {
                        let service = &catalogs.services["services"][key];
                        releases.left_out.extend(workload_of(service));
                    }
                }
            }
        }
        if let Some(known) = record["objects"].as_array_mut() {
            known.extend(added);
        }
    }
    Ok(releases)
}

/// The objects of `valuesFrom`, as used by the main workload of the release: its only one, or the one with its name.
fn values_used(release: &Value, entry: &Value, objects: &[Value]) -> Vec<(&'static str, String)> {
    let is_workload = |object: &&Value| {
        pod::pod_spec(object).is_some() && object["metadata"]["annotations"]["helm.sh/hook"].is_null()
    };
    let workloads: Vec<&Value> = objects.iter().filter(is_workload).collect();
    let main = match workloads.as_slice() {
        [only] => Some(*only),
        several => several
            .iter()
            .copied()
            .find(|object| name(object) == text(&entry["releaseName"])),
    };
    let Some(main) = main else {
        return Vec::new();
    };
    let workload = pod::workload(main);
    list(&release["spec"]["valuesFrom"])
        .map(|reference| {
            let class = match text(&reference["kind"]) {
                "Secret" => "usesSecret",
                _ => "usesConfigMap",
            };
            let used = unhashed(text(&reference["name"]));
            (class, format!("{workload} {used}"))
        })
        .collect()
}

fn is_release(object: &Value) -> bool {
    object["kind"] == "HelmRelease" && text(&object["apiVersion"]).starts_with("helm.toolkit.fluxcd.io/")
}

/// The objects of a release; `None` if the comparison leaves it out.
fn objects(
    release: &Value,
    entry: &Value,
    config_maps: &[Value],
    charts: &Utf8Path,
    repository: &Utf8Path,
) -> Result<Option<Vec<Value>>> {
    let spec = &release["spec"];
    if list(&spec["postRenderers"]).next().is_some() {
        return Ok(None);
    }
    let Some(values) = values(release, config_maps)? else {
        return Ok(None);
    };
    let Some(chart) = chart(spec, entry, charts, repository)? else {
        return Ok(None);
    };
    let release_namespace = match text_at(spec, "/targetNamespace") {
        "" => namespace(release),
        target => target,
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("values.json");
    fs::write(&file, values.to_string())?;
    let run = |more: &[&str]| {
        Command::new("helm")
            .arg("template")
            .arg(text(&entry["releaseName"]))
            .arg(&chart)
            .arg("-f")
            .arg(&file)
            .args(["--namespace", release_namespace])
            .args(more)
            .output()
    };
    let mut output = run(&[])?;
    if !output.status.success() {
        // The schema may be on another host, which is not asked.
        output = run(&["--skip-schema-validation"])?;
    }
    ensure!(
        output.status.success(),
        "helm: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let manifests = String::from_utf8(output.stdout)?;
    let mut objects = Vec::new();
    for document in yaml_node::read_documents(&manifests, FileId::NONE, &Limits::default())? {
        let document = document.to_json()?;
        let items = match document["items"].as_array() {
            Some(items) if text(&document["kind"]).ends_with("List") => items.clone(),
            _ => vec![document],
        };
        for mut object in items.into_iter().filter(is_compared) {
            let has_namespace = !namespace(&object).is_empty();
            if let (false, Some(metadata)) = (has_namespace, object["metadata"].as_object_mut()) {
                metadata.insert("namespace".to_owned(), json!(release_namespace));
            }
            objects.push(object);
        }
    }
    Ok(Some(objects))
}

/// Whether an object is installed, and of a kind that is compared: texts of ConfigMaps and Secrets are facts of other classes.
fn is_compared(object: &Value) -> bool {
    let is_installed = match object["metadata"]["annotations"]["helm.sh/hook"].as_str() {
        Some(hooks) => hooks.split(',').any(|hook| HOOKS.contains(&hook.trim())),
        None => object.is_object(),
    };
    let is_left_out = matches!(
        text(&object["kind"]),
        "ConfigMap" | "Secret" | "Kustomization" | "HelmRelease"
    );
    is_installed && !is_left_out
}

/// The ConfigMaps of `valuesFrom`, then `spec.values`; `None` if one is not known.
fn values(release: &Value, config_maps: &[Value]) -> Result<Option<Value>> {
    let spec = &release["spec"];
    let mut values = json!({});
    for reference in list(&spec["valuesFrom"]) {
        let found = config_maps.iter().find(|object| {
            reference["kind"] == "ConfigMap"
                && reference["targetPath"].as_str().is_none()
                && name(object) == text(&reference["name"])
                && namespace(object) == namespace(release)
        });
        let key = reference["valuesKey"].as_str().unwrap_or("values.yaml");
        let Some(text) = found.and_then(|object| object["data"][key].as_str()) else {
            return Ok(None);
        };
        if let Some(document) = yaml_node::read_yaml11(text, FileId::NONE, &Limits::default())? {
            merge(&mut values, &document.to_json()?);
        }
    }
    merge(&mut values, &spec["values"]);
    Ok(Some(values))
}

fn merge(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (base, over) => *base = over.clone(),
    }
}

/// The chart's folder in the repository, or its archive.
fn chart(
    spec: &Value,
    entry: &Value,
    charts: &Utf8Path,
    repository: &Utf8Path,
) -> Result<Option<Utf8PathBuf>> {
    let stated = &spec["chart"]["spec"];
    if stated["valuesFiles"].is_array() {
        return Ok(None);
    }
    let version = text(&entry["chartVersion"]);
    let version = version.split_once('+').map_or(version, |(version, _)| version);
    let name = text(&entry["chart"]).rsplit('/').next().unwrap_or_default();
    for file in [format!("{name}-{version}.tgz"), format!("{name}-v{version}.tgz")] {
        let file = charts.join(file);
        if file.is_file() && text_at(stated, "/sourceRef/kind") != "GitRepository" {
            return Ok(Some(file));
        }
    }
    let local = repository.join(text(&stated["chart"]).trim_start_matches("./"));
    Ok(Some(local).filter(|folder| folder.join("Chart.yaml").is_file()))
}
