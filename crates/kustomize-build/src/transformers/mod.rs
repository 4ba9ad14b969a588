//! The fields of a kustomization that change objects turn into changes, in kustomize's order.

mod affixes;
mod namespace;

use crate::accumulate::{Accumulation, Accumulator, Target};
use crate::build_metadata;
use crate::{BuildError, ResMap};

pub(crate) use affixes::{Affix, add_affix};
pub(crate) use namespace::{NamespaceTransformer, SubjectMode};

/// Runs all transformers of a directory.
///
/// # Errors
/// What the first failing transformer returns.
pub(crate) fn run(
    accumulation: &mut Accumulation,
    target: &mut Target<'_>,
    acc: &mut Accumulator,
) -> Result<(), BuildError> {
    let kustomization = target.kustomization.clone();
    let rules = acc.rules.clone();
    let map = &mut acc.map;
    let after = |map: &mut ResMap, kind: &str| {
        if let Some(origin) = &target.origin {
            build_metadata::add_transformation(map, &origin.builtin(target.file_name, kind));
        }
        map.drop_empties();
    };
    let _ = accumulation;
    if !kustomization.namespace.is_empty() {
        NamespaceTransformer::new(kustomization.namespace.clone(), rules.namespace.clone()).run(map)?;
        after(map, "NamespaceTransformer");
    }
    for (affix, specs, kind) in [
        (
            Affix::Prefix(kustomization.name_prefix.clone()),
            &rules.name_prefix,
            "PrefixTransformer",
        ),
        (
            Affix::Suffix(kustomization.name_suffix.clone()),
            &rules.name_suffix,
            "SuffixTransformer",
        ),
    ] {
        if !affix.text().is_empty() {
            add_affix(map, &affix, specs)?;
            after(map, kind);
        }
    }
    Ok(())
}
