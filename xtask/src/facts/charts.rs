//! HelmReleases turn into the objects that the real `helm` makes of their charts, as Flux calls it.
//!
//! Independent of the engine under test: a `helm` of version 4.2 on `PATH` renders, with the values that the rendered records
//! state. Releases with post renderers, and with values that nobody knows, are left out of the comparison.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};
use source_tree::{FileId, Limits};

use super::entry::{self, entries, list, text};
use super::fact::unhashed;
use super::object::{name, namespace, text_at};
use super::pod;
use crate::regen::Catalogs;

/// Classes of facts that say what runs inside of a release.
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
const RUNS: [&str; 4] = ["pre-install", "post-install", "pre-upgrade", "post-upgrade"];

/// What was rendered.
#[derive(Default)]
pub(super) struct Rendered {
    /// Releases that the catalogs call rendered.
    pub(super) releases: usize,
    /// Those of them whose chart has another version than the stated one.
    pub(super) other_version: usize,
    /// Workloads of the releases that are left out, as `Kind namespace/name`.
    left_out: BTreeSet<String>,
    /// How many releases are left out.
    pub(super) not_compared: usize,
    /// What releases take their values from, as facts of the workloads that stand for them.
    pub(super) uses: Vec<(&'static str, String)>,
}

impl Rendered {
    /// Whether a fact is about a workload that is left out.
    pub(super) fn leaves_out(&self, fact: &str) -> bool {
        self.left_out.iter().any(|workload| {
            fact.strip_prefix(workload.as_str())
                .is_some_and(|rest| rest.starts_with(' '))
        })
    }
}

/// Adds what charts make to the records of the Kustomizations that apply their releases.
pub(super) fn render(
    records: &mut [Value],
    catalogs: &Catalogs,
    charts: &Utf8Path,
    repository: &Utf8Path,
) -> Result<Rendered> {
    let mut rendered = Rendered::default();
    let releases = &catalogs.flux_resources["helmReleases"];
    let other =
        list(&catalogs.flux_resources["diagnostics"]).filter(|found| found["code"] == "chart-version");
    rendered.other_version = other.count();
    let mut made: Vec<(usize, Vec<Value>)> = Vec::new();
    let config_maps: Vec<Value> = records
        .iter()
        .flat_map(|record| list(&record["objects"]))
        .filter(|object| object["kind"] == "ConfigMap")
        .cloned()
        .collect();
    for (position, record) in records.iter().enumerate() {
        if text(&record["kustomization"]).ends_with("(root)") {
            continue;
        }
        for object in list(&record["objects"]).filter(|object| is_release(object)) {
            let own = entries(releases).find(|(key, release)| {
                entry::name(key, release) == name(object) && text(&release["namespace"]) == namespace(object)
            });
            let Some((_, release)) = own.filter(|(_, release)| release["chartStatus"] == "rendered") else {
                continue;
            };
            rendered.releases += 1;
            let id = format!("{}/{}", namespace(object), name(object));
            match objects(object, release, &config_maps, charts, repository).with_context(|| id.clone())? {
                Some(objects) => {
                    rendered.uses.extend(values_used(object, release, &objects));
                    made.push((position, objects));
                }
                None => {
                    rendered.not_compared += 1;
                    for key in list(&release["workloads"]).map(text) {
                        let service = &catalogs.services["services"][key];
                        rendered.left_out.extend(entry::workload_of(service));
                    }
                }
            }
        }
    }
    for (position, objects) in made {
        if let Some(known) = records
            .get_mut(position)
            .and_then(|record| record["objects"].as_array_mut())
        {
            known.extend(objects);
        }
    }
    Ok(rendered)
}

/// What `valuesFrom` names, as used by the workload that stands for the release: its only one, or the one of its name.
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
    let workload = format!("{} {}/{}", text(&main["kind"]), namespace(main), name(main));
    list(&release["spec"]["valuesFrom"])
        .map(|reference| {
            let class = match text(&reference["kind"]) {
                "Secret" => "usesSecret",
                _ => "usesConfigMap",
            };
            (
                class,
                format!("{workload} {}", unhashed(text(&reference["name"]))),
            )
        })
        .collect()
}

fn is_release(object: &Value) -> bool {
    object["kind"] == "HelmRelease" && text(&object["apiVersion"]).starts_with("helm.toolkit.fluxcd.io/")
}

/// What a release makes; nothing where the comparison leaves it out.
fn objects(
    release: &Value,
    entry: &Value,
    config_maps: &[Value],
    charts: &Utf8Path,
    repository: &Utf8Path,
) -> Result<Option<Vec<Value>>> {
    let spec = &release["spec"];
    if spec["postRenderers"]
        .as_array()
        .is_some_and(|renderers| !renderers.is_empty())
    {
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
        // A schema on another host is not fetched.
        output = run(&["--skip-schema-validation"])?;
    }
    ensure!(
        output.status.success(),
        "helm: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let manifests = String::from_utf8(output.stdout)?;
    let mut made = Vec::new();
    for document in yaml_node::read_documents(&manifests, FileId::NONE, &Limits::default())? {
        let document = document.to_json()?;
        let items = match document["items"].as_array() {
            Some(items) if text(&document["kind"]).ends_with("List") => items.clone(),
            _ => vec![document],
        };
        for mut object in items.into_iter().filter(runs) {
            let has_namespace = !text_at(&object, "/metadata/namespace").is_empty();
            if let (false, Some(metadata)) = (has_namespace, object["metadata"].as_object_mut()) {
                metadata.insert("namespace".to_owned(), json!(release_namespace));
            }
            made.push(object);
        }
    }
    // Texts of ConfigMaps and Secrets are facts of other classes.
    made.retain(|object| {
        !matches!(
            text(&object["kind"]),
            "ConfigMap" | "Secret" | "Kustomization" | "HelmRelease"
        )
    });
    Ok(Some(made))
}

fn runs(object: &Value) -> bool {
    match object["metadata"]["annotations"]["helm.sh/hook"].as_str() {
        Some(hooks) => hooks.split(',').any(|hook| RUNS.contains(&hook.trim())),
        None => object.is_object(),
    }
}

/// ConfigMaps of `valuesFrom`, then `spec.values`; nothing where one is not known.
fn values(release: &Value, config_maps: &[Value]) -> Result<Option<Value>> {
    let spec = &release["spec"];
    let mut values = json!({});
    for reference in list(&spec["valuesFrom"]) {
        let found = config_maps.iter().find(|object| {
            reference["kind"] == "ConfigMap"
                && name(object) == text(&reference["name"])
                && namespace(object) == namespace(release)
        });
        let key = reference["valuesKey"].as_str().unwrap_or("values.yaml");
        let Some(text) = found.and_then(|object| object["data"][key].as_str()) else {
            return Ok(None);
        };
        if reference["targetPath"].is_string() {
            return Ok(None);
        }
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
