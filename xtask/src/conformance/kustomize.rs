//! kustomize's own tests, and real directories compared with a real kustomize.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use camino::{Utf8Path, Utf8PathBuf};
use kustomize_build::{BuildOptions, LoadRestrictions, Reorder, Sources};
use serde::Deserialize;
use source_tree::{DiskTree, FileTable, Limits, RepoPath};

use super::arguments::Arguments;
use super::table::{Table, Wanted};
use crate::workspace;

#[derive(Deserialize)]
struct Case {
    id: String,
    group: String,
    target: String,
    flags: Vec<String>,
    files: BTreeMap<String, String>,
    #[serde(default)]
    files_b64: Option<BTreeMap<String, String>>,
    #[serde(default)]
    empty_dirs: Option<Vec<String>>,
    expect: Expect,
    #[serde(default)]
    expect_default: Option<DefaultExpect>,
}

#[derive(Clone, Deserialize)]
struct Expect {
    stdout: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum DefaultExpect {
    /// The word `same`.
    Same(#[allow(dead_code, reason = "the word itself says nothing more")] String),
    Own(Expect),
}

/// Placeholder for the case's folder in files and expected texts.
const FOLDER: &str = "@@DIR@@";

/// Runs the cases of a JSON Lines file in both orders.
pub(crate) fn run(text: &str, table: &mut Table<'_>) -> Result<()> {
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let case: Case = serde_json::from_str(line)?;
        if !table.wants(&case.group, &case.id) {
            continue;
        }
        run_case(&case, &case.id, &case.flags, &case.expect, table)?;
        let default = match &case.expect_default {
            None => continue,
            Some(DefaultExpect::Same(_)) => &case.expect,
            Some(DefaultExpect::Own(expect)) => expect,
        };
        let flags = without_reorder(&case.flags);
        run_case(&case, &format!("{}@default", case.id), &flags, default, table)?;
    }
    Ok(())
}

fn run_case(case: &Case, id: &str, flags: &[String], expect: &Expect, table: &mut Table<'_>) -> Result<()> {
    let temp = tempfile::tempdir()?;
    let root = Utf8PathBuf::try_from(temp.path().canonicalize()?)?;
    for (path, content) in &case.files {
        write(
            &root.join(path),
            content.replace(FOLDER, root.as_str()).as_bytes(),
        )?;
    }
    for (path, content) in case.files_b64.iter().flatten() {
        write(&root.join(path), &STANDARD.decode(content)?)?;
    }
    for folder in case.empty_dirs.iter().flatten() {
        fs::create_dir_all(root.join(folder))?;
    }
    let result = build(&root.join(&case.target), &options(flags));
    match (&expect.stdout, &expect.error) {
        (Some(stdout), _) => {
            let result = result.map(|text| without_version(&text.replace(root.as_str(), FOLDER)));
            table.compare(&case.group, id, stdout, result.as_deref().map_err(String::as_str));
        }
        (None, _) => table.must_fail(&case.group, id, result.is_err()),
    }
    Ok(())
}

/// Replaces the version in managed-by labels, as the cases do.
fn without_version(text: &str) -> String {
    const LABEL: &str = "app.kubernetes.io/managed-by: kustomize-";
    let parts = text.split(LABEL).enumerate().map(|(index, part)| match index {
        0 => part,
        _ => part.trim_start_matches(|c: char| !c.is_whitespace()),
    });
    parts.collect::<Vec<_>>().join(&format!("{LABEL}VERSION"))
}

fn write(path: &Utf8Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes).with_context(|| format!("writing {path}"))
}

fn options(flags: &[String]) -> BuildOptions {
    let mut options = BuildOptions {
        absolute_paths: true,
        ..BuildOptions::default()
    };
    let mut flags = flags.iter().map(String::as_str);
    while let Some(flag) = flags.next() {
        match flag {
            "--reorder" => {
                options.reorder = Some(if flags.next() == Some("none") {
                    Reorder::None
                } else {
                    Reorder::Legacy
                });
            }
            "--load-restrictor" => {
                options.load_restrictions = match flags.next() {
                    Some("LoadRestrictionsNone") => LoadRestrictions::None,
                    _ => LoadRestrictions::RootOnly,
                };
            }
            "--enable-managedby-label" => options.managed_by_label = true,
            _ => {}
        }
    }
    options
}

fn without_reorder(flags: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        if flag == "--reorder" {
            flags.next();
        } else {
            kept.push(flag.clone());
        }
    }
    kept
}

fn build(directory: &Utf8Path, options: &BuildOptions) -> Result<String, String> {
    let tree = DiskTree::open(Utf8Path::new("/")).map_err(|error| error.to_string())?;
    let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
    kustomize_build::build(&sources, &RepoPath::new(directory.as_str()), options)
        .and_then(|build| build.to_yaml())
        .map_err(|error| error.to_string())
}

/// Compares with `program build DIR` on every directory of the corpus that has a kustomization file.
pub(crate) fn against(program: &str, diff: bool) -> Result<bool> {
    let Some(shared) = workspace::shared() else {
        println!("skipped: no ../shared");
        return Ok(true);
    };
    if Command::new(program).arg("version").output().is_err() {
        println!("skipped: no {program}");
        return Ok(true);
    }
    let arguments = Arguments {
        files: Vec::new(),
        diff,
        only: None,
        against: None,
    };
    let mut table = Table::new(&format!("corpus against {program}"), &arguments);
    let corpus = shared.join("corpus").canonicalize_utf8()?;
    let mut directories = Vec::new();
    find(&corpus, &mut directories)?;
    directories.sort();
    for directory in &directories {
        let name = directory.strip_prefix(&corpus)?;
        let group = name.components().next().map_or("", |part| part.as_str());
        let output = Command::new(program).arg("build").arg(directory).output()?;
        let ours = build(directory, &options(&[]));
        if output.status.success() {
            let theirs = String::from_utf8_lossy(&output.stdout);
            table.compare(
                group,
                name.as_str(),
                &theirs,
                ours.as_deref().map_err(String::as_str),
            );
        } else {
            let note = ours.is_ok().then(|| {
                format!(
                    "expected an error: {}",
                    String::from_utf8_lossy(&output.stderr)
                        .lines()
                        .last()
                        .unwrap_or("")
                )
            });
            table.record(group, name.as_str(), Wanted::Error, note);
        }
    }
    print!("{table}");
    Ok(table.all_pass())
}

/// Every folder below `folder` with a kustomization file.
pub(crate) fn find(folder: &Utf8Path, found: &mut Vec<Utf8PathBuf>) -> Result<()> {
    let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    if names.iter().any(|name| folder.join(name).is_file()) {
        found.push(folder.to_owned());
    }
    for entry in folder.read_dir_utf8()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            find(entry.path(), found)?;
        }
    }
    Ok(())
}
