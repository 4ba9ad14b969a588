//! Candidates for the value that decides a field, scored by text and key.

use std::rc::Rc;

use go_template::{Kind, Map, Value};

use super::probe::text_of;
use super::{ValuePath, ValueStep};

/// A scalar in the values, or an absent key.
#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub(super) path: ValuePath,
    pub(super) value: Value,
    pub(super) text: String,
    /// The texts of its siblings.
    beside: Rc<Vec<String>>,
}

/// Deepest nesting that is searched.
const DEPTH: usize = 32;
/// Most scalars that are collected.
const MOST: usize = 50_000;
/// Keys of tags and digests, which are tried even if they are empty or absent.
const TAG_KEYS: [&str; 4] = ["tag", "imageTag", "version", "digest"];
/// Keys that usually have a tag as a sibling.
const NAME_KEYS: [&str; 4] = ["repository", "image", "name", "imageName"];
/// The key of global values, which all charts see.
const GLOBAL: &str = "global";

/// All scalars, and absent tags of images.
pub(super) fn scalars(values: &Rc<Map>) -> Vec<Scalar> {
    let mut found = Vec::new();
    let root = Value::new(Kind::Map(Rc::clone(values)));
    collect(&root, &ValuePath::default(), &Rc::default(), &mut found);
    found
}

fn collect(value: &Value, path: &ValuePath, beside: &Rc<Vec<String>>, found: &mut Vec<Scalar>) {
    if found.len() > MOST || path.0.len() > DEPTH {
        return;
    }
    match &value.kind {
        Kind::Map(map) => {
            let entries = map.entries();
            let texts = entries.values().filter_map(text_of);
            let beside: Rc<Vec<String>> = Rc::new(texts.filter(|text| !text.is_empty()).collect());
            // Nulls in a chart's defaults are removed, so only the key of an image may be left.
            let names_image = NAME_KEYS.iter().any(|key| map.contains(key))
                || path.last_key().is_some_and(|key| key.ends_with("mage"));
            if names_image && !map.contains("tag") {
                found.push(Scalar {
                    path: path.key("tag"),
                    value: Value::NIL,
                    text: String::new(),
                    beside: Rc::clone(&beside),
                });
            }
            for (key, item) in entries.iter() {
                let Some(key) = key.as_str() else { continue };
                // Global values of subcharts are set at the top.
                if key == GLOBAL && !path.0.is_empty() {
                    continue;
                }
                collect(item, &path.key(key), &beside, found);
            }
        }
        Kind::List(list) => {
            for (index, item) in list.items().iter().enumerate() {
                collect(item, &path.index(index), beside, found);
            }
        }
        _ => {
            if let Some(text) = text_of(value) {
                found.push(Scalar {
                    path: path.clone(),
                    value: value.clone(),
                    text,
                    beside: Rc::clone(beside),
                });
            }
        }
    }
}

/// The tag or digest of an image; the whole text of any other field.
pub(super) fn significant_part(text: &str, is_image: bool) -> &str {
    if !is_image {
        return text;
    }
    if let Some((_, digest)) = text.split_once('@') {
        return digest;
    }
    match text.rsplit_once(':') {
        Some((_, tag)) if !tag.contains('/') => tag,
        _ => text,
    }
}

/// Whether a text may be the result of a template in the values: it has all literal text of the template, in order.
fn is_template_result(template: &str, text: &str) -> bool {
    let mut rest = text;
    let mut literals = template
        .split("{{")
        .map(|chunk| chunk.split_once("}}").map_or(chunk, |(_, literal)| literal));
    literals.all(|literal| match rest.find(literal.trim()) {
        Some(at) => {
            rest = rest.get(at + literal.trim().len()..).unwrap_or_default();
            true
        }
        None => false,
    })
}

/// The least score of a scalar that equals a field or its tag.
pub(super) const STATED: u32 = 80;
/// The least score of a scalar that contains that text.
pub(super) const WHOLE: u32 = 60;

/// How likely a scalar decides a field, from 1; `None` if it cannot.
pub(super) fn score(scalar: &Scalar, field: &str, part: &str, is_image: bool) -> Option<u32> {
    let key = scalar.path.last_key().unwrap_or_default();
    let is_tag_key = TAG_KEYS.contains(&key) || key.ends_with("Tag") || key.ends_with("Version");
    let names_it = |text: &String| text.len() > 2 && field.contains(text.as_str());
    let is_beside = scalar
        .beside
        .iter()
        .any(|text| *text != scalar.text && names_it(text));
    // The chart evaluates templates in values.
    let is_computed = scalar.text.contains("{{") && !scalar.text.contains(part);
    if scalar.text.is_empty() || (is_computed && is_tag_key) {
        if !is_image || !is_tag_key || (key == "digest" && !field.contains('@')) {
            return None;
        }
        let is_global = matches!(scalar.path.0.first(), Some(ValueStep::Key(key)) if key == GLOBAL);
        return match (is_beside, is_global) {
            (true, _) => Some(50),
            (false, true) => Some(10),
            // An image that is named elsewhere, or only by the template.
            (false, false) => Some(5),
        };
    }
    if scalar.text.contains("{{") && is_template_result(&scalar.text, field) {
        return Some(70);
    }
    let likely = u32::from(is_tag_key) * 10 + u32::from(is_beside) * 20;
    if scalar.text == field {
        return Some(100 + likely);
    }
    if scalar.text == part {
        return Some(80 + likely);
    }
    if scalar.text.contains(field) {
        return Some(60 + likely);
    }
    if is_image && part.len() > 1 && scalar.text.contains(part) && scalar.text.len() < 500 {
        return Some(30 + likely);
    }
    let is_word = scalar.text.len() > 1 || is_tag_key;
    if is_word && part.contains(scalar.text.as_str()) && !matches!(scalar.value.kind, Kind::Bool(_)) {
        return Some(20 + likely);
    }
    None
}
