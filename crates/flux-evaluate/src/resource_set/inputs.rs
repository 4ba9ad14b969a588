//! Sets of inputs of templates: inline ones and those of input providers.

use std::collections::BTreeMap;

use go_template::functions::adler32;
use go_template::{Text, Value};
use serde_json::Value as Json;
use source_tree::{Mark, ObjectRef};
use yaml_node::{Node, to_go_json};

use super::error::ResourceSetError;
use super::selector::Selector;
use super::template::MAX_BYTES;
use crate::flux::{InputReference, ResourceSet, ResourceSetInputProvider};
use crate::value_bytes;

const API_VERSION: &str = "fluxcd.controlplane.io/v1";

/// flux-operator's bound.
const MAX_PERMUTATIONS: usize = 10_000;

/// The sets of inputs, in order. If there are none, templates are executed once, without inputs.
pub(super) fn combine(
    set: &ResourceSet,
    providers: &[ResourceSetInputProvider],
) -> Result<Vec<Value>, ResourceSetError> {
    let providers = referenced(set, providers)?;
    let provided_values = providers
        .iter()
        .filter_map(|provider| provider.default_values.as_ref());
    let nodes = set.inputs.iter().chain(provided_values);
    if nodes.map(value_bytes::of_node).sum::<usize>() as u64 > MAX_BYTES {
        let message = format!("its inputs take more than {MAX_BYTES} bytes");
        return Err(ResourceSetError::new(message, set.node.mark));
    }
    let mut exported = vec![(set.id.name.as_str(), inline(set)?)];
    for provider in providers {
        exported.push((provider.id.name.as_str(), vec![provided(set, provider)?]));
    }
    match strategy(set)? {
        Strategy::Flatten => Ok(exported.into_iter().flat_map(|(_, inputs)| inputs).collect()),
        Strategy::Permute { include_empty } => permute(&exported, include_empty, set.node.mark),
    }
}

enum Strategy {
    Flatten,
    Permute { include_empty: bool },
}

fn strategy(set: &ResourceSet) -> Result<Strategy, ResourceSetError> {
    let none = Node::empty_mapping();
    let strategy = set.node.at(&["spec", "inputStrategy"]).unwrap_or(&none);
    if set.permute {
        let include_empty = strategy.get("includeEmptyProviders").and_then(Node::as_bool);
        return Ok(Strategy::Permute {
            include_empty: include_empty.unwrap_or(false),
        });
    }
    match strategy.text_at(&["name"]) {
        None | Some("" | "Flatten") => Ok(Strategy::Flatten),
        Some(other) => {
            let message = format!("unknown input strategy {other:?}");
            Err(ResourceSetError::new(message, strategy.mark))
        }
    }
}

fn inline(set: &ResourceSet) -> Result<Vec<Value>, ResourceSetError> {
    let read = |node: &Node| {
        let map = node.as_mapping().filter(|_| !node.is_null());
        map.ok_or_else(|| ResourceSetError::new("an entry of inputs must be a mapping", node.mark))?;
        let mut entries = entries(node)?;
        entries.insert("provider".into(), provider_input(&set.id));
        Ok(Value::map(entries))
    };
    set.inputs.iter().map(read).collect()
}

/// The inputs that a provider exports.
fn provided(set: &ResourceSet, provider: &ResourceSetInputProvider) -> Result<Value, ResourceSetError> {
    let id = &provider.id;
    let provider_type = match provider.provider_type.as_str() {
        "" => "an unknown type",
        provider_type => provider_type,
    };
    if provider_type != "Static" {
        let message = format!("the inputs of {id} come from {provider_type}, which a scan cannot ask");
        return Err(ResourceSetError::new(message, inputs_from(set)));
    }
    let mut entries = match &provider.default_values {
        Some(values) => entries(values)?,
        None => BTreeMap::new(),
    };
    let reason = format!("inputs.id of {id} is made of its UID, which only a cluster knows");
    entries.insert("id".into(), Value::unknown(Value::text(""), &reason));
    entries.insert("provider".into(), provider_input(id));
    Ok(Value::map(entries))
}

/// The input `provider`, which names the object of the inputs.
fn provider_input(id: &ObjectRef) -> Value {
    let entries = [
        ("apiVersion", API_VERSION),
        ("kind", &id.kind),
        ("name", &id.name),
        ("namespace", &id.namespace),
    ];
    let entries = entries.map(|(key, value)| (key.into(), Value::text(value)));
    Value::map(entries.into_iter().collect())
}

/// The providers that `inputsFrom` selects, without duplicates, sorted by name.
fn referenced<'p>(
    set: &ResourceSet,
    providers: &'p [ResourceSetInputProvider],
) -> Result<Vec<&'p ResourceSetInputProvider>, ResourceSetError> {
    let mut found: BTreeMap<&str, &ResourceSetInputProvider> = BTreeMap::new();
    let namespace = &set.id.namespace;
    let own = || {
        providers
            .iter()
            .filter(|provider| provider.id.namespace == *namespace)
    };
    for reference in &set.inputs_from {
        if let Some(name) = reference.name.as_deref().filter(|name| !name.is_empty()) {
            let provider = own().find(|provider| provider.id.name == name).ok_or_else(|| {
                let message = format!("ResourceSetInputProvider/{namespace}/{name} does not exist");
                ResourceSetError::new(message, reference.node.mark)
            })?;
            found.insert(name, provider);
            continue;
        }
        let selector = selector(reference)?;
        for provider in own().filter(|provider| selector.matches(&provider.labels)) {
            found.insert(&provider.id.name, provider);
        }
    }
    Ok(found.into_values().collect())
}

fn selector(reference: &InputReference) -> Result<Selector, ResourceSetError> {
    if reference.node.get("selector").is_none_or(Node::is_null) {
        let message = "an entry of inputsFrom must have a name or a selector";
        return Err(ResourceSetError::new(message, reference.node.mark));
    }
    Selector::new(&reference.match_labels, &reference.match_expressions)
}

fn inputs_from(set: &ResourceSet) -> Mark {
    let node = set.node.at(&["spec", "inputsFrom"]);
    node.map_or(set.node.mark, |node| node.mark)
}

/// Every combination of one set of inputs per provider, under the name of the provider.
fn permute(
    exported: &[(&str, Vec<Value>)],
    include_empty: bool,
    mark: Mark,
) -> Result<Vec<Value>, ResourceSetError> {
    let mut scoped: Vec<(String, &[Value])> = Vec::new();
    let mut expected = 1_usize;
    let exported = exported.iter();
    for (name, inputs) in exported.filter(|(_, inputs)| include_empty || !inputs.is_empty()) {
        expected = expected.saturating_mul(inputs.len());
        if expected > MAX_PERMUTATIONS {
            let message = format!("more than {MAX_PERMUTATIONS} permutations of inputs");
            return Err(ResourceSetError::new(message, mark));
        }
        let key = normalized(name);
        if key.is_empty() {
            let message = format!("the name {name:?} leaves nothing for a key of permuted inputs");
            return Err(ResourceSetError::new(message, mark));
        }
        scoped.push((key, inputs));
    }
    if scoped.is_empty() || expected == 0 {
        return Ok(Vec::new());
    }
    let permutation = |number: usize| {
        let mut entries: BTreeMap<Text, Value> = BTreeMap::new();
        let mut id = Vec::new();
        let mut place = expected;
        let mut rest = number;
        // The last provider changes fastest.
        for (key, inputs) in &scoped {
            place /= inputs.len();
            let index = rest / place;
            rest %= place;
            let value = inputs.get(index).cloned().unwrap_or(Value::NIL);
            entries.insert(key.as_str().into(), value);
            id.push(format!("{key}={index}"));
        }
        let id = adler32(id.join("/").as_bytes());
        entries.insert("id".into(), Value::text(id.to_string()));
        Value::map(entries)
    };
    Ok((0..expected).map(permutation).collect())
}

/// A provider's name as a key of templates: lower-case letters and digits with single underscores between them.
fn normalized(name: &str) -> String {
    let words = name.to_lowercase();
    let words = words.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
    let words = words.map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect());
    let words: Vec<String> = words.filter(|word: &String| !word.is_empty()).collect();
    words.join("_")
}

fn entries(node: &Node) -> Result<BTreeMap<Text, Value>, ResourceSetError> {
    let fail = |message: String| ResourceSetError::new(message, node.mark);
    // The API server stores objects as JSON, so that numbers are those of JSON.
    let text = to_go_json(node).map_err(|error| fail(error.to_string()))?;
    let json: Json = serde_json::from_str(&text).map_err(|error| fail(error.to_string()))?;
    let object = json.as_object().into_iter().flatten();
    let entries = object.map(|(key, value)| (key.as_str().into(), placed(value, node.get(key))));
    Ok(entries.collect())
}

/// A value whose scalars have their places in the files.
fn placed(json: &Json, node: Option<&Node>) -> Value {
    let at = |index: usize| node.and_then(|node| node.items().get(index));
    match json {
        Json::Array(items) => {
            let items = items.iter().enumerate();
            Value::list(items.map(|(index, item)| placed(item, at(index))).collect())
        }
        Json::Object(object) => {
            let entries = object.iter().map(|(key, value)| {
                let value = placed(value, node.and_then(|node| node.get(key)));
                (key.as_str().into(), value)
            });
            Value::map(entries.collect())
        }
        _ => match node.map(|node| node.mark).filter(|mark| mark.is_some()) {
            Some(mark) => value_of(json).at(mark),
            None => value_of(json),
        },
    }
}

/// JSON as flux-operator decodes it: integers as `int64`, other numbers as `float64`.
pub(super) fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::NIL,
        Json::Bool(value) => Value::bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(int) => Value::int64(int),
            None => Value::float(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(items) => Value::list(items.iter().map(value_of).collect()),
        Json::Object(object) => {
            let entries = object.iter();
            Value::map(
                entries
                    .map(|(key, value)| (key.as_str().into(), value_of(value)))
                    .collect(),
            )
        }
    }
}
