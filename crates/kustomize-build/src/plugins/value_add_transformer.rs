//! ValueAddTransformer: a value and its fields.

use source_tree::RepoPath;
use yaml_node::{Node, read_yaml11};

use super::config::decode;
use crate::BuildError;
use crate::kustomization::{At, Decoder, Field, Text, selector};
use crate::load::Loader;
use crate::resource::Resource;
use crate::transformers::{Transformer, ValueAdd, ValueTarget};

pub(super) fn configure(config: &Resource, loader: &Loader<'_>) -> Result<Transformer, BuildError> {
    let (mut value, mut path, mut entries) = (Text::default(), Text::default(), Vec::new());
    decode(
        config,
        "ValueAddTransformerPlugin",
        |decoder, field| match field.key {
            "value" => value = field.text(decoder, "value"),
            "targetfilepath" => path = field.text(decoder, "targetFilePath"),
            "targets" => entries = targets(decoder, &field),
            _ => {}
        },
    )?;
    if !path.is_empty() {
        let (text, mark) = loader.text(&path).map_err(|error| error.at(path.mark))?;
        let node = read_yaml11(&text, mark.file, loader.sources().limits())
            .map_err(|error| BuildError::transformer(error.to_string()).at(error.mark))?;
        let mut decoder = Decoder::lenient();
        decoder.object(
            &node.unwrap_or_else(Node::null),
            &At::default(),
            "",
            |decoder, field| {
                if field.key == "targets" {
                    entries.extend(targets(decoder, &field));
                }
                true
            },
        );
        decoder
            .finish()
            .map_err(|(message, mark)| BuildError::transformer(message).at(mark))?;
    }
    let mut value = Text::new(value.trim(), value.mark);
    if value.is_empty() {
        value.value = RepoPath::file_name(loader.root()).unwrap_or_default().into();
    }
    if entries.is_empty() {
        return Err(BuildError::transformer("must specify at least one target"));
    }
    for target in &entries {
        if target.field_path.is_empty() {
            return Err(BuildError::transformer("fieldPath cannot be empty"));
        }
        if target.file_path_position < 0 {
            return Err(BuildError::transformer(format!(
                "value of FilePathPosition ({}) cannot be negative",
                target.file_path_position
            )));
        }
    }
    Ok(Transformer::ValueAdd(ValueAdd {
        value,
        targets: entries,
    }))
}

fn targets(decoder: &mut Decoder, field: &Field<'_>) -> Vec<ValueTarget> {
    field.list(decoder, "targets", "[]builtins.Target", |decoder, item, at| {
        let mut target = ValueTarget::default();
        decoder.object(item, at, "Target", |decoder, field| {
            match field.key {
                "selector" => target.selector = selector(decoder, field.node, &field.at("selector")),
                "fieldpath" => target.field_path = field.text(decoder, "fieldPath").value,
                "filepathposition" => {
                    let at = field.at("filePathPosition");
                    target.file_path_position = decoder.int(field.node, &at, "int");
                }
                _ => {}
            }
            true
        });
        target
    })
}
