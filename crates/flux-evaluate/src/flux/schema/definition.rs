//! CustomResourceDefinitions of Flux's kinds in a repository turn into schemas.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use yaml_node::Node;

use super::super::api_group;
use super::pattern::Pattern;
use super::{Schema, ValueType, table};

/// Schemas of Flux's objects in one cluster.
#[derive(Default)]
pub(crate) struct Definitions<'a> {
    /// Definitions by group and kind.
    stated: BTreeMap<(&'a str, &'a str), &'a Node>,
    /// Schemas that were read already.
    read: Mutex<Schemas>,
}

/// Schemas by API version and kind; `None` for a version that is not in the definition.
type Schemas = BTreeMap<(String, String), Option<Arc<Schema>>>;

impl<'a> Definitions<'a> {
    /// The definitions among some objects.
    pub(crate) fn new(objects: impl Iterator<Item = &'a Node>) -> Self {
        let definitions =
            objects.filter(|object| object.text_at(&["kind"]) == Some("CustomResourceDefinition"));
        let stated = definitions.filter_map(|object| {
            let group = object.text_at(&["spec", "group"])?;
            Some(((group, object.text_at(&["spec", "names", "kind"])?), object))
        });
        let stated = stated.filter(|((group, _), _)| group.contains("fluxcd."));
        Definitions {
            stated: stated.collect(),
            read: Mutex::default(),
        }
    }

    /// Whether they contain the kind of an object.
    pub(crate) fn has(&self, object: &Node) -> bool {
        let kind = object.text_at(&["kind"]).unwrap_or_default();
        self.stated.contains_key(&(api_group(object), kind))
    }

    /// The schema of `spec` of an object, by its definition or else by the tables.
    pub(crate) fn schema(&self, object: &Node) -> Option<Arc<Schema>> {
        let (api_version, kind) = (object.text_at(&["apiVersion"])?, object.text_at(&["kind"])?);
        let known = table::schema(api_version, kind)?;
        let (group, version) = api_version.split_once('/')?;
        let Some(definition) = self.stated.get(&(group, kind)) else {
            return Some(known);
        };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (api_version.to_owned(), kind.to_owned());
        let schema = read.entry(key).or_insert_with(|| {
            let versions = definition.at(&["spec", "versions"]).map_or(&[][..], Node::items);
            let served = versions
                .iter()
                .find(|served| served.text_at(&["name"]) == Some(version))?;
            let spec = served.at(&["schema", "openAPIV3Schema", "properties", "spec"])?;
            Some(Arc::new(schema(spec, Some(&known))))
        });
        schema.clone()
    }
}

/// Reads an OpenAPI schema. Rules come from `known`, the schema of the tables: here they are CEL expressions.
fn schema(node: &Node, known: Option<&Schema>) -> Schema {
    let is_true = |field: &str| node.get(field).and_then(Node::as_bool) == Some(true);
    let number = |field: &str| usize::try_from(node.get(field)?.as_i64()?).ok();
    let (fields, more) = (node.get("properties"), node.get("additionalProperties"));
    let value_type = match node.text_at(&["type"]) {
        _ if is_true("x-kubernetes-preserve-unknown-fields") => ValueType::Any,
        _ if is_true("x-kubernetes-int-or-string") => ValueType::IntegerOrText,
        Some("string") => ValueType::Text,
        Some("boolean") => ValueType::Boolean,
        Some("integer" | "number") => ValueType::Number,
        Some("array") => match node.get("items") {
            Some(items) => {
                let known = known.and_then(|known| match &known.value_type {
                    ValueType::List(items) => Some(&**items),
                    _ => None,
                });
                ValueType::List(Box::new(schema(items, known)))
            }
            None => ValueType::Any,
        },
        Some("object") => match (fields, more.filter(|more| more.as_mapping().is_some())) {
            (Some(fields), _) => object(node, fields, known),
            (None, Some(values)) => {
                let known = known.and_then(|known| match &known.value_type {
                    ValueType::Map(values) => Some(&**values),
                    _ => None,
                });
                ValueType::Map(Box::new(schema(values, known)))
            }
            (None, None) => ValueType::Any,
        },
        _ => ValueType::Any,
    };
    let least = number("minLength").or_else(|| number("minItems"));
    let most = number("maxLength").or_else(|| number("maxItems"));
    Schema {
        allowed: texts(node.get("enum")),
        default: default(node),
        pattern: node.text_at(&["pattern"]).map(Pattern::new),
        length: (least.unwrap_or(0), most.unwrap_or(usize::MAX)),
        ..Schema::new(value_type)
    }
}

/// The value by which the API server replaces null; empty if that is not a scalar, or null itself.
fn default(node: &Node) -> Option<String> {
    let is_nullable = node.get("nullable").and_then(Node::as_bool) == Some(true);
    match node.get("default") {
        Some(default) => Some(default.text().unwrap_or_default().to_owned()),
        None => is_nullable.then(String::new),
    }
}

fn object(node: &Node, fields: &Node, known: Option<&Schema>) -> ValueType {
    let required = texts(node.get("required"));
    let fields = fields.iter().map(|(name, field)| {
        let schema = schema(field, known.and_then(|known| known.field(name)));
        // A field with a default is never missing.
        let is_required = required.iter().any(|required| required == name) && field.get("default").is_none();
        let schema = Schema {
            is_required,
            ..schema
        };
        (name.to_owned(), schema)
    });
    let has_rules = node.get("x-kubernetes-validations").is_some();
    let rules = match known.map(|known| &known.value_type) {
        Some(ValueType::Object { rules, .. }) if has_rules => rules.clone(),
        _ => Vec::new(),
    };
    ValueType::Object {
        fields: fields.collect(),
        rules,
    }
}

fn texts(list: Option<&Node>) -> Vec<String> {
    let items = list.map_or(&[][..], Node::items).iter();
    items.filter_map(Node::text).map(str::to_owned).collect()
}
