//! `build DIR [--reorder legacy|none] [--load-restrictor LoadRestrictionsRootOnly|LoadRestrictionsNone]
//! [--enable-managedby-label]`: prints what `kustomize build` prints.
//!
//! The tree is the root of the machine, so that `DIR` and its bases may be anywhere.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

use std::sync::Arc;

use kustomize_build::{BuildOptions, LoadRestrictions, Reorder, Sources, build};
use source_tree::{DiskTree, FileTable, Limits, RepoPath};

fn main() {
    if let Err(message) = run() {
        eprintln!("Error: {message}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), String> {
    let mut dir = None;
    let mut options = BuildOptions {
        absolute_paths: true,
        ..BuildOptions::default()
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        let mut value = || value.clone().or_else(|| arguments.next()).unwrap_or_default();
        match name.as_str() {
            "--reorder" => {
                options.reorder = match value().as_str() {
                    "none" => Some(Reorder::None),
                    "legacy" => Some(Reorder::Legacy),
                    other => return Err(format!("unknown order '{other}'")),
                }
            }
            "--load-restrictor" => {
                options.load_restrictions = match value().as_str() {
                    "LoadRestrictionsNone" => LoadRestrictions::None,
                    _ => LoadRestrictions::RootOnly,
                }
            }
            "--enable-managedby-label" => options.managed_by_label = true,
            flag if flag.starts_with('-') => return Err(format!("unknown flag: {flag}")),
            _ => dir = Some(name),
        }
    }
    let dir = std::fs::canonicalize(dir.as_deref().unwrap_or(".")).map_err(|error| error.to_string())?;
    let dir = dir.to_str().ok_or("the directory's path is not UTF-8")?;
    let tree = DiskTree::open("/".into()).map_err(|error| error.to_string())?;
    let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
    let yaml = build(&sources, &RepoPath::new(dir), &options)
        .and_then(|build| {
            for warning in &build.warnings {
                eprintln!("# Warning: {}", warning.message);
            }
            build.to_yaml()
        })
        .map_err(|error| {
            // Paths in messages are relative to the root of the tree, which is the machine's root here.
            let first: String = dir.split_inclusive('/').take(3).collect();
            let relative = first.trim_start_matches('/');
            error
                .to_string()
                .replace(&first, relative)
                .replace(relative, &first)
        })?;
    print!("{yaml}");
    Ok(())
}
