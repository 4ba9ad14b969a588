//! Data of go-yaml's own tree, for hashes over it.
//!
//! kustomize hashes ConfigMaps and Secrets over their data, and other objects over its syntax tree, with lines,
//! columns, styles and comments, of which the trees here have only styles. If such a hash is needed, the build runs
//! again up to that point, and everything is read with marks that lead to [`Places`]: a mark moves with its node, and
//! nodes of transformers have a mark without a place, as their nodes in kustomize have no line.
//!
//! In that second run objects keep kustomize's internal annotations, since they are hashed too
//! (<https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/hasher/hasher.go>).

use std::sync::{Arc, Mutex, PoisonError};

use source_tree::{FileId, Limits, Mark};
use yaml_node::{
    Lost, Mapping, Node, Places, ReadError, Value, natural_order, read_resources_placed, read_resources_text,
    to_syntax_json, write_preserving,
};

use crate::BuildError;
use crate::json6902::string_scalar;

/// The places of nodes, if the build records them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Syntax(Option<Arc<Mutex<Places>>>);

impl Syntax {
    /// For a build that records places.
    pub(crate) fn enabled() -> Self {
        Syntax(Some(Arc::default()))
    }

    /// Whether places are recorded.
    pub(crate) fn is_enabled(&self) -> bool {
        self.0.is_some()
    }

    /// The documents of a text.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) fn read(&self, text: &str, file: FileId, limits: &Limits) -> Result<Vec<Node>, ReadError> {
        match &self.0 {
            Some(places) => {
                let mut places = places.lock().unwrap_or_else(PoisonError::into_inner);
                read_resources_placed(text, limits, &mut places)
            }
            None => read_resources_text(text, file, limits),
        }
    }

    /// Flags the lists and mappings of a strategic merge patch that have comments: the object gets those comments.
    pub(crate) fn patch(&self, mut patch: Node) -> Node {
        if let Some(places) = &self.0 {
            let places = places.lock().unwrap_or_else(PoisonError::into_inner);
            note_comments(&mut patch, &places);
        }
        patch
    }

    /// A tree after kustomize has converted it to JSON and back: written with sorted keys, and read again.
    pub(crate) fn reread(&self, node: &Node, limits: &Limits) -> Node {
        let mut sorted = node.clone();
        sort_keys(&mut sorted);
        let text = write_preserving(&sorted);
        let read = self.read(&text, FileId::NONE, limits).unwrap_or_default();
        match read.as_slice() {
            [read] if read.same_value(&sorted) => read.clone(),
            _ => node.clone().with_mark(Lost::Unreadable.mark()),
        }
    }

    /// The text that kustomize hashes for an object that is neither a ConfigMap nor a Secret.
    ///
    /// # Errors
    /// [`BuildError::Generator`] if it cannot be known.
    pub(crate) fn hashed(&self, node: &Node) -> Result<String, BuildError> {
        let places = self.0.as_ref().filter(|_| Places::has(node.mark));
        let json = match places {
            Some(places) => {
                let places = places.lock().unwrap_or_else(PoisonError::into_inner);
                to_syntax_json(node, &places).map_err(|error| error.message)
            }
            None => Err("it was changed in a way that cannot be followed".to_owned()),
        };
        json.map_err(|reason| {
            let kind = node.text_at(&["kind"]).unwrap_or_default();
            BuildError::generator(format!(
                "the name of a {kind} gets a hash over kustomize's own tree of it, which is not known here: {reason}"
            ))
        })
    }
}

/// The mark for a node that a transformer creates from another one, without that one's place.
pub(crate) fn without_place(mark: Mark) -> Mark {
    if Places::has(mark) { Mark::NONE } else { mark }
}

/// The mark of a scalar with a new text: in a build that records places, it keeps its own.
pub(crate) fn rewritten(old: Mark, new: Mark) -> Mark {
    if Places::has(old) { old } else { without_place(new) }
}

/// Removes the places from all nodes of a configuration, since nodes that are created from it have none.
pub(crate) fn without_places(node: &mut Node) {
    node.mark = without_place(node.mark);
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.items_mut().iter_mut().for_each(without_places),
        Value::Mapping(mapping) => {
            for (key, value) in mapping.entries_mut() {
                without_places(key);
                without_places(value);
            }
        }
    }
}

fn note_comments(node: &mut Node, places: &Places) {
    match &mut node.value {
        Value::Scalar(_) => return,
        Value::Sequence(items) => {
            for item in items.items_mut() {
                note_comments(item, places);
            }
        }
        Value::Mapping(mapping) => {
            for (_, value) in mapping.entries_mut() {
                note_comments(value, places);
            }
        }
    }
    node.mark = places.noting_comments(node.mark);
}

fn sort_keys(node: &mut Node) {
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.items_mut().iter_mut().for_each(sort_keys),
        Value::Mapping(mapping) => {
            let entries = mapping.iter().map(|(key, value)| (key.to_owned(), value.clone()));
            let sorted = natural_order(entries.collect()).into_iter();
            let quoted = |key: String| Node::new(string_scalar(key.into()));
            *mapping = Mapping::new(sorted.map(|(key, value)| (quoted(key), value)).collect());
            for (_, value) in mapping.entries_mut() {
                sort_keys(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::test_trees::{build_objects, built_here};

    const HASHED: &str = "internal.config.kubernetes.io/needsHashSuffix: enabled";

    fn name(kustomization: &str, object: &str) -> Result<String, String> {
        let yaml = build_objects(kustomization, object)?;
        let line = yaml.lines().find(|line| line.starts_with("  name: "));
        Ok(line.unwrap_or_default().trim_start_matches("  name: ").to_owned())
    }

    #[test]
    fn lines_and_comments_count_and_the_rest_of_the_file_does_not() {
        let object =
            format!("apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  annotations:\n    {HASHED}\n");
        assert_eq!(name("", &object).unwrap(), "a-5m8c284ffb");
        assert_ne!(name("", &format!("\n{object}")).unwrap(), "a-5m8c284ffb");
        assert_ne!(name("", &format!("# c\n{object}")).unwrap(), "a-5m8c284ffb");
        let second = format!("kind: A\nmetadata: {{name: b}}\n---\n{object}");
        assert!(
            build_objects("", &second)
                .unwrap()
                .contains("name: a-5m8c284ffb\n")
        );
        // This annotation is for plugins only.
        let plugin =
            "kind: A\nmetadata: {name: a, annotations: {kustomize.config.k8s.io/needs-hash: 'true'}}\n";
        assert_eq!(name("", plugin).unwrap(), "a");
    }

    #[test]
    fn errors_say_why_syntax_was_lost() {
        let object = |rest: &str| {
            format!("apiVersion: v1\nkind: Foo\nmetadata: {{name: a, annotations: {{{HASHED}}}}}\n{rest}\n")
        };
        let patch = |spec: &str| {
            format!(
                "patches:\n- patch: |\n    apiVersion: v1\n    kind: Foo\n    metadata: {{name: a}}\n    spec: {spec}\n"
            )
        };
        let value_add = "transformers:\n- |\n  apiVersion: builtin\n  kind: ValueAddTransformer\n  metadata: {name: v}\n  \
            value: x\n  targets: [{fieldPath: spec/x}]\n";
        for (kustomization, rest, expected) in [
            ("", "x: !!str 1", "a type is written before a node"),
            (
                "",
                "x: &x {a: 1}\ny: &y {<<: *x}\nz: {<<: *y}",
                "a merge key takes over",
            ),
            (
                &patch("{x: y} # c")[..],
                "spec: {z: 1}",
                "a strategic merge patch has a comment",
            ),
            (value_add, "spec: {x: a}", "a ValueAddTransformer changes it"),
        ] {
            let kustomization = format!("resources: [a.yaml]\n{kustomization}");
            let files = [
                ("kustomization.yaml", &kustomization[..]),
                ("a.yaml", &object(rest)),
            ];
            let error = built_here(&files).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_replaced_object_is_not_followed() {
        let base = "configMapGenerator: [{name: c, literals: [a=b]}]\n";
        let top = "resources: [base]\nconfigMapGenerator: [{name: c, behavior: merge, literals: [c=d]}]\npatches:\n\
            - target: {kind: ConfigMap}\n  options: {allowKindChange: true}\n  patch: |-\n    kind: Foo\n    \
            metadata: {name: c}\n";
        let error =
            built_here(&[("base/kustomization.yaml", base), ("kustomization.yaml", top)]).unwrap_err();
        assert!(error.contains("a generator's behavior"), "{error}");
    }
}
