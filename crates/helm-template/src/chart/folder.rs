//! Loading of charts from folders.
//!
//! Rules: [pkg/chart/v2/loader/directory.go](https://github.com/helm/helm/blob/v4.2.4/pkg/chart/v2/loader/directory.go).
//! Symlinks within the tree are followed, as in Helm; the tree refuses others.

use source_tree::{EntryKind, RepoPath, SourceTree, TreeError};

use super::chart_file::ChartFile;
use super::files;
use super::helmignore::{self, IgnoreRules};
use super::limits::ChartLimits;
use super::packed::Chart;

/// Deepest nesting of folders; symlinks can form a cycle.
const FOLDER_DEPTH: usize = 64;

pub(super) fn load(
    tree: &dyn SourceTree,
    path: &RepoPath,
    name: &str,
    limits: &ChartLimits,
) -> Result<Chart, String> {
    let chart_file = path.join("Chart.yaml");
    let metadata = tree.read(&chart_file).map_err(|error| {
        let reason = match error {
            TreeError::NotFound { .. } | TreeError::NotDirectory { .. } => {
                format!("open {name}/Chart.yaml: no such file or directory")
            }
            TreeError::IsDirectory { .. } => format!("read {name}/Chart.yaml: is a directory"),
            error => error.to_string(),
        };
        format!("unable to detect chart at {name}/Chart.yaml: {reason}")
    })?;
    files::check_api_version(&metadata)?;

    let rules = match tree.read(&path.join(helmignore::FILE_NAME)) {
        Ok(text) => IgnoreRules::parse(&String::from_utf8_lossy(&text))?,
        Err(_) => IgnoreRules::parse("")?,
    };
    let mut walk = Walk {
        tree,
        rules,
        limits,
        bytes: 0,
        files: Vec::new(),
    };
    walk.folder(path, "", 0)?;
    files::assemble(walk.files, limits)
}

struct Walk<'a> {
    tree: &'a dyn SourceTree,
    rules: IgnoreRules,
    limits: &'a ChartLimits,
    bytes: u64,
    files: Vec<ChartFile>,
}

impl Walk<'_> {
    /// Reads a folder. `below` is its path in the chart, with a final `/`.
    fn folder(&mut self, folder: &RepoPath, below: &str, depth: usize) -> Result<(), String> {
        if depth > FOLDER_DEPTH {
            return Err(format!(
                "chart folders are nested deeper than {FOLDER_DEPTH} levels at {below}"
            ));
        }
        for (name, kind) in self.tree.list(folder).map_err(|error| error.to_string())? {
            let name = [below, &name].concat();
            let is_directory = kind == EntryKind::Directory;
            if self.rules.is_ignored(&name, is_directory)? {
                continue;
            }
            let path = folder.join(name.strip_prefix(below).unwrap_or(&name));
            if is_directory {
                self.folder(&path, &[&name, "/"].concat(), depth + 1)?;
            } else {
                self.file(&path, name)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &RepoPath, name: String) -> Result<(), String> {
        let data = self
            .tree
            .read(path)
            .map_err(|error| format!("error reading {name}: {error}"))?;
        let length = data.len() as u64;
        if length > self.limits.file_bytes {
            return Err(format!(
                "chart file {:?} is larger than the maximum file size {}",
                name.rsplit('/').next().unwrap_or_default(),
                self.limits.file_bytes
            ));
        }
        self.bytes += length;
        if self.bytes > self.limits.bytes {
            return Err(self.limits.too_large());
        }
        if self.files.len() >= self.limits.files {
            return Err(self.limits.too_many());
        }
        self.files.push(ChartFile::new(name, data));
        Ok(())
    }
}
