//! The ways to load a chart.

use source_tree::{RepoPath, SourceTree};

use super::chart_file::ChartFile;
use super::limits::ChartLimits;
use super::packed::Chart;
use super::{archive, files, folder};
use crate::Error;

impl Chart {
    /// Loads the chart in a folder of a tree, without the files that its `.helmignore` names.
    ///
    /// `name` is how messages call the folder.
    ///
    /// # Errors
    /// Helm's words where the folder holds no chart, or one that Helm refuses; [`ChartLimits`].
    pub fn from_folder(
        tree: &dyn SourceTree,
        path: &RepoPath,
        name: &str,
        limits: &ChartLimits,
    ) -> Result<Chart, Error> {
        folder::load(tree, path, name, limits).map_err(Error::load)
    }

    /// Loads a packed chart, a `.tgz`.
    ///
    /// `name` is how messages call the file.
    ///
    /// # Errors
    /// Helm's words where it is no archive, or holds no chart, or one that Helm refuses; [`ChartLimits`].
    pub fn from_archive(bytes: &[u8], name: &str, limits: &ChartLimits) -> Result<Chart, Error> {
        archive::load(bytes, name, limits).map_err(Error::load)
    }

    /// Puts a chart together from files that are in memory, as [`Chart::from_folder`] does, but without `.helmignore`.
    ///
    /// # Errors
    /// Helm's words where the files are no chart, or one that Helm refuses; [`ChartLimits`].
    pub fn from_files(files: Vec<ChartFile>, limits: &ChartLimits) -> Result<Chart, Error> {
        files::assemble(files, limits).map_err(Error::load)
    }
}
