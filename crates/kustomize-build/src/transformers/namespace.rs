//! `namespace`: the namespace of every object that can have one.
//!
//! Rules: <https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/filters/namespace/namespace.go>.

use std::sync::LazyLock;

use yaml_node::{Node, Tag};

use crate::error::Context;
use crate::field_spec::{self, Create};
use crate::kustomization::{FieldSpecEntry, Text};
use crate::node_edit::{MAPPING, SEQUENCE, expect_kind, set_scalar, text_or_empty};
use crate::resource::{Gvk, ResId, Resource, is_nil_or_empty};
use crate::specs::Specs;
use crate::{BuildError, ResMap};

/// The namespace of any object.
static METADATA_NAMESPACE: LazyLock<FieldSpecEntry> = LazyLock::new(|| FieldSpecEntry {
    gvk: Gvk::default(),
    path: "metadata/namespace".into(),
    create: true,
});

const HELM_GENERATED: &str = "internal.config.kubernetes.io/helm-generated";

/// Which subjects of role bindings get the namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SubjectMode {
    /// Those named `default`. Others are updated as references.
    #[default]
    DefaultOnly,
    /// All ServiceAccounts.
    AllServiceAccounts,
    /// None.
    None,
}

/// A namespace and its fields.
#[derive(Clone, Debug)]
pub(crate) struct NamespaceTransformer {
    namespace: Text,
    specs: Specs,
    unset_only: bool,
    subjects: SubjectMode,
}

impl NamespaceTransformer {
    /// The transformer of the field `namespace`.
    pub(crate) fn new(namespace: Text, specs: Specs) -> Self {
        NamespaceTransformer {
            namespace,
            specs,
            unset_only: false,
            subjects: SubjectMode::default(),
        }
    }

    /// The namespace.
    pub(crate) fn text(&self) -> &str {
        &self.namespace
    }

    /// Sets the options of a NamespaceTransformer.
    pub(crate) fn with_options(mut self, unset_only: bool, subjects: SubjectMode) -> Self {
        self.unset_only = unset_only;
        self.subjects = subjects;
        self
    }

    /// Changes all resources.
    ///
    /// # Errors
    /// [`BuildError::Transformer`] if two objects get the same id, or a spec does not lead to a scalar.
    pub(crate) fn run(&self, map: &mut ResMap) -> Result<(), BuildError> {
        if self.namespace.is_empty() {
            return Ok(());
        }
        for resource in map.resources_mut() {
            if resource.is_empty() || resource.annotation(HELM_GENERATED) == Some("true") {
                continue;
            }
            let id = resource.current_id();
            resource.store_as_previous(&id);
            self.change_object(resource, &id)?;
        }
        self.check_ids(map)
    }

    // kustomize looks for equal ids after each object, while later ones are unchanged. Equal ids at the end are found
    // then, too.
    fn check_ids(&self, map: &ResMap) -> Result<(), BuildError> {
        map.check_unique().map_err(|error| {
            let message = error.to_string();
            let id = message.rsplit_once(": ").map_or("", |(_, id)| id);
            error
                .with_message(format!("namespace transformation produces ID conflict: {id}"))
                .into_transformer()
        })
    }

    /// Changes one object.
    ///
    /// # Errors
    /// As [`NamespaceTransformer::run`].
    pub(crate) fn change(&self, resource: &mut Resource) -> Result<(), BuildError> {
        let id = resource.current_id();
        self.change_object(resource, &id)
    }

    /// As [`NamespaceTransformer::change`]; `id` is the object's current id.
    fn change_object(&self, resource: &mut Resource, id: &ResId) -> Result<(), BuildError> {
        let gvk = &id.gvk;
        if !id.cluster_scoped {
            let create = Create::Scalar(Tag::Untyped);
            field_spec::apply(&mut resource.node, &METADATA_NAMESPACE, &create, &mut |field| {
                self.set(field)
            })?;
        }
        let role_binding = matches!(gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
        if role_binding {
            self.set_subjects(&mut resource.node)?;
        }
        // Only a Namespace of the core group is a namespace.
        let is_core = resource.api_version() == "v1";
        for spec in self.specs.iter() {
            let handled = match spec.path.as_str() {
                "metadata/namespace" => true,
                "metadata/name" => !is_core,
                "subjects/namespace" => {
                    role_binding && matches!(spec.gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding")
                }
                _ => false,
            };
            if handled {
                continue;
            }
            let mut is_scalar = true;
            let applied = field_spec::apply(
                &mut resource.node,
                spec,
                &Create::Scalar(Tag::Str),
                &mut |field| {
                    let set = self.set(field);
                    is_scalar = set.is_ok();
                    set
                },
            );
            applied.map_err(|error| {
                error.context(if is_scalar {
                    "namespace transformation failed"
                } else {
                    "namespace field specs must target scalar nodes"
                })
            })?;
        }
        Ok(())
    }

    fn set(&self, field: &mut Node) -> Result<(), BuildError> {
        if self.unset_only && !is_nil_or_empty(field) && !text_or_empty(field).is_empty() {
            return Ok(());
        }
        let namespace = Node::str(self.namespace.value.clone()).with_mark(self.namespace.mark);
        Ok(set_scalar(field, namespace)?)
    }

    fn set_subjects(&self, object: &mut Node) -> Result<(), BuildError> {
        let (field, text) = match self.subjects {
            SubjectMode::None => return Ok(()),
            SubjectMode::DefaultOnly => ("name", "default"),
            SubjectMode::AllServiceAccounts => ("kind", "ServiceAccount"),
        };
        let Some(subjects) = object.get("subjects").filter(|node| !node.is_null()) else {
            return Ok(());
        };
        expect_kind(subjects, SEQUENCE)
            .and_then(|()| {
                let mut items = subjects.items().iter();
                items.try_for_each(|item| expect_kind(item, MAPPING))
            })
            .context(|| "setting namespace on (cluster)role binding subjects".into())?;
        let concerned = |item: &Node| item.text_at(&[field]) == Some(text);
        if !subjects.items().iter().any(concerned) {
            return Ok(());
        }
        let items = object.get_mut("subjects").and_then(Node::as_sequence_mut);
        for item in items.into_iter().flat_map(|items| items.items_mut()) {
            if let (true, Some(subject)) = (concerned(item), item.as_mapping_mut()) {
                let empty = || Node::scalar("", Tag::Untyped);
                self.set(subject.get_or_insert_with("namespace", empty))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::test_trees::build_objects;

    const BINDING: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\n\
        subjects: [{kind: ServiceAccount, name: default, namespace: x}, {kind: ServiceAccount, name: other, namespace: x}]\n";

    fn namespaces(kustomization: &str, objects: &str) -> Vec<String> {
        let yaml = build_objects(kustomization, objects).unwrap();
        let lines = yaml.lines().filter(|line| line.contains("namespace: "));
        lines
            .map(|line| line.trim().trim_start_matches("namespace: ").to_owned())
            .collect()
    }

    #[test]
    fn namespaced_objects_get_it_and_namespaces_are_renamed() {
        let objects = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: old}\n---\n\
            apiVersion: v1\nkind: Namespace\nmetadata: {name: old}\n---\n\
            apiVersion: example.com/v1\nkind: Namespace\nmetadata: {name: kept}\n";
        assert_eq!(namespaces("namespace: new\n", objects), ["new", "new"]);
        let yaml = build_objects("namespace: new\n", objects).unwrap();
        assert!(yaml.contains("kind: Namespace\nmetadata:\n  name: new\n"));
        assert!(yaml.contains("name: kept\n  namespace: new\n"));
    }

    #[test]
    fn subjects_named_default_get_the_namespace() {
        assert_eq!(namespaces("namespace: new\n", BINDING), ["new", "new", "x"]);
    }

    #[test]
    fn options_choose_subjects_and_unset_fields() {
        let transformer = |option: &str| {
            format!(
                "transformers:\n- |\n  apiVersion: builtin\n  kind: NamespaceTransformer\n  metadata: {{name: t, \
                 namespace: new}}\n  {option}\n"
            )
        };
        let all = transformer("setRoleBindingSubjects: allServiceAccounts");
        assert_eq!(namespaces(&all, BINDING), ["new", "new", "new"]);
        let none = transformer("setRoleBindingSubjects: none");
        assert_eq!(namespaces(&none, BINDING), ["new", "x", "x"]);
        let unset = "kind: A\nmetadata: {name: a, namespace: old}\n---\nkind: A\nmetadata: {name: b}\n";
        assert_eq!(namespaces(&transformer("unsetOnly: true"), unset), ["old", "new"]);
        assert!(
            build_objects(&transformer("setRoleBindingSubjects: some"), BINDING)
                .unwrap_err()
                .contains("invalid value \"some\"")
        );
    }

    #[test]
    fn two_objects_may_not_get_the_same_id() {
        let objects =
            "kind: A\nmetadata: {name: a, namespace: x}\n---\nkind: A\nmetadata: {name: a, namespace: y}\n";
        let error = build_objects("namespace: n1\n", objects).unwrap_err();
        assert_eq!(
            error,
            "namespace transformation produces ID conflict: A.[noVer].[noGrp]/a.n1"
        );
    }
}
