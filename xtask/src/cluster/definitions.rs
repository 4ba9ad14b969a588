//! Flux's CustomResourceDefinitions as `flux bootstrap` wrote them into a real repository.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use camino::Utf8PathBuf;

use crate::workspace;

/// The file that `flux bootstrap` writes.
const FILE: &str = "gotk-components.yaml";
/// The objects that are taken from it; without nodes no controller could run.
const KIND: &str = "kind: CustomResourceDefinition";

/// The definitions of a repository.
pub(super) struct Components {
    /// The version of Flux in the file.
    pub(super) version: String,
    /// The repository's file, below `../shared/corpus`.
    pub(super) file: Utf8PathBuf,
    /// The definitions alone.
    pub(super) definitions: Utf8PathBuf,
}

/// Writes the definitions of the first repository of `../shared/corpus` that has them to a file. `None` without such a
/// repository.
pub(super) fn write_components(target: PathBuf) -> Result<Option<Components>> {
    let target = Utf8PathBuf::from_path_buf(target)
        .ok()
        .context("a path is no UTF-8")?;
    let Some(corpus) = workspace::shared().map(|shared| shared.join("corpus")) else {
        return Ok(None);
    };
    let mut files = workspace::files_below(&corpus)?;
    files.retain(|file| file.file_name() == Some(FILE));
    for file in files {
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
