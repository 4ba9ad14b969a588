//! Values of a HelmRelease: `valuesFrom` in order, then `spec.values` over them.
//!
//! Rules: [chartutil/values.go](https://github.com/fluxcd/pkg/blob/chartutil/v1.27.2/chartutil/values.go). Maps and lists are
//! shared by reference there, so a value at a `targetPath` may survive the inline values that are merged last, and here too.

use std::rc::Rc;

use go_template::{Kind, List, Map, Value};
use helm_template::{ReplacedLists, Values};
use source_tree::FileId;
use thiserror::Error;
use yaml_node::Node;

/// An entry of `spec.valuesFrom`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValuesReference {
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// Name of the object.
    pub name: String,
    /// Key in it; `values.yaml` if absent.
    pub values_key: Option<String>,
    /// Path for the text, in the syntax of `helm --set`; empty if the text is YAML to merge.
    pub target_path: String,
    /// Whether the object or the key may be missing.
    pub optional: bool,
    /// Whether the text is set without interpreting it.
    pub literal: bool,
}

impl ValuesReference {
    fn key(&self) -> &str {
        match self.values_key.as_deref() {
            None | Some("") => "values.yaml",
            Some(key) => key,
        }
    }
}

/// The objects that `valuesFrom` may name.
pub trait ValuesSource {
    /// The data of an object in the release's namespace.
    fn data(&self, kind: &str, name: &str) -> Option<ObjectData<'_>>;
}

/// Looks up the text of a key.
pub type ObjectData<'a> = Box<dyn Fn(&str) -> Option<(String, FileId)> + 'a>;

/// A reference that leads to no values.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct ValuesError {
    /// Kind of the object.
    pub kind: String,
    /// Name of the object, in the release's namespace.
    pub name: String,
    /// Flux's message.
    pub message: String,
    /// Whether the object or its key is missing; otherwise its text is invalid.
    pub is_missing: bool,
}

/// The values of a HelmRelease for its chart.
///
/// # Errors
/// The first reference that cannot be resolved and is not optional.
pub fn chart_values(
    namespace: &str,
    inline: Option<&Node>,
    references: &[ValuesReference],
    source: &dyn ValuesSource,
) -> Result<Values, ValuesError> {
    let inline = inline.map(Values::from_node).unwrap_or_default();
    let mut result = Values::new();
    for reference in references {
        let error = |reason: String, is_missing: bool| ValuesError {
            kind: reference.kind.clone(),
            name: reference.name.clone(),
            message: format!(
                "could not resolve {} chart values reference '{namespace}/{}' with key '{}': {reason}",
                reference.kind,
                reference.name,
                reference.key()
            ),
            is_missing,
        };
        let Some((text, file)) =
            resolve(reference, source).map_err(|(reason, is_missing)| error(reason, is_missing))?
        else {
            continue;
        };
        if reference.target_path.is_empty() {
            let merged = result.merge_document(&text, file);
            merged.map_err(|e| error(with_flux_type(&e.message), false))?;
            continue;
        }
        result.merge(&inline);
        let replaced = set_path(&mut result, reference, &text).map_err(|e| error(e, false))?;
        for (old, new) in replaced {
            replace(inline.map(), &old, &new);
        }
    }
    result.merge(&inline);
    Ok(result)
}

/// The text of a reference; `None` for an optional one that does not exist.
fn resolve(
    reference: &ValuesReference,
    source: &dyn ValuesSource,
) -> Result<Option<(String, FileId)>, (String, bool)> {
    let plural = match reference.kind.as_str() {
        "ConfigMap" => "configmaps",
        "Secret" => "secrets",
        _ => return Err(("unsupported values reference kind".into(), false)),
    };
    let missing = |reason: String| {
        if reference.optional {
            Ok(None)
        } else {
            Err((reason, true))
        }
    };
    let Some(data) = source.data(&reference.kind, &reference.name) else {
        return missing(format!("{plural} \"{}\" not found", reference.name));
    };
    match data(reference.key()) {
        Some(found) => Ok(Some(found)),
        None => missing("key not found".into()),
    }
}

/// Puts the Go type into which Flux decodes into a message.
fn with_flux_type(message: &str) -> String {
    message.replace(
        "Go value of type map[string]interface {}",
        "Go value of type common.Values",
    )
}

/// Sets a text at a path. A quoted text is a string; a literal one is not interpreted.
fn set_path(values: &mut Values, reference: &ValuesReference, text: &str) -> Result<ReplacedLists, String> {
    let path = &reference.target_path;
    if reference.literal {
        let mut escaped = String::with_capacity(text.len());
        for c in text.chars() {
            if matches!(c, '\\' | ',' | '[' | ']' | '{' | '}') {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        return values.set_path(&format!("{path}={escaped}"), true);
    }
    let is_quoted = |quote: char| text.starts_with(quote) && text.ends_with(quote);
    if is_quoted('\'') || is_quoted('"') {
        let inner = text.trim_matches(['\'', '"']);
        return values.set_path(&format!("{path}={inner}"), true);
    }
    values.set_path(&format!("{path}={text}"), false)
}

/// Replaces an old list by a new one, as if it had been changed in place.
fn replace(map: &Map, old: &Rc<List>, new: &Rc<List>) {
    for (key, value) in map.snapshot() {
        match &value.kind {
            Kind::List(list) if Rc::ptr_eq(list, old) => {
                map.insert(key, Value::new(Kind::List(Rc::clone(new))));
            }
            _ => replace_below(&value, old, new),
        }
    }
}

fn replace_below(value: &Value, old: &Rc<List>, new: &Rc<List>) {
    match &value.kind {
        Kind::Map(map) => replace(map, old, new),
        Kind::List(list) => list.items().iter().for_each(|item| replace_below(item, old, new)),
        _ => {}
    }
}
