//! The configuration of a built-in plugin.

use crate::BuildError;
use crate::kustomization::{At, Decoder, Field, GeneratorArgs, Text, field_spec, generator_args};
use crate::resource::Resource;
use crate::specs::Specs;

pub(super) fn fails(config: &Resource) -> impl Fn(BuildError) -> BuildError {
    let id = config.original_id();
    move |error| error.context(format!("plugin {id} fails configuration"))
}

/// Decodes the fields of a configuration. As in kustomize, unknown fields are ignored.
pub(super) fn decode(
    config: &Resource,
    strukt: &'static str,
    mut each: impl FnMut(&mut Decoder, Field<'_>),
) -> Result<(), BuildError> {
    let mut decoder = Decoder::lenient();
    decoder.object(&config.node, &At::default(), strukt, |decoder, field| {
        each(decoder, field);
        true
    });
    decoder.finish().map_err(|(message, mark)| {
        BuildError::transformer(format!("error unmarshaling JSON: while decoding JSON: {message}")).at(mark)
    })
}

/// Decodes the `fieldSpecs` of a configuration.
pub(super) fn field_specs(decoder: &mut Decoder, field: &Field<'_>) -> Option<Specs> {
    let specs = decoder.list(
        field.node,
        &field.at("fieldSpecs"),
        "[]types.FieldSpec",
        field_spec,
    );
    specs.map(Specs::Owned)
}

/// Decodes a ConfigMapGenerator or SecretGenerator. Its name and namespace default to those of the configuration
/// itself.
pub(super) fn generator_config(config: &Resource, secret: bool) -> Result<GeneratorArgs, BuildError> {
    let mut decoder = Decoder::lenient().without_conversions();
    let mut args = generator_args(&mut decoder, &config.node, &At::default(), secret);
    decoder
        .finish()
        .map_err(|(message, mark)| fails(config)(BuildError::generator(message).at(mark)))?;
    args.mark = config.origin.mark;
    // The deprecated `env` only works in kustomization files.
    args.envs.truncate(args.env_count);
    let own = |field: &str| {
        let node = config.node.at(&["metadata", field])?;
        Some(Text::new(node.as_scalar()?.text.clone(), node.mark))
    };
    if args.name.is_empty() {
        args.name = own("name").unwrap_or_default();
    }
    if args.namespace.is_empty() {
        args.namespace = own("namespace").unwrap_or_default();
    }
    Ok(args)
}
