//! A `configMapGenerator` entry turns into a ConfigMap.

use super::{base, base64_lines, finish, pairs, set_data, value_node};
use crate::BuildError;
use crate::kustomization::GeneratorArgs;
use crate::load::Loader;
use crate::resource::{OriginKind, Resource};

/// The ConfigMap of an entry whose options already hold the file's `generatorOptions`.
///
/// # Errors
/// [`BuildError::Generator`] for a malformed source or a key that stands twice, [`BuildError::Load`] for a missing file.
pub(crate) fn config_map(args: &GeneratorArgs, loader: &Loader<'_>) -> Result<Resource, BuildError> {
    let mut node = base("ConfigMap", args)?;
    for pair in pairs(args, loader)? {
        let (field, text) = match String::from_utf8(pair.value) {
            Ok(text) => ("data", text),
            Err(binary) => ("binaryData", base64_lines(binary.as_bytes())),
        };
        set_data(&mut node, field, &pair.key, value_node(text, pair.mark));
    }
    Ok(finish(node, args, OriginKind::ConfigMapGenerator))
}
