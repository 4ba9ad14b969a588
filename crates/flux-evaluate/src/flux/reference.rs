//! References to objects of the same namespace, as Flux's fields state them.

use source_tree::Mark;
use yaml_node::Node;

use super::Fields;

/// `{name: …}`, such as a `secretRef`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedReference {
    /// The object's name.
    pub name: String,
    /// Where the name is stated.
    pub mark: Mark,
}

impl NamedReference {
    /// Reads the reference under `field`.
    pub(crate) fn read(fields: &mut Fields<'_>, node: &Node, field: &str) -> Option<Self> {
        let reference = fields.mapping(node, field)?;
        Some(NamedReference {
            name: fields.owned_text(reference, "name")?,
            mark: reference.get("name").map_or(reference.mark, |name| name.mark),
        })
    }
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
    /// The object that holds it: its kind and its name.
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
                .and_then(|reference| fields.owned_text(reference, "key"))
                .filter(|key| !key.is_empty()),
            config_map: NamedReference::read(fields, config, "configMapRef"),
        })
    }
}
