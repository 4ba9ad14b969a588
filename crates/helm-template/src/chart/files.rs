//! Files turn into a chart and its subcharts.
//!
//! Rules: [pkg/chart/v2/loader/load.go](https://github.com/helm/helm/blob/v4.2.4/pkg/chart/v2/loader/load.go). The folders of
//! `charts/`, which Helm takes in random order, are sorted by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use yaml_node::Node;

use super::archive;
use super::chart_file::ChartFile;
use super::decode::{Decoder, Target, is_field, unmarshal};
use super::limits::ChartLimits;
use super::metadata::{Dependency, Metadata};
use super::packed::Chart;
use crate::values::load_values;

/// Assembles a chart and its subcharts.
pub(super) fn assemble(files: Vec<ChartFile>, limits: &ChartLimits) -> Result<Chart, String> {
    let mut budget = Budget {
        limits,
        bytes: limits.bytes,
        files: limits.files,
    };
    budget.charge(&files)?;
    assemble_below(files, &mut budget, 0)
}

/// Refuses a `Chart.yaml` whose `apiVersion` is neither v1 nor v2.
pub(super) fn check_api_version(chart_file: &[u8]) -> Result<(), String> {
    let version = unmarshal(chart_file, |decoder, node| {
        let mut version = String::new();
        let Some(node) = node else { return version };
        for (key, value) in decoder.entries(node, Target::Value, "loader.chartBase") {
            decoder.string_field(key, value, "chartBase", [("apiVersion", &mut version)]);
        }
        version
    });
    match version
        .map_err(|error| format!("cannot load Chart.yaml: {error}"))?
        .as_str()
    {
        "" | "v1" | "v2" => Ok(()),
        "v3" => Err("invalid chart apiVersion".into()),
        _ => Err("unsupported chart version".into()),
    }
}

/// The unspent part of [`ChartLimits`], for packed subcharts too.
struct Budget<'a> {
    limits: &'a ChartLimits,
    bytes: u64,
    files: usize,
}

impl Budget<'_> {
    fn charge(&mut self, files: &[ChartFile]) -> Result<(), String> {
        let bytes: u64 = files.iter().map(|file| file.data.len() as u64).sum();
        self.bytes = self
            .bytes
            .checked_sub(bytes)
            .ok_or_else(|| self.limits.too_large())?;
        self.files = self
            .files
            .checked_sub(files.len())
            .ok_or_else(|| self.limits.too_many())?;
        Ok(())
    }
}

fn assemble_below(files: Vec<ChartFile>, budget: &mut Budget<'_>, depth: usize) -> Result<Chart, String> {
    if depth > budget.limits.depth {
        return Err(format!(
            "charts are nested deeper than {} levels",
            budget.limits.depth
        ));
    }
    let mut sorted = SortedFiles::default();
    for file in files.iter().filter(|file| &*file.name == "Chart.yaml") {
        sorted.read_metadata(file)?;
    }
    for file in files {
        sorted.add(file)?;
    }
    let mut metadata = sorted.metadata.ok_or("Chart.yaml file is missing")?;
    let most = budget.limits.dependencies;
    if metadata.dependencies().len() > most {
        return Err(format!("Chart.yaml names more than {most} dependencies"));
    }
    metadata.validate()?;

    let mut dependencies = Vec::new();
    for (folder, files) in sorted.subcharts {
        if folder.starts_with(['_', '.']) {
            continue;
        }
        let subchart = load_subchart(&folder, files, &metadata.name, budget, depth)?;
        dependencies.push(Arc::new(subchart));
    }
    Ok(Chart {
        metadata,
        values: sorted.values.unwrap_or_else(Node::empty_mapping),
        schema: sorted.schema,
        templates: sorted.templates,
        files: sorted.files,
        dependencies,
        parsed: Arc::default(),
    })
}

/// Loads a subchart from an archive or a folder in `charts/`.
fn load_subchart(
    folder: &str,
    files: Vec<ChartFile>,
    parent: &str,
    budget: &mut Budget<'_>,
    depth: usize,
) -> Result<Chart, String> {
    let loaded = if folder.ends_with(".tgz") {
        let file = files.first().filter(|file| &*file.name == folder);
        let Some(file) = file else {
            let found = files.first().map_or("", |file| &*file.name);
            return Err(format!(
                "error unpacking subchart tar in {parent}: expected {folder}, got {found}"
            ));
        };
        let limits = ChartLimits {
            bytes: budget.bytes,
            files: budget.files,
            ..*budget.limits
        };
        archive::unpack_subchart(&file.data, &limits).and_then(|files| {
            budget.charge(&files)?;
            assemble_below(files, budget, depth + 1)
        })
    } else {
        let below = files.into_iter().filter_map(|file| {
            let (_, name) = file.name.split_once('/')?;
            Some(ChartFile {
                name: name.into(),
                data: file.data,
            })
        });
        assemble_below(below.collect(), budget, depth + 1)
    };
    loaded.map_err(|error| format!("error unpacking subchart {folder} in {parent}: {error}"))
}

/// The files of a chart by their meaning for Helm.
#[derive(Default)]
struct SortedFiles {
    metadata: Option<Metadata>,
    values: Option<Node>,
    schema: Option<Arc<[u8]>>,
    templates: Vec<ChartFile>,
    files: Vec<ChartFile>,
    /// Files below `charts/` by the next element of their path.
    subcharts: BTreeMap<String, Vec<ChartFile>>,
}

impl SortedFiles {
    fn read_metadata(&mut self, file: &ChartFile) -> Result<(), String> {
        let metadata = self.metadata.get_or_insert_default();
        unmarshal(&file.data, |decoder, node| metadata.decode(decoder, node))
            .map_err(|error| format!("cannot load {}: {error}", file.name))?;
        if metadata.api_version.is_empty() {
            metadata.api_version = "v1".to_owned();
        }
        Ok(())
    }

    fn is_v1(&mut self) -> bool {
        self.metadata.get_or_insert_default().api_version == "v1"
    }

    fn add(&mut self, file: ChartFile) -> Result<(), String> {
        match &*file.name {
            "Chart.yaml" => {}
            "Chart.lock" => check_lock(&file)?,
            "values.yaml" => {
                let values = load_values(&file.data);
                self.values = Some(values.map_err(|error| format!("cannot load values.yaml: {error}"))?);
            }
            "values.schema.json" => self.schema = Some(file.data),
            "requirements.yaml" => {
                let metadata = self.metadata.get_or_insert_default();
                unmarshal(&file.data, |decoder, node| metadata.decode(decoder, node))
                    .map_err(|error| format!("cannot load requirements.yaml: {error}"))?;
                if self.is_v1() {
                    self.files.push(file);
                }
            }
            "requirements.lock" => {
                check_lock(&file)?;
                if self.is_v1() {
                    self.files.push(file);
                }
            }
            name if name.starts_with("templates/") => self.templates.push(file),
            name if name.starts_with("charts/") && !name.ends_with(".prov") => {
                let below = name.strip_prefix("charts/").unwrap_or(name);
                let folder = below.split('/').next().unwrap_or_default();
                let files = self.subcharts.entry(folder.to_owned()).or_default();
                files.push(ChartFile {
                    name: below.into(),
                    data: file.data,
                });
            }
            _ => self.files.push(file),
        }
        Ok(())
    }
}

/// Checks that a lock file parses; its content has no effect.
fn check_lock(file: &ChartFile) -> Result<(), String> {
    let check = |decoder: &mut Decoder, node: Option<&Node>| {
        let Some(node) = node else { return };
        for (key, value) in decoder.entries(node, Target::Value, "v2.Lock") {
            if is_field(key, "digest") {
                decoder.string(value, Target::Field("Lock", "digest"));
            } else if is_field(key, "generated") {
                decoder.check_time(value);
            } else if is_field(key, "dependencies") {
                let target = Target::Field("Lock", "dependencies");
                for item in decoder.items(value, target, "[]*v2.Dependency") {
                    Dependency::decode(Dependency::default(), decoder, item);
                }
            }
        }
    };
    unmarshal(&file.data, check).map_err(|error| format!("cannot load {}: {error}", file.name))
}
