//! The types of a kustomization file, in which every entry keeps its place.

use smol_str::SmolStr;
use source_tree::Mark;

use crate::resource::Gvk;

/// A text of the kustomization file and its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Text {
    /// The text.
    pub(crate) value: SmolStr,
    /// Its place.
    pub(crate) mark: Mark,
}

impl Text {
    /// A text with a place.
    pub(crate) fn new(value: impl Into<SmolStr>, mark: Mark) -> Self {
        Text {
            value: value.into(),
            mark,
        }
    }
}

impl std::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.value
    }
}

/// Texts by key, sorted by key.
pub(crate) type TextMap = Vec<(SmolStr, Text)>;

/// A field spec: which objects, which field, and whether to create it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct FieldSpecEntry {
    /// The objects. Empty parts select all.
    pub(crate) gvk: Gvk,
    /// The field, with `/` between its parts.
    pub(crate) path: SmolStr,
    /// `create`
    pub(crate) create: bool,
}

/// A `target` or `select`: regular expressions over ids, and selectors over labels and annotations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SelectorEntry {
    /// Group, version and kind.
    pub(crate) gvk: Gvk,
    /// Name.
    pub(crate) name: SmolStr,
    /// Namespace.
    pub(crate) namespace: SmolStr,
    /// `labelSelector`
    pub(crate) label_selector: SmolStr,
    /// `annotationSelector`
    pub(crate) annotation_selector: SmolStr,
    /// Its place.
    pub(crate) mark: Mark,
}

/// An entry of `patches` or `patchesJson6902`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PatchEntry {
    /// A file.
    pub(crate) path: Text,
    /// The patch itself.
    pub(crate) patch: Text,
    /// Line of the first line of `patch`'s text.
    pub(crate) patch_mark: Mark,
    /// The objects to patch.
    pub(crate) target: Option<SelectorEntry>,
    /// `options.allowNameChange`
    pub(crate) allow_name_change: bool,
    /// `options.allowKindChange`
    pub(crate) allow_kind_change: bool,
    /// Its place.
    pub(crate) mark: Mark,
}

/// An entry of `images`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ImageEntry {
    /// The image to change: a regular expression over the name without tag and digest.
    pub(crate) name: Text,
    /// `newName`
    pub(crate) new_name: Text,
    /// `tagSuffix`
    pub(crate) tag_suffix: Text,
    /// `newTag`
    pub(crate) new_tag: Text,
    /// `digest`
    pub(crate) digest: Text,
    /// Its place.
    pub(crate) mark: Mark,
}

/// An entry of `replicas`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReplicaEntry {
    /// The object's name.
    pub(crate) name: SmolStr,
    /// The number.
    pub(crate) count: i64,
    /// Its place.
    pub(crate) mark: Mark,
}

/// An entry of `labels`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LabelEntry {
    /// The labels.
    pub(crate) pairs: TextMap,
    /// `includeSelectors`
    pub(crate) include_selectors: bool,
    /// `includeTemplates`
    pub(crate) include_templates: bool,
    /// `includeVolumeClaimTemplates`
    pub(crate) include_volume_claim_templates: bool,
    /// `fields`
    pub(crate) fields: Vec<FieldSpecEntry>,
    /// Its place.
    pub(crate) mark: Mark,
}

/// `options` of a replacement's source or target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldOptionsEntry {
    /// `delimiter`
    pub(crate) delimiter: SmolStr,
    /// `index`
    pub(crate) index: i64,
    /// `create`
    pub(crate) create: bool,
}

/// The `source` of a replacement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SourceEntry {
    /// Group, version and kind.
    pub(crate) gvk: Gvk,
    /// Name.
    pub(crate) name: SmolStr,
    /// Namespace.
    pub(crate) namespace: SmolStr,
    /// `fieldPath`
    pub(crate) field_path: SmolStr,
    /// `options`
    pub(crate) options: Option<FieldOptionsEntry>,
    /// Its place.
    pub(crate) mark: Mark,
}

/// One of the `targets` of a replacement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TargetEntry {
    /// `select`
    pub(crate) select: Option<SelectorEntry>,
    /// `reject`
    pub(crate) reject: Vec<SelectorEntry>,
    /// `fieldPaths`
    pub(crate) field_paths: Vec<Text>,
    /// `options`
    pub(crate) options: Option<FieldOptionsEntry>,
    /// Its place.
    pub(crate) mark: Mark,
}

/// One replacement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReplacementEntry {
    /// `source`
    pub(crate) source: Option<SourceEntry>,
    /// `sourceValue`
    pub(crate) source_value: Option<Text>,
    /// `targets`
    pub(crate) targets: Vec<TargetEntry>,
    /// Its place.
    pub(crate) mark: Mark,
}

/// An entry of `replacements`: a replacement, or a file of replacements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReplacementField {
    /// `path`
    pub(crate) path: Text,
    /// The inline replacement.
    pub(crate) replacement: ReplacementEntry,
}

/// An entry of `vars`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct VarEntry {
    /// The name in `$(NAME)`.
    pub(crate) name: SmolStr,
    /// Group, version and kind of the object that holds the value, with `apiVersion` applied.
    pub(crate) gvk: Gvk,
    /// Its name.
    pub(crate) object_name: SmolStr,
    /// Its namespace.
    pub(crate) namespace: SmolStr,
    /// `objref.apiVersion` as written.
    pub(crate) api_version: SmolStr,
    /// The field that holds the value, by default `metadata.name`.
    pub(crate) field_path: SmolStr,
    /// Its place.
    pub(crate) mark: Mark,
}

/// `generatorOptions`, or `options` of one generator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GeneratorOptions {
    /// `labels`
    pub(crate) labels: Option<TextMap>,
    /// `annotations`
    pub(crate) annotations: Option<TextMap>,
    /// `disableNameSuffixHash`
    pub(crate) disable_name_suffix_hash: bool,
    /// `immutable`
    pub(crate) immutable: bool,
}

/// An entry of `configMapGenerator` or `secretGenerator`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GeneratorArgs {
    /// Name of the object.
    pub(crate) name: Text,
    /// Namespace of the object.
    pub(crate) namespace: Text,
    /// `behavior`
    pub(crate) behavior: SmolStr,
    /// `literals`
    pub(crate) literals: Vec<Text>,
    /// `files`
    pub(crate) files: Vec<Text>,
    /// `envs`, followed by `env`.
    pub(crate) envs: Vec<Text>,
    /// The number of `envs` without `env`.
    pub(crate) env_count: usize,
    /// `options`
    pub(crate) options: Option<GeneratorOptions>,
    /// `type` of a Secret.
    pub(crate) secret_type: Text,
    /// Its place.
    pub(crate) mark: Mark,
}

/// `sortOptions`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SortOptions {
    /// `order`
    pub(crate) order: SmolStr,
    /// `legacySortOptions`: `orderFirst` and `orderLast`.
    pub(crate) legacy: Option<(Vec<SmolStr>, Vec<SmolStr>)>,
    /// Its place.
    pub(crate) mark: Mark,
}

/// `openapi`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OpenApi {
    /// `path`
    pub(crate) path: Option<Text>,
    /// `version`
    pub(crate) version: Option<Text>,
}

/// A kustomization file, with deprecated fields converted to their successors.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Kustomization {
    /// `kind`, by default `Kustomization`.
    pub(crate) kind: SmolStr,
    /// `apiVersion`, by default that of the kind.
    pub(crate) api_version: SmolStr,
    /// `openapi`
    pub(crate) openapi: OpenApi,
    /// `namePrefix`
    pub(crate) name_prefix: Text,
    /// `nameSuffix`
    pub(crate) name_suffix: Text,
    /// `namespace`
    pub(crate) namespace: Text,
    /// `commonLabels`
    pub(crate) common_labels: TextMap,
    /// `labels`
    pub(crate) labels: Vec<LabelEntry>,
    /// `commonAnnotations`
    pub(crate) common_annotations: TextMap,
    /// `patchesStrategicMerge`
    pub(crate) patches_strategic_merge: Vec<Text>,
    /// `patchesJson6902`
    pub(crate) patches_json6902: Vec<PatchEntry>,
    /// `patches`
    pub(crate) patches: Vec<PatchEntry>,
    /// `images` and `imageTags`
    pub(crate) images: Vec<ImageEntry>,
    /// `replacements`
    pub(crate) replacements: Vec<ReplacementField>,
    /// `replicas`
    pub(crate) replicas: Vec<ReplicaEntry>,
    /// `vars`
    pub(crate) vars: Vec<VarEntry>,
    /// `sortOptions`
    pub(crate) sort_options: Option<SortOptions>,
    /// `resources` and `bases`
    pub(crate) resources: Vec<Text>,
    /// `components`
    pub(crate) components: Vec<Text>,
    /// `crds`
    pub(crate) crds: Vec<Text>,
    /// `configMapGenerator`
    pub(crate) config_map_generator: Vec<GeneratorArgs>,
    /// `secretGenerator`
    pub(crate) secret_generator: Vec<GeneratorArgs>,
    /// The names of charts in `helmCharts` and `helmChartInflationGenerator`, with the places of the entries.
    pub(crate) helm_charts: Vec<Text>,
    /// `generatorOptions`
    pub(crate) generator_options: Option<GeneratorOptions>,
    /// `configurations`
    pub(crate) configurations: Vec<Text>,
    /// `generators`
    pub(crate) generators: Vec<Text>,
    /// `transformers`
    pub(crate) transformers: Vec<Text>,
    /// `validators`
    pub(crate) validators: Vec<Text>,
    /// `buildMetadata`
    pub(crate) build_metadata: Vec<SmolStr>,
    /// The deprecated fields in the file.
    pub(crate) deprecated: Vec<Deprecated>,
    /// First line of the file.
    pub(crate) mark: Mark,
}

/// A use of a deprecated field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deprecated {
    /// The field.
    pub(crate) old: &'static str,
    /// The field to use instead.
    pub(crate) new: &'static str,
    /// Place of its key.
    pub(crate) mark: Mark,
}
