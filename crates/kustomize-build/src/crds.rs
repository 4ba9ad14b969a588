//! `crds`: rules from OpenAPI definitions.

use std::collections::BTreeMap;
use std::sync::Arc;

use source_tree::Work;
use yaml_node::{Node, read_yaml11};

use crate::BuildError;
use crate::configurations::merge;
use crate::error::Context;
use crate::kustomization::{FieldSpecEntry, Text, field_ignoring_case};
use crate::load::Loader;
use crate::name_reference::{NameReference, merge_reference};
use crate::order::compare_gvk;
use crate::resource::Gvk;
use crate::rules::Rules;
use crate::specs::{Specs, merge_spec};

/// Deepest nesting of definitions. They may refer to each other in a circle, which kustomize follows until its stack
/// overflows.
const MAX_DEPTH: usize = 64;

/// The rules of all files.
///
/// # Errors
/// [`BuildError::Transformer`] if a file is not a set of definitions.
pub(crate) fn load(paths: &[Text], loader: &Loader<'_>) -> Result<Arc<Rules>, BuildError> {
    let mut rules = Arc::new(Rules::default());
    let work = loader.work();
    for path in paths {
        let Some((text, mark)) = loader.available_text(path)? else {
            continue;
        };
        let unable = |message: String| {
            BuildError::transformer(format!(
                "unable to parse open API definition from '{}': {message}",
                &**path
            ))
        };
        let node = read_yaml11(&text, mark.file, loader.sources().limits())
            .map_err(|error| unable(format!("error converting YAML to JSON: {error}")).at(error.mark))?;
        let Some(node) = node.filter(|node| !node.is_null()) else {
            continue;
        };
        let definitions = Definitions::new(&node).map_err(|message| unable(message).at(mark))?;
        let defined = definitions.rules(work).at(path.mark)?;
        rules = merge(&rules, &Arc::new(defined)).at(path.mark)?;
    }
    Ok(rules)
}

struct Definitions<'a> {
    by_name: BTreeMap<&'a str, &'a Node>,
}

impl<'a> Definitions<'a> {
    fn new(node: &'a Node) -> Result<Self, String> {
        let mismatch = |node: &Node, go: &str| {
            let found = match node.shape() {
                "sequence" => "array",
                _ if node.as_bool().is_some() => "bool",
                _ if node.as_str().is_some() => "string",
                _ => "number",
            };
            format!(
                "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go value of type {go}"
            )
        };
        let Some(mapping) = node.as_mapping() else {
            return Err(mismatch(node, "accumulator.nameToApiMap"));
        };
        let by_name: BTreeMap<&str, &Node> = mapping.iter().collect();
        let is_wrong = |definition: &&&Node| definition.as_mapping().is_none() && !definition.is_null();
        // The manifest of a CustomResourceDefinition fails here: its apiVersion is not a definition.
        if let Some(wrong) = by_name.values().find(is_wrong) {
            return Err(mismatch(wrong, "accumulator.OpenAPIDefinition"));
        }
        Ok(Definitions { by_name })
    }

    fn properties(&self, name: &str) -> Option<&'a Node> {
        field_ignoring_case(self.by_name.get(name)?, "Schema")?.get("properties")
    }

    fn rules(&self, work: &Work) -> Result<Rules, BuildError> {
        let mut rules = Rules::default();
        for name in self.by_name.keys() {
            let Some(properties) = self.properties(name) else {
                continue;
            };
            if ["kind", "apiVersion", "metadata"]
                .iter()
                .all(|field| properties.get(field).is_some())
            {
                let kind = name.rsplit('.').next().unwrap_or(name);
                let mut collected = Collected {
                    definitions: self,
                    rules: &mut rules,
                    work,
                    gvk: Gvk::new("", "", kind),
                };
                collected.properties(properties, &mut Vec::new())?;
            }
        }
        rules
            .name_references
            .list_mut()
            .sort_by(|a, b| compare_gvk(&a.target, &b.target));
        Ok(rules)
    }
}

/// The rules of one kind, collected from its properties. Referenced definitions are repeated for every reference, so a
/// few definitions can expand to any number of fields.
struct Collected<'a, 'r> {
    definitions: &'r Definitions<'a>,
    rules: &'r mut Rules,
    work: &'r Work,
    gvk: Gvk,
}

/// The cost of a field, in steps.
const FIELD_STEPS: u64 = 50;

impl<'a> Collected<'a, '_> {
    fn properties(&mut self, properties: &'a Node, path: &mut Vec<&'a str>) -> Result<(), BuildError> {
        if path.len() >= MAX_DEPTH {
            return Err(BuildError::limit(format!(
                "definitions of kind {} are nested more than {MAX_DEPTH} deep",
                self.gvk.kind
            ))
            .at(properties.mark));
        }
        let mut sorted: Vec<(&str, &Node)> = properties.iter().collect();
        sorted.sort_by_key(|(name, _)| *name);
        for (name, property) in sorted {
            path.push(name);
            self.work.spend(FIELD_STEPS).at(property.mark)?;
            self.property(property, path)?;
            path.pop();
        }
        Ok(())
    }

    fn property(&mut self, property: &'a Node, path: &mut Vec<&'a str>) -> Result<(), BuildError> {
        let extension = |name: &str| field_ignoring_case(property, name).and_then(Node::as_str);
        let gvk = &self.gvk;
        let spec = |path: &[&str]| FieldSpecEntry {
            gvk: gvk.clone(),
            path: path.join("/").into(),
            create: false,
        };
        let mut known = 0;
        for (name, specs) in [
            ("x-kubernetes-annotation", &mut self.rules.common_annotations),
            ("x-kubernetes-label-selector", &mut self.rules.common_labels),
            ("x-kubernetes-identity", &mut self.rules.name_prefix),
        ] {
            if extension(name).is_some() {
                known += specs.len();
                merge_spec(specs, &spec(path))?;
            }
        }
        if let (Some(version), Some(kind)) = (
            extension("x-kubernetes-object-ref-api-version"),
            extension("x-kubernetes-object-ref-kind"),
        ) {
            let key = extension("x-kubernetes-object-ref-name-key").unwrap_or("name");
            let field: Vec<&str> = path.iter().copied().chain([key]).collect();
            let target = Gvk::new("", version, kind);
            let references = self.rules.name_references.list();
            let same = references.iter().find(|reference| reference.target == target);
            known += references.len() + same.map_or(0, |reference| reference.referrers.len());
            merge_reference(
                &mut self.rules.name_references,
                &NameReference {
                    target,
                    referrers: Specs::Owned(vec![spec(&field)]),
                },
            )?;
        }
        // Each spec is compared with all known ones.
        self.work.spend(known as u64).at(property.mark)?;
        let referred = property.text_at(&["$ref"]);
        match referred.and_then(|name| self.definitions.properties(name)) {
            Some(properties) => self.properties(properties, path),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{Budget, FileId, Limits};

    fn rules(text: &str) -> Result<Rules, String> {
        let node = read_yaml11(text, FileId(1), &Limits::default()).unwrap().unwrap();
        Definitions::new(&node)?
            .rules(&Budget::new(&Limits::default()).work())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn extensions_become_field_specs() {
        let rules = rules(concat!(
            "com.x.v1.Bee:\n  Schema:\n    properties:\n",
            "      kind: {}\n      apiVersion: {}\n      metadata: {}\n",
            "      spec: {$ref: com.x.v1.Spec}\n",
            "com.x.v1.Spec:\n  Schema:\n    properties:\n",
            "      labels: {x-kubernetes-label-selector: ''}\n",
            "      secret: {x-kubernetes-object-ref-api-version: v1, x-kubernetes-object-ref-kind: Secret}\n",
        ))
        .unwrap();
        assert_eq!(rules.common_labels[0].path, "spec/labels");
        assert_eq!(rules.common_labels[0].gvk.kind, "Bee");
        assert_eq!(
            rules.name_references.list()[0].referrers[0].path,
            "spec/secret/name"
        );
    }

    #[test]
    fn manifests_and_cycles_are_refused() {
        let error = rules("apiVersion: v1\nkind: CustomResourceDefinition\n").unwrap_err();
        assert!(
            error.contains("cannot unmarshal string into Go value of type accumulator.OpenAPIDefinition")
        );
        let circle =
            "A:\n  Schema:\n    properties: {kind: {}, apiVersion: {}, metadata: {}, a: {$ref: A}}\n";
        assert!(rules(circle).unwrap_err().contains("nested more than"));
    }
}
