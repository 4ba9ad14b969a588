//! NamespaceTransformer: a namespace and its fields.

use super::config::{decode, field_specs};
use crate::BuildError;
use crate::kustomization::Text;
use crate::resource::Resource;
use crate::transformers::{NamespaceTransformer, SubjectMode, Transformer};

pub(super) fn configure(config: &Resource) -> Result<Transformer, BuildError> {
    let (mut namespace, mut specs) = (Text::default(), None);
    let (mut unset_only, mut subjects) = (false, Text::default());
    decode(
        config,
        "NamespaceTransformerPlugin",
        |decoder, field| match field.key {
            "metadata" => {
                let at = field.at("metadata");
                decoder.object(field.node, &at, "ObjectMeta", |decoder, field| {
                    if field.key == "namespace" {
                        namespace = field.text(decoder, "namespace");
                    }
                    true
                });
            }
            "fieldspecs" => specs = field_specs(decoder, &field),
            "unsetonly" => unset_only = field.bool(decoder, "unsetOnly"),
            "setrolebindingsubjects" => {
                let at = field.at("setRoleBindingSubjects");
                subjects = decoder.text_of(field.node, &at, "namespace.RoleBindingSubjectMode");
            }
            _ => {}
        },
    )?;
    let mode = match &*subjects {
        "" | "defaultOnly" => SubjectMode::DefaultOnly,
        "allServiceAccounts" => SubjectMode::AllServiceAccounts,
        "none" => SubjectMode::None,
        other => {
            return Err(BuildError::transformer(format!(
                "invalid value \"{other}\" for setRoleBindingSubjects: must be one of \"defaultOnly\", \"none\" or \
                 \"allServiceAccounts\""
            ))
            .at(subjects.mark));
        }
    };
    let transformer = NamespaceTransformer::new(namespace, specs.unwrap_or_default());
    Ok(Transformer::Namespace(transformer.with_options(unset_only, mode)))
}
