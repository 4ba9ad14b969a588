//! `conformance`: runs cases of kustomize, Flux, Helm and YAML, and counts the results that equal upstream's.

mod arguments;
mod flux;
mod helm;
mod kustomize;
mod table;
mod yaml;

use std::fs;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
pub(crate) use kustomize::find as find_kustomizations;
use table::Table;

pub(crate) use arguments::Arguments;

use crate::workspace;

pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    if let Some(program) = &arguments.against {
        return kustomize::against(program, arguments.diff);
    }
    let files = if arguments.files.is_empty() {
        default_files()?
    } else {
        arguments.files.clone()
    };
    if files.is_empty() {
        println!("skipped: no ../shared");
        return Ok(true);
    }
    let mut all_pass = true;
    for file in &files {
        let mut table = Table::new(file.file_name().unwrap_or(file.as_str()), arguments);
        run_file(file, &mut table).with_context(|| format!("running {file}"))?;
        print!("{table}");
        all_pass &= table.all_pass();
    }
    Ok(all_pass)
}

fn default_files() -> Result<Vec<Utf8PathBuf>> {
    let Some(shared) = workspace::shared() else {
        return Ok(Vec::new());
    };
    let mut files = Vec::new();
    for folder in ["kustomize", "flux", "yaml", "helm"] {
        for entry in shared.join("conformance").join(folder).read_dir_utf8()? {
            let path = entry?.into_path();
            let name = path.file_name().unwrap_or_default();
            if name.ends_with(".dev.jsonl") || name.ends_with("_cases.json") || name.ends_with(".tsv") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn run_file(file: &Utf8Path, table: &mut Table<'_>) -> Result<()> {
    let text = fs::read_to_string(file)?;
    match file.extension() {
        Some("jsonl") if is_helm(file) => helm::run(&text, table),
        Some("jsonl") => kustomize::run(&text, table),
        Some("json") => flux::run(&text, table),
        Some("tsv") => yaml::run(&text, table),
        _ => bail!("expected .jsonl, .json or .tsv"),
    }
}

/// Whether the cases of a file are charts or their values.
fn is_helm(file: &Utf8Path) -> bool {
    let name = file.file_name().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    ["chart", "template", "sprig", "fluxpost", "fluxvalues"].contains(&stem)
}
