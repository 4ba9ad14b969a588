//! What is measured: a real repository where one is at hand, else the fixture.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::workspace;

/// A repository and its cluster entry.
pub(crate) struct Repository {
    pub(crate) name: String,
    pub(crate) folder: Utf8PathBuf,
    pub(crate) entry: Utf8PathBuf,
}

impl Repository {
    /// The `flux build` of the Kustomization that points at the entry, without a cluster. An entry that a FluxInstance
    /// reconciles has no file with that Kustomization, so one is written to `temp`.
    pub(crate) fn flux_command(&self, temp: &Utf8Path) -> Result<Vec<String>> {
        let mut sync = self.entry.join("flux-system/gotk-sync.yaml");
        if !sync.is_file() {
            sync = temp.join("sync.yaml");
            let path = self.entry.strip_prefix(&self.folder)?;
            fs::write(
                &sync,
                format!(
                    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: flux-system\n  \
                     namespace: flux-system\nspec:\n  interval: 10m\n  path: ./{path}\n  prune: true\n  sourceRef:\n    \
                     kind: GitRepository\n    name: flux-system\n"
                ),
            )?;
        }
        let command = [
            "flux",
            "build",
            "kustomization",
            "flux-system",
            "--dry-run",
            "--recursive",
            "--path",
            self.entry.as_str(),
            "--kustomization-file",
            sync.as_str(),
            "--local-sources",
            &format!("GitRepository/flux-system/flux-system={}", self.folder),
        ];
        Ok(command.map(str::to_owned).to_vec())
    }
}

/// The repository to measure, copied with every source and release suspended: peers then need no network.
pub(crate) fn repository(temp: &Utf8Path) -> Result<Repository> {
    let (from, entry) = match workspace::shared().map(|shared| shared.join("corpus/onedr0p+home-ops/repo")) {
        Some(repository) if repository.is_dir() => (repository, "kubernetes/flux/cluster"),
        _ => (
            workspace::root().join("fixtures/infra-flux-nonprod-test"),
            "clusters/nonprod-test",
        ),
    };
    let name = from
        .parent()
        .filter(|_| from.ends_with("repo"))
        .unwrap_or(&from)
        .file_name()
        .unwrap_or_default()
        .to_owned();
    let folder = temp.join("repository");
    copy(&from, &folder)?;
    // Peers look for the top of a repository.
    let made = Command::new("git")
        .args(["init", "--quiet", folder.as_str()])
        .status();
    ensure!(made.is_ok_and(|status| status.success()), "git init failed");
    Ok(Repository {
        name,
        entry: folder.join(entry),
        folder,
    })
}

fn copy(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in from.read_dir_utf8()? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(entry.path(), &target)?;
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            fs::write(&target, suspended(&text))?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Adds `suspend: true` to the spec of each document whose kind would need the network.
fn suspended(text: &str) -> String {
    let kinds = ["kind: HelmRelease", "kind: OCIRepository", "kind: HelmRepository"];
    let mut documents: Vec<String> = Vec::new();
    for document in text.split("\n---") {
        let needs = document.lines().any(|line| kinds.contains(&line.trim_end()));
        documents.push(if needs {
            document.replacen("\nspec:\n", "\nspec:\n  suspend: true\n", 1)
        } else {
            document.to_owned()
        });
    }
    documents.join("\n---")
}

/// Writes the paths of all files that `regen` of `folder` reads, one a line: all but Git's own, for the digest.
pub(crate) fn list_files(folder: &Utf8Path, list: &Utf8Path) -> Result<()> {
    let mut paths = Vec::new();
    collect_files(folder, &mut paths)?;
    paths.sort();
    fs::write(list, paths.join("\n")).with_context(|| format!("writing {list}"))
}

fn collect_files(folder: &Utf8Path, paths: &mut Vec<String>) -> Result<()> {
    for entry in folder.read_dir_utf8()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && entry.file_name() != ".git" {
            collect_files(entry.path(), paths)?;
        } else if entry.file_type()?.is_file() {
            paths.push(entry.path().to_string());
        }
    }
    Ok(())
}

/// The kustomization directories of the corpus (else of the fixtures) that a program builds, slowest first.
pub(crate) fn slowest_directories(program: &str, most: usize) -> Result<Option<Vec<Utf8PathBuf>>> {
    let top = match workspace::shared().map(|shared| shared.join("corpus")) {
        Some(corpus) if corpus.is_dir() => corpus.canonicalize_utf8()?,
        _ => workspace::root().join("fixtures/infra-flux-nonprod-test"),
    };
    let mut found = Vec::new();
    crate::conformance::find_kustomizations(&top, &mut found)?;
    let mut timed = Vec::new();
    for directory in found {
        let start = Instant::now();
        let status = Command::new(program)
            .arg("build")
            .arg(&directory)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if status.success() {
            timed.push((start.elapsed(), directory));
        }
    }
    timed.sort();
    let slowest: Vec<_> = timed
        .into_iter()
        .rev()
        .take(most)
        .map(|(_, directory)| directory)
        .collect();
    Ok((!slowest.is_empty()).then_some(slowest))
}
