//! Reader of a kustomization file.

use source_tree::{FileId, Mark};
use yaml_node::{Node, ReadError, Value};

use super::decode::{At, Decoder, Field};
use super::types::{Deprecated, ImageEntry, Kustomization, Text};
use super::{check, fields};
use crate::BuildError;

/// Reads the text of a kustomization file. Only its first document counts, which `document` is.
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
    let mut old = OldSpellings::default();
    let mut stated = false;
    decoder.object(node, None, "Kustomization", |decoder, field| {
        take(decoder, &mut kustomization, &mut old, &mut stated, &field)
    });
    decoder.finish().map_err(|(message, mark)| {
        BuildError::kustomization(message)
            .context("invalid Kustomization")
            .at(mark)
    })?;
    old.take_over(&mut kustomization);
    if !stated {
        return Err(check::empty().at(node.mark));
    }
    check::enforce(&mut kustomization)?;
    Ok(kustomization)
}

/// Fields of earlier releases, which are appended to their successors once all is read.
#[derive(Default)]
struct OldSpellings {
    bases: Vec<Text>,
    image_tags: Vec<ImageEntry>,
    charts: Vec<Text>,
}

impl OldSpellings {
    fn take_over(self, kustomization: &mut Kustomization) {
        kustomization.resources.extend(self.bases);
        kustomization.images.extend(self.image_tags);
        kustomization.helm_charts.extend(self.charts);
    }
}

// `stated` becomes true where Go's struct differs from one without fields.
fn take(
    decoder: &mut Decoder,
    k: &mut Kustomization,
    old: &mut OldSpellings,
    stated: &mut bool,
    field: &Field<'_>,
) -> bool {
    let node = field.node;
    let present = matches!(node.value, Value::Mapping(_) | Value::Sequence(_));
    let filled = present && !crate::resource::is_nil_or_empty(node);
    let mut deprecated = |which| {
        if present {
            k.deprecated.push((which, field.mark));
        }
    };
    match field.key {
        "bases" => deprecated(Deprecated::Bases),
        "commonlabels" => deprecated(Deprecated::CommonLabels),
        "imagetags" => deprecated(Deprecated::ImageTags),
        "patchesjson6902" => deprecated(Deprecated::PatchesJson6902),
        "patchesstrategicmerge" => deprecated(Deprecated::PatchesStrategicMerge),
        "vars" => deprecated(Deprecated::Vars),
        _ => {}
    }
    let mut text = |decoder: &mut Decoder, slot: &mut Text, name: &str| {
        *slot = decoder.text(node, &field.at(name));
        *stated |= !slot.is_empty();
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
            *slot = decoder.text(node, &field.at(name)).value;
            return true;
        }
        _ => {}
    }
    let known = collection(decoder, k, old, field);
    // The old spellings count only by what they append.
    *stated |= known
        && match field.key {
            "bases" | "imagetags" | "helmchartinflationgenerator" => filled,
            _ => present,
        };
    known
}

fn collection(
    decoder: &mut Decoder,
    k: &mut Kustomization,
    old: &mut OldSpellings,
    field: &Field<'_>,
) -> bool {
    let node = field.node;
    let texts = |decoder: &mut Decoder, name: &str| decoder.texts(node, &field.at(name)).unwrap_or_default();
    match field.key {
        "resources" => k.resources = texts(decoder, "resources"),
        "components" => k.components = texts(decoder, "components"),
        "crds" => k.crds = texts(decoder, "crds"),
        "bases" => old.bases = texts(decoder, "bases"),
        "configurations" => k.configurations = texts(decoder, "configurations"),
        "generators" => k.generators = block_texts(decoder, node, &field.at("generators"), "[]string"),
        "transformers" => k.transformers = block_texts(decoder, node, &field.at("transformers"), "[]string"),
        "validators" => k.validators = block_texts(decoder, node, &field.at("validators"), "[]string"),
        "buildmetadata" => {
            k.build_metadata = texts(decoder, "buildMetadata")
                .into_iter()
                .map(|text| text.value)
                .collect();
        }
        "patchesstrategicmerge" => {
            let at = field.at("patchesStrategicMerge");
            k.patches_strategic_merge = block_texts(decoder, node, &at, "[]types.PatchStrategicMerge");
        }
        "commonlabels" => {
            k.common_labels = decoder
                .text_map(node, &field.at("commonLabels"))
                .unwrap_or_default();
        }
        "commonannotations" => {
            k.common_annotations = decoder
                .text_map(node, &field.at("commonAnnotations"))
                .unwrap_or_default();
        }
        "metadata" => metadata(decoder, field),
        "openapi" => {
            let entries = decoder.text_map(node, &field.at("openapi")).unwrap_or_default();
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
        "helmglobals" => drop(decoder.object(
            node,
            Some(&field.at("helmGlobals")),
            "HelmGlobals",
            |_, field| matches!(field.key, "charthome" | "confighome"),
        )),
        _ => return entries(decoder, k, old, field),
    }
    true
}

fn entries(decoder: &mut Decoder, k: &mut Kustomization, old: &mut OldSpellings, field: &Field<'_>) -> bool {
    macro_rules! list {
        ($name:literal, $go_type:literal, $decode:expr) => {
            decoder
                .list(
                    field.node,
                    &field.at($name),
                    $go_type,
                    |decoder, item, at| {
                        #[allow(clippy::redundant_closure_call)]
                        $decode(decoder, item, at)
                    },
                )
                .unwrap_or_default()
        };
    }
    match field.key {
        "labels" => {
            k.labels = list!("labels", "[]types.Label", |d, item, at| fields::label_entry(
                d,
                item,
                Some(at)
            ));
        }
        "patches" => {
            k.patches = list!("patches", "[]types.Patch", |d, item, at| fields::patch(
                d,
                item,
                Some(at)
            ));
        }
        "patchesjson6902" => {
            k.patches_json6902 = list!("patchesJson6902", "[]types.Patch", |d, item, at| fields::patch(
                d,
                item,
                Some(at)
            ));
        }
        "images" => {
            k.images = list!("images", "[]types.Image", |d, item, at| fields::image(
                d,
                item,
                Some(at)
            ));
        }
        "imagetags" => {
            old.image_tags = list!("imageTags", "[]types.Image", |d, item, at| fields::image(
                d,
                item,
                Some(at)
            ));
        }
        "replacements" => {
            k.replacements = list!("replacements", "[]types.ReplacementField", |d, item, at| {
                fields::replacement_field(d, item, Some(at))
            });
        }
        "replicas" => {
            k.replicas = list!("replicas", "[]types.Replica", |d, item, at| fields::replica(
                d,
                item,
                Some(at)
            ));
        }
        "vars" => k.vars = list!("vars", "[]types.Var", fields::var),
        "configmapgenerator" => {
            k.config_map_generator = list!("configMapGenerator", "[]types.ConfigMapArgs", |d, item, at| {
                fields::generator_args(d, item, Some(at), false)
            });
        }
        "secretgenerator" => {
            k.secret_generator = list!("secretGenerator", "[]types.SecretArgs", |d, item, at| {
                fields::generator_args(d, item, Some(at), true)
            });
        }
        "helmcharts" => {
            k.helm_charts = list!("helmCharts", "[]types.HelmChart", |d, item: &Node, at| {
                chart(d, item, at, "HelmChart", "name", HELM_CHART)
            });
        }
        "helmchartinflationgenerator" => {
            old.charts = list!(
                "helmChartInflationGenerator",
                "[]types.HelmChartArgs",
                |d, item: &Node, at| { chart(d, item, at, "HelmChartArgs", "chartname", HELM_CHART_ARGS) }
            );
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

/// A chart's name, with the place of its entry. Its fields have to be known ones.
fn chart(
    decoder: &mut Decoder,
    node: &Node,
    at: &At,
    strukt: &'static str,
    name_field: &str,
    known: &[&str],
) -> Text {
    let mut chart = Text::new("", node.mark);
    decoder.object(node, Some(at), strukt, |decoder, field| {
        if field.key == name_field {
            chart.value = decoder.text(field.node, &field.at("name")).value;
        }
        known.contains(&field.key)
    });
    chart
}

/// Texts that may be whole documents: their marks are those of their first line of content.
fn block_texts(decoder: &mut Decoder, node: &Node, at: &At, go_type: &str) -> Vec<Text> {
    let item_type = go_type.trim_start_matches("[]");
    decoder
        .list(node, at, go_type, |decoder, item, at| {
            let mut text = decoder.text_of(item, at, item_type);
            text.mark = decoder.block_start(item);
            text
        })
        .unwrap_or_default()
}

fn metadata(decoder: &mut Decoder, field: &Field<'_>) {
    let at = field.at("metadata");
    decoder.object(field.node, Some(&at), "ObjectMeta", |decoder, field| {
        match field.key {
            "name" | "namespace" => drop(decoder.text(field.node, &field.at(field.key))),
            "labels" | "annotations" => drop(decoder.text_map(field.node, &field.at(field.key))),
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
    fn types_are_checked_in_gos_words() {
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
    fn empty_is_what_states_nothing() {
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
    fn names_come_in_any_case_and_old_ones_are_taken_over() {
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
