//! [`Definitions`] from the document that `openapi: path` names.

use smol_str::SmolStr;
use yaml_node::Node;

use super::definitions::{Definitions, Type};

const DEFINITION: &str = "#/definitions/";
const GROUP_VERSION_KIND: &str = "x-kubernetes-group-version-kind";

/// Reads the parts of an OpenAPI v2 document that matter for merges and scopes.
///
/// # Errors
/// The reason why it is not such a document.
pub(super) fn definitions(document: &Node) -> Result<Definitions, String> {
    let is_mapping = |node: Option<&Node>| node.is_none_or(|node| node.as_mapping().is_some());
    let schemas = document.get("definitions");
    let mut all_schemas = schemas.into_iter().flat_map(Node::iter);
    if !is_mapping(Some(document))
        || !is_mapping(schemas)
        || !all_schemas.all(|(_, schema)| is_mapping(Some(schema)))
    {
        return Err("json: cannot unmarshal into Go spec.Swagger".into());
    }
    let mut definitions = Definitions::default();
    for (name, schema) in schemas.into_iter().flat_map(Node::iter) {
        let name = SmolStr::new(name);
        for entry in schema.get(GROUP_VERSION_KIND).map_or(&[][..], Node::items) {
            if let Some((api_version, kind)) = api_version_and_kind(entry) {
                definitions
                    .objects
                    .entry(api_version)
                    .or_default()
                    .insert(kind, name.clone());
            }
        }
        definitions.types.insert(name, parse_type(schema));
    }
    for (path, item) in document.get("paths").into_iter().flat_map(Node::iter) {
        let entry = item.at(&["get", GROUP_VERSION_KIND]);
        let Some((api_version, kind)) = entry.and_then(api_version_and_kind) else {
            continue;
        };
        let kinds = definitions.namespaced.entry(api_version).or_default();
        if path.contains("namespaces/{namespace}") {
            kinds.insert(kind, true);
        } else {
            kinds.entry(kind).or_insert(false);
        }
    }
    Ok(definitions)
}

fn api_version_and_kind(entry: &Node) -> Option<(SmolStr, SmolStr)> {
    let version = entry.get("version")?.text()?;
    let kind = entry.get("kind")?.text()?;
    let api_version = match entry.get("group").and_then(Node::text) {
        None | Some("") => SmolStr::new(version),
        Some(group) => SmolStr::from_iter([group, "/", version]),
    };
    Some((api_version, SmolStr::new(kind)))
}

fn parse_type(schema: &Node) -> Type {
    let text = |key: &str| schema.get(key).and_then(Node::text);
    let nested = |key: &str| {
        let schema = schema.get(key).filter(|schema| schema.as_mapping().is_some());
        schema.map(|schema| Box::new(parse_type(schema)))
    };
    let is_list = match schema.get("type") {
        Some(list) if list.as_sequence().is_some() => {
            matches!(list.items(), [only] if only.text() == Some("array"))
        }
        single => single.and_then(Node::text) == Some("array"),
    };
    let properties = schema.get("properties").into_iter().flat_map(Node::iter);
    Type {
        fields: properties
            .map(|(name, schema)| (SmolStr::new(name), parse_type(schema)))
            .collect(),
        other_fields: nested("additionalProperties"),
        items: nested("items").filter(|_| is_list),
        merge_keys: text("x-kubernetes-patch-strategy")
            .filter(|strategy| strategy.split(',').any(|word| word == "merge"))
            .map(|_| merge_keys(schema)),
        reference: text("$ref").map(|to| SmolStr::new(to.strip_prefix(DEFINITION).unwrap_or(to))),
        abridged: false,
    }
}

fn merge_keys(schema: &Node) -> Vec<SmolStr> {
    match schema.get("x-kubernetes-list-map-keys") {
        Some(keys) => keys
            .items()
            .iter()
            .filter_map(Node::text)
            .map(SmolStr::new)
            .collect(),
        None => {
            let key = schema.get("x-kubernetes-patch-merge-key").and_then(Node::text);
            key.map(SmolStr::new).into_iter().collect()
        }
    }
}
