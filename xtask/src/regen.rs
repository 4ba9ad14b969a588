//! `regen`: writes everything in this repository that is generated, or checks it.
//!
//! Results of kustomize and Flux (`expected.*` of the fixtures) are written by the real tools, never here.

use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{Catalog, FileSet, Form, ScanRecord, schema};
use cluster_status::{StatusReport, VerifyReport};
use flux_infra_guide::regenerate::{RegenerateOptions, Regeneration};
use flux_scan::{ChartMode, ClusterArg, GivenSources, Scan, ScanOptions};
use serde_json::Value;
use skill_render::{PluginOptions, RenderedSkill, Templates};
use source_tree::{DiskTree, ReadRecord, RepoPath};

use crate::{tour, workspace};

/// Regenerate skills, catalogs of the fixtures and schemas.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; print a diff and fail where something would change.
    #[arg(long)]
    check: bool,
}

/// A fixed time for generated files, so that every run yields the same bytes.
const GENERATED_AT: &str = "2026-02-02T10:00:00Z";

/// The catalogs of one cluster, as JSON.
pub(crate) struct Catalogs {
    pub(crate) services: Value,
    pub(crate) flux_resources: Value,
    pub(crate) secrets_map: Value,
    pub(crate) configmaps: Value,
}

pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let root = workspace::root();
    let mut files = FileSet::new(&root);
    let plugin = add_skills(&root, &mut files)?;
    add_fixture_catalogs(&root, &mut files)?;
    let mut schemas = schema::all()?;
    schemas.extend(catalog_emit::answers::schemas()?);
    let reports = [
        (
            "diff",
            schema::written::<change_review::Review>("diff", "diff --format json")?,
        ),
        (
            "status",
            schema::written::<StatusReport>("status", "status --format json")?,
        ),
        (
            "verify",
            schema::written::<VerifyReport>("verify", "verify --format json")?,
        ),
    ];
    schemas.extend(reports.map(|(name, text)| (schema::file_name(name), text)));
    for (name, text) in schemas {
        files.add(format!("docs/schemas/{name}"), text)?;
    }
    if arguments.check {
        return match print_differences(&files)? {
            0 => Ok(true),
            count => {
                println!("{count} files are not current: run `cargo xtask regen` and commit the result");
                Ok(false)
            }
        };
    }
    let report = files.apply()?;
    for path in &report.written {
        println!("wrote   {path}");
    }
    for path in &report.removed {
        println!("removed {path}");
    }
    println!("{} files were current", report.unchanged.len());
    plugin.apply()?;
    println!("plugin  {}", plugin.root());
    Ok(true)
}

/// Prints the diffs of files that are not current, and returns their number.
pub(crate) fn print_differences(files: &FileSet) -> Result<usize> {
    let differences = files.differences()?;
    for difference in &differences {
        println!("{}", difference.diff);
    }
    Ok(differences.len())
}

/// Adds `skills/`, both skills with the catalogs of the large fixture, and its tour. Returns the files of a plugin with the skills.
fn add_skills(root: &Utf8Path, files: &mut FileSet) -> Result<FileSet> {
    let repository = root.join(tour::FIXTURE);
    let out = root.join("skills");
    let reads = ReadRecord::new();
    let scan = scan_with(&repository, |options| {
        options.reads = Some(Arc::clone(&reads));
    })?;
    if let Some(cluster) = scan.clusters.first() {
        files.add(tour::FILE, tour::text(&cluster.infrastructure)?)?;
    }
    let clusters = scan
        .clusters
        .iter()
        .map(|cluster| cluster.entry.to_string())
        .collect();
    let inputs = freshness::inputs(&DiskTree::open(&repository)?, &reads.asked());
    let options = RegenerateOptions {
        out: out.clone(),
        generated_at: GENERATED_AT.to_owned(),
        ..RegenerateOptions::default()
    };
    let templates = Templates::new(&[])?;
    let (models, _) = scan.split();
    let mut regeneration = Regeneration::new(&models, &templates, &options)?;
    regeneration.add_record(&ScanRecord::new(clusters, inputs))?;
    print!("{}", catalog_emit::summary(regeneration.catalogs()));
    let skills = regeneration.into_files();
    let plugin = plugin(root, &skills)?;
    files.merge(Utf8Path::new("skills"), skills)?;
    Ok(plugin)
}

/// An installable Claude Code plugin, assembled in the target folder because it repeats the files of `skills/`.
fn plugin(root: &Utf8Path, skills: &FileSet) -> Result<FileSet> {
    let options = PluginOptions {
        name: String::new(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        source: "infra-flux-nonprod-test".to_owned(),
        repository: env!("CARGO_PKG_REPOSITORY").to_owned(),
        license: env!("CARGO_PKG_LICENSE").to_owned(),
        license_text: fs::read_to_string(root.join("LICENSE"))?,
        overrides: Vec::new(),
    };
    let mut files = FileSet::new(workspace::target().join("plugin"));
    for (path, text) in skill_render::plugin(&RenderedSkill::default(), &options)?.files {
        files.add(path, text)?;
    }
    for (path, content) in skills.contents() {
        files.add(Utf8Path::new("skills").join(path), content)?;
    }
    Ok(files)
}

/// Adds `fixtures/flux/*/catalogs/`, for fixtures that have this folder.
fn add_fixture_catalogs(root: &Utf8Path, files: &mut FileSet) -> Result<()> {
    let mut folders: Vec<Utf8PathBuf> = Vec::new();
    for entry in root.join("fixtures/flux").read_dir_utf8()? {
        let path = entry?.into_path();
        if path.join("catalogs").is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    for folder in folders {
        let scan = scan(&folder.join("repo"))?;
        let catalogs: Vec<_> = scan
            .clusters
            .iter()
            .map(|cluster| catalog_emit::Catalogs::new(&cluster.infrastructure, GENERATED_AT))
            .collect();
        let out = folder.join("catalogs");
        files.merge(
            out.strip_prefix(root)?,
            catalog_emit::plan(&out, &catalogs, Form::Pretty)?,
        )?;
    }
    Ok(())
}

pub(crate) fn scan(repository: &Utf8Path) -> Result<Scan> {
    scan_with(repository, |_| {})
}

fn scan_with(repository: &Utf8Path, change: impl FnOnce(&mut ScanOptions)) -> Result<Scan> {
    let tree = DiskTree::open(repository).with_context(|| format!("opening {repository}"))?;
    let generated_from = match repository.file_name() {
        Some("repo") => repository.parent().and_then(Utf8Path::file_name),
        name => name,
    };
    let mut options = ScanOptions {
        generated_from: generated_from.unwrap_or("repository").to_owned(),
        ..ScanOptions::default()
    };
    change(&mut options);
    flux_scan::scan(Arc::new(tree), &options).with_context(|| format!("scanning {repository}"))
}

/// The catalogs of one cluster entry of a repository as a reader of the files sees them: with the charts of a folder, or
/// without rendering any.
pub(crate) fn catalogs(repository: &Utf8Path, entry: &str, charts: Option<&Utf8Path>) -> Result<Catalogs> {
    fn json<C: Catalog>(catalog: &C) -> Result<Value> {
        Ok(serde_json::from_str(&catalog.to_json(Form::Lines)?)?)
    }
    let mut sources = GivenSources::default();
    if let Some(folder) = charts {
        let tree = DiskTree::open(folder).with_context(|| format!("opening {folder}"))?;
        sources.charts.add_folder(Arc::new(tree));
    }
    let scan = scan_with(repository, |options| {
        options.clusters = vec![ClusterArg {
            joined: Vec::new(),
            name: None,
            path: RepoPath::new(entry),
        }];
        options.sources = Some(Arc::new(sources));
        options.charts = match charts {
            Some(_) => ChartMode::Catalogued,
            None => ChartMode::Skipped,
        };
    })?;
    let cluster = scan
        .clusters
        .first()
        .with_context(|| format!("no cluster at {entry}"))?;
    let catalogs = catalog_emit::Catalogs::new(&cluster.infrastructure, GENERATED_AT);
    Ok(Catalogs {
        services: json(&catalogs.services)?,
        flux_resources: json(&catalogs.flux_resources)?,
        secrets_map: json(&catalogs.secrets_map)?,
        configmaps: json(&catalogs.config_maps)?,
    })
}
