//! The text of a kustomization file turns into a typed [`Kustomization`] in which every entry keeps its place.

mod check;
mod decode;
mod fields;
mod read;

use smol_str::SmolStr;
use source_tree::Mark;
use yaml_node::Node;

use crate::resource::Gvk;

pub(crate) use check::COMPONENT;
pub(crate) use decode::{At, Decoder, Field};
pub(crate) use fields::{
    field_spec, generator_args, image, patch, replacement, replacement_field,
    replica, selector,
};
pub(crate) use read::{decode_node, read};

/// Names under which a kustomization file is found, in the order in which they are tried.
pub const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A text of the kustomization file and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Text {
    /// The text.
    pub value: SmolStr,
    /// Its place.
    pub mark: Mark,
}

impl Text {
    /// A text with a place.
    pub fn new(value: impl Into<SmolStr>, mark: Mark) -> Self {
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
pub type TextMap = Vec<(SmolStr, Text)>;

/// What a field spec says: which objects, which field, whether it is made where it is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FieldSpecEntry {
    /// Objects; empty parts select all.
    pub gvk: Gvk,
    /// The field, parts separated by `/`.
    pub path: SmolStr,
    /// `create`
    pub create: bool,
}

/// A `target` or `select`: regular expressions over ids, and selectors over labels and annotations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectorEntry {
    /// Group, version and kind.
    pub gvk: Gvk,
    /// Name.
    pub name: SmolStr,
    /// Namespace.
    pub namespace: SmolStr,
    /// `labelSelector`
    pub label_selector: SmolStr,
    /// `annotationSelector`
    pub annotation_selector: SmolStr,
    /// Its place.
    pub mark: Mark,
}

/// An entry of `patches` or `patchesJson6902`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchEntry {
    /// A file.
    pub path: Text,
    /// The patch itself.
    pub patch: Text,
    /// Line of the first line of `patch`'s text.
    pub patch_mark: Mark,
    /// Which objects.
    pub target: Option<SelectorEntry>,
    /// `options.allowNameChange`
    pub allow_name_change: bool,
    /// `options.allowKindChange`
    pub allow_kind_change: bool,
    /// Its place.
    pub mark: Mark,
}

/// An entry of `images`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageEntry {
    /// The image to change: a regular expression over the name without tag and digest.
    pub name: Text,
    /// `newName`
    pub new_name: Text,
    /// `tagSuffix`
    pub tag_suffix: Text,
    /// `newTag`
    pub new_tag: Text,
    /// `digest`
    pub digest: Text,
    /// Its place.
    pub mark: Mark,
}

/// An entry of `replicas`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplicaEntry {
    /// The object's name.
    pub name: SmolStr,
    /// The number.
    pub count: i64,
    /// Its place.
    pub mark: Mark,
}

/// An entry of `labels`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelEntry {
    /// The labels.
    pub pairs: TextMap,
    /// `includeSelectors`
    pub include_selectors: bool,
    /// `includeTemplates`
    pub include_templates: bool,
    /// `includeVolumeClaimTemplates`
    pub include_volume_claim_templates: bool,
    /// `fields`
    pub fields: Vec<FieldSpecEntry>,
    /// Its place.
    pub mark: Mark,
}

/// `options` of a replacement's source or target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldOptionsEntry {
    /// `delimiter`
    pub delimiter: SmolStr,
    /// `index`
    pub index: i64,
    /// `create`
    pub create: bool,
}

/// The `source` of a replacement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceEntry {
    /// Group, version and kind.
    pub gvk: Gvk,
    /// Name.
    pub name: SmolStr,
    /// Namespace.
    pub namespace: SmolStr,
    /// `fieldPath`
    pub field_path: SmolStr,
    /// `options`
    pub options: Option<FieldOptionsEntry>,
    /// Its place.
    pub mark: Mark,
}

/// One of the `targets` of a replacement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetEntry {
    /// `select`
    pub select: Option<SelectorEntry>,
    /// `reject`
    pub reject: Vec<SelectorEntry>,
    /// `fieldPaths`
    pub field_paths: Vec<Text>,
    /// `options`
    pub options: Option<FieldOptionsEntry>,
    /// Its place.
    pub mark: Mark,
}

/// One replacement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplacementEntry {
    /// `source`
    pub source: Option<SourceEntry>,
    /// `sourceValue`
    pub source_value: Option<Text>,
    /// `targets`
    pub targets: Vec<TargetEntry>,
    /// Its place.
    pub mark: Mark,
}

/// An entry of `replacements`: a replacement, or a file that holds some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplacementField {
    /// `path`
    pub path: Text,
    /// The replacement written out.
    pub replacement: ReplacementEntry,
}

/// An entry of `vars`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VarEntry {
    /// The name in `$(NAME)`.
    pub name: SmolStr,
    /// Group, version and kind of the object that holds the value, `apiVersion` taken into account.
    pub gvk: Gvk,
    /// Its name.
    pub object_name: SmolStr,
    /// Its namespace.
    pub namespace: SmolStr,
    /// `objref.apiVersion` as written.
    pub api_version: SmolStr,
    /// The field that holds the value; `metadata.name` where none is stated.
    pub field_path: SmolStr,
    /// Its place.
    pub mark: Mark,
}

/// `generatorOptions`, or `options` of one generator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GeneratorOptions {
    /// `labels`
    pub labels: Option<TextMap>,
    /// `annotations`
    pub annotations: Option<TextMap>,
    /// `disableNameSuffixHash`
    pub disable_name_suffix_hash: bool,
    /// `immutable`
    pub immutable: bool,
}

/// An entry of `configMapGenerator` or `secretGenerator`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GeneratorArgs {
    /// Name of the object.
    pub name: Text,
    /// Namespace of the object.
    pub namespace: Text,
    /// `behavior`
    pub behavior: SmolStr,
    /// `literals`
    pub literals: Vec<Text>,
    /// `files`
    pub files: Vec<Text>,
    /// `envs`, and `env` at the end.
    pub envs: Vec<Text>,
    /// How many of `envs` are not from `env`.
    pub env_count: usize,
    /// `options`
    pub options: Option<GeneratorOptions>,
    /// `type` of a Secret.
    pub secret_type: Text,
    /// Its place.
    pub mark: Mark,
}

/// `sortOptions`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SortOptions {
    /// `order`
    pub order: SmolStr,
    /// `legacySortOptions`: `orderFirst` and `orderLast`.
    pub legacy: Option<(Vec<SmolStr>, Vec<SmolStr>)>,
    /// Its place.
    pub mark: Mark,
}

/// `openapi`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenApi {
    /// `path`
    pub path: Option<Text>,
    /// `version`
    pub version: Option<Text>,
}

/// A kustomization file after its old spellings are taken over into the new ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kustomization {
    /// `kind`, `Kustomization` where none is stated.
    pub kind: SmolStr,
    /// `apiVersion`, that of the kind where none is stated.
    pub api_version: SmolStr,
    /// `openapi`
    pub openapi: OpenApi,
    /// `namePrefix`
    pub name_prefix: Text,
    /// `nameSuffix`
    pub name_suffix: Text,
    /// `namespace`
    pub namespace: Text,
    /// `commonLabels`
    pub common_labels: TextMap,
    /// `labels`
    pub labels: Vec<LabelEntry>,
    /// `commonAnnotations`
    pub common_annotations: TextMap,
    /// `patchesStrategicMerge`
    pub patches_strategic_merge: Vec<Text>,
    /// `patchesJson6902`
    pub patches_json6902: Vec<PatchEntry>,
    /// `patches`
    pub patches: Vec<PatchEntry>,
    /// `images` and `imageTags`
    pub images: Vec<ImageEntry>,
    /// `replacements`
    pub replacements: Vec<ReplacementField>,
    /// `replicas`
    pub replicas: Vec<ReplicaEntry>,
    /// `vars`
    pub vars: Vec<VarEntry>,
    /// `sortOptions`
    pub sort_options: Option<SortOptions>,
    /// `resources` and `bases`
    pub resources: Vec<Text>,
    /// `components`
    pub components: Vec<Text>,
    /// `crds`
    pub crds: Vec<Text>,
    /// `configMapGenerator`
    pub config_map_generator: Vec<GeneratorArgs>,
    /// `secretGenerator`
    pub secret_generator: Vec<GeneratorArgs>,
    /// Places of `helmCharts` and `helmChartInflationGenerator` entries, with the chart's name.
    pub helm_charts: Vec<Text>,
    /// `generatorOptions`
    pub generator_options: Option<GeneratorOptions>,
    /// `configurations`
    pub configurations: Vec<Text>,
    /// `generators`
    pub generators: Vec<Text>,
    /// `transformers`
    pub transformers: Vec<Text>,
    /// `validators`
    pub validators: Vec<Text>,
    /// `buildMetadata`
    pub build_metadata: Vec<SmolStr>,
    /// Deprecated fields that it uses, with their places.
    pub deprecated: Vec<(Deprecated, Mark)>,
    /// First line of the file.
    pub mark: Mark,
}

/// A deprecated field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deprecated {
    /// `bases`
    Bases,
    /// `commonLabels`
    CommonLabels,
    /// `imageTags`
    ImageTags,
    /// `patchesJson6902`
    PatchesJson6902,
    /// `patchesStrategicMerge`
    PatchesStrategicMerge,
    /// `vars`
    Vars,
}

/// A kustomization file's tree and name.
#[derive(Clone, Debug)]
pub(crate) struct KustomizationFile {
    /// The typed file.
    pub(crate) kustomization: Kustomization,
    /// One of [`FILE_NAMES`].
    pub(crate) file_name: &'static str,
}

/// The node a plugin entry or kustomization stands in, by key, whatever the case of the key.
pub(crate) fn field_ignoring_case<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    node.get(name).or_else(|| {
        node.iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}
