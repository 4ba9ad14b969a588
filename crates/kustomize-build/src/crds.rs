//! `crds`: rules from OpenAPI definitions.

use std::sync::Arc;

use yaml_node::{Node, read_yaml11};

use crate::BuildError;
use crate::configurations::merge;
use crate::kustomization::{FieldSpecEntry, Text, field_ignoring_case};
use crate::load::Loader;
use crate::name_reference::{NameReference, merge_reference};
use crate::order::compare_gvk;
use crate::resource::Gvk;
use crate::rules::Rules;
use crate::specs::{Specs, merge_spec};

/// Definitions may refer to each other in a circle, which kustomize follows until its stack ends.
const MAX_DEPTH: usize = 64;

/// The rules of all files.
///
/// # Errors
/// [`BuildError::Transformer`] where a file is no set of definitions.
pub(crate) fn load(paths: &[Text], loader: &Loader<'_>) -> Result<Arc<Rules>, BuildError> {
    let mut rules = Arc::new(Rules::default());
    for path in paths {
        let Some((text, mark)) = loader.known_text(path)? else {
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
        rules = merge(&rules, &Arc::new(definitions.rules()?)).map_err(|error| error.at(path.mark))?;
    }
    Ok(rules)
}

struct Definitions<'a> {
    by_name: Vec<(&'a str, &'a Node)>,
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
        let mut by_name: Vec<(&str, &Node)> = mapping.iter().collect();
        by_name.sort_by_key(|(name, _)| *name);
        // A manifest of a CustomResourceDefinition fails here: its apiVersion is no definition.
        if let Some((_, wrong)) = by_name
            .iter()
            .find(|(_, definition)| definition.as_mapping().is_none() && !definition.is_null())
        {
            return Err(mismatch(wrong, "accumulator.OpenAPIDefinition"));
        }
        Ok(Definitions { by_name })
    }

    fn properties(&self, name: &str) -> Option<&'a Node> {
        let (_, definition) = self.by_name.iter().find(|(known, _)| *known == name)?;
        field_ignoring_case(definition, "Schema")?.get("properties")
    }

    fn rules(&self) -> Result<Rules, BuildError> {
        let mut rules = Rules::default();
        for (name, _) in &self.by_name {
            let Some(properties) = self.properties(name) else {
                continue;
            };
            if ["kind", "apiVersion", "metadata"]
                .iter()
                .all(|field| properties.get(field).is_some())
            {
                let kind = name.rsplit('.').next().unwrap_or(name);
                self.collect(&mut rules, &Gvk::new("", "", kind), properties, &mut Vec::new())?;
            }
        }
        rules
            .name_references
            .list_mut()
            .sort_by(|a, b| compare_gvk(&a.target, &b.target));
        Ok(rules)
    }

    fn collect(
        &self,
        rules: &mut Rules,
        gvk: &Gvk,
        properties: &'a Node,
        path: &mut Vec<&'a str>,
    ) -> Result<(), BuildError> {
        if path.len() >= MAX_DEPTH {
            return Err(BuildError::limit(format!(
                "definitions of kind {} are nested more than {MAX_DEPTH} deep",
                gvk.kind
            ))
            .at(properties.mark));
        }
        let mut sorted: Vec<(&str, &Node)> = properties.iter().collect();
        sorted.sort_by_key(|(name, _)| *name);
        for (name, property) in sorted {
            path.push(name);
            self.property(rules, gvk, property, path)?;
            path.pop();
        }
        Ok(())
    }

    fn property(
        &self,
        rules: &mut Rules,
        gvk: &Gvk,
        property: &'a Node,
        path: &mut Vec<&'a str>,
    ) -> Result<(), BuildError> {
        let extension = |name: &str| field_ignoring_case(property, name).and_then(Node::as_str);
        let spec = |path: &[&str]| FieldSpecEntry {
            gvk: gvk.clone(),
            path: path.join("/").into(),
            create: false,
        };
        for (name, specs) in [
            ("x-kubernetes-annotation", &mut rules.common_annotations),
            ("x-kubernetes-label-selector", &mut rules.common_labels),
            ("x-kubernetes-identity", &mut rules.name_prefix),
        ] {
            if extension(name).is_some() {
                merge_spec(specs, &spec(path))?;
            }
        }
        if let (Some(version), Some(kind)) = (
            extension("x-kubernetes-object-ref-api-version"),
            extension("x-kubernetes-object-ref-kind"),
        ) {
            let key = extension("x-kubernetes-object-ref-name-key").unwrap_or("name");
            let field: Vec<&str> = path.iter().copied().chain([key]).collect();
            merge_reference(
                &mut rules.name_references,
                &NameReference {
                    target: Gvk::new("", version, kind),
                    referrers: Specs::Owned(vec![spec(&field)]),
                },
            )?;
        }
        match property.text_at(&["$ref"]).and_then(|name| self.properties(name)) {
            Some(properties) => self.collect(rules, gvk, properties, path),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits};

    fn rules(text: &str) -> Result<Rules, String> {
        let node = read_yaml11(text, FileId(1), &Limits::default()).unwrap().unwrap();
        Definitions::new(&node)?
            .rules()
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
    fn manifests_and_circles_are_refused() {
        let error = rules("apiVersion: v1\nkind: CustomResourceDefinition\n").unwrap_err();
        assert!(
            error.contains("cannot unmarshal string into Go value of type accumulator.OpenAPIDefinition")
        );
        let circle =
            "A:\n  Schema:\n    properties: {kind: {}, apiVersion: {}, metadata: {}, a: {$ref: A}}\n";
        assert!(rules(circle).unwrap_err().contains("nested more than"));
    }
}
