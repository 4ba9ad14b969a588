//! Public functions that load charts.

use source_tree::{RepoPath, SourceTree};

use super::chart_file::ChartFile;
use super::limits::ChartLimits;
use super::packed::Chart;
use super::{archive, files, folder};
use crate::Error;

impl Chart {
    /// Loads the chart in a folder of a tree, without the files that its `.helmignore` excludes.
    ///
    /// `name` is the name of the folder in messages.
    ///
    /// # Errors
    /// Helm's message if there is no chart in the folder, or one that Helm refuses; a limit of [`ChartLimits`].
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
    /// `name` is the name of the file in messages.
    ///
    /// # Errors
    /// Helm's message if it is not an archive, or has no chart, or one that Helm refuses; a limit of [`ChartLimits`].
    pub fn from_archive(bytes: &[u8], name: &str, limits: &ChartLimits) -> Result<Chart, Error> {
        archive::load(bytes, name, limits).map_err(Error::load)
    }

    /// Loads a chart from files in memory, as [`Chart::from_folder`] does, but without `.helmignore`.
    ///
    /// # Errors
    /// Helm's message if the files are not a chart, or one that Helm refuses; a limit of [`ChartLimits`].
    pub fn from_files(files: Vec<ChartFile>, limits: &ChartLimits) -> Result<Chart, Error> {
        files::assemble(files, limits).map_err(Error::load)
    }
}
