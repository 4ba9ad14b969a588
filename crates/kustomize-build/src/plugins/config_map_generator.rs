//! ConfigMapGenerator: a ConfigMap.

use super::config::{fails, generator_config};
use crate::load::Loader;
use crate::resource::Resource;
use crate::{BuildError, generators};

pub(super) fn generate(config: &Resource, loader: &Loader<'_>) -> Result<Resource, BuildError> {
    let args = generator_config(config, false).map_err(fails(config))?;
    generators::config_map(&args, loader)
}
