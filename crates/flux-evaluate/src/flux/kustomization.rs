//! Flux Kustomization.

use source_tree::Mark;
use yaml_node::{Mapping, Node, Value};

use super::{Fields, SourceRef};
use crate::KustomizationId;
use crate::generate::ApiVersion;

/// Fields of `spec` that the build depends on.
const BUILD_FIELDS: [&str; 10] = [
    "targetNamespace",
    "namePrefix",
    "nameSuffix",
    "patches",
    "components",
    "ignoreMissingComponents",
    "patchesStrategicMerge",
    "patchesJson6902",
    "images",
    "buildMetadata",
];

/// What evaluation reads of a Flux Kustomization.
#[derive(Clone, Debug)]
pub(crate) struct Kustomization {
    pub(crate) id: KustomizationId,
    pub(crate) api_version: ApiVersion,
    /// `spec.path` as written; empty for the root.
    pub(crate) path: String,
    pub(crate) path_mark: Mark,
    pub(crate) source: Option<SourceRef>,
    pub(crate) post_build: Option<PostBuild>,
    pub(crate) common_metadata: CommonMetadata,
    /// Whether its objects go to another cluster.
    pub(crate) kube_config: bool,
    /// The fields of `spec` that the build depends on.
    pub(crate) build_spec: Node,
}

/// `spec.postBuild`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PostBuild {
    /// `substitute`
    pub(crate) substitute: Vec<(String, String)>,
    /// `substituteFrom`
    pub(crate) substitute_from: Vec<SubstituteReference>,
    /// Whether `substituteStrategy` is `Always`.
    pub(crate) always: bool,
}

/// An entry of `substituteFrom`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubstituteReference {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) optional: bool,
    pub(crate) mark: Mark,
}

/// `spec.commonMetadata`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CommonMetadata {
    pub(crate) labels: Vec<(String, Node)>,
    pub(crate) annotations: Vec<(String, Node)>,
}

impl Kustomization {
    /// Reads a Flux Kustomization; one without namespace is taken to be in `namespace`.
    pub(crate) fn read(object: &Node, namespace: &str, fields: &mut Fields<'_>) -> Self {
        let mut id = KustomizationId {
            namespace: fields.object().namespace.clone(),
            name: fields.object().name.clone(),
        };
        if id.namespace.is_empty() {
            namespace.clone_into(&mut id.namespace);
        }
        let empty = Node::empty_mapping().with_mark(object.mark);
        let spec = fields.mapping(object, "spec").unwrap_or(&empty);
        let post_build = fields
            .mapping(spec, "postBuild")
            .map(|node| PostBuild::read(node, fields));
        let common_metadata = fields
            .mapping(spec, "commonMetadata")
            .map(|node| CommonMetadata::read(node, fields))
            .unwrap_or_default();
        Kustomization {
            api_version: ApiVersion::of(object.text_at(&["apiVersion"]).unwrap_or_default()),
            path: fields.text(spec, "path").unwrap_or_default().to_owned(),
            path_mark: spec.get("path").map_or(object.mark, |node| node.mark),
            source: SourceRef::read(fields, spec, "sourceRef", &id.namespace),
            post_build,
            common_metadata,
            kube_config: spec.get("kubeConfig").is_some_and(|node| !node.is_null()),
            build_spec: build_spec(spec),
            id,
        }
    }
}

impl PostBuild {
    fn read(node: &Node, fields: &mut Fields<'_>) -> Self {
        let substitute = fields
            .texts(node, "substitute")
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.text().unwrap_or_default().to_owned()))
            .collect();
        let mut substitute_from = Vec::new();
        for entry in fields.list(node, "substituteFrom") {
            if let (Some(kind), Some(name)) = (fields.text(entry, "kind"), fields.text(entry, "name")) {
                substitute_from.push(SubstituteReference {
                    kind: kind.to_owned(),
                    name: name.to_owned(),
                    optional: fields.bool(entry, "optional"),
                    mark: entry.mark,
                });
            }
        }
        PostBuild {
            substitute,
            substitute_from,
            always: fields.text(node, "substituteStrategy") == Some("Always"),
        }
    }
}

impl CommonMetadata {
    fn read(node: &Node, fields: &mut Fields<'_>) -> Self {
        let mut texts = |field| {
            let entries = fields.texts(node, field).into_iter();
            entries
                .map(|(key, value)| (key.to_owned(), value.clone()))
                .collect()
        };
        CommonMetadata {
            labels: texts("labels"),
            annotations: texts("annotations"),
        }
    }
}

fn build_spec(spec: &Node) -> Node {
    let mut kept = Mapping::default();
    for field in BUILD_FIELDS {
        if let Some(value) = spec.get(field).filter(|value| !value.is_null()) {
            kept.insert(field, value.clone());
        }
    }
    Node::new(Value::Mapping(kept))
}
