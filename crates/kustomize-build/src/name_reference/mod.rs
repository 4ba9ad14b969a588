//! Updates of references to objects whose names have changed.
//!
//! Rules: <https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/filters/nameref/nameref.go>.

mod rules;

use foldhash::{HashMap, HashSet};
use smol_str::SmolStr;
use source_tree::Mark;
use yaml_node::{Node, Value};

use crate::field_spec::{self, Create};
use crate::kustomization::FieldSpecEntry;
use crate::node_edit::{set_entry, set_scalar, untyped};
use crate::resource::{Gvk, NOT_A_NAMESPACE, ResId, Resource};
use crate::{BuildError, ResMap};

pub(crate) use rules::{NameReference, NameReferences, merge_reference};

/// Writes the final names of objects to the fields in which, by `rules`, other objects refer to them.
///
/// # Errors
/// [`BuildError::Transformer`] if a reference matches several objects, or a rule leads to a mapping without a name.
pub(crate) fn fix(map: &mut ResMap, rules: &NameReferences) -> Result<(), BuildError> {
    // Made at the first object that refers to others, before any object has changed.
    let mut targets = None;
    for index in 0..map.len() {
        let Some(resource) = map.get(index) else {
            continue;
        };
        let applicable = rules.for_referrer(&resource.original_id().gvk);
        if applicable.is_empty() {
            continue;
        }
        map.spend(5 + applicable.len() + resource.node.items().len())?;
        let targets = targets.get_or_insert_with(|| Targets::new(map));
        let referrer = Referrer::new(resource)?;
        let mut node = resource.node.clone();
        for (target, spec) in applicable {
            update(&mut node, &referrer, target, spec, targets)?;
        }
        if let Some(resource) = map.resources_mut().get_mut(index) {
            resource.node = node;
        }
    }
    Ok(())
}

fn update(
    node: &mut Node,
    referrer: &Referrer,
    target: &Gvk,
    spec: &FieldSpecEntry,
    targets: &Targets,
) -> Result<(), BuildError> {
    let any_type = FieldSpecEntry {
        gvk: Gvk::default(),
        path: spec.path.clone(),
        create: false,
    };
    let role_ref = spec
        .path
        .ends_with("roleRef/name")
        .then_some(referrer.role_ref.as_ref())
        .flatten();
    let search = Search {
        referrer,
        target,
        role_ref,
        targets,
    };
    field_spec::apply(node, &any_type, &Create::Never, &mut |field| search.set(field)).map_err(|error| {
        error.context(format!(
            "updating name reference in '{}' field of '{}'",
            spec.path, referrer.id
        ))
    })
}

/// An object that may refer to others.
struct Referrer {
    id: ResId,
    resource: Resource,
    /// The apiGroup and kind of `roleRef`, if it has both.
    role_ref: Option<Gvk>,
    /// The namespaces of the ServiceAccounts among a RoleBinding's subjects.
    subject_namespaces: HashSet<SmolStr>,
}

impl Referrer {
    fn new(resource: &Resource) -> Result<Self, BuildError> {
        let id = resource.current_id();
        let role_ref = resource.node.get("roleRef").and_then(|role_ref| {
            let text = |field: &str| Some(SmolStr::new(role_ref.get(field)?.text().unwrap_or_default()));
            Some(Gvk {
                group: text("apiGroup")?,
                version: SmolStr::default(),
                kind: text("kind")?,
            })
        });
        let mut subject_namespaces = HashSet::default();
        if resource.kind() == "RoleBinding" {
            for subject in resource.node.get("subjects").map_or(&[][..], Node::items) {
                if let (Some("ServiceAccount"), Some(namespace)) =
                    (subject.text_at(&["kind"]), subject.get("namespace"))
                {
                    let text = namespace.as_str().ok_or_else(|| {
                        BuildError::transformer(format!(
                            "Invalid Input: namespace is blank for resource \"{id}\"\n"
                        ))
                        .at(namespace.mark)
                    })?;
                    subject_namespaces.insert(text.into());
                }
            }
        }
        Ok(Referrer {
            id,
            resource: resource.clone(),
            role_ref,
            subject_namespaces,
        })
    }

    fn is_allowed_target(&self, target: &Candidate) -> bool {
        self.id.cluster_scoped
            || target.id.cluster_scoped
            || target.id.same_namespace(&self.id)
            || self.subject_namespaces.contains(&target.id.namespace)
    }
}

/// An object that others may refer to, with its previous and current identities.
struct Candidate {
    id: ResId,
    previous: Vec<ResId>,
    original_namespace: SmolStr,
    resource: Resource,
}

/// The objects whose identities have changed, by each of their previous names.
struct Targets {
    candidates: Vec<Candidate>,
    by_previous_name: HashMap<SmolStr, Vec<usize>>,
    /// The current namespaces of the objects of an original namespace: as written, and the effective ones.
    moved: HashMap<SmolStr, HashSet<(SmolStr, SmolStr)>>,
}

impl Targets {
    fn new(map: &ResMap) -> Self {
        let mut candidates = Vec::new();
        let mut by_previous_name: HashMap<SmolStr, Vec<usize>> = HashMap::default();
        let mut moved: HashMap<SmolStr, HashSet<(SmolStr, SmolStr)>> = HashMap::default();
        for resource in map.resources() {
            let previous: Vec<ResId> = resource.previous_ids().collect();
            let id = resource.current_id();
            let first = previous.first().unwrap_or(&id).effective_namespace();
            if first != NOT_A_NAMESPACE {
                let now = (id.namespace.clone(), SmolStr::new(id.effective_namespace()));
                moved.entry(first.into()).or_default().insert(now);
            }
            let Some(original) = previous.first() else {
                continue;
            };
            let index = candidates.len();
            for id in &previous {
                let positions = by_previous_name.entry(id.name.clone()).or_default();
                if positions.last() != Some(&index) {
                    positions.push(index);
                }
            }
            candidates.push(Candidate {
                id,
                original_namespace: original.effective_namespace().into(),
                previous,
                resource: resource.clone(),
            });
        }
        Targets {
            candidates,
            by_previous_name,
            moved,
        }
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Candidate> {
        let positions = self.by_previous_name.get(name).map_or(&[][..], Vec::as_slice);
        positions.iter().filter_map(|index| self.candidates.get(*index))
    }
}

/// Finds the object that a field refers to.
struct Search<'a> {
    referrer: &'a Referrer,
    target: &'a Gvk,
    role_ref: Option<&'a Gvk>,
    targets: &'a Targets,
}

impl Search<'_> {
    fn set(&self, field: &mut Node) -> Result<(), BuildError> {
        match &mut field.value {
            Value::Scalar(_) => self.set_scalar(field),
            Value::Mapping(_) => self.set_mapping(field),
            Value::Sequence(items) => {
                if !items.iter().any(|item| self.is_relevant(item)) {
                    return Ok(());
                }
                items
                    .items_mut()
                    .iter_mut()
                    .try_for_each(|item| match &item.value {
                        Value::Scalar(_) => self.set_scalar(item),
                        Value::Mapping(_) => self.set_mapping(item),
                        Value::Sequence(_) => Err(BuildError::transformer(
                            "a list is expected to be either a string or a map of string",
                        )
                        .at(item.mark)),
                    })
            }
        }
    }

    // Whether an item may change or be an error. Checking first keeps unchanged lists shared.
    fn is_relevant(&self, item: &Node) -> bool {
        match &item.value {
            Value::Scalar(scalar) => self.targets.by_previous_name.contains_key(&scalar.text),
            Value::Mapping(mapping) => mapping.get("name").is_none_or(|name| {
                self.targets
                    .by_previous_name
                    .contains_key(name.text().unwrap_or_default())
            }),
            Value::Sequence(_) => true,
        }
    }

    fn set_scalar(&self, field: &mut Node) -> Result<(), BuildError> {
        if field.is_null() {
            return Ok(());
        }
        let name = SmolStr::new(field.text().unwrap_or_default());
        let candidates = self
            .targets
            .named(&name)
            .filter(|target| self.referrer.is_allowed_target(target));
        let same = |a: &Candidate, b: &Candidate| a.id.name == b.id.name;
        let Some(found) = self.select(candidates.collect(), same)? else {
            return Ok(());
        };
        if found.id.name == name {
            return Ok(());
        }
        Ok(set_scalar(
            field,
            untyped(found.id.name.clone(), place_of(found, "name")),
        )?)
    }

    fn set_mapping(&self, field: &mut Node) -> Result<(), BuildError> {
        let mark = field.mark;
        let Some(mapping) = field.as_mapping() else {
            return Ok(());
        };
        let Some(name) = mapping.get("name") else {
            return Err(BuildError::transformer("path config error; no 'name' field in node").at(mark));
        };
        let name = SmolStr::new(name.text().unwrap_or_default());
        let namespace = mapping
            .get("namespace")
            .map(|node| SmolStr::new(node.text().unwrap_or_default()));
        let all: Vec<&Candidate> = self.in_namespace(namespace.as_deref(), &name);
        let same = |a: &Candidate, b: &Candidate| a.id.name == b.id.name && a.id.namespace == b.id.namespace;
        let Some(found) = self.select(all, same)? else {
            return Ok(());
        };
        if found.id.name == name && found.id.namespace.is_empty() {
            return Ok(());
        }
        if let Some(mapping) = field.as_mapping_mut() {
            set_entry(
                mapping,
                "name",
                untyped(found.id.name.clone(), place_of(found, "name")),
            );
            if !found.id.namespace.is_empty() {
                let namespace = untyped(found.id.namespace.clone(), place_of(found, "namespace"));
                set_entry(mapping, "namespace", namespace);
            }
        }
        Ok(())
    }

    /// The candidates in a namespace: by original namespace, or else by current namespace.
    fn in_namespace(&self, namespace: Option<&str>, name: &str) -> Vec<&Candidate> {
        let is_allowed = |target: &&Candidate| self.referrer.is_allowed_target(target);
        let Some(namespace) = namespace else {
            return self.targets.named(name).filter(is_allowed).collect();
        };
        // This depends on all objects that were originally in the namespace, not only on those of this name.
        let had_objects = self.targets.moved.get(namespace).is_some_and(|now| {
            now.iter().any(|(written, effective)| {
                self.referrer.id.cluster_scoped
                    || *effective == NOT_A_NAMESPACE
                    || *effective == self.referrer.id.effective_namespace()
                    || self.referrer.subject_namespaces.contains(written)
            })
        });
        let is_in_namespace = |target: &&Candidate| match had_objects {
            true => target.original_namespace == namespace,
            false => target.id.effective_namespace() == namespace,
        };
        self.targets
            .named(name)
            .filter(is_allowed)
            .filter(is_in_namespace)
            .collect()
    }

    fn select<'a>(
        &self,
        mut candidates: Vec<&'a Candidate>,
        same: impl Fn(&Candidate, &Candidate) -> bool,
    ) -> Result<Option<&'a Candidate>, BuildError> {
        let selected =
            |target: &Candidate, gvk: &Gvk| target.previous.iter().any(|id| id.gvk.is_selected_by(gvk));
        candidates.retain(|target| {
            selected(target, self.target)
                && self.role_ref.is_none_or(|role_ref| selected(target, role_ref))
                && (self.referrer.id.cluster_scoped
                    || target.id.cluster_scoped
                    || target.id.gvk.kind == "ServiceAccount"
                    || target.id.same_namespace(&self.referrer.id))
        });
        if candidates.len() > 1 || candidates.is_empty() {
            let history = self.referrer.resource.history();
            candidates.retain(|target| target.resource.history().same_lineage(history, true));
            if candidates.len() > 1 {
                candidates.retain(|target| target.resource.history().same_lineage(history, false));
            }
        }
        match candidates.as_slice() {
            [] => Ok(None),
            [first, rest @ ..] if rest.iter().all(|other| same(first, other)) => Ok(Some(first)),
            several => {
                let ids: Vec<String> = several.iter().map(|target| target.id.to_string()).collect();
                Err(
                    BuildError::transformer(format!("found multiple possible referrals: {}", ids.join(", ")))
                        .at(self.referrer.resource.origin.mark),
                )
            }
        }
    }
}

fn place_of(target: &Candidate, field: &str) -> Mark {
    let node = target.resource.node.at(&["metadata", field]);
    node.map_or(Mark::NONE, |node| node.mark)
}

#[cfg(test)]
mod tests {
    use crate::test_trees::{build_objects, built};

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, envFrom: [{configMapRef: {name: cm}}]}]}\n";
    const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\n";

    fn reference(yaml: &str) -> &str {
        let (_, rest) = yaml.split_once("configMapRef:\n        name: ").unwrap();
        rest.lines().next().unwrap()
    }

    #[test]
    fn references_follow_prefixes_and_hashes() {
        let yaml = build_objects("namePrefix: x-\n", &format!("{POD}---\n{CONFIG_MAP}")).unwrap();
        assert_eq!(reference(&yaml), "x-cm");
        let yaml = build_objects("configMapGenerator: [{name: cm}]\n", POD).unwrap();
        assert_eq!(reference(&yaml), "cm-6ct58987ht");
        let yaml = build_objects("namePrefix: x-\n", POD).unwrap();
        assert_eq!(reference(&yaml), "cm");
    }

    #[test]
    fn the_lineage_of_prefixes_tells_equal_names_apart() {
        let objects = format!("{POD}---\n{CONFIG_MAP}");
        let yaml = built(&[
            ("kustomization.yaml", "resources: [a, b]\nnamePrefix: x-\n"),
            ("a/kustomization.yaml", "resources: [o.yaml]\nnamePrefix: a-\n"),
            ("a/o.yaml", &objects),
            ("b/kustomization.yaml", "resources: [o.yaml]\nnamePrefix: b-\n"),
            ("b/o.yaml", &objects),
        ])
        .unwrap();
        let (first, second) = yaml.split_at(yaml.find("name: x-b-p").unwrap() - 60);
        assert_eq!((reference(first), reference(second)), ("x-a-cm", "x-b-cm"));
    }

    #[test]
    fn subjects_get_the_namespace() {
        let objects = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa}\n---\n\
            apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\n\
            subjects: [{kind: ServiceAccount, name: sa, namespace: default}]\n";
        let yaml = build_objects("namespace: n1\nnamePrefix: x-\n", objects).unwrap();
        assert!(
            yaml.ends_with("subjects:\n- kind: ServiceAccount\n  name: x-sa\n  namespace: n1\n"),
            "{yaml}"
        );
    }

    #[test]
    fn a_subject_without_name_is_an_error() {
        let objects = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nsubjects: [{kind: User}]\n";
        let error = build_objects("", objects).unwrap_err();
        assert!(
            error.ends_with("path config error; no 'name' field in node"),
            "{error}"
        );
    }
}
