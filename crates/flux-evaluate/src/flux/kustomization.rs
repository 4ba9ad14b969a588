//! Flux Kustomization.

use source_tree::{Mark, ObjectRef, RepoPath};
use yaml_node::{Mapping, Node, Value, write_document};

use super::reference::{depends_on, name_mark};
use super::{Fields, KubeConfig, NamedReference, SourceRef};
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

/// A Flux Kustomization: <https://fluxcd.io/flux/components/kustomize/kustomizations/>.
#[derive(Clone, Debug)]
pub struct Kustomization {
    /// Namespace and name.
    pub id: KustomizationId,
    pub(crate) api_version: ApiVersion,
    /// `spec.path` as written; empty for the root.
    pub path: String,
    pub(crate) path_mark: Mark,
    /// `spec.sourceRef`
    pub source: Option<SourceRef>,
    /// `spec.dependsOn`
    pub depends_on: Vec<KustomizationId>,
    /// The place of each entry of `spec.dependsOn`.
    pub depends_on_marks: Vec<Mark>,
    /// `spec.postBuild`
    pub post_build: Option<PostBuild>,
    pub(crate) common_metadata: CommonMetadata,
    /// `spec.kubeConfig`: its objects go to another cluster.
    pub kube_config: Option<KubeConfig>,
    /// `spec.decryption`
    pub decryption: Option<Decryption>,
    /// `spec.healthChecks`
    pub health_checks: Vec<ObjectRef>,
    /// Kinds of `spec.healthCheckExprs`, in order.
    pub health_check_exprs: Vec<String>,
    /// `spec.interval`
    pub interval: Option<String>,
    /// `spec.retryInterval`
    pub retry_interval: Option<String>,
    /// `spec.timeout`
    pub timeout: Option<String>,
    /// `spec.prune`
    pub prune: bool,
    /// `spec.wait`
    pub wait: bool,
    /// `spec.suspend`
    pub suspend: bool,
    /// `spec.targetNamespace`
    pub target_namespace: Option<String>,
    /// `spec.namePrefix`
    pub name_prefix: Option<String>,
    /// `spec.nameSuffix`
    pub name_suffix: Option<String>,
    /// `spec.components`
    pub components: Vec<String>,
    /// The fields of `spec` that the build depends on.
    pub(crate) build_spec: Node,
}

/// `spec.postBuild`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostBuild {
    /// `substitute`
    pub substitute: Vec<(String, String)>,
    /// `substituteFrom`
    pub substitute_from: Vec<SubstituteReference>,
    /// Whether `substituteStrategy` is `Always`.
    pub always: bool,
}

/// An entry of `substituteFrom`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubstituteReference {
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// The object's name.
    pub name: String,
    /// The place of the name.
    pub name_mark: Mark,
    /// Whether the object may be missing.
    pub optional: bool,
    /// The place of the entry.
    pub mark: Mark,
}

/// `spec.decryption`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decryption {
    /// `provider`, such as `sops`.
    pub provider: Option<String>,
    /// `secretRef`
    pub secret: Option<NamedReference>,
}

/// `spec.commonMetadata`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommonMetadata {
    /// `labels`
    pub labels: Vec<(String, Node)>,
    /// `annotations`
    pub annotations: Vec<(String, Node)>,
}

impl Kustomization {
    /// Whether both build the same folder of the same source with the same values.
    pub(crate) fn has_same_build(&self, other: &Kustomization) -> bool {
        let source = |view: &Kustomization| view.source.as_ref().map(|source| source.id.clone());
        let text = |view: &Kustomization| write_document(&view.build_spec).ok();
        let values = |view: &Kustomization| {
            let post_build = view.post_build.as_ref()?;
            let from = post_build.substitute_from.iter();
            let from: Vec<_> = from
                .map(|entry| (entry.kind.clone(), entry.name.clone()))
                .collect();
            Some((post_build.substitute.clone(), from))
        };
        RepoPath::new(&self.path) == RepoPath::new(&other.path)
            && source(self) == source(other)
            && values(self) == values(other)
            && text(self) == text(other)
    }

    /// [`Kustomization::read`] without diagnostics.
    pub(crate) fn unreported(object: &Node, namespace: &str) -> Self {
        Kustomization::read(object, namespace, &mut Fields::unreported(object))
    }

    /// The entries of `spec.postBuild.substituteFrom`.
    pub(crate) fn substitute_from(&self) -> &[SubstituteReference] {
        let post_build = self.post_build.as_ref();
        post_build.map_or(&[], |post_build| &post_build.substitute_from)
    }

    /// Reads a Flux Kustomization; one without namespace is assumed to be in `namespace`.
    pub(crate) fn read(object: &Node, namespace: &str, fields: &mut Fields<'_>) -> Self {
        let own = fields.object();
        let id = KustomizationId {
            namespace: match own.namespace.as_str() {
                "" => namespace.into(),
                _ => own.namespace,
            },
            name: own.name,
        };
        let empty = Node::empty_mapping().with_mark(object.mark);
        let spec = fields.mapping(object, "spec").unwrap_or(&empty);
        let post_build = fields
            .mapping(spec, "postBuild")
            .map(|node| PostBuild::read(node, fields));
        let common_metadata = fields
            .mapping(spec, "commonMetadata")
            .map(|node| CommonMetadata::read(node, fields))
            .unwrap_or_default();
        let decryption = fields.mapping(spec, "decryption").map(|decryption| Decryption {
            provider: fields.owned_text(decryption, "provider"),
            secret: NamedReference::read(fields, decryption, "secretRef"),
        });
        let depends_on = depends_on(fields, spec, &id.namespace, &|namespace, name| KustomizationId {
            namespace: namespace.into(),
            name: name.into(),
        });
        let (depends_on, depends_on_marks) = depends_on.into_iter().unzip();
        Kustomization {
            api_version: ApiVersion::read(object.text_at(&["apiVersion"]).unwrap_or_default()),
            path: fields.owned_text(spec, "path").unwrap_or_default(),
            path_mark: spec.get("path").map_or(object.mark, |node| node.mark),
            source: SourceRef::read(fields, spec, "sourceRef", &id.namespace),
            depends_on,
            depends_on_marks,
            post_build,
            common_metadata,
            kube_config: KubeConfig::read(fields, spec),
            decryption,
            health_checks: health_checks(fields, spec, &id.namespace),
            health_check_exprs: health_check_exprs(fields, spec),
            interval: fields.owned_text(spec, "interval"),
            retry_interval: fields.owned_text(spec, "retryInterval"),
            timeout: fields.owned_text(spec, "timeout"),
            prune: fields.bool(spec, "prune"),
            wait: fields.bool(spec, "wait"),
            suspend: fields.bool(spec, "suspend"),
            target_namespace: fields.owned_text(spec, "targetNamespace"),
            name_prefix: fields.owned_text(spec, "namePrefix"),
            name_suffix: fields.owned_text(spec, "nameSuffix"),
            components: fields.text_list(spec, "components"),
            build_spec: build_spec(spec),
            id,
        }
    }
}

fn health_checks(fields: &mut Fields<'_>, spec: &Node, own_namespace: &str) -> Vec<ObjectRef> {
    let mut found = Vec::new();
    for entry in fields.list(spec, "healthChecks") {
        if let (Some(kind), Some(name)) = (fields.text(entry, "kind"), fields.text(entry, "name")) {
            let namespace = fields.text(entry, "namespace").unwrap_or(own_namespace);
            found.push(ObjectRef::new(kind, namespace, name));
        }
    }
    found
}

fn health_check_exprs(fields: &mut Fields<'_>, spec: &Node) -> Vec<String> {
    let entries = fields.list(spec, "healthCheckExprs");
    entries
        .iter()
        .filter_map(|entry| fields.owned_text(entry, "kind"))
        .collect()
}

impl PostBuild {
    fn read(node: &Node, fields: &mut Fields<'_>) -> Self {
        // Reports values that are not strings; they define their variables nevertheless.
        let _ = fields.texts(node, "substitute");
        let entries = node.get("substitute").and_then(Node::as_mapping);
        let entries = entries.into_iter().flat_map(Mapping::iter);
        let substitute = entries
            .filter(|(_, value)| !value.is_null())
            .filter_map(|(name, value)| Some((name.to_owned(), value.text()?.to_owned())))
            .collect();
        let mut substitute_from = Vec::new();
        for entry in fields.list(node, "substituteFrom") {
            if let (Some(kind), Some(name)) = (fields.text(entry, "kind"), fields.text(entry, "name")) {
                substitute_from.push(SubstituteReference {
                    kind: kind.to_owned(),
                    name: name.to_owned(),
                    name_mark: name_mark(entry),
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
    pub(crate) fn read(node: &Node, fields: &mut Fields<'_>) -> Self {
        let mut texts = |field| {
            let entries = fields.texts(node, field).into_iter();
            let entries = entries.map(|(key, value)| (key.to_owned(), value.clone()));
            entries.collect()
        };
        CommonMetadata {
            labels: texts("labels"),
            annotations: texts("annotations"),
        }
    }
}

fn build_spec(spec: &Node) -> Node {
    let mut fields = Mapping::default();
    for field in BUILD_FIELDS {
        if let Some(value) = spec.get(field).filter(|value| !value.is_null()) {
            fields.insert(field, value.clone());
        }
    }
    Node::new(Value::Mapping(fields))
}
