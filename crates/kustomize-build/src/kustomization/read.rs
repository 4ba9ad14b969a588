//! Reader of kustomization files.

use source_tree::{FileId, Mark};
use yaml_node::{Node, ReadError, Value};

use super::decode::{At, Decoder, Field};
use super::types::{Deprecated, ImageEntry, Kustomization, Text};
use super::{check, fields};
use crate::BuildError;

/// Reads a kustomization file. Only its first document counts, which is `document`.
pub(crate) fn read(
    text: &str,
    document: Result<Option<Node>, ReadError>,
    file: FileId,
) -> Result<Kustomization, BuildError> {
    let mark = Mark::new(file, 1);
    let node = document.map_err(|error| {
        BuildError::kustomization(format!("invalid Kustomization: {error}"))
            .at(error.mark)
            .at(mark)
    })?;
    let decoder = Decoder::strict().with_source(text);
    decode(&node.unwrap_or_else(Node::null), decoder).map_err(|error| error.at(mark))
}

/// Decodes the tree of a kustomization file.
pub(crate) fn decode_node(node: &Node) -> Result<Kustomization, BuildError> {
    decode(node, Decoder::strict())
}

fn decode(node: &Node, mut decoder: Decoder) -> Result<Kustomization, BuildError> {
    let mut kustomization = Kustomization {
        mark: node.mark,
        ..Kustomization::default()
    };
    let mut old = DeprecatedFields::default();
    let mut has_fields = false;
    decoder.object(node, &At::default(), "Kustomization", |decoder, field| {
        take(decoder, &mut kustomization, &mut old, &mut has_fields, &field)
    });
    decoder.finish().map_err(|(message, mark)| {
        BuildError::kustomization(message)
            .context("invalid Kustomization")
            .at(mark)
    })?;
    old.take_over(&mut kustomization);
    if !has_fields {
        return Err(check::empty().at(node.mark));
    }
    check::enforce(&mut kustomization)?;
    Ok(kustomization)
}

/// Fields of earlier releases, appended to their successors at the end.
#[derive(Default)]
struct DeprecatedFields {
    bases: Vec<Text>,
    image_tags: Vec<ImageEntry>,
    charts: Vec<Text>,
}

impl DeprecatedFields {
    fn take_over(self, kustomization: &mut Kustomization) {
        kustomization.resources.extend(self.bases);
        kustomization.images.extend(self.image_tags);
        kustomization.helm_charts.extend(self.charts);
    }
}

/// Deprecated fields and their replacements.
const DEPRECATED: [(&str, &str); 6] = [
    ("bases", "resources"),
    ("commonLabels", "labels"),
    ("imageTags", "images"),
    ("patchesJson6902", "patches"),
    ("patchesStrategicMerge", "patches"),
    ("vars", "replacements"),
];

// Sets `has_fields` if Go's struct would differ from an empty one.
fn take(
    decoder: &mut Decoder,
    k: &mut Kustomization,
    old: &mut DeprecatedFields,
    has_fields: &mut bool,
    field: &Field<'_>,
) -> bool {
    let node = field.node;
    let present = matches!(node.value, Value::Mapping(_) | Value::Sequence(_));
    let filled = present && !crate::resource::is_nil_or_empty(node);
    let is_field = |(old, _): &&(&str, &str)| old.eq_ignore_ascii_case(field.key);
    if let Some(&(old, new)) = DEPRECATED.iter().find(is_field).filter(|_| present) {
        let mark = field.mark;
        k.deprecated.push(Deprecated { old, new, mark });
    }
    let mut text = |decoder: &mut Decoder, slot: &mut Text, name: &str| {
        *slot = field.text(decoder, name);
        *has_fields |= !slot.is_empty();
        true
    };
    match field.key {
        "nameprefix" => return text(decoder, &mut k.name_prefix, "namePrefix"),
        "namesuffix" => return text(decoder, &mut k.name_suffix, "nameSuffix"),
        "namespace" => return text(decoder, &mut k.namespace, "namespace"),
        "kind" | "apiversion" => {
            let (slot, name) = if field.key == "kind" {
                (&mut k.kind, "TypeMeta.kind")
            } else {
                (&mut k.api_version, "TypeMeta.apiVersion")
            };
            *slot = field.text(decoder, name).value;
            return true;
        }
        _ => {}
    }
    let known = collection(decoder, k, old, field);
    // The old fields count only if they append something.
    *has_fields |= known
        && match field.key {
            "bases" | "imagetags" | "helmchartinflationgenerator" => filled,
            _ => present,
        };
    known
}

fn collection(
    decoder: &mut Decoder,
    k: &mut Kustomization,
    old: &mut DeprecatedFields,
    field: &Field<'_>,
) -> bool {
    let node = field.node;
    match field.key {
        "resources" => k.resources = field.texts(decoder, "resources"),
        "components" => k.components = field.texts(decoder, "components"),
        "crds" => k.crds = field.texts(decoder, "crds"),
        "bases" => old.bases = field.texts(decoder, "bases"),
        "configurations" => k.configurations = field.texts(decoder, "configurations"),
        "generators" => k.generators = field.block_texts(decoder, "generators", "[]string"),
        "transformers" => k.transformers = field.block_texts(decoder, "transformers", "[]string"),
        "validators" => k.validators = field.block_texts(decoder, "validators", "[]string"),
        "buildmetadata" => {
            k.build_metadata = field
                .texts(decoder, "buildMetadata")
                .into_iter()
                .map(|text| text.value)
                .collect();
        }
        "patchesstrategicmerge" => {
            let go_type = "[]types.PatchStrategicMerge";
            k.patches_strategic_merge = field.block_texts(decoder, "patchesStrategicMerge", go_type);
        }
        "commonlabels" => {
            k.common_labels = field.text_map(decoder, "commonLabels").unwrap_or_default();
        }
        "commonannotations" => {
            k.common_annotations = field.text_map(decoder, "commonAnnotations").unwrap_or_default();
        }
        "metadata" => metadata(decoder, field),
        "openapi" => {
            let entries = field.text_map(decoder, "openapi").unwrap_or_default();
            for (key, text) in entries {
                match key.as_str() {
                    "path" => k.openapi.path = Some(text),
                    "version" => k.openapi.version = Some(text),
                    _ => {}
                }
            }
        }
        "generatoroptions" => {
            k.generator_options = fields::generator_options(decoder, node, &field.at("generatorOptions"));
        }
        "sortoptions" => k.sort_options = fields::sort_options(decoder, node, &field.at("sortOptions")),
        "helmglobals" => drop(
            decoder.object(node, &field.at("helmGlobals"), "HelmGlobals", |_, field| {
                matches!(field.key, "charthome" | "confighome")
            }),
        ),
        _ => return entries(decoder, k, old, field),
    }
    true
}

fn entries(
    decoder: &mut Decoder,
    k: &mut Kustomization,
    old: &mut DeprecatedFields,
    field: &Field<'_>,
) -> bool {
    match field.key {
        "labels" => k.labels = field.list(decoder, "labels", "[]types.Label", fields::label_entry),
        "patches" => k.patches = field.list(decoder, "patches", "[]types.Patch", fields::patch),
        "patchesjson6902" => {
            k.patches_json6902 = field.list(decoder, "patchesJson6902", "[]types.Patch", fields::patch);
        }
        "images" => k.images = field.list(decoder, "images", "[]types.Image", fields::image),
        "imagetags" => old.image_tags = field.list(decoder, "imageTags", "[]types.Image", fields::image),
        "replacements" => {
            let go_type = "[]types.ReplacementField";
            k.replacements = field.list(decoder, "replacements", go_type, fields::replacement_field);
        }
        "replicas" => k.replicas = field.list(decoder, "replicas", "[]types.Replica", fields::replica),
        "vars" => k.vars = field.list(decoder, "vars", "[]types.Var", fields::var),
        "configmapgenerator" => {
            let go_type = "[]types.ConfigMapArgs";
            k.config_map_generator =
                field.list(decoder, "configMapGenerator", go_type, |decoder, item, at| {
                    fields::generator_args(decoder, item, at, false)
                });
        }
        "secretgenerator" => {
            let go_type = "[]types.SecretArgs";
            k.secret_generator = field.list(decoder, "secretGenerator", go_type, |decoder, item, at| {
                fields::generator_args(decoder, item, at, true)
            });
        }
        "helmcharts" => {
            k.helm_charts = field.list(decoder, "helmCharts", "[]types.HelmChart", |decoder, item, at| {
                chart(decoder, item, at, "HelmChart", "name", HELM_CHART)
            });
        }
        "helmchartinflationgenerator" => {
            let (name, go_type) = ("helmChartInflationGenerator", "[]types.HelmChartArgs");
            old.charts = field.list(decoder, name, go_type, |decoder, item, at| {
                chart(decoder, item, at, "HelmChartArgs", "chartname", HELM_CHART_ARGS)
            });
        }
        _ => return false,
    }
    true
}

const HELM_CHART: &[&str] = &[
    "name",
    "version",
    "repo",
    "releasename",
    "namespace",
    "additionalvaluesfiles",
    "valuesfile",
    "valuesinline",
    "valuesmerge",
    "includecrds",
    "skiphooks",
    "apiversions",
    "kubeversion",
    "nametemplate",
    "skiptests",
    "debug",
    "devel",
];
const HELM_CHART_ARGS: &[&str] = &[
    "chartname",
    "chartversion",
    "chartrepourl",
    "charthome",
    "chartreponame",
    "helmbin",
    "helmhome",
    "values",
    "valueslocal",
    "valuesmerge",
    "releasename",
    "releasenamespace",
    "extraargs",
];

/// Decodes a chart to its name, with the place of its entry. Unknown fields are errors.
fn chart(
    decoder: &mut Decoder,
    node: &Node,
    at: &At,
    strukt: &'static str,
    name_field: &str,
    known: &[&str],
) -> Text {
    let mut chart = Text::new("", node.mark);
    decoder.object(node, at, strukt, |decoder, field| {
        if field.key == name_field {
            chart.value = field.text(decoder, "name").value;
        }
        known.contains(&field.key)
    });
    chart
}

fn metadata(decoder: &mut Decoder, field: &Field<'_>) {
    let at = field.at("metadata");
    decoder.object(field.node, &at, "ObjectMeta", |decoder, field| {
        match field.key {
            "name" | "namespace" => drop(field.text(decoder, field.key)),
            "labels" | "annotations" => drop(field.text_map(decoder, field.key)),
            _ => return false,
        }
        true
    });
}

#[cfg(test)]
mod tests {
    use source_tree::Limits;
    use yaml_node::read_yaml11;

    use super::*;

    fn message(text: &str) -> String {
        match read(text, read_yaml11(text, FileId(1), &Limits::default()), FileId(1)) {
            Ok(_) => "fine".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn types_are_checked_with_the_messages_of_go() {
        for (text, expected) in [
            (
                "namespace: n\n",
                "cannot unmarshal bool into Go struct field Kustomization.namespace of type string",
            ),
            (
                "images: [{newTag: 1.10}]\n",
                "cannot unmarshal number into Go struct field Image.images.newTag of type string",
            ),
            (
                "resources: a\n",
                "cannot unmarshal string into Go struct field Kustomization.resources of type []string",
            ),
            (
                "resources: [{a: b}]\n",
                "cannot unmarshal object into Go struct field Kustomization.resources of type string",
            ),
            (
                "commonLabels: {a: yes}\n",
                "cannot unmarshal bool into Go struct field Kustomization.commonLabels of type string",
            ),
            (
                "configMapGenerator: [{name: 1}]\n",
                "cannot unmarshal number into Go struct field ConfigMapArgs.configMapGenerator.GeneratorArgs.name of type string",
            ),
            (
                "replacements: [{source: {kind: 1}}]\n",
                "cannot unmarshal number into Go struct field SourceSelector.replacements.Replacement.source.ResId.Gvk.kind of type string",
            ),
            (
                "replicas: [{count: 1.5}]\n",
                "cannot unmarshal number 1.5 into Go struct field Replica.replicas.count of type int64",
            ),
            (
                "- a\n",
                "cannot unmarshal array into Go value of type types.Kustomization",
            ),
            ("xx: 1\naa: 2\n", "unknown field \"aa\""),
            (
                "patches: [{target: {apiVersion: v1}}]\n",
                "unknown field \"apiVersion\"",
            ),
            ("helmCharts: [{foo: 1}]\n", "unknown field \"foo\""),
        ] {
            assert_eq!(message(text), format!("invalid Kustomization: json: {expected}"));
        }
    }

    #[test]
    fn files_without_fields_are_empty() {
        for (text, empty) in [
            ("", true),
            ("kind: Kustomization\n", true),
            ("resources:\n", true),
            ("namePrefix: ''\n", true),
            ("bases: []\n", true),
            ("resources: []\n", false),
            ("metadata: {name: x}\n", false),
            ("generatorOptions: {}\n", false),
        ] {
            assert_eq!(message(text) == "kustomization.yaml is empty", empty, "{text}");
        }
    }

    #[test]
    fn names_match_in_any_case_and_old_fields_are_converted() {
        let text = "NAMEPREFIX: p-\nbases: [b]\nresources: [a]\nimageTags: [{name: i}]\nconfigMapGenerator: [{name: c, env: e, envs: [f]}]\n";
        let read = read(text, read_yaml11(text, FileId(1), &Limits::default()), FileId(1)).unwrap();
        assert_eq!(&*read.name_prefix, "p-");
        assert_eq!(
            read.resources.iter().map(|text| &**text).collect::<Vec<_>>(),
            ["a", "b"]
        );
        assert_eq!(read.images.len(), 1);
        assert_eq!(
            read.config_map_generator[0]
                .envs
                .iter()
                .map(|text| &**text)
                .collect::<Vec<_>>(),
            ["f", "e"]
        );
        assert_eq!(read.deprecated.len(), 2);
    }
}
