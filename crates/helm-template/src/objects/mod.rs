//! Go objects of templates: `.Files`, `.Capabilities` and the methods of `.Values`.

mod capabilities;
mod files;
mod glob;
mod values;

pub(crate) use capabilities::capabilities;
pub(crate) use files::Files;
pub(crate) use values::{METHODS as VALUES_METHODS, TYPE_NAME as VALUES};
