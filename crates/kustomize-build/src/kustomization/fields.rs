//! Decoding of the entries in fields of a kustomization file.

use smol_str::SmolStr;
use yaml_node::Node;

use super::decode::{At, Decoder, Field};
use super::types::{
    FieldOptionsEntry, FieldSpecEntry, GeneratorArgs, GeneratorOptions, ImageEntry, LabelEntry, PatchEntry,
    ReplacementEntry, ReplacementField, ReplicaEntry, SelectorEntry, SortOptions, SourceEntry, TargetEntry,
    VarEntry,
};
use crate::resource::{Gvk, parse_group_version};

/// Decodes a field of an embedded Gvk. `parent` is the Go name of the struct around the Gvk, with a dot.
fn gvk_field(decoder: &mut Decoder, gvk: &mut Gvk, field: &Field<'_>, parent: &str) -> bool {
    let slot = match field.key {
        "group" => &mut gvk.group,
        "version" => &mut gvk.version,
        "kind" => &mut gvk.kind,
        _ => return false,
    };
    *slot = field.text(decoder, &format!("{parent}Gvk.{}", field.key)).value;
    true
}

pub(crate) fn field_spec(decoder: &mut Decoder, node: &Node, at: &At) -> FieldSpecEntry {
    let mut spec = FieldSpecEntry::default();
    decoder.object(node, at, "FieldSpec", |decoder, field| {
        match field.key {
            "path" => spec.path = field.text(decoder, "path").value,
            "create" => spec.create = field.bool(decoder, "create"),
            _ => return gvk_field(decoder, &mut spec.gvk, &field, ""),
        }
        true
    });
    spec
}

pub(crate) fn selector(decoder: &mut Decoder, node: &Node, at: &At) -> Option<SelectorEntry> {
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
            _ => return gvk_field(decoder, &mut selector.gvk, &field, "ResId."),
        };
        *slot.0 = decoder.text(field.node, &field.at(slot.1)).value;
        true
    });
    found.then_some(selector)
}

pub(crate) fn patch(decoder: &mut Decoder, node: &Node, at: &At) -> PatchEntry {
    let mut patch = PatchEntry {
        mark: node.mark,
        ..PatchEntry::default()
    };
    decoder.object(node, at, "Patch", |decoder, field| {
        match field.key {
            "path" => patch.path = field.text(decoder, "path"),
            "patch" => {
                patch.patch = field.text(decoder, "patch");
                patch.patch_mark = decoder.block_start(field.node);
            }
            "target" => patch.target = selector(decoder, field.node, &field.at("target")),
            "options" => {
                let at = field.at("options");
                decoder.object(field.node, &at, "PatchArgs", |decoder, field| {
                    match field.key {
                        "allownamechange" => {
                            patch.allow_name_change = field.bool(decoder, "allowNameChange");
                        }
                        "allowkindchange" => {
                            patch.allow_kind_change = field.bool(decoder, "allowKindChange");
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

pub(crate) fn image(decoder: &mut Decoder, node: &Node, at: &At) -> ImageEntry {
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
        *slot = field.text(decoder, name);
        true
    });
    image
}

pub(crate) fn replica(decoder: &mut Decoder, node: &Node, at: &At) -> ReplicaEntry {
    let mut replica = ReplicaEntry {
        mark: node.mark,
        ..ReplicaEntry::default()
    };
    decoder.object(node, at, "Replica", |decoder, field| {
        match field.key {
            "name" => replica.name = field.text(decoder, "name").value,
            "count" => replica.count = decoder.int(field.node, &field.at("count"), "int64"),
            _ => return false,
        }
        true
    });
    replica
}

pub(crate) fn label_entry(decoder: &mut Decoder, node: &Node, at: &At) -> LabelEntry {
    let mut label = LabelEntry {
        mark: node.mark,
        ..LabelEntry::default()
    };
    decoder.object(node, at, "Label", |decoder, field| {
        match field.key {
            "pairs" => {
                label.pairs = field.text_map(decoder, "pairs").unwrap_or_default();
            }
            "includeselectors" => {
                label.include_selectors = field.bool(decoder, "includeSelectors");
            }
            "includetemplates" => {
                label.include_templates = field.bool(decoder, "includeTemplates");
            }
            "includevolumeclaimtemplates" => {
                label.include_volume_claim_templates = field.bool(decoder, "includeVolumeClaimTemplates");
            }
            "fields" => {
                label.fields = field.list(decoder, "fields", "[]types.FieldSpec", field_spec);
            }
            _ => return false,
        }
        true
    });
    label
}

fn field_options(decoder: &mut Decoder, node: &Node, at: &At) -> Option<FieldOptionsEntry> {
    let mut options = FieldOptionsEntry::default();
    let found = decoder.object(node, at, "FieldOptions", |decoder, field| {
        match field.key {
            "delimiter" => options.delimiter = field.text(decoder, "delimiter").value,
            "index" => options.index = decoder.int(field.node, &field.at("index"), "int"),
            // The encoding is not used, but its type is checked.
            "encoding" => drop(field.text(decoder, "encoding")),
            "create" => options.create = field.bool(decoder, "create"),
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
    let found = decoder.object(node, at, "SourceSelector", |decoder, field| {
        match field.key {
            "name" => source.name = field.text(decoder, "ResId.name").value,
            "namespace" => source.namespace = field.text(decoder, "ResId.namespace").value,
            "fieldpath" => source.field_path = field.text(decoder, "fieldPath").value,
            "options" => source.options = field_options(decoder, field.node, &field.at("options")),
            _ => return gvk_field(decoder, &mut source.gvk, &field, "ResId."),
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
    decoder.object(node, at, "TargetSelector", |decoder, field| {
        match field.key {
            "select" => target.select = selector(decoder, field.node, &field.at("select")),
            "reject" => {
                target.reject = field.list(decoder, "reject", "[]*types.Selector", |decoder, item, at| {
                    selector(decoder, item, at).unwrap_or_default()
                });
            }
            "fieldpaths" => {
                target.field_paths = field.texts(decoder, "fieldPaths");
            }
            "options" => target.options = field_options(decoder, field.node, &field.at("options")),
            _ => return false,
        }
        true
    });
    target
}

pub(crate) fn replacement_field(decoder: &mut Decoder, node: &Node, at: &At) -> ReplacementField {
    let mut entry = ReplacementField::default();
    entry.replacement.mark = node.mark;
    decoder.object(node, at, "ReplacementField", |decoder, field| {
        if field.key == "path" {
            entry.path = field.text(decoder, "path");
            return true;
        }
        replacement_part(decoder, &mut entry.replacement, &field, "Replacement.")
    });
    entry
}

/// Decodes one replacement of a replacements file.
pub(crate) fn replacement(decoder: &mut Decoder, node: &Node, at: &At) -> ReplacementEntry {
    let mut entry = ReplacementEntry {
        mark: node.mark,
        ..ReplacementEntry::default()
    };
    decoder.object(node, at, "Replacement", |decoder, field| {
        replacement_part(decoder, &mut entry, &field, "")
    });
    entry
}

/// Decodes a field of a replacement. `parent` is the Go name of the struct around it, with a dot.
fn replacement_part(
    decoder: &mut Decoder,
    entry: &mut ReplacementEntry,
    field: &Field<'_>,
    parent: &str,
) -> bool {
    let name = |name: &str| format!("{parent}{name}");
    match field.key {
        "source" => entry.source = source(decoder, field.node, &field.at(&name("source"))),
        "sourcevalue" => {
            let text = field.text(decoder, &name("sourceValue"));
            entry.source_value = (!field.node.is_null()).then_some(text);
        }
        "targets" => {
            entry.targets = field.list(decoder, &name("targets"), "[]*types.TargetSelector", target);
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
    decoder.object(node, at, "Var", |decoder, field| {
        match field.key {
            "name" => var.name = field.text(decoder, "name").value,
            "objref" => {
                let at = field.at("objref");
                decoder.object(field.node, &at, "Target", |decoder, field| {
                    match field.key {
                        "apiversion" => {
                            var.api_version = field.text(decoder, "apiVersion").value;
                        }
                        "name" => var.object_name = field.text(decoder, "name").value,
                        "namespace" => var.namespace = field.text(decoder, "namespace").value,
                        _ => return gvk_field(decoder, &mut var.gvk, &field, ""),
                    }
                    true
                });
            }
            "fieldref" => {
                let at = field.at("fieldref");
                decoder.object(field.node, &at, "FieldSelector", |decoder, field| {
                    if field.key == "fieldpath" || field.key == "fieldPath" {
                        let path = field.text(decoder, "fieldPath").value;
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
    let found = decoder.object(node, at, "GeneratorOptions", |decoder, field| {
        match field.key {
            "labels" => options.labels = field.text_map(decoder, "labels"),
            "annotations" => options.annotations = field.text_map(decoder, "annotations"),
            "disablenamesuffixhash" => {
                options.disable_name_suffix_hash = field.bool(decoder, "disableNameSuffixHash");
            }
            "immutable" => options.immutable = field.bool(decoder, "immutable"),
            _ => return false,
        }
        true
    });
    found.then_some(options)
}

/// Decodes an entry of `configMapGenerator` or, with `secret`, of `secretGenerator`.
pub(crate) fn generator_args(decoder: &mut Decoder, node: &Node, at: &At, secret: bool) -> GeneratorArgs {
    let mut args = GeneratorArgs {
        mark: node.mark,
        ..GeneratorArgs::default()
    };
    let mut env = None;
    let strukt = if secret { "SecretArgs" } else { "ConfigMapArgs" };
    decoder.object(node, at, strukt, |decoder, field| {
        let name = |name: &str| format!("GeneratorArgs.{name}");
        let sources = |name: &str| format!("GeneratorArgs.KvPairSources.{name}");
        match field.key {
            "name" => args.name = field.text(decoder, &name("name")),
            "namespace" => args.namespace = field.text(decoder, &name("namespace")),
            "behavior" => args.behavior = field.text(decoder, &name("behavior")).value,
            "literals" => args.literals = field.texts(decoder, &sources("literals")),
            "files" => args.files = field.texts(decoder, &sources("files")),
            "envs" => args.envs = field.texts(decoder, &sources("envs")),
            "env" => env = Some(field.text(decoder, &sources("env"))),
            "options" => args.options = generator_options(decoder, field.node, &field.at(&name("options"))),
            "type" if secret => args.secret_type = field.text(decoder, "type"),
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
    let found = decoder.object(node, at, "SortOptions", |decoder, field| {
        match field.key {
            "order" => {
                options.order = decoder
                    .text_of(field.node, &field.at("order"), "types.SortOrder")
                    .value;
            }
            "legacysortoptions" => {
                let (mut first, mut last) = (Vec::new(), Vec::new());
                let at = field.at("legacySortOptions");
                let found = decoder.object(field.node, &at, "LegacySortOptions", |decoder, field| {
                    let (slot, name) = match field.key {
                        "orderfirst" => (&mut first, "orderFirst"),
                        "orderlast" => (&mut last, "orderLast"),
                        _ => return false,
                    };
                    let texts = field.texts(decoder, name);
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
