//! References to other objects in fields of Flux objects.

use source_tree::Mark;
use yaml_node::Node;

use super::Fields;

/// `{name: …}`, such as a `secretRef`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedReference {
    /// The object's name.
    pub name: String,
    /// The place of the name.
    pub mark: Mark,
}

impl NamedReference {
    /// Reads the reference under `field`.
    pub(crate) fn read(fields: &mut Fields<'_>, node: &Node, field: &str) -> Option<Self> {
        let reference = fields.mapping(node, field)?;
        Some(NamedReference {
            name: fields.owned_text(reference, "name")?,
            mark: name_mark(reference),
        })
    }
}

/// The place of the `name` of a reference.
pub(super) fn name_mark(reference: &Node) -> Mark {
    reference.get("name").map_or(reference.mark, |name| name.mark)
}

/// The entries of `dependsOn` with their places. `id` takes namespace and name.
pub(super) fn depends_on<T>(
    fields: &mut Fields<'_>,
    spec: &Node,
    own_namespace: &str,
    id: &dyn Fn(&str, &str) -> T,
) -> Vec<(T, Mark)> {
    let mut found = Vec::new();
    for entry in fields.list(spec, "dependsOn") {
        if let Some(name) = fields.text(entry, "name") {
            let namespace = fields.text(entry, "namespace").unwrap_or(own_namespace);
            found.push((id(namespace, name), name_mark(entry)));
        }
    }
    found
}

/// `spec.kubeConfig` of a Kustomization or HelmRelease: access to another cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KubeConfig {
    /// `secretRef`
    pub secret: Option<NamedReference>,
    /// `secretRef.key`
    pub secret_key: Option<String>,
    /// `configMapRef`
    pub config_map: Option<NamedReference>,
}

impl KubeConfig {
    /// Kind and name of the object that contains it.
    pub fn holder(&self) -> Option<(&'static str, &str)> {
        match (&self.secret, &self.config_map) {
            (Some(secret), _) => Some(("Secret", &secret.name)),
            (None, Some(map)) => Some(("ConfigMap", &map.name)),
            (None, None) => None,
        }
    }

    /// Reads `spec.kubeConfig`.
    pub(crate) fn read(fields: &mut Fields<'_>, spec: &Node) -> Option<Self> {
        let config = fields.mapping(spec, "kubeConfig")?;
        Some(KubeConfig {
            secret: NamedReference::read(fields, config, "secretRef"),
            secret_key: fields
                .mapping(config, "secretRef")
                .and_then(|reference| fields.owned_text(reference, "key")),
            config_map: NamedReference::read(fields, config, "configMapRef"),
        })
    }
}
