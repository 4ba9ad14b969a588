//! FluxInstance of flux-operator.

use source_tree::{Mark, ObjectRef};
use yaml_node::Node;

use super::{DEFAULT_NAMESPACE, Fields};

/// A FluxInstance: <https://fluxoperator.dev/docs/crd/fluxinstance/>.
#[derive(Clone, Debug)]
pub(crate) struct FluxInstance {
    pub(crate) id: ObjectRef,
    /// `spec.sync`
    pub(crate) sync: Option<Sync>,
    /// `spec.distribution.version`
    pub(crate) version: Option<String>,
    /// `spec.kustomize.patches`
    pub(crate) patches: Vec<Node>,
    /// The object, or the HelmRelease that makes it.
    pub(crate) node: Node,
}

/// `spec.sync`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sync {
    /// Name of the source and the Kustomization; by default the instance's namespace.
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) url: String,
    pub(crate) reference: String,
    pub(crate) path: String,
    pub(crate) interval: String,
    pub(crate) pull_secret: Option<String>,
    pub(crate) provider: Option<String>,
    /// The `sync` field, for places.
    pub(crate) node: Node,
}

impl FluxInstance {
    /// An instance without a namespace, which a kustomization can set, is assumed to be in the usual one.
    pub(crate) fn read(object: &Node, fields: &mut Fields<'_>) -> Self {
        let mut id = fields.object();
        if id.namespace.is_empty() {
            id.namespace = DEFAULT_NAMESPACE.into();
        }
        let instance = fields.mapping(object, "spec").unwrap_or(object).clone();
        FluxInstance::from_spec(id, &instance, object.clone(), fields)
    }

    /// Reads `spec`, which the chart `flux-instance` takes as `instance` in its values.
    pub(crate) fn from_spec(id: ObjectRef, spec: &Node, node: Node, fields: &mut Fields<'_>) -> Self {
        let sync = fields
            .mapping(spec, "sync")
            .and_then(|sync| Sync::read(sync, &id.namespace, fields));
        let patches = fields
            .mapping(spec, "kustomize")
            .map(|kustomize| fields.list(kustomize, "patches").to_vec())
            .unwrap_or_default();
        let version = fields
            .mapping(spec, "distribution")
            .and_then(|distribution| fields.owned_text(distribution, "version"));
        FluxInstance {
            id,
            sync,
            version,
            patches,
            node,
        }
    }

    /// The place of `spec.sync`, or else of the instance.
    pub(crate) fn sync_mark(&self) -> Mark {
        let sync = self.sync.as_ref().map(|sync| sync.node.mark);
        sync.filter(|mark| mark.is_some()).unwrap_or(self.node.mark)
    }

    /// Sets the place of the instance and of `spec.sync`.
    pub(crate) fn with_mark(mut self, mark: Mark) -> Self {
        self.node = self.node.with_mark(mark);
        if let Some(sync) = &mut self.sync {
            sync.node = sync.node.clone().with_mark(mark);
        }
        self
    }
}

impl Sync {
    fn read(sync: &Node, namespace: &str, fields: &mut Fields<'_>) -> Option<Self> {
        let mut owned = |field: &str| fields.owned_text(sync, field);
        let path = owned("path")?;
        Some(Sync {
            name: owned("name").unwrap_or_else(|| namespace.to_owned()),
            kind: owned("kind").unwrap_or_else(|| "GitRepository".into()),
            url: owned("url").unwrap_or_default(),
            reference: owned("ref").unwrap_or_default(),
            path,
            interval: owned("interval").unwrap_or_else(|| "1m".into()),
            pull_secret: owned("pullSecret"),
            provider: owned("provider"),
            node: sync.clone(),
        })
    }
}
