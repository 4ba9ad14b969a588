//! The transformers of a directory, in kustomize's order.

use crate::accumulation::{Accumulation, Accumulator};
use crate::build_metadata::{self, OriginPath};
use crate::error::Context;
use crate::kustomization::{Kustomization, Text};
use crate::load::Loader;
use crate::replacements::Replacements;
use crate::rules::Rules;
use crate::target::Target;
use crate::{BuildError, ResMap, plugins};

use super::affixes::Affix;
use super::labels::label_specs;
use super::namespace::NamespaceTransformer;
use super::patch::PatchTransformer;
use super::patch_json6902::PatchJson6902Transformer;
use super::patch_strategic_merge::PatchStrategicMergeTransformer;
use super::transformer::Transformer;

/// Runs all transformers of a directory: first those of its fields, then those of `transformers`.
///
/// # Errors
/// The first error of a transformer. All are configured before the first one runs.
pub(crate) fn run(
    accumulation: &mut Accumulation,
    target: &mut Target<'_>,
    acc: &mut Accumulator,
) -> Result<(), BuildError> {
    let kustomization = target.kustomization.clone();
    let builtin = field_transformers(&kustomization, &acc.rules, &target.loader)?;
    let plugins = plugins::configured_transformers(accumulation, target, &kustomization.transformers)?;
    let left_out = target.loader.left_out().clone();
    for transformer in builtin {
        transformer.spend(&acc.map)?;
        transformer.run_partial(&mut acc.map, &mut accumulation.schema, &left_out)?;
        let mut targets = acc.map.take_targets();
        // The object may be in a resource that was left out.
        if left_out.has_any() {
            targets.iter_mut().for_each(|target| target.selected = true);
        }
        accumulation.patch_targets.append(&mut targets);
        accumulation.removals.append(&mut acc.map.take_removals());
        let origin = target.origin.as_ref();
        let origin = origin.map(|origin| origin.builtin(target.file_name, transformer.kind()));
        finish(&mut acc.map, origin.as_ref());
    }
    for plugin in plugins {
        for transformer in &plugin.work {
            transformer.spend(&acc.map)?;
            transformer.run_partial(&mut acc.map, &mut accumulation.schema, &left_out)?;
        }
        accumulation.removals.append(&mut acc.map.take_removals());
        finish(&mut acc.map, plugin.origin.as_ref());
    }
    Ok(())
}

fn finish(map: &mut ResMap, origin: Option<&OriginPath>) {
    if let Some(origin) = origin {
        build_metadata::add_transformation(map, origin);
    }
    map.drop_empties();
}

fn field_transformers(
    kustomization: &Kustomization,
    rules: &Rules,
    loader: &Loader<'_>,
) -> Result<Vec<Transformer>, BuildError> {
    let mut all = Vec::new();
    if !kustomization.patches_strategic_merge.is_empty() {
        let entries = &kustomization.patches_strategic_merge;
        let patches = PatchStrategicMergeTransformer::new(entries, &Text::default(), loader)
            .context(|| trouble_configuring("PatchStrategicMergeTransformer"))?;
        all.push(Transformer::PatchStrategicMerge(patches));
    }
    for entry in &kustomization.patches {
        let patch = PatchTransformer::new(entry, loader).context(|| trouble_configuring("PatchTransformer"));
        let patch = loader.left_out().allow_unresolved(&entry.path, patch)?;
        all.extend(patch.map(Transformer::Patch));
    }
    if !kustomization.namespace.is_empty() {
        let namespace = kustomization.namespace.clone();
        let transformer = NamespaceTransformer::new(namespace, rules.namespace.clone());
        all.push(Transformer::Namespace(transformer));
    }
    if !kustomization.name_prefix.is_empty() {
        let prefix = Affix::Prefix(kustomization.name_prefix.clone());
        all.push(Transformer::Affix(prefix, rules.name_prefix.clone()));
    }
    if !kustomization.name_suffix.is_empty() {
        let suffix = Affix::Suffix(kustomization.name_suffix.clone());
        all.push(Transformer::Affix(suffix, rules.name_suffix.clone()));
    }
    if !kustomization.labels.is_empty() || !kustomization.common_labels.is_empty() {
        for entry in &kustomization.labels {
            let specs = label_specs(entry, rules).at(entry.mark)?;
            all.push(Transformer::Labels(entry.pairs.clone(), specs));
        }
        // `labels` alone also makes a transformer without labels, which only origin tracking shows.
        let labels = kustomization.common_labels.clone();
        all.push(Transformer::Labels(labels, rules.common_labels.clone()));
    }
    if !kustomization.common_annotations.is_empty() {
        all.push(Transformer::Annotations(
            kustomization.common_annotations.clone(),
            rules.common_annotations.clone(),
        ));
    }
    for entry in &kustomization.patches_json6902 {
        let patch = PatchJson6902Transformer::new(entry, loader)
            .context(|| trouble_configuring("PatchJson6902Transformer"));
        let patch = loader.left_out().allow_unresolved(&entry.path, patch)?;
        all.extend(patch.map(Transformer::PatchJson6902));
    }
    for replica in &kustomization.replicas {
        all.push(Transformer::Replicas(replica.clone(), rules.replicas.clone()));
    }
    for image in &kustomization.images {
        all.push(Transformer::Images(image.clone(), rules.images.clone()));
    }
    if !kustomization.replacements.is_empty() {
        let replacements = Replacements::new(&kustomization.replacements, loader)?;
        all.push(Transformer::Replacements(replacements));
    }
    Ok(all)
}

/// kustomize's message for a bad entry, without the entry, which may be a secret.
fn trouble_configuring(kind: &str) -> String {
    format!("trouble configuring builtin {kind}")
}
