//! Our own charts: their output, the values that decide their fields, and unused values.
//!
//! Each folder of `tests/fixtures` has a chart, values, and expectations. The output was compared with Helm 4.2.4;
//! `HELM=path/to/helm` compares again. `UPDATE_EXPECT=1` writes the expectations.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::{env, fs};

use camino::Utf8PathBuf;
use helm_template::{
    Chart, ChartLimits, Field, KubeVersion, OutputOptions, Release, RenderOptions, ValueStep, Values,
    deciding_values, render, unused_values,
};
use pretty_assertions::assert_eq;
use source_tree::{DiskTree, RepoPath};

const KUBE_VERSION: &str = "v1.34.0";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// Fields of interest.
fn is_asked(field: &Field) -> bool {
    let keys = ["image", "replicas", "port", "containerPort", "value", "host"];
    matches!(field.path.0.last(), Some(ValueStep::Key(key)) if keys.contains(&&**key))
}

#[track_caller]
fn check(name: &str) {
    let folder = folder(name);
    let text = fs::read(folder.join("values.yaml")).unwrap();
    let tree = DiskTree::open(&Utf8PathBuf::try_from(folder.join("chart")).unwrap()).unwrap();
    let chart = Chart::from_folder(&tree, &RepoPath::root(), name, &ChartLimits::default()).unwrap();
    let chart = Arc::new(chart);
    let mut values = Values::new();
    values.merge_file(&text, "values.yaml").unwrap();
    let mut options = RenderOptions::new(Release::new("shop", "apps"));
    options.capabilities.kube_version = KubeVersion::parse(KUBE_VERSION).unwrap();
    let rendered = render(&chart, &values, &options).unwrap();

    let printed = rendered.to_text(&OutputOptions::default()).unwrap();
    if let Some(helm) = env::var_os("HELM") {
        let output = Command::new(helm)
            .args([
                "template",
                "shop",
                "chart",
                "-f",
                "values.yaml",
                "-n",
                "apps",
                "--kube-version",
                KUBE_VERSION,
            ])
            .current_dir(&folder)
            .output()
            .unwrap();
        assert_eq!(printed, String::from_utf8(output.stdout).unwrap(), "{name}: helm");
    }
    expect(&folder.join("rendered.yaml"), &printed);

    let asked = rendered.fields(&is_asked);
    let decisions = deciding_values(&chart, &values, &options, asked, 8).unwrap();
    let mut told = String::new();
    let shown = |field: &Field| format!("{}/{}{}", field.kind, field.name, field.path);
    for decision in &decisions.decided {
        let by = if decision.is_given { "given" } else { "default" };
        let (field, text) = (shown(&decision.field), &decision.text);
        writeln!(told, "{field} = {text}\n    {by} {}", decision.value).unwrap();
    }
    for (field, text) in &decisions.undecided {
        writeln!(told, "{} = {text}\n    the template", shown(field)).unwrap();
    }
    for unused in unused_values(&chart, &values, &options, &rendered) {
        writeln!(told, "not read: {}", unused.path).unwrap();
    }
    expect(&folder.join("values.txt"), &told);
}

#[track_caller]
fn expect(path: &Path, actual: &str) {
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(path, actual).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(actual, expected, "{}; UPDATE_EXPECT=1 writes it", path.display());
}

#[test]
fn web() {
    check("web");
}

#[test]
fn umbrella() {
    check("umbrella");
}

#[test]
fn files() {
    check("files");
}
