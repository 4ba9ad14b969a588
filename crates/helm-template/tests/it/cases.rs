//! Small charts with the output and errors of Helm 4.2.4: `tests/data/cases.jsonl`, one case per line, in the format of
//! `cargo xtask conformance`. With `HELM=path/to/helm` Helm writes the expectations again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::{env, fs};

use helm_template::{
    Chart, ChartFile, ChartLimits, Error, KubeVersion, OutputOptions, Release, RenderOptions, Values, render,
};
use serde_json::{Map, Value as Json, json};

const KUBE_VERSION: &str = "v1.33.4";

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cases.jsonl")
}

/// The files of a case: a string, or base64 under `b64`.
fn files(case: &Json) -> BTreeMap<String, Vec<u8>> {
    use base64::Engine;
    let bytes = |content: &Json| match content {
        Json::String(text) => text.clone().into_bytes(),
        packed => base64::engine::general_purpose::STANDARD
            .decode(packed["b64"].as_str().unwrap())
            .unwrap(),
    };
    let files = case["files"].as_object().unwrap();
    files
        .iter()
        .map(|(name, content)| (name.clone(), bytes(content)))
        .collect()
}

fn rendered(case: &Json) -> Result<String, Error> {
    let files = files(case)
        .into_iter()
        .map(|(name, data)| ChartFile::new(name, data))
        .collect();
    let chart = Chart::from_files(files, &ChartLimits::default())?;
    let mut options = RenderOptions::new(Release::new("rel", "default"));
    options.capabilities.kube_version = KubeVersion::parse(KUBE_VERSION).unwrap();
    render(&Arc::new(chart), &Values::new(), &options)?.to_text(&OutputOptions::default())
}

fn expected(case: &Json) -> Json {
    let outcome = match rendered(case) {
        Ok(text) => ("stdout", text),
        Err(error) => ("error", error.to_string()),
    };
    json!({ outcome.0: outcome.1 })
}

/// Helm's output or error for a case.
fn by_helm(helm: &Path, case: &Json) -> Json {
    let folder = env::temp_dir().join(format!("helm-template-cases-{}", std::process::id()));
    for (name, data) in files(case) {
        let path = folder.join("chart").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, data).unwrap();
    }
    let output = Command::new(helm)
        .args(["template", "rel", "chart", "--kube-version", KUBE_VERSION])
        .current_dir(&folder)
        .env("TZ", "UTC")
        .output()
        .unwrap();
    fs::remove_dir_all(&folder).unwrap();
    if output.status.success() {
        return json!({ "stdout": String::from_utf8(output.stdout).unwrap() });
    }
    let error = String::from_utf8(output.stderr).unwrap();
    let error = error.split_once("Error: ").map_or("", |(_, error)| error);
    let error = error
        .trim_end()
        .trim_end_matches("Use --debug flag to render out invalid YAML");
    json!({ "error": error.trim_end() })
}

#[test]
fn charts_render_as_helm_renders_them() {
    let text = fs::read_to_string(file()).unwrap();
    let mut cases: Vec<Map<String, Json>> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    if let Some(helm) = env::var_os("HELM") {
        let mut text = String::new();
        for case in &mut cases {
            let expect = by_helm(Path::new(&helm), &Json::Object(case.clone()));
            case.insert("expect".to_owned(), expect);
            text.push_str(&serde_json::to_string(case).unwrap());
            text.push('\n');
        }
        fs::write(file(), text).unwrap();
    }
    let mut wrong = Vec::new();
    for case in cases {
        let case = Json::Object(case);
        let (found, wanted) = (expected(&case), &case["expect"]);
        let trimmed = |value: &Json| value["error"].as_str().map(|text| text.trim_end().to_owned());
        if found["stdout"] != wanted["stdout"] || trimmed(&found) != trimmed(wanted) {
            wrong.push(format!("{}\n  helm: {wanted}\n  here: {found}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
