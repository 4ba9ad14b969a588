//! Charts that stand in the repository are rendered, and what they make is catalogued as owned by their HelmRelease.
//!
//! `fixtures/helm` is scanned with a renderer of the test, and by the program with the real `helm` where that is on
//! `PATH`; both must find what the expected files say. `UPDATE_EXPECT=1` rewrites them.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::Catalogs;
use flux_scan::{ChartRenderer, ChartRequest, ScanOptions};
use infra_model::Infrastructure;
use pretty_assertions::assert_eq;
use serde_json::Value;
use source_tree::{DiskTree, Limits, SourceTree};
use yaml_node::Node;

fn fixture() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/helm")
}

/// A little of Helm: `.Release.Name`, `.Release.Namespace`, `.Values.…` and `fail`.
struct Substitution;

impl ChartRenderer for Substitution {
    fn template(&self, request: &ChartRequest) -> Result<String, String> {
        let read = |text: &str| {
            let documents = yaml_node::read_documents(text, source_tree::FileId::NONE, &Limits::default());
            documents
                .unwrap()
                .into_iter()
                .next()
                .unwrap_or_else(Node::empty_mapping)
        };
        let own = request.files.get(&"values.yaml".into());
        let own = own.map(|bytes| read(std::str::from_utf8(bytes).unwrap()));
        let given = read(&request.values);
        let mut manifests = String::new();
        for (path, bytes) in &request.files {
            let text = std::str::from_utf8(bytes).unwrap();
            let parts: Vec<&str> = path.parts().collect();
            match parts.as_slice() {
                ["crds", _] if request.include_crds => {}
                [.., "templates", _] => {}
                _ => continue,
            }
            let mut rest = text;
            manifests.push_str("---\n");
            while let Some((before, after)) = rest.split_once("{{") {
                let (expression, after) = after.split_once("}}").unwrap();
                manifests.push_str(before);
                let value = |path: &str| {
                    let path: Vec<&str> = path.trim_start_matches(".Values.").split('.').collect();
                    let found = given.text_at(&path).or_else(|| own.as_ref()?.text_at(&path));
                    found.unwrap_or_default().to_owned()
                };
                manifests.push_str(&match expression.trim() {
                    ".Release.Name" => request.release_name.clone(),
                    ".Release.Namespace" => request.namespace.clone(),
                    other => match other.strip_prefix("fail ") {
                        Some(path) => {
                            return Err(format!(
                                "execution error at (broken/templates/web.yaml:1:3): {}",
                                value(path)
                            ));
                        }
                        None => value(other),
                    },
                });
                rest = after;
            }
            manifests.push_str(rest);
        }
        Ok(manifests)
    }
}

fn scan(charts: Option<Arc<dyn ChartRenderer>>) -> Infrastructure {
    let tree: Arc<dyn SourceTree> = Arc::new(DiskTree::open(&fixture().join("repo")).unwrap());
    let options = ScanOptions {
        charts,
        generated_from: "repo".into(),
        ..ScanOptions::default()
    };
    flux_scan::scan(tree, &options)
        .unwrap()
        .clusters
        .remove(0)
        .infrastructure
}

/// Services and diagnostics of catalogs.
fn parts(services: &Value, flux: &Value) -> (String, String) {
    let mut services = services.clone();
    for field in ["$schema", "metadata"] {
        services.as_object_mut().unwrap().remove(field);
    }
    let services = serde_json::to_string_pretty(&services).unwrap() + "\n";
    let lines = flux["diagnostics"].as_array().unwrap().iter().map(|diagnostic| {
        let text = |field: &str| diagnostic[field].as_str().unwrap_or("-").to_owned();
        format!(
            "{} {} {}:{} {}\n",
            text("severity"),
            text("code"),
            text("file"),
            diagnostic["line"],
            text("message")
        )
    });
    (services, lines.collect())
}

#[track_caller]
fn check(found: &(String, String), update: bool) {
    for (file, actual) in [("services.json", &found.0), ("diagnostics.txt", &found.1)] {
        let file = fixture().join(file);
        if update {
            fs::write(&file, actual).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(*actual, expected, "{file}");
        assert!(!actual.contains("hush"), "{file}");
    }
}

#[test]
fn what_charts_make_is_catalogued() {
    let infrastructure = scan(Some(Arc::new(Substitution)));
    let catalogs = Catalogs::new(&infrastructure, "");
    assert!(
        !format!("{catalogs:?}").contains("hush"),
        "a credential is in a catalog"
    );
    let found = parts(
        &serde_json::to_value(&catalogs.services).unwrap(),
        &serde_json::to_value(&catalogs.flux_resources).unwrap(),
    );
    check(&found, std::env::var_os("UPDATE_EXPECT").is_some());
}

#[test]
fn helm_finds_the_same() {
    let out = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"))
            .args(arguments)
            .output()
            .unwrap()
    };
    if Command::new("helm").arg("version").output().is_err() {
        println!("skipped: no helm on PATH");
        return;
    }
    let repository = fixture().join("repo");
    let folder = out.path().to_str().unwrap();
    let output = run(&["regen", repository.as_str(), "--out", folder, "--helm"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && !stderr.contains("hush"), "{stderr}");
    let data = out.path().join("flux-infra-guide/data");
    let read = |file: &str| -> Value { serde_json::from_slice(&fs::read(data.join(file)).unwrap()).unwrap() };
    check(
        &parts(&read("services.json"), &read("flux-resources.json")),
        false,
    );
}

#[test]
fn without_a_renderer_nothing_changes() {
    let infrastructure = scan(None);
    let services: Vec<&String> = infrastructure.services.keys().collect();
    assert_eq!(
        services,
        ["admin", "broken", "cache", "kiosk", "preview", "storefront"]
    );
    assert!(
        infrastructure
            .services
            .values()
            .all(|service| service.workload.is_none())
    );
    let codes: Vec<&str> = infrastructure
        .diagnostics
        .iter()
        .map(|d| d.code.as_ref())
        .collect();
    assert_eq!(codes, ["redacted"]);
}

#[test]
fn a_missing_helm_is_said_once_and_the_scan_goes_on() {
    let out = tempfile::tempdir().unwrap();
    let repository = fixture().join("repo");
    let output = Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"))
        .args(["diff", repository.as_str(), repository.as_str(), "--helm"])
        .env("PATH", out.path())
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert_eq!(
        stderr.matches("there is no `helm` on PATH").count(),
        1,
        "{stderr}"
    );
}
