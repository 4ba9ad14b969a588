//! `build`: prints what `kustomize build` prints.

use std::mem;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;
use kustomize_build::{BuildError, BuildOptions, LoadRestrictions, Reorder, Sources};
use source_tree::{DiskTree, FileTable, Limits, RepoPath};

use crate::exit::{Exit, Failure, printed};
use crate::report;
use crate::terminal::Terminal;

/// Print what `kustomize build` prints for a directory.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  flux-infra-guide build apps/papi --reorder none")]
pub(crate) struct Arguments {
    /// The directory with the kustomization file.
    #[arg(default_value = ".", value_name = "DIR")]
    directory: Utf8PathBuf,
    /// Order of the objects.
    #[arg(long, value_name = "ORDER")]
    reorder: Option<ReorderArgument>,
    /// Which files a kustomization may name.
    #[arg(long, value_name = "RESTRICTION", default_value = "LoadRestrictionsRootOnly")]
    load_restrictor: LoadRestrictor,
    /// Add the label `app.kubernetes.io/managed-by`.
    #[arg(long)]
    enable_managedby_label: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ReorderArgument {
    /// By kind, Namespaces first.
    Legacy,
    /// As read and generated.
    None,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LoadRestrictor {
    /// Files in or below the kustomization's own directory.
    #[value(name = "LoadRestrictionsRootOnly")]
    RootOnly,
    /// Any file.
    #[value(name = "LoadRestrictionsNone")]
    None,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    // A base may be anywhere on the disk, so the tree is the whole disk and the directory a path in it.
    let directory = arguments.directory.canonicalize_utf8().map_err(|error| {
        Failure::input(format!("{}: {error}", arguments.directory))
            .hint("name a directory with a kustomization file")
    })?;
    let tree = DiskTree::open(Utf8Path::new("/")).map_err(Failure::input)?;
    let files = FileTable::new();
    let sources = Sources::new(Arc::new(tree), Arc::clone(&files), Limits::default());
    let options = BuildOptions {
        reorder: arguments.reorder.map(|order| match order {
            ReorderArgument::Legacy => Reorder::Legacy,
            ReorderArgument::None => Reorder::None,
        }),
        load_restrictions: match arguments.load_restrictor {
            LoadRestrictor::RootOnly => LoadRestrictions::RootOnly,
            LoadRestrictor::None => LoadRestrictions::None,
        },
        managed_by_label: arguments.enable_managedby_label,
        absolute_paths: true,
        partial: false,
    };
    let failed = |error: BuildError| match error.place(&files) {
        // Places are relative to the root of the disk here; people expect absolute paths.
        Some(place) => Failure::input(format!("{error}\n  at /{place}")),
        None => Failure::input(error),
    };
    let build =
        kustomize_build::build(&sources, &RepoPath::new(directory.as_str()), &options).map_err(failed)?;
    report::diagnostics(terminal, &build.warnings);
    printed(terminal.manifests(&build.to_yaml().map_err(failed)?))?;
    // The process exits next; freeing every node first would only take time.
    mem::forget((build, sources));
    Ok(Exit::Done)
}
