//! Go objects that a chart's templates see: `.Files` and `.Capabilities`.

mod capabilities;
mod files;
mod glob;

pub(crate) use capabilities::capabilities;
pub(crate) use files::Files;
