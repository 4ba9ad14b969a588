//! Cases of `helm template`, of Flux's post-rendering, and of the values of HelmReleases.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use helm_release::{
    CommonMetadata, ObjectData, ReleasePostRenderer, ValuesReference, ValuesSource, chart_values,
};
use helm_template::{
    Chart, ChartLimits, KubeVersion, OutputOptions, PostRenderStrategy, Release, RenderOptions, Values,
    render,
};
use serde::Deserialize;
use source_tree::{FileId, MemoryTree, RepoPath};
use yaml_node::Node;

use super::table::{Table, Wanted};

/// A case: a chart with its values, or only the values of a HelmRelease.
#[derive(Deserialize)]
pub(crate) struct Case {
    name: String,
    #[serde(default)]
    files: BTreeMap<String, Content>,
    #[serde(default)]
    values: serde_json::Value,
    #[serde(default)]
    release: ReleaseFields,
    #[serde(default)]
    capabilities: CapabilityFields,
    #[serde(default)]
    flags: Vec<String>,
    flux: Option<FluxFields>,
    #[serde(default, rename = "valuesFrom")]
    values_from: Option<Vec<ReferenceFields>>,
    #[serde(default)]
    objects: BTreeMap<String, BTreeMap<String, String>>,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Bytes { b64: String },
}

impl Content {
    fn bytes(&self) -> Result<Vec<u8>> {
        Ok(match self {
            Content::Text(text) => text.as_bytes().to_vec(),
            Content::Bytes { b64 } => STANDARD.decode(b64)?,
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ReleaseFields {
    name: Option<String>,
    namespace: String,
    #[serde(rename = "isUpgrade")]
    is_upgrade: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CapabilityFields {
    #[serde(rename = "kubeVersion")]
    kube_version: String,
    #[serde(rename = "apiVersions")]
    api_versions: Vec<String>,
}

#[derive(Deserialize)]
struct FluxFields {
    name: String,
    namespace: String,
    #[serde(default)]
    strategy: String,
    #[serde(rename = "commonMetadata")]
    common_metadata: Option<MetadataFields>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MetadataFields {
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReferenceFields {
    kind: String,
    name: String,
    values_key: Option<String>,
    #[serde(default)]
    target_path: String,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    literal: bool,
}

#[derive(Deserialize)]
struct Expect {
    stdout: Option<String>,
    error: Option<String>,
    values: Option<serde_json::Value>,
}

/// Runs the cases of a JSON Lines file.
pub(crate) fn run(text: &str, table: &mut Table<'_>) -> Result<()> {
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let case: Case = serde_json::from_str(line)?;
        let group: Vec<&str> = case.name.split('/').take(2).collect();
        let group = group.join("/");
        if !table.wants(&group, &case.name) {
            continue;
        }
        match &case.values_from {
            Some(references) => run_values(&case, references, &group, table)?,
            None => {
                let actual = run_chart(&case)?;
                compare(&case, &group, actual, table);
            }
        }
    }
    Ok(())
}

fn compare(case: &Case, group: &str, actual: Result<String, String>, table: &mut Table<'_>) {
    let Some(error) = &case.expect.error else {
        let actual = actual.as_deref().map_err(String::as_str);
        table.compare(
            group,
            &case.name,
            case.expect.stdout.as_deref().unwrap_or_default(),
            actual,
        );
        return;
    };
    table.must_fail(group, &case.name, actual.is_err());
    if let Err(actual) = actual {
        let (wanted, found) = (error.trim_end_matches('\n'), actual.trim_end_matches('\n'));
        let note = (wanted != found).then(|| format!("expected {wanted:?}, found {found:?}"));
        table.record("error texts", &case.name, Wanted::Error, note);
    }
}

/// The output or the error of `helm template`, with Flux's post-rendering if the case has a HelmRelease.
fn run_chart(case: &Case) -> Result<Result<String, String>> {
    let mut tree = MemoryTree::new();
    for (path, content) in &case.files {
        tree.insert(path.as_str(), content.bytes()?);
    }
    Ok(template(case, &tree).map_err(|error| error.to_string()))
}

fn template(case: &Case, tree: &MemoryTree) -> Result<String> {
    let namespace = match case.release.namespace.as_str() {
        "" => "default",
        namespace => namespace,
    };
    let mut release = Release::new(case.release.name.as_deref().unwrap_or("rel"), namespace);
    release.is_upgrade = case.release.is_upgrade;
    let mut options = RenderOptions::new(release);
    let version = &case.capabilities.kube_version;
    if !version.is_empty() {
        options.capabilities.kube_version = KubeVersion::parse(version)
            .map_err(|error| anyhow::anyhow!("invalid kube version '{version}': {error}"))?;
    }
    let more = case.capabilities.api_versions.iter().cloned();
    options.capabilities.api_versions.extend(more);
    let (values, output) = arguments(case)?;
    let chart = Chart::from_folder(tree, &RepoPath::root(), "{dir}", &ChartLimits::default())?;
    let renderer = case.flux.as_ref().map(post_renderer);
    options.post_renderer = renderer
        .as_ref()
        .map(|(renderer, strategy)| (renderer as _, *strategy));
    Ok(render(&Arc::new(chart), &values, &options)?.to_text(&output)?)
}

/// Values and output options from the case's files and flags.
fn arguments(case: &Case) -> Result<(Values, OutputOptions)> {
    let mut values = Values::new();
    let files = match &case.values {
        serde_json::Value::Null => Vec::new(),
        serde_json::Value::Array(files) => files.clone(),
        file => vec![file.clone()],
    };
    for (index, file) in files.into_iter().enumerate() {
        let content: Content = serde_json::from_value(file)?;
        values.merge_file(&content.bytes()?, &format!("{{tmp}}/values{index}.yaml"))?;
    }
    let mut output = OutputOptions::default();
    let mut sets: Vec<(&str, &str)> = Vec::new();
    let mut flags = case.flags.iter();
    while let Some(flag) = flags.next() {
        let mut value = || flags.next().map(String::as_str).unwrap_or_default();
        match flag.as_str() {
            "--include-crds" => output.include_crds = true,
            "--no-hooks" => output.no_hooks = true,
            "--skip-tests" => output.skip_tests = true,
            set if SETS.contains(&set) => sets.push((set, value())),
            other => anyhow::bail!("unknown flag {other}"),
        }
    }
    // Helm reads all options of one kind before the next kind, whatever their order on the command line.
    for kind in SETS {
        for (_, text) in sets.iter().filter(|(set, _)| *set == kind) {
            match kind {
                "--set-json" => values.set_json(text)?,
                "--set" => values.set(text)?,
                "--set-string" => values.set_string(text)?,
                _ => values.set_literal(text)?,
            }
        }
    }
    Ok((values, output))
}

/// The options that set values, in the order in which Helm reads them
/// (<https://github.com/helm/helm/blob/v4.2.4/pkg/cli/values/options.go>).
const SETS: [&str; 4] = ["--set-json", "--set", "--set-string", "--set-literal"];

fn post_renderer(flux: &FluxFields) -> (ReleasePostRenderer, PostRenderStrategy) {
    let pairs = |pairs: &BTreeMap<String, String>| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    };
    let renderer = ReleasePostRenderer::new(
        flux.name.clone(),
        flux.namespace.clone(),
        Vec::new(),
        flux.common_metadata.as_ref().map(|metadata| CommonMetadata {
            labels: pairs(&metadata.labels),
            annotations: pairs(&metadata.annotations),
        }),
    );
    let strategy = match flux.strategy.as_str() {
        "separate" => PostRenderStrategy::Separate,
        "nohooks" => PostRenderStrategy::NoHooks,
        _ => PostRenderStrategy::Combined,
    };
    (renderer, strategy)
}

struct Objects<'a>(&'a BTreeMap<String, BTreeMap<String, String>>);

impl ValuesSource for Objects<'_> {
    fn data(&self, kind: &str, name: &str) -> Option<ObjectData<'_>> {
        let data = self.0.get(&format!("{kind}/{name}"))?;
        Some(Box::new(|key| Some((data.get(key)?.clone(), FileId::NONE))))
    }
}

fn run_values(case: &Case, references: &[ReferenceFields], group: &str, table: &mut Table<'_>) -> Result<()> {
    let references: Vec<ValuesReference> = references
        .iter()
        .map(|reference| ValuesReference {
            kind: reference.kind.clone(),
            name: reference.name.clone(),
            values_key: reference.values_key.clone(),
            target_path: reference.target_path.clone(),
            optional: reference.optional,
            literal: reference.literal,
        })
        .collect();
    let inline = (!case.values.is_null()).then(|| Node::from_json(&case.values));
    let actual = chart_values("ns", inline.as_ref(), &references, &Objects(&case.objects));
    match (&case.expect.error, actual) {
        (Some(error), actual) => {
            let found = actual.err().map(|error| error.to_string());
            let note =
                (found.as_deref() != Some(error)).then(|| format!("expected {error:?}, found {found:?}"));
            table.record(group, &case.name, Wanted::Error, note);
        }
        (None, Ok(values)) => {
            let actual: serde_json::Value = serde_json::from_str(&values.to_json())?;
            // Floats without a fraction are written as integers.
            let expected = as_written(case.expect.values.as_ref().unwrap_or_default());
            let note = (actual != expected).then(|| format!("expected {expected}, found {actual}"));
            table.record(group, &case.name, Wanted::Success, note);
        }
        (None, Err(error)) => {
            table.record(
                group,
                &case.name,
                Wanted::Success,
                Some(format!("error: {error}")),
            );
        }
    }
    Ok(())
}

fn as_written(values: &serde_json::Value) -> serde_json::Value {
    let text = Values::from_node(&Node::from_json(values)).to_json();
    serde_json::from_str(&text).unwrap_or_default()
}
