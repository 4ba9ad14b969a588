//! Charts, loaded from folders and archives.

mod archive;
pub(crate) mod decode;
mod files;
mod folder;
mod helmignore;
mod limits;
mod metadata;
mod parsed;
pub(crate) mod path_match;
mod validate;

use std::sync::Arc;

use source_tree::{RepoPath, SourceTree};
use yaml_node::Node;

pub use limits::ChartLimits;
pub use metadata::{Dependency, ImportValue, Maintainer, Metadata};
pub(crate) use parsed::ParsedChart;

use crate::Error;

/// A chart with its subcharts, as it was packed. It can be shared between threads and rendered any number of times. Templates
/// and schemas are parsed by the first rendering that needs them, and kept for the next ones.
#[derive(Debug)]
pub struct Chart {
    /// `Chart.yaml`.
    pub metadata: Metadata,
    /// The documents of `values.yaml`, merged.
    pub values: Node,
    /// `values.schema.json`.
    pub schema: Option<Arc<[u8]>>,
    /// The files below `templates/`.
    pub templates: Vec<ChartFile>,
    /// What is no template and of no use to Helm itself: `.Files`, with what stands in `crds/`.
    pub files: Vec<ChartFile>,
    /// The charts below `charts/`.
    pub dependencies: Vec<Arc<Chart>>,
    /// What renderings have parsed. Copies with other values or another version share it.
    pub(crate) parsed: Arc<ParsedChart>,
}

/// A file of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartFile {
    /// Its path in the chart, `/` separated.
    pub name: Arc<str>,
    /// Its contents, without a byte order mark.
    pub data: Arc<[u8]>,
}

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

    /// The chart under another version, as Flux renders one whose version it has given a suffix. Both share all files and what
    /// is parsed of them.
    #[must_use]
    pub fn with_version(&self, version: impl Into<String>) -> Chart {
        let mut copy = self.share();
        copy.metadata.version = version.into();
        copy
    }

    /// The chart with other default values, as Flux renders one with `valuesFiles`. Both share all files and what is parsed of
    /// them.
    #[must_use]
    pub fn with_values(&self, values: Node) -> Chart {
        let mut copy = self.share();
        copy.values = values;
        copy
    }

    fn share(&self) -> Chart {
        Chart {
            metadata: self.metadata.clone(),
            values: self.values.clone(),
            schema: self.schema.clone(),
            templates: self.templates.clone(),
            files: self.files.clone(),
            dependencies: self.dependencies.clone(),
            parsed: Arc::clone(&self.parsed),
        }
    }
}

impl ChartFile {
    /// A file, whose byte order mark is taken away.
    pub fn new(name: impl Into<Arc<str>>, data: impl Into<Arc<[u8]>>) -> Self {
        let data: Arc<[u8]> = data.into();
        let data = match data.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => rest.into(),
            None => data,
        };
        ChartFile {
            name: name.into(),
            data,
        }
    }

    /// The contents as text, of UTF-16 too where a byte order mark says so; what is neither is replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        yaml_node::decode(&self.data).unwrap_or_else(|_| String::from_utf8_lossy(&self.data))
    }
}
