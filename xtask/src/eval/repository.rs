//! Repositories with a rendering by the real tools, and their catalogs.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use source_tree::{DiskTree, EntryKind, RepoPath, SourceTree};

use super::question::Catalog;
use super::rendering::{Record, Rendering};
use crate::{facts, workspace};

/// The repositories of the corpus that questions are about.
const CORPUS: [&str; 3] = ["onedr0p+home-ops", "example-platform", "bjw-s-labs+home-ops"];

/// The repository of the corpus whose charts are also rendered, from `../shared/charts`.
const WITH_CHARTS: &str = "onedr0p+home-ops";

/// Larger files are not manifests that a reader would open.
const LARGEST_TEXT: usize = 1 << 20;

/// A repository, and its catalogs as `regen` writes them.
pub(crate) struct Repository {
    pub(crate) name: String,
    pub(crate) folder: Utf8PathBuf,
    /// Texts by path.
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) skill: String,
    pub(crate) clusters: Vec<Cluster>,
    /// Whether its charts are rendered, and questions are only about the objects that they make.
    pub(crate) with_charts: bool,
}

/// A cluster entry.
pub(crate) struct Cluster {
    pub(crate) entry: String,
    /// For `--cluster`, if the repository has several.
    pub(crate) name: Option<String>,
    pub(crate) rendering: Rendering,
    /// The folder of the repository's catalogs, for `--data`.
    pub(crate) data: Utf8PathBuf,
    /// The catalogs as written.
    pub(crate) catalogs: BTreeMap<Catalog, String>,
    /// The folder with this cluster's files.
    pub(crate) own_data: Utf8PathBuf,
}

/// The paths of a repository and its renderings.
#[derive(Clone)]
struct Paths {
    name: String,
    folder: Utf8PathBuf,
    renderings: Vec<Utf8PathBuf>,
    charts: Option<Utf8PathBuf>,
}

/// Writes the catalogs of every available repository below `out`.
pub(crate) fn prepare(program: &Utf8Path, out: &Utf8Path) -> Result<Vec<Repository>> {
    let fixtures = workspace::root().join("fixtures");
    let mut all = vec![Paths {
        name: "infra-flux-nonprod-test".to_owned(),
        folder: fixtures.join("infra-flux-nonprod-test"),
        renderings: vec![fixtures.join("expected/infra-flux-nonprod-test.jsonl")],
        charts: None,
    }];
    match workspace::shared() {
        Some(shared) => {
            for name in CORPUS {
                let folder = shared.join("corpus").join(name);
                if !folder.is_dir() {
                    println!("skipped: no ../shared/corpus/{name} (it is not asked about)");
                    continue;
                }
                let mut renderings = Vec::new();
                for entry in folder.join("expected").read_dir_utf8()? {
                    renderings.push(entry?.into_path());
                }
                renderings.sort();
                let charts = shared.join("charts/charts");
                let paths = Paths {
                    name: name.replace('+', "/"),
                    folder: folder.join("repo"),
                    renderings,
                    charts: None,
                };
                if name == WITH_CHARTS && is_with_charts(&charts) {
                    all.push(Paths {
                        name: format!("{}, charts rendered", paths.name),
                        charts: Some(charts),
                        ..paths.clone()
                    });
                }
                all.push(paths);
            }
        }
        None => println!("skipped: no ../shared (only the fixture is asked about)"),
    }
    all.into_iter().map(|paths| load(program, paths, out)).collect()
}

/// Whether every repository is there, with the charts and the `helm` that one of them needs.
pub(crate) fn is_complete() -> bool {
    workspace::shared().is_some_and(|shared| {
        let corpus = shared.join("corpus");
        CORPUS.iter().all(|name| corpus.join(name).is_dir()) && is_with_charts(&shared.join("charts/charts"))
    })
}

/// Whether there are charts, and a `helm` that renders them for comparison.
fn is_with_charts(charts: &Utf8Path) -> bool {
    let helm = Command::new("helm").args(["version", "--short"]).output();
    let is_right = helm.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).starts_with("v4.2"));
    if !is_right {
        println!("skipped: no helm 4.2 on PATH (what charts make is not asked about)");
    }
    is_right && charts.is_dir()
}

fn load(program: &Utf8Path, paths: Paths, out: &Utf8Path) -> Result<Repository> {
    let out = out.join(paths.name.replace(['/', ',', ' '], "-"));
    let charts = paths
        .charts
        .iter()
        .flat_map(|charts| ["--charts", charts.as_str()]);
    let output = Command::new(program)
        .args(["--quiet", "regen", paths.folder.as_str(), "--out", out.as_str()])
        .args(charts)
        // The same time on every run, because its tokens are counted too.
        .env("SOURCE_DATE_EPOCH", "1770026400")
        .output()?;
    ensure!(
        output.status.success(),
        "regen of {} failed: {}",
        paths.folder,
        String::from_utf8_lossy(&output.stderr)
    );
    let skill = out.join("flux-infra-guide");
    let data = skill.join("data");
    let mut clusters = Vec::new();
    for file in &paths.renderings {
        let mut rendering = Rendering::read(file)?;
        let entry = rendering.records.iter().find(|record| record.is_entry());
        let entry = entry
            .map(|Record { path, .. }| path.clone())
            .with_context(|| format!("{file} has no entry"))?;
        if let Some(charts) = &paths.charts {
            rendering = Rendering::read_with_charts(file, |records| {
                facts::add_charts(records, &entry, charts, &paths.folder)
            })?;
        }
        let (own_data, name) = cluster_data(&data, &entry)?;
        let mut catalogs = BTreeMap::new();
        for catalog in Catalog::ALL {
            catalogs.insert(catalog, fs::read_to_string(own_data.join(catalog.file()))?);
        }
        clusters.push(Cluster {
            entry,
            name,
            rendering,
            data: data.clone(),
            catalogs,
            own_data,
        });
    }
    Ok(Repository {
        files: texts(&paths.folder)?,
        skill: fs::read_to_string(skill.join("SKILL.md"))?,
        with_charts: paths.charts.is_some(),
        name: paths.name,
        folder: paths.folder,
        clusters,
    })
}

/// The folder with the catalogs of an entry, and its name if there are several.
fn cluster_data(data: &Utf8Path, entry: &str) -> Result<(Utf8PathBuf, Option<String>)> {
    let is_it = |folder: &Utf8Path| -> Result<bool> {
        let text = fs::read_to_string(folder.join(Catalog::Services.file()))?;
        let catalog: Value = serde_json::from_str(&text)?;
        Ok(catalog["metadata"]["cluster"] == entry)
    };
    if data.join(Catalog::Services.file()).is_file() {
        ensure!(is_it(data)?, "{data} is not about {entry}");
        return Ok((data.to_owned(), None));
    }
    for folder in data.read_dir_utf8()? {
        let folder = folder?.into_path();
        if folder.is_dir() && is_it(&folder)? {
            let name = folder.file_name().map(str::to_owned);
            return Ok((folder, name));
        }
    }
    anyhow::bail!("no catalogs in {data} are about {entry}")
}

/// Every text file of a repository, by path.
fn texts(folder: &Utf8Path) -> Result<BTreeMap<String, String>> {
    let tree = DiskTree::open(folder)?;
    let mut texts = BTreeMap::new();
    let mut open = vec![RepoPath::new("")];
    while let Some(folder) = open.pop() {
        for (name, kind) in tree.list_without_links(&folder)? {
            let path = folder.join(&name);
            match kind {
                EntryKind::Directory if name != ".git" => open.push(path),
                EntryKind::Directory => {}
                EntryKind::File => {
                    let text = tree.read(&path).ok().filter(|bytes| bytes.len() <= LARGEST_TEXT);
                    if let Some(text) = text.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()) {
                        texts.insert(path.to_string(), text);
                    }
                }
            }
        }
    }
    Ok(texts)
}
