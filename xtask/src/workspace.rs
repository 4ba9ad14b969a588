//! Paths of the workspace and of the material beside it.

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

/// The top of the workspace.
pub(crate) fn root() -> Utf8PathBuf {
    let manifest = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// Cargo's target folder.
pub(crate) fn target() -> Utf8PathBuf {
    std::env::var("CARGO_TARGET_DIR").map_or_else(|_| root().join("target"), Utf8PathBuf::from)
}

/// The folder with conformance cases and real repositories. A clone has none.
pub(crate) fn shared() -> Option<Utf8PathBuf> {
    let shared = root().join("../shared");
    shared.is_dir().then_some(shared)
}

/// The regular files below a folder, sorted, without Git's own. Links are not followed.
pub(crate) fn files_below(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = folder
            .read_dir_utf8()
            .with_context(|| format!("reading {folder}"))?;
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() && entry.file_name() != ".git" {
                folders.push(entry.into_path());
            } else if kind.is_file() {
                files.push(entry.into_path());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Copies a folder, file by file with `copy`, from the first path to the second one.
pub(crate) fn copy_folder(
    from: &Utf8Path,
    to: &Utf8Path,
    copy: &impl Fn(&Utf8Path, &Utf8Path) -> std::io::Result<()>,
) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in from.read_dir_utf8()? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(entry.path(), &target, copy)?;
        } else {
            copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
