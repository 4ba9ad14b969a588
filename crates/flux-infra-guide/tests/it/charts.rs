//! Charts that are found are rendered, and their objects are catalogued as owned by their HelmRelease.
//!
//! `fixtures/helm` is scanned with and without the chart beside it. `UPDATE_EXPECT=1` rewrites the expected files.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::Catalogs;
use flux_scan::{ChartMode, GivenSources, KeptRenderings, RenderingKey, Scan, ScanOptions};
use infra_model::flux::ChartStatus;
use pretty_assertions::assert_eq;
use serde_json::Value;
use source_tree::{DiskTree, SourceTree};

fn fixture() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/helm")
}

fn scan(charts: ChartMode, given: bool) -> Scan {
    scan_with(charts, given, None)
}

fn scan_with(charts: ChartMode, given: bool, renderings: Option<Arc<dyn KeptRenderings>>) -> Scan {
    let open = |path: Utf8PathBuf| -> Arc<dyn SourceTree> { Arc::new(DiskTree::open(&path).unwrap()) };
    let mut sources = GivenSources::default();
    if given {
        sources.charts.add_folder(open(fixture().join("charts")));
    }
    let options = ScanOptions {
        charts,
        sources: Some(Arc::new(sources)),
        renderings,
        generated_from: "repo".into(),
        ..ScanOptions::default()
    };
    flux_scan::scan(open(fixture().join("repo")), &options).unwrap()
}

#[track_caller]
fn check(file: &str, actual: &str) {
    let file = fixture().join(file);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, actual).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(*actual, expected, "{file}");
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

#[test]
fn objects_of_charts_are_catalogued() {
    let scan = scan(ChartMode::Catalogued, true);
    let catalogs = Catalogs::new(&scan.clusters[0].infrastructure, "");
    assert!(
        !format!("{catalogs:?}").contains("hush"),
        "a credential is in a catalog"
    );
    let mut services = serde_json::to_value(&catalogs.services).unwrap();
    for field in ["$schema", "metadata"] {
        services.as_object_mut().unwrap().remove(field);
    }
    check("services.json", &pretty(&services));
    let flux = serde_json::to_value(&catalogs.flux_resources).unwrap();
    check("releases.json", &pretty(&flux["helmReleases"]));
    let lines = flux["diagnostics"].as_array().unwrap().iter().map(|diagnostic| {
        let text = |field: &str| diagnostic[field].as_str().unwrap_or("-").to_owned();
        format!(
            "{} {} {}:{} {}\n    {}\n",
            text("severity"),
            text("code"),
            text("file"),
            diagnostic["line"],
            text("message").replace('\n', " / "),
            text("hint")
        )
    });
    check("diagnostics.txt", &lines.collect::<String>());
}

/// The kept renderings, and how often one was added.
#[derive(Default)]
struct Memory(Mutex<(BTreeMap<RenderingKey, Vec<u8>>, usize)>);

impl KeptRenderings for Memory {
    fn read(&self, key: &RenderingKey) -> Option<Vec<u8>> {
        self.0.lock().unwrap().0.get(key).cloned()
    }

    fn write(&self, key: &RenderingKey, bytes: &[u8]) {
        let (kept, written) = &mut *self.0.lock().unwrap();
        kept.insert(*key, bytes.to_vec());
        *written += 1;
    }
}

#[test]
fn kept_renderings_give_the_same_answers() {
    let memory = Arc::new(Memory::default());
    let written = || memory.0.lock().unwrap().1;
    let catalogs = |renderings: Option<Arc<dyn KeptRenderings>>| {
        let scan = scan_with(ChartMode::Catalogued, true, renderings);
        format!("{:?}", Catalogs::new(&scan.clusters[0].infrastructure, ""))
    };
    let expected = catalogs(None);
    assert_eq!(catalogs(Some(Arc::clone(&memory) as _)), expected);
    let first = written();
    assert!(first > 0);
    assert_eq!(catalogs(Some(Arc::clone(&memory) as _)), expected);
    assert_eq!(written(), first, "nothing is rendered again");
    for bytes in memory.0.lock().unwrap().0.values_mut() {
        bytes.truncate(10);
    }
    assert_eq!(catalogs(Some(Arc::clone(&memory) as _)), expected);
    assert_eq!(written(), 2 * first, "what is broken is made again");
}

#[test]
fn values_as_they_are_applied_are_not_kept() {
    let memory = Arc::new(Memory::default());
    scan_with(ChartMode::AsApplied, true, Some(Arc::clone(&memory) as _));
    assert!(memory.0.lock().unwrap().0.is_empty());
}

#[test]
fn objects_of_charts_are_printed() {
    let scan = scan(ChartMode::AsApplied, true);
    let records = flux_scan::render::jsonl(&scan.clusters[0].evaluation, None);
    let releases: String = records
        .filter(|record| record.contains("\"helmRelease\""))
        .collect();
    check("render.jsonl", &releases);
}

#[test]
fn objects_of_a_chart_are_evaluated_too() {
    let scan = scan(ChartMode::Catalogued, false);
    let services = &scan.clusters[0].infrastructure.services;
    // The Kustomization is in a chart, and so is the ConfigMap with the region.
    assert!(services.contains_key("tenant-north"), "{:?}", services.keys());
}

#[test]
fn a_missing_chart_leaves_its_release_unchanged() {
    let scan = scan(ChartMode::Catalogued, false);
    let infrastructure = &scan.clusters[0].infrastructure;
    for name in ["cache", "queue"] {
        let status = infrastructure.helm_releases[name].chart_status;
        assert_eq!(status, Some(ChartStatus::NotAtHand), "{name}");
        assert!(infrastructure.services[name].workload.is_none(), "{name}");
    }
}

#[test]
fn a_chart_is_given_for_one_object() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let (repository, queue) = (fixture().join("repo"), fixture().join("charts/queue"));
    for id in ["HelmRelease/shop/queue", "OCIRepository/shop/queue"] {
        let chart = format!("{id}={queue}");
        let rendered = run(&[
            "render",
            repository.as_str(),
            "--kustomization",
            "flux-system/apps",
            "--chart",
            &chart,
        ]);
        assert!(rendered.contains("name: queue-broker"), "{id}");
    }
    let rendered = run(&["render", repository.as_str()]);
    assert!(!rendered.contains("name: queue-broker") && rendered.contains("name: ledger"));
}
