//! Decodes the entries of the fields of a kustomization file.

use smol_str::SmolStr;
use yaml_node::Node;

use super::decode::{At, Decoder};
use super::types::{
    FieldOptionsEntry, FieldSpecEntry, GeneratorArgs, GeneratorOptions, ImageEntry, LabelEntry, PatchEntry,
    ReplacementEntry, ReplacementField, ReplicaEntry, SelectorEntry, SortOptions, SourceEntry, TargetEntry,
    VarEntry,
};
use crate::resource::{Gvk, parse_group_version};

/// Takes a field of an embedded Gvk.
fn gvk_field(decoder: &mut Decoder, gvk: &mut Gvk, key: &str, node: &Node, at: impl Fn(&str) -> At) -> bool {
    let slot = match key {
        "group" => &mut gvk.group,
        "version" => &mut gvk.version,
        "kind" => &mut gvk.kind,
        _ => return false,
    };
    *slot = decoder.text(node, &at(&format!("Gvk.{key}"))).value;
    true
}

pub(crate) fn field_spec(decoder: &mut Decoder, node: &Node, at: Option<&At>) -> FieldSpecEntry {
    let mut spec = FieldSpecEntry::default();
    decoder.object(node, at, "FieldSpec", |decoder, field| {
        match field.key {
            "path" => spec.path = decoder.text(field.node, &field.at("path")).value,
            "create" => spec.create = decoder.bool(field.node, &field.at("create")),
            key => return gvk_field(decoder, &mut spec.gvk, key, field.node, |name| field.at(name)),
        }
        true
    });
    spec
}

pub(crate) fn selector(decoder: &mut Decoder, node: &Node, at: Option<&At>) -> Option<SelectorEntry> {
    let mut selector = SelectorEntry {
        mark: node.mark,
        ..SelectorEntry::default()
    };
    let found = decoder.object(node, at, "Selector", |decoder, field| {
        let slot = match field.key {
            "name" => (&mut selector.name, "ResId.name"),
            "namespace" => (&mut selector.namespace, "ResId.namespace"),
            "labelselector" => (&mut selector.label_selector, "labelSelector"),
            "annotationselector" => (&mut selector.annotation_selector, "annotationSelector"),
            key => {
                return gvk_field(decoder, &mut selector.gvk, key, field.node, |name| {
                    field.at(&format!("ResId.{name}"))
                });
            }
        };
        *slot.0 = decoder.text(field.node, &field.at(slot.1)).value;
        true
    });
    found.then_some(selector)
}

pub(crate) fn patch(decoder: &mut Decoder, node: &Node, at: Option<&At>) -> PatchEntry {
    let mut patch = PatchEntry {
        mark: node.mark,
        ..PatchEntry::default()
    };
    decoder.object(node, at, "Patch", |decoder, field| {
        match field.key {
            "path" => patch.path = decoder.text(field.node, &field.at("path")),
            "patch" => {
                patch.patch = decoder.text(field.node, &field.at("patch"));
                patch.patch_mark = decoder.block_start(field.node);
            }
            "target" => patch.target = selector(decoder, field.node, Some(&field.at("target"))),
            "options" => {
                let at = field.at("options");
                decoder.object(field.node, Some(&at), "PatchArgs", |decoder, field| {
                    match field.key {
                        "allownamechange" => {
                            patch.allow_name_change = decoder.bool(field.node, &field.at("allowNameChange"));
                        }
                        "allowkindchange" => {
                            patch.allow_kind_change = decoder.bool(field.node, &field.at("allowKindChange"));
                        }
                        _ => return false,
                    }
                    true
                });
            }
            _ => return false,
        }
        true
    });
    patch
}

pub(crate) fn image(decoder: &mut Decoder, node: &Node, at: Option<&At>) -> ImageEntry {
    let mut image = ImageEntry {
        mark: node.mark,
        ..ImageEntry::default()
    };
    decoder.object(node, at, "Image", |decoder, field| {
        let (slot, name) = match field.key {
            "name" => (&mut image.name, "name"),
            "newname" => (&mut image.new_name, "newName"),
            "tagsuffix" => (&mut image.tag_suffix, "tagSuffix"),
            "newtag" => (&mut image.new_tag, "newTag"),
            "digest" => (&mut image.digest, "digest"),
            _ => return false,
        };
        *slot = decoder.text(field.node, &field.at(name));
        true
    });
    image
}

pub(crate) fn replica(decoder: &mut Decoder, node: &Node, at: Option<&At>) -> ReplicaEntry {
    let mut replica = ReplicaEntry {
        mark: node.mark,
        ..ReplicaEntry::default()
    };
    decoder.object(node, at, "Replica", |decoder, field| {
        match field.key {
            "name" => replica.name = decoder.text(field.node, &field.at("name")).value,
            "count" => replica.count = decoder.int(field.node, &field.at("count"), "int64"),
            _ => return false,
        }
        true
    });
    replica
}

pub(crate) fn label_entry(decoder: &mut Decoder, node: &Node, at: Option<&At>) -> LabelEntry {
    let mut label = LabelEntry {
        mark: node.mark,
        ..LabelEntry::default()
    };
    decoder.object(node, at, "Label", |decoder, field| {
        match field.key {
            "pairs" => {
                label.pairs = decoder
                    .text_map(field.node, &field.at("pairs"))
                    .unwrap_or_default();
            }
            "includeselectors" => {
                label.include_selectors = decoder.bool(field.node, &field.at("includeSelectors"));
            }
            "includetemplates" => {
                label.include_templates = decoder.bool(field.node, &field.at("includeTemplates"));
            }
            "includevolumeclaimtemplates" => {
                label.include_volume_claim_templates =
                    decoder.bool(field.node, &field.at("includeVolumeClaimTemplates"));
            }
            "fields" => {
                let at = field.at("fields");
                label.fields = decoder
                    .list(field.node, &at, "[]types.FieldSpec", |decoder, item, at| {
                        field_spec(decoder, item, Some(at))
                    })
                    .unwrap_or_default();
            }
            _ => return false,
        }
        true
    });
    label
}

fn field_options(decoder: &mut Decoder, node: &Node, at: &At) -> Option<FieldOptionsEntry> {
    let mut options = FieldOptionsEntry::default();
    let found = decoder.object(node, Some(at), "FieldOptions", |decoder, field| {
        match field.key {
            "delimiter" => options.delimiter = decoder.text(field.node, &field.at("delimiter")).value,
            "index" => options.index = decoder.int(field.node, &field.at("index"), "int"),
            // Nothing reads the encoding, yet its type is checked.
            "encoding" => drop(decoder.text(field.node, &field.at("encoding"))),
            "create" => options.create = decoder.bool(field.node, &field.at("create")),
            _ => return false,
        }
        true
    });
    found.then_some(options)
}

fn source(decoder: &mut Decoder, node: &Node, at: &At) -> Option<SourceEntry> {
    let mut source = SourceEntry {
        mark: node.mark,
        ..SourceEntry::default()
    };
    let found = decoder.object(node, Some(at), "SourceSelector", |decoder, field| {
        match field.key {
            "name" => source.name = decoder.text(field.node, &field.at("ResId.name")).value,
            "namespace" => source.namespace = decoder.text(field.node, &field.at("ResId.namespace")).value,
            "fieldpath" => source.field_path = decoder.text(field.node, &field.at("fieldPath")).value,
            "options" => source.options = field_options(decoder, field.node, &field.at("options")),
            key => {
                return gvk_field(decoder, &mut source.gvk, key, field.node, |name| {
                    field.at(&format!("ResId.{name}"))
                });
            }
        }
        true
    });
    found.then_some(source)
}

fn target(decoder: &mut Decoder, node: &Node, at: &At) -> TargetEntry {
    let mut target = TargetEntry {
        mark: node.mark,
        ..TargetEntry::default()
    };
    decoder.object(node, Some(at), "TargetSelector", |decoder, field| {
        match field.key {
            "select" => target.select = selector(decoder, field.node, Some(&field.at("select"))),
            "reject" => {
                let at = field.at("reject");
                target.reject = decoder
                    .list(field.node, &at, "[]*types.Selector", |decoder, item, at| {
                        selector(decoder, item, Some(at)).unwrap_or_default()
                    })
                    .unwrap_or_default();
            }
            "fieldpaths" => {
                target.field_paths = decoder
                    .texts(field.node, &field.at("fieldPaths"))
                    .unwrap_or_default();
            }
            "options" => target.options = field_options(decoder, field.node, &field.at("options")),
            _ => return false,
        }
        true
    });
    target
}

pub(crate) fn replacement_field(decoder: &mut Decoder, node: &Node, at: Option<&At>) -> ReplacementField {
    let mut entry = ReplacementField::default();
    entry.replacement.mark = node.mark;
    let mut path = None;
    decoder.object(node, at, "ReplacementField", |decoder, field| {
        if field.key == "path" {
            path = Some(decoder.text(field.node, &field.at("path")));
            return true;
        }
        let embedded = |name: &str| field.at(&format!("Replacement.{name}"));
        replacement_part(decoder, &mut entry.replacement, field.key, field.node, embedded)
    });
    entry.path = path.unwrap_or_default();
    entry
}

/// One replacement of a replacements file.
pub(crate) fn replacement(decoder: &mut Decoder, node: &Node, at: Option<&At>) -> ReplacementEntry {
    let mut entry = ReplacementEntry {
        mark: node.mark,
        ..ReplacementEntry::default()
    };
    decoder.object(node, at, "Replacement", |decoder, field| {
        replacement_part(decoder, &mut entry, field.key, field.node, |name| field.at(name))
    });
    entry
}

fn replacement_part(
    decoder: &mut Decoder,
    entry: &mut ReplacementEntry,
    key: &str,
    node: &Node,
    at: impl Fn(&str) -> At,
) -> bool {
    match key {
        "source" => entry.source = source(decoder, node, &at("source")),
        "sourcevalue" => {
            let text = decoder.text(node, &at("sourceValue"));
            entry.source_value = (!node.is_null()).then_some(text);
        }
        "targets" => {
            entry.targets = decoder
                .list(node, &at("targets"), "[]*types.TargetSelector", target)
                .unwrap_or_default();
        }
        _ => return false,
    }
    true
}

pub(super) fn var(decoder: &mut Decoder, node: &Node, at: &At) -> VarEntry {
    let mut var = VarEntry {
        mark: node.mark,
        field_path: SmolStr::new_static("metadata.name"),
        ..VarEntry::default()
    };
    decoder.object(node, Some(at), "Var", |decoder, field| {
        match field.key {
            "name" => var.name = decoder.text(field.node, &field.at("name")).value,
            "objref" => {
                let at = field.at("objref");
                decoder.object(field.node, Some(&at), "Target", |decoder, field| {
                    match field.key {
                        "apiversion" => {
                            var.api_version = decoder.text(field.node, &field.at("apiVersion")).value;
                        }
                        "name" => var.object_name = decoder.text(field.node, &field.at("name")).value,
                        "namespace" => var.namespace = decoder.text(field.node, &field.at("namespace")).value,
                        key => {
                            return gvk_field(decoder, &mut var.gvk, key, field.node, |name| field.at(name));
                        }
                    }
                    true
                });
            }
            "fieldref" => {
                let at = field.at("fieldref");
                decoder.object(field.node, Some(&at), "FieldSelector", |decoder, field| {
                    if field.key == "fieldpath" || field.key == "fieldPath" {
                        let path = decoder.text(field.node, &field.at("fieldPath")).value;
                        if !path.is_empty() {
                            var.field_path = path;
                        }
                        return true;
                    }
                    false
                });
            }
            _ => return false,
        }
        true
    });
    let parts = var.api_version.split('/').count();
    if !var.api_version.is_empty() && parts <= 2 {
        let (group, version) = parse_group_version(&var.api_version);
        var.gvk.version = version.into();
        if parts == 2 {
            var.gvk.group = group.into();
        }
    }
    var
}

pub(crate) fn generator_options(decoder: &mut Decoder, node: &Node, at: &At) -> Option<GeneratorOptions> {
    let mut options = GeneratorOptions::default();
    let found = decoder.object(node, Some(at), "GeneratorOptions", |decoder, field| {
        match field.key {
            "labels" => options.labels = decoder.text_map(field.node, &field.at("labels")),
            "annotations" => options.annotations = decoder.text_map(field.node, &field.at("annotations")),
            "disablenamesuffixhash" => {
                options.disable_name_suffix_hash =
                    decoder.bool(field.node, &field.at("disableNameSuffixHash"));
            }
            "immutable" => options.immutable = decoder.bool(field.node, &field.at("immutable")),
            _ => return false,
        }
        true
    });
    found.then_some(options)
}

/// An entry of `configMapGenerator` or, with `secret`, of `secretGenerator`.
pub(crate) fn generator_args(
    decoder: &mut Decoder,
    node: &Node,
    at: Option<&At>,
    secret: bool,
) -> GeneratorArgs {
    let mut args = GeneratorArgs {
        mark: node.mark,
        ..GeneratorArgs::default()
    };
    let mut env = None;
    let strukt = if secret { "SecretArgs" } else { "ConfigMapArgs" };
    decoder.object(node, at, strukt, |decoder, field| {
        let at = |name: &str| field.at(&format!("GeneratorArgs.{name}"));
        let sources = |name: &str| field.at(&format!("GeneratorArgs.KvPairSources.{name}"));
        let list =
            |decoder: &mut Decoder, name: &str| decoder.texts(field.node, &sources(name)).unwrap_or_default();
        match field.key {
            "name" => args.name = decoder.text(field.node, &at("name")),
            "namespace" => args.namespace = decoder.text(field.node, &at("namespace")),
            "behavior" => args.behavior = decoder.text(field.node, &at("behavior")).value,
            "literals" => args.literals = list(decoder, "literals"),
            "files" => args.files = list(decoder, "files"),
            "envs" => args.envs = list(decoder, "envs"),
            "env" => env = Some(decoder.text(field.node, &sources("env"))),
            "options" => args.options = generator_options(decoder, field.node, &at("options")),
            "type" if secret => args.secret_type = decoder.text(field.node, &field.at("type")),
            _ => return false,
        }
        true
    });
    args.env_count = args.envs.len();
    args.envs.extend(env.filter(|env| !env.is_empty()));
    args
}

pub(super) fn sort_options(decoder: &mut Decoder, node: &Node, at: &At) -> Option<SortOptions> {
    let mut options = SortOptions {
        mark: node.mark,
        ..SortOptions::default()
    };
    let found = decoder.object(node, Some(at), "SortOptions", |decoder, field| {
        match field.key {
            "order" => {
                options.order = decoder
                    .text_of(field.node, &field.at("order"), "types.SortOrder")
                    .value;
            }
            "legacysortoptions" => {
                let (mut first, mut last) = (Vec::new(), Vec::new());
                let at = field.at("legacySortOptions");
                let found = decoder.object(field.node, Some(&at), "LegacySortOptions", |decoder, field| {
                    let (slot, name) = match field.key {
                        "orderfirst" => (&mut first, "orderFirst"),
                        "orderlast" => (&mut last, "orderLast"),
                        _ => return false,
                    };
                    let texts = decoder.texts(field.node, &field.at(name)).unwrap_or_default();
                    *slot = texts.into_iter().map(|text| text.value).collect();
                    true
                });
                options.legacy = found.then_some((first, last));
            }
            _ => return false,
        }
        true
    });
    found.then_some(options)
}
