//! Merge keys and scopes of the types of Kubernetes and of `openapi` documents.
//!
//! kustomize's schema is a global variable that is filled on use, so earlier lookups decide its later content
//! (<https://github.com/kubernetes-sigs/kustomize/blob/kyaml/v0.21.2/kyaml/openapi/openapi.go>). [`Schema`] is that
//! variable, one for each build.

mod builtin;
mod definitions;
mod open_api;

use std::sync::Arc;

use yaml_node::Node;

use definitions::Definitions;

use crate::resource::Scopes;
pub(crate) use definitions::Type;

/// The only valid `openapi: version`.
const BUILTIN_VERSION: &str = "v1.21.2";

/// The types that one build knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    /// Whether a version or document was chosen, which happens once.
    chosen: bool,
    /// The chosen document, or why it is malformed, which is reported only when it is used.
    custom: Option<Result<Arc<Definitions>, String>>,
    /// The layers read so far. Later ones have precedence.
    layers: Vec<Layer>,
    /// Whether `layers` is ready for lookups.
    ready: bool,
    builtin: Builtin,
}

#[derive(Clone, Debug)]
enum Layer {
    Builtin,
    Custom(Arc<Definitions>),
}

/// The state of the builtin types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Builtin {
    #[default]
    Unread,
    /// Not read yet, but needed.
    Wanted,
    Read,
}

impl Schema {
    /// Applies the `openapi` field of a kustomization: its version, and the document at its path or why that is not
    /// YAML. The first choice holds for the rest of the build.
    ///
    /// # Errors
    /// A message if both are given, or the version is not the built-in one.
    pub(crate) fn choose(
        &mut self,
        version: Option<&str>,
        document: Option<Result<Node, String>>,
    ) -> Result<(), &'static str> {
        if self.chosen {
            return Ok(());
        }
        match (version, document) {
            (Some(_), Some(_)) => return Err("builtin version and custom schema provided, cannot use both"),
            (None | Some(""), None) => return Ok(()),
            (Some(BUILTIN_VERSION), None) => {}
            (Some(_), None) => return Err("the specified OpenAPI version is not built in"),
            (None, Some(document)) => {
                let definitions = document.and_then(|document| open_api::definitions(&document));
                self.custom = Some(definitions.map(Arc::new));
            }
        }
        self.chosen = true;
        self.ready = false;
        Ok(())
    }

    /// Notes a scope lookup of a type that is not in the table of known scopes. The builtin types then stay, even if a
    /// nested kustomization chooses others.
    ///
    /// # Errors
    /// A message if the chosen document cannot be used.
    pub(crate) fn ask_scope(&mut self) -> Result<(), String> {
        if !self.ready && self.custom.is_some() {
            return self.prepare();
        }
        if self.builtin == Builtin::Unread {
            self.builtin = Builtin::Wanted;
        }
        Ok(())
    }

    /// The cluster-scoped types of all documents. `None` without documents.
    pub(crate) fn scopes(&self) -> Option<Arc<Scopes>> {
        let read = self.layers.iter().filter_map(|layer| match layer {
            Layer::Builtin => None,
            Layer::Custom(custom) => Some(custom),
        });
        let chosen = self.custom.iter().flatten().filter(|_| !self.ready);
        let mut documents = read.chain(chosen).peekable();
        documents.peek()?;
        let mut scopes = Scopes::default();
        for document in documents {
            for (api_version, kinds) in &document.namespaced {
                for (kind, namespaced) in kinds {
                    let id = (api_version.clone(), kind.clone());
                    if *namespaced {
                        scopes.cluster_scoped.remove(&id);
                    } else {
                        scopes.cluster_scoped.insert(id);
                    }
                }
            }
        }
        Some(Arc::new(scopes))
    }

    /// Prepares for the lookups below, and must be called before them.
    ///
    /// # Errors
    /// A message if the chosen document cannot be used.
    pub(crate) fn prepare(&mut self) -> Result<(), String> {
        if self.ready {
            return Ok(());
        }
        match &self.custom {
            Some(Ok(custom)) => self.layers.push(Layer::Custom(custom.clone())),
            Some(Err(reason)) => return Err(format!("invalid schema file: {reason}")),
            None => self.builtin = Builtin::Wanted,
        }
        self.ready = true;
        if self.builtin == Builtin::Wanted {
            self.layers.push(Layer::Builtin);
            self.builtin = Builtin::Read;
        }
        Ok(())
    }

    /// The type of the objects of an `apiVersion` and `kind`.
    pub(crate) fn object(&self, api_version: &str, kind: &str) -> Option<&Type> {
        self.layers.iter().rev().find_map(|layer| match layer {
            Layer::Builtin if !builtin::may_have(api_version) => None,
            layer => layer.definitions().object(api_version, kind),
        })
    }

    /// The type of a field, if known.
    pub(crate) fn field<'a>(&'a self, of: &'a Type, name: &str) -> Option<&'a Type> {
        let field = of.fields.get(name).or(of.other_fields.as_deref());
        field.map_or_else(|| of.abridged.then(builtin::plain), |field| self.resolve(field))
    }

    /// The type of a list's items, if known.
    pub(crate) fn items<'a>(&'a self, of: &'a Type) -> Option<&'a Type> {
        let items = of.items.as_deref();
        items.map_or_else(|| of.abridged.then(builtin::plain), |items| self.resolve(items))
    }

    fn resolve<'a>(&'a self, mut found: &'a Type) -> Option<&'a Type> {
        // The bound is for definitions that refer to each other in a cycle.
        for _ in 0..32 {
            let Some(name) = &found.reference else {
                return Some(found);
            };
            let mut layers = self.layers.iter().rev();
            found = layers.find_map(|layer| layer.definitions().types.get(name))?;
        }
        None
    }
}

impl Layer {
    fn definitions(&self) -> &Definitions {
        match self {
            Layer::Builtin => builtin::definitions(),
            Layer::Custom(custom) => custom,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builtin() -> Schema {
        let mut schema = Schema::default();
        schema.prepare().unwrap();
        schema
    }

    fn keys(schema: &Schema, api_version: &str, kind: &str, path: &[&str]) -> Option<Vec<String>> {
        let mut found = schema.object(api_version, kind)?;
        for step in path {
            found = match *step {
                "[]" => schema.items(found)?,
                name => schema.field(found, name)?,
            };
        }
        Some(found.merge_keys()?.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn merge_keys_are_found_along_a_path() {
        let schema = builtin();
        let containers = ["spec", "template", "spec", "containers"];
        for (path, expected) in [
            (&containers[..], Some(&["name"][..])),
            (
                &["spec", "template", "spec", "containers", "[]", "ports"],
                Some(&["containerPort", "protocol"]),
            ),
            (&["spec", "template", "spec", "tolerations"], None),
            (&["metadata", "finalizers"], Some(&[])),
            (&["metadata", "annotations"], None),
        ] {
            let found = keys(&schema, "apps/v1", "Deployment", path);
            assert_eq!(
                found,
                expected.map(|keys| keys.iter().map(ToString::to_string).collect()),
                "{path:?}"
            );
        }
        assert!(
            schema
                .object("autoscaling/v2", "HorizontalPodAutoscaler")
                .is_none()
        );
    }

    fn document() -> Node {
        let keyed = Node::mapping([
            ("type", Node::str("array")),
            (
                "items",
                Node::mapping([("$ref", Node::str("#/definitions/Item"))]),
            ),
            ("x-kubernetes-patch-strategy", Node::str("merge")),
            ("x-kubernetes-patch-merge-key", Node::str("id")),
        ]);
        let gvk = [("group", "example.com"), ("version", "v1"), ("kind", "Thing")];
        let gvk = Node::mapping(gvk.map(|(key, value)| (key, Node::str(value))));
        let thing = Node::mapping([
            ("properties", Node::mapping([("parts", keyed.clone())])),
            ("x-kubernetes-group-version-kind", Node::sequence([gvk.clone()])),
        ]);
        let item = Node::mapping([("properties", Node::mapping([("parts", keyed)]))]);
        let get = Node::mapping([("get", Node::mapping([("x-kubernetes-group-version-kind", gvk)]))]);
        Node::mapping([
            ("definitions", Node::mapping([("Thing", thing), ("Item", item)])),
            ("paths", Node::mapping([("/apis/example.com/v1/things", get)])),
        ])
    }

    #[test]
    fn a_document_replaces_the_builtin_types() {
        let mut schema = Schema::default();
        schema.choose(None, Some(Ok(document()))).unwrap();
        let scopes = schema.scopes().unwrap();
        assert!(
            scopes
                .cluster_scoped
                .contains(&("example.com/v1".into(), "Thing".into()))
        );
        schema.prepare().unwrap();
        assert_eq!(
            keys(&schema, "example.com/v1", "Thing", &["parts", "[]", "parts"]),
            Some(vec!["id".into()])
        );
        assert!(schema.object("apps/v1", "Deployment").is_none());
        // Only the first choice counts.
        assert!(schema.choose(Some("v0"), None).is_ok());
    }

    #[test]
    fn the_builtin_types_stay_if_they_were_asked_for() {
        let mut used = builtin();
        let mut asked = Schema::default();
        asked.ask_scope().unwrap();
        for schema in [&mut used, &mut asked] {
            schema.choose(None, Some(Ok(document()))).unwrap();
            schema.prepare().unwrap();
            assert!(schema.object("apps/v1", "Deployment").is_some());
            assert!(schema.object("example.com/v1", "Thing").is_some());
        }
    }

    #[test]
    fn a_malformed_document_is_an_error_only_when_used() {
        for document in [
            Err("EOF".into()),
            Ok(Node::null()),
            Ok(Node::mapping([("definitions", Node::int(5))])),
        ] {
            let mut schema = Schema::default();
            schema.choose(None, Some(document)).unwrap();
            assert!(schema.scopes().is_none());
            assert!(
                schema
                    .ask_scope()
                    .unwrap_err()
                    .starts_with("invalid schema file: ")
            );
            assert!(schema.prepare().is_err());
        }
    }

    #[test]
    fn only_the_builtin_version_is_accepted() {
        let mut schema = Schema::default();
        assert!(
            schema
                .choose(Some(BUILTIN_VERSION), Some(Ok(document())))
                .is_err()
        );
        assert!(schema.choose(Some("v1.20.4"), None).is_err());
        assert!(schema.choose(Some(BUILTIN_VERSION), None).is_ok());
        schema.choose(None, Some(Ok(document()))).unwrap();
        schema.prepare().unwrap();
        assert!(schema.object("apps/v1", "Deployment").is_some());
    }
}
