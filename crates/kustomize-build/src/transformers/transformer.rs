//! A change of all resources of a directory.

use yaml_node::{Mapping, Node};

use super::affixes::{Affix, add_affix};
use super::images::set_image;
use super::labels::set_pairs;
use super::namespace::NamespaceTransformer;
use super::patch::PatchTransformer;
use super::patch_json6902::PatchJson6902Transformer;
use super::patch_strategic_merge::PatchStrategicMergeTransformer;
use super::replicas::set_replicas;
use super::value_add::ValueAdd;
use crate::kustomization::{ImageEntry, ReplicaEntry, TextMap};
use crate::left_out::LeftOuts;
use crate::replacements::Replacements;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::specs::Specs;
use crate::{BuildError, ResMap, finish};

/// A change of all resources of a directory.
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

/// The bytes of a name that count as one step: names are compared, hashed and searched.
const NAME_BYTES: usize = 16;

/// The steps for setting pairs in all resources: each key is compared with the existing ones.
fn pair_steps(map: &ResMap, field: &str, pairs: &TextMap, each: usize) -> usize {
    const KEYS_PER_STEP: usize = 16;
    let existing = |resource: &Resource| {
        let found = resource.node.at(&["metadata", field]).and_then(Node::as_mapping);
        found.map_or(0, Mapping::len) / KEYS_PER_STEP
    };
    let looked_at: usize = map.resources().iter().map(existing).sum();
    each.saturating_add(looked_at)
        .saturating_add(map.len().saturating_mul(pairs.len() / KEYS_PER_STEP))
        .saturating_mul(pairs.len())
}

/// The length of all texts in bytes.
fn text_bytes(pairs: &TextMap) -> usize {
    pairs.iter().map(|(_, text)| text.value.len()).sum()
}

impl Transformer {
    /// Charges the budget for a change of all resources. Patches and replacements charge it themselves, because they
    /// know which objects they change.
    ///
    /// # Errors
    /// [`BuildError::Limit`] if the budget is used up.
    pub(super) fn spend(&self, map: &ResMap) -> Result<(), BuildError> {
        let each = |specs: &Specs| map.len().saturating_mul(1 + specs.len() / 2);
        let (steps, bytes) = match self {
            Transformer::PatchStrategicMerge(_)
            | Transformer::Patch(_)
            | Transformer::PatchJson6902(_)
            | Transformer::Replacements(_) => (1, 0),
            Transformer::Images(image, specs) => {
                let text =
                    image.new_name.len() + image.new_tag.len() + image.tag_suffix.len() + image.digest.len();
                (map.weight().saturating_add(each(specs)), text)
            }
            Transformer::Namespace(namespace) => (map.len().saturating_mul(10), namespace.text().len()),
            // Every previous name is kept besides the new one.
            Transformer::Affix(affix, specs) => {
                let names = map
                    .resources()
                    .iter()
                    .map(|resource| resource.name().len() / NAME_BYTES);
                let names: usize = names.sum();
                (each(specs).saturating_add(names), affix.text().len())
            }
            Transformer::Labels(pairs, specs) => {
                (pair_steps(map, "labels", pairs, each(specs)), text_bytes(pairs))
            }
            Transformer::Annotations(pairs, specs) => (
                pair_steps(map, "annotations", pairs, each(specs)),
                text_bytes(pairs),
            ),
            Transformer::Replicas(_, specs) => (specs.len().saturating_mul(4), 0),
            Transformer::ValueAdd(value_add) => (map.len().saturating_mul(4), value_add.value.len()),
            Transformer::Hash => (map.weight(), 0),
        };
        map.spend(steps)?;
        map.grow(map.len(), bytes)
    }

    /// Changes the resources.
    ///
    /// # Errors
    /// The errors of the change.
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
            Transformer::Hash => finish::add_hashes(map, &mut |_| {
                Err(BuildError::generator(
                    "a HashTransformer hashes names of ConfigMaps and Secrets only here: those of others depend on the \
                     lines and comments of all that was read",
                ))
            }),
        }
    }

    /// Changes the resources. Skips a patch or replacement whose object may be in a resource that was left out.
    ///
    /// # Errors
    /// As [`Transformer::run`].
    pub(super) fn run_partial(
        &self,
        map: &mut ResMap,
        schema: &mut Schema,
        left_out: &LeftOuts,
    ) -> Result<(), BuildError> {
        if !left_out.has_any() {
            return self.run(map, schema);
        }
        match self {
            Transformer::PatchStrategicMerge(patches) => patches
                .each()
                .try_for_each(|patch| left_out.allow_absent(patch.run(map, schema))),
            Transformer::Patch(patch) => patch
                .each()
                .iter()
                .try_for_each(|patch| left_out.allow_absent(patch.run(map, schema))),
            Transformer::Replacements(replacements) => replacements
                .each()
                .try_for_each(|replacement| left_out.allow_absent(replacement.run(map))),
            _ => self.run(map, schema),
        }
    }

    /// The kind of the corresponding plugin.
    pub(super) fn kind(&self) -> &'static str {
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
