//! Flux's CustomResourceDefinitions as a cluster has them: from what `flux bootstrap` wrote into a real repository.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::workspace;

/// What `flux bootstrap` writes.
const FILE: &str = "gotk-components.yaml";
/// Of its objects these are taken: without nodes no controller runs.
const KIND: &str = "kind: CustomResourceDefinition";

/// The definitions of a repository.
pub(super) struct Components {
    /// What `flux bootstrap` calls its version.
    pub(super) version: String,
    /// The repository's file, below `../shared/corpus`.
    pub(super) file: Utf8PathBuf,
    /// The definitions alone.
    pub(super) definitions: Utf8PathBuf,
}

/// Takes the definitions of the first repository of `../shared/corpus` that has them, and writes them to a file. `None`
/// without such a repository.
pub(super) fn of_components(target: PathBuf) -> Result<Option<Components>> {
    let target = Utf8PathBuf::from_path_buf(target)
        .ok()
        .context("a path is no UTF-8")?;
    let Some(corpus) = workspace::shared().map(|shared| shared.join("corpus")) else {
        return Ok(None);
    };
    for file in files(&corpus)? {
        let text = fs::read_to_string(&file).with_context(|| format!("reading {file}"))?;
        let Some(version) = text
            .lines()
            .find_map(|line| line.strip_prefix("# Flux Version: "))
        else {
            continue;
        };
        let definitions: Vec<&str> = text
            .split("\n---\n")
            .filter(|document| document.lines().any(|line| line == KIND))
            .collect();
        if definitions.is_empty() {
            continue;
        }
        fs::write(&target, definitions.join("\n---\n"))?;
        return Ok(Some(Components {
            version: format!("Flux {version}"),
            file: file.strip_prefix(&corpus).unwrap_or(&file).to_owned(),
            definitions: target,
        }));
    }
    Ok(None)
}

/// The files below a folder, sorted. Links are not followed.
fn files(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = folder
            .read_dir_utf8()
            .with_context(|| format!("reading {folder}"))?;
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path().to_owned());
            } else if entry.file_name() == FILE {
                found.push(entry.path().to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}
