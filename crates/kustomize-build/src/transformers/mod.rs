//! The fields of a kustomization that change objects, and plugins that do, turn into changes in kustomize's order.

mod affixes;
mod apply_patch;
mod images;
mod labels;
mod namespace;
mod patch;
mod patch_json6902;
mod patch_strategic_merge;
mod replicas;
mod value_add;

use crate::accumulate::{Accumulation, Accumulator, Target};
use crate::build_metadata::{self, OriginPath};
use crate::configurations::{Rules, Specs};
use crate::error::Context;
use crate::kustomization::{ImageEntry, Kustomization, ReplicaEntry, SelectorEntry, Text, TextMap};
use crate::left_out::LeftOuts;
use crate::load::Loader;
use crate::replacements::Replacements;
use crate::schema::Schema;
use crate::selector::Selector;
use crate::{BuildError, ResMap, finish, plugins};

pub(crate) use affixes::{Affix, add_affix};
pub(crate) use namespace::{NamespaceTransformer, SubjectMode};
pub(crate) use patch::{Patch, PatchTransformer};
pub(crate) use patch_json6902::PatchJson6902Transformer;
pub(crate) use patch_strategic_merge::PatchStrategicMergeTransformer;
pub(crate) use value_add::{ValueAdd, ValueTarget};

use images::set_image;
use labels::{set_pairs, specs_of};
use replicas::set_replicas;

/// One change of all resources of a directory.
#[derive(Clone, Debug)]
pub(crate) enum Transformer {
    /// `patchesStrategicMerge`
    PatchStrategicMerge(PatchStrategicMergeTransformer),
    /// An entry of `patches`.
    Patch(PatchTransformer),
    /// An entry of `patchesJson6902`.
    PatchJson6902(PatchJson6902Transformer),
    /// An entry of `images`.
    Images(ImageEntry, Specs),
    /// `namespace`
    Namespace(NamespaceTransformer),
    /// `namePrefix`, `nameSuffix`
    Affix(Affix, Specs),
    /// `labels`, `commonLabels`
    Labels(TextMap, Specs),
    /// `commonAnnotations`
    Annotations(TextMap, Specs),
    /// `replacements`
    Replacements(Replacements),
    /// An entry of `replicas`.
    Replicas(ReplicaEntry, Specs),
    /// A ValueAddTransformer.
    ValueAdd(ValueAdd),
    /// A HashTransformer.
    Hash,
}

impl Transformer {
    /// Changes the resources.
    ///
    /// # Errors
    /// Whatever the change cannot do.
    pub(crate) fn run(&self, map: &mut ResMap, schema: &mut Schema) -> Result<(), BuildError> {
        match self {
            Transformer::PatchStrategicMerge(patches) => patches.run(map, schema),
            Transformer::Patch(patch) => patch.run(map, schema),
            Transformer::PatchJson6902(patch) => patch.run(map),
            Transformer::Namespace(namespace) => namespace.run(map),
            Transformer::Affix(affix, specs) => add_affix(map, affix, specs),
            Transformer::Labels(labels, specs) => set_pairs(map, labels, specs),
            Transformer::Annotations(annotations, specs) => set_pairs(map, annotations, specs),
            Transformer::Images(image, specs) => set_image(map, image, specs),
            Transformer::Replacements(replacements) => replacements.run(map),
            Transformer::Replicas(replica, specs) => set_replicas(map, replica, specs),
            Transformer::ValueAdd(value_add) => value_add.run(map),
            Transformer::Hash => finish::add_hashes(map),
        }
    }

    /// Changes the resources. A patch or replacement whose object may be in what is left out is let go.
    ///
    /// # Errors
    /// As [`Transformer::run`].
    fn run_known(
        &self,
        map: &mut ResMap,
        schema: &mut Schema,
        left_out: &LeftOuts,
    ) -> Result<(), BuildError> {
        if !left_out.any() {
            return self.run(map, schema);
        }
        match self {
            Transformer::PatchStrategicMerge(patches) => patches
                .each()
                .try_for_each(|patch| left_out.unless_absent(patch.run(map, schema))),
            Transformer::Patch(patch) => patch
                .each()
                .iter()
                .try_for_each(|patch| left_out.unless_absent(patch.run(map, schema))),
            Transformer::Replacements(replacements) => replacements
                .each()
                .try_for_each(|replacement| left_out.unless_absent(replacement.run(map))),
            _ => self.run(map, schema),
        }
    }

    /// The kind of plugin that does this.
    fn kind(&self) -> &'static str {
        match self {
            Transformer::PatchStrategicMerge(_) => "PatchStrategicMergeTransformer",
            Transformer::Patch(_) => "PatchTransformer",
            Transformer::PatchJson6902(_) => "PatchJson6902Transformer",
            Transformer::Images(..) => "ImageTagTransformer",
            Transformer::Namespace(_) => "NamespaceTransformer",
            Transformer::Affix(Affix::Prefix(_), _) => "PrefixTransformer",
            Transformer::Affix(Affix::Suffix(_), _) => "SuffixTransformer",
            Transformer::Labels(..) => "LabelTransformer",
            Transformer::Annotations(..) => "AnnotationsTransformer",
            Transformer::Replacements(_) => "ReplacementTransformer",
            Transformer::Replicas(..) => "ReplicaCountTransformer",
            Transformer::ValueAdd(_) => "ValueAddTransformer",
            Transformer::Hash => "HashTransformer",
        }
    }
}

/// Runs all transformers of a directory: those of its fields, then those of `transformers`.
///
/// # Errors
/// What the first failing transformer returns. All are configured before the first one runs.
pub(crate) fn run(
    accumulation: &mut Accumulation,
    target: &mut Target<'_>,
    acc: &mut Accumulator,
) -> Result<(), BuildError> {
    let kustomization = target.kustomization.clone();
    let builtin = of_fields(&kustomization, &acc.rules, &target.loader)?;
    let plugins = plugins::transformers(accumulation, target, &kustomization.transformers)?;
    let left_out = target.loader.left_out().clone();
    for transformer in builtin {
        transformer.run_known(&mut acc.map, &mut accumulation.schema, &left_out)?;
        let origin = target.origin.as_ref();
        let origin = origin.map(|origin| origin.builtin(target.file_name, transformer.kind()));
        after(&mut acc.map, origin.as_ref());
    }
    for plugin in plugins {
        for transformer in &plugin.work {
            transformer.run_known(&mut acc.map, &mut accumulation.schema, &left_out)?;
        }
        after(&mut acc.map, plugin.origin.as_ref());
    }
    Ok(())
}

fn after(map: &mut ResMap, origin: Option<&OriginPath>) {
    if let Some(origin) = origin {
        build_metadata::add_transformation(map, origin);
    }
    map.drop_empties();
}

fn of_fields(
    kustomization: &Kustomization,
    rules: &Rules,
    loader: &Loader<'_>,
) -> Result<Vec<Transformer>, BuildError> {
    let mut all = Vec::new();
    if !kustomization.patches_strategic_merge.is_empty() {
        let entries = &kustomization.patches_strategic_merge;
        let patches = PatchStrategicMergeTransformer::new(entries, &Text::default(), loader)
            .context(|| trouble("PatchStrategicMergeTransformer"))?;
        all.push(Transformer::PatchStrategicMerge(patches));
    }
    for entry in &kustomization.patches {
        let patch = PatchTransformer::new(entry, loader).context(|| trouble("PatchTransformer"));
        let patch = loader.left_out().unless_unresolved(&entry.path, patch)?;
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
            let specs = specs_of(entry, rules).at(entry.mark)?;
            all.push(Transformer::Labels(entry.pairs.clone(), specs));
        }
        // `labels` alone also makes one of no labels, which only origin tracking shows.
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
        let patch =
            PatchJson6902Transformer::new(entry, loader).context(|| trouble("PatchJson6902Transformer"));
        let patch = loader.left_out().unless_unresolved(&entry.path, patch)?;
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

/// What kustomize says in front of a bad entry. The entry itself is left out: it may hold what is nobody's business.
fn trouble(kind: &str) -> String {
    format!("trouble configuring builtin {kind}")
}

/// Positions of the resources that a selector selects.
fn select(map: &ResMap, entry: &SelectorEntry) -> Result<Vec<usize>, BuildError> {
    Selector::new(entry)?.select(map)
}
