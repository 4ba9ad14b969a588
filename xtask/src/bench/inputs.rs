//! Inputs of measurements: a real repository if there is one, otherwise the fixture.

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
    /// The `flux build` command, without a cluster, of the Kustomization that points at the entry. An entry that a
    /// FluxInstance reconciles has no file with that Kustomization, so one is written to `temp`.
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

/// The repository to measure: a copy with every source and release suspended, so that other programs need no network.
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
    workspace::copy_folder(&from, &folder, &|from, to| match fs::read_to_string(from) {
        Ok(text) => fs::write(to, suspended(&text)),
        Err(_) => fs::copy(from, to).map(drop),
    })?;
    // The other programs look for the top of a Git repository.
    let status = Command::new("git")
        .args(["init", "--quiet", folder.as_str()])
        .status();
    ensure!(status.is_ok_and(|status| status.success()), "git init failed");
    Ok(Repository {
        name,
        entry: folder.join(entry),
        folder,
    })
}

/// Adds `suspend: true` to the spec of each document whose kind needs the network.
fn suspended(text: &str) -> String {
    let kinds = ["kind: HelmRelease", "kind: OCIRepository", "kind: HelmRepository"];
    let documents = text.split("\n---").map(|document| {
        if document.lines().any(|line| kinds.contains(&line.trim_end())) {
            document.replacen("\nspec:\n", "\nspec:\n  suspend: true\n", 1)
        } else {
            document.to_owned()
        }
    });
    documents.collect::<Vec<_>>().join("\n---")
}

/// Writes the paths of all files that `regen` of `folder` reads for its digest, one per line: all but Git's own.
pub(crate) fn list_files(folder: &Utf8Path, list: &Utf8Path) -> Result<()> {
    let files = workspace::files_below(folder)?.into_iter();
    let mut paths: Vec<String> = files.map(Utf8PathBuf::into_string).collect();
    paths.sort();
    fs::write(list, paths.join("\n")).with_context(|| format!("writing {list}"))
}

/// The kustomization directories of the corpus, or else of the fixture, that a program builds, slowest first.
pub(crate) fn slowest_directories(program: &str, most: usize) -> Result<Option<Vec<Utf8PathBuf>>> {
    let top = match workspace::shared().map(|shared| shared.join("corpus")) {
        Some(corpus) if corpus.is_dir() => corpus.canonicalize_utf8()?,
        _ => workspace::root().join("fixtures/infra-flux-nonprod-test"),
    };
    let mut found = Vec::new();
    crate::conformance::find_kustomizations(&top, &mut found)?;
    let mut slowest = Vec::new();
    for directory in found {
        let start = Instant::now();
        let status = Command::new(program)
            .arg("build")
            .arg(&directory)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if status.success() {
            slowest.push((start.elapsed(), directory));
        }
    }
    slowest.sort_by(|a, b| b.cmp(a));
    slowest.truncate(most);
    let slowest = slowest.into_iter().map(|(_, directory)| directory);
    Ok(Some(slowest.collect()).filter(|slowest: &Vec<_>| !slowest.is_empty()))
}
