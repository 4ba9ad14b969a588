//! Charts, and loading them from folders and archives.

mod archive;
mod chart_file;
pub(crate) mod decode;
mod files;
mod folder;
mod helmignore;
mod limits;
mod load;
mod metadata;
mod packed;
mod parsed;
pub(crate) mod path_match;
mod validate;

pub use chart_file::ChartFile;
pub use limits::ChartLimits;
pub use metadata::{Dependency, ImportValue, Maintainer, Metadata};
pub use packed::Chart;
