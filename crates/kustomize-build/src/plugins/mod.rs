//! `generators`, `transformers` and `validators` entries turn into built-in plugins.

use smol_str::SmolStr;

use crate::BuildError;
use crate::accumulate::{Accumulation, Accumulator, Target};
use crate::build_metadata::OriginPath;
use crate::load::Loader;
use crate::resource::Resource;

/// A configured plugin.
pub(crate) struct Plugin {
    pub(crate) id: SmolStr,
    pub(crate) origin: Option<OriginPath>,
}

impl Plugin {
    pub(crate) fn generate(&self, _: &mut Accumulation, _: &Loader<'_>) -> Result<Vec<Resource>, BuildError> {
        Ok(Vec::new())
    }
}

pub(crate) fn generators(_: &mut Accumulation, _: &mut Target<'_>) -> Result<Vec<Plugin>, BuildError> {
    Ok(Vec::new())
}

pub(crate) fn validate(
    _: &mut Accumulation,
    _: &mut Target<'_>,
    _: &mut Accumulator,
) -> Result<(), BuildError> {
    Ok(())
}
