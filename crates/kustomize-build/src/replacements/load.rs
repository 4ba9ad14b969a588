//! Entries of `replacements`, and the files that they name.

use yaml_node::{Value, read_yaml11};

use crate::BuildError;
use crate::kustomization::{At, Decoder, ReplacementEntry, ReplacementField, replacement};
use crate::load::Loader;

/// Reads the files. Unknown fields in them are ignored.
pub(super) fn load(
    entries: &[ReplacementField],
    loader: &Loader<'_>,
) -> Result<Vec<ReplacementEntry>, BuildError> {
    let mut replacements = Vec::new();
    for entry in entries {
        let inline = &entry.replacement;
        if entry.path.is_empty() {
            replacements.push(inline.clone());
            continue;
        }
        if inline.source.is_some() || !inline.targets.is_empty() {
            let message = "cannot specify both path and inline replacement";
            return Err(BuildError::replacement(message).at(inline.mark));
        }
        let loaded = load_file(entry, loader).map_err(|error| error.at(entry.path.mark));
        let loaded = loader.left_out().allow_unresolved(&entry.path, loaded)?;
        replacements.extend(loaded.unwrap_or_default());
    }
    Ok(replacements)
}

fn load_file(entry: &ReplacementField, loader: &Loader<'_>) -> Result<Vec<ReplacementEntry>, BuildError> {
    let (text, mark) = loader.text(&entry.path)?;
    let node = read_yaml11(&text, mark.file, loader.sources().limits())
        .map_err(|error| BuildError::replacement(error.to_string()).at(error.mark))?;
    let mut decoder = Decoder::lenient();
    let replacements = match node.as_ref().map(|node| &node.value) {
        Some(Value::Sequence(items)) => items
            .iter()
            .map(|item| replacement(&mut decoder, item, &At::default()))
            .collect(),
        Some(Value::Mapping(_)) => node
            .iter()
            .map(|node| replacement(&mut decoder, node, &At::default()))
            .collect(),
        other => {
            let found = match other {
                Some(Value::Scalar(scalar)) if scalar.tag == yaml_node::Tag::Str => "string",
                Some(Value::Scalar(scalar)) if scalar.tag == yaml_node::Tag::Bool => "bool",
                Some(Value::Scalar(scalar)) if scalar.tag != yaml_node::Tag::Null => "float64",
                _ => "invalid",
            };
            let message =
                format!("unsupported replacement type encountered within replacement path: {found}");
            return Err(BuildError::replacement(message).at(mark));
        }
    };
    decoder
        .finish()
        .map_err(|(message, mark)| BuildError::replacement(message).at(mark))?;
    Ok(replacements)
}
