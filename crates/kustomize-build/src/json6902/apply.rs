//! The operations of a JSON patch, with the rules and quirks of `evanphx/json-patch` v4.
//!
//! Source: <https://github.com/evanphx/json-patch/blob/v4.13.0/patch.go>. Among its quirks, `replace` creates a missing
//! member, negative indexes count from the end, and the text before the first slash of a path is ignored.

use smol_str::SmolStr;
use source_tree::Mark;
use thiserror::Error;
use yaml_node::{Node, WriteError};

use super::json::{Json, JsonValue, is_equal};
use super::parse::{JsonPatch, Member, Operation};
use crate::removals::{self, RemovedPart};

/// Why an operation fails.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub(crate) struct ApplyError {
    message: String,
    /// Place of the operation, or of the value that has no JSON form.
    pub(crate) mark: Mark,
}

impl From<WriteError> for ApplyError {
    fn from(error: WriteError) -> Self {
        ApplyError {
            message: error.message,
            mark: error.mark,
        }
    }
}

const MISSING: &str = "missing value";

/// The most values that one patch may copy or move. A tree that is copied into itself doubles every time.
const MAX_COPIED: usize = 1_000_000;
/// The most parts of a path.
const MAX_DEPTH: usize = 256;

impl JsonPatch {
    /// The steps for applying all operations.
    pub(crate) fn steps(&self) -> usize {
        self.weight()
            .saturating_add(self.operations.len().saturating_mul(4))
    }

    /// The steps for visiting all values once.
    pub(crate) fn weight(&self) -> usize {
        let values = self
            .operations
            .iter()
            .filter_map(|operation| operation.value.as_ref());
        values.map(Json::weight).sum()
    }

    /// Applies all operations. Because the object is converted to JSON and back, every number becomes a 64-bit float
    /// and every scalar loses its style. Removed parts are added to `removed` with the operation's mark.
    ///
    /// # Errors
    /// [`ApplyError`] at the first operation that fails.
    pub(crate) fn apply(
        &self,
        object: &Node,
        removed: &mut Vec<(RemovedPart, Mark)>,
    ) -> Result<Node, ApplyError> {
        let mut document = Json::from_object(object)?;
        let mut budget = MAX_COPIED;
        for operation in &self.operations {
            operation
                .apply(&mut document, &mut budget, removed)
                .map_err(|message| ApplyError {
                    message,
                    mark: operation.mark,
                })?;
        }
        if !matches!(document.value, JsonValue::Object(_)) {
            return Err(ApplyError {
                message: "json: cannot unmarshal array into Go value of type map[string]interface {}".into(),
                mark: document.mark,
            });
        }
        Ok(document.into_node()?)
    }
}

/// The removed parts of a value: a named list item by its name, the named items in the value, or else the key.
fn removed_parts(path: &str, key: &str, value: &Json) -> Vec<RemovedPart> {
    let mut parts: Vec<&str> = path.split('/').skip(1).collect();
    parts.pop();
    let is_position = |part: &str| part == "-" || part.bytes().all(|byte| byte.is_ascii_digit());
    parts.retain(|part| !is_position(part));
    let name = |value: &Json| match &value.value {
        JsonValue::Object(members) => members
            .get("name")
            .and_then(|(_, name)| Some(name.as_str()?.to_owned())),
        _ => None,
    };
    if is_position(key) {
        let named = name(value).map(|name| removals::removed_part(&parts, &name, value.mark));
        return named.into_iter().collect();
    }
    let inner: Vec<&str> = parts.iter().copied().chain([key]).collect();
    let found: Vec<RemovedPart> = match &value.value {
        JsonValue::Array(items) => items
            .iter()
            .filter_map(|item| Some(removals::removed_part(&inner, &name(item)?, item.mark)))
            .collect(),
        JsonValue::Object(members) if parts.is_empty() => members
            .iter()
            .map(|(key, (mark, _))| removals::removed_part(&inner, key, *mark))
            .collect(),
        _ => Vec::new(),
    };
    match found.is_empty() {
        true => vec![removals::removed_part(&parts, key, value.mark)],
        false => found,
    }
}

/// The most levels of an object, and so the most parts of a path into it.
const MAX_LEVELS: usize = 400;

/// Each `move` or `copy` may nest an object one level deeper, and later stages recurse to its full depth.
fn check_depth(path: &str, value: &Json) -> Result<(), String> {
    let depth = path.matches('/').count();
    if value.is_deeper_than(MAX_LEVELS.saturating_sub(depth)) {
        return Err(format!(
            "operations nest the object more than {MAX_LEVELS} levels deep"
        ));
    }
    Ok(())
}

impl Operation {
    fn apply(
        &self,
        document: &mut Json,
        budget: &mut usize,
        removed: &mut Vec<(RemovedPart, Mark)>,
    ) -> Result<(), String> {
        for path in [text(&self.path), text(&self.from)].into_iter().flatten() {
            if path.matches('/').count() > MAX_LEVELS {
                return Err(format!("a path has more than {MAX_LEVELS} parts"));
            }
        }
        match self.kind.as_deref().unwrap_or("unknown") {
            "add" => self.add(document, budget),
            "remove" => self.remove(document, budget, removed),
            "replace" => self.replace(document),
            "move" => self.move_(document, budget),
            "test" => self.test(document),
            "copy" => self.copy(document, budget),
            other => Err(format!("Unexpected kind: {other}")),
        }
    }

    fn value(&self) -> Json {
        self.value.clone().unwrap_or_else(|| Json::null(self.mark))
    }

    fn path(&self) -> Result<&SmolStr, String> {
        text(&self.path).ok_or_else(|| member_error(&self.path, "operation missing path field"))
    }

    fn from(&self) -> Result<&SmolStr, String> {
        text(&self.from).ok_or_else(|| member_error(&self.from, "operation, missing from field"))
    }

    fn add(&self, document: &mut Json, budget: &mut usize) -> Result<(), String> {
        let path = self
            .path()
            .map_err(|_| format!("add operation failed to decode path: {MISSING}"))?;
        let (container, key) = container(document, path).ok_or_else(|| {
            format!("add operation does not apply: doc is missing path: \"{path}\": {MISSING}")
        })?;
        shift(container, &key, budget)?;
        insert(container, key, self.value())
            .map_err(|error| format!("error in add for path: '{path}': {error}"))
    }

    fn remove(
        &self,
        document: &mut Json,
        budget: &mut usize,
        removed: &mut Vec<(RemovedPart, Mark)>,
    ) -> Result<(), String> {
        let path = self
            .path()
            .map_err(|_| format!("remove operation failed to decode path: {MISSING}"))?;
        let (container, key) = container(document, path).ok_or_else(|| {
            format!("remove operation does not apply: doc is missing path: \"{path}\": {MISSING}")
        })?;
        shift(container, &key, budget)?;
        let value =
            take(container, &key).map_err(|error| format!("error in remove for path: '{path}': {error}"))?;
        let parts = removed_parts(path, &key, &value);
        removed.extend(parts.into_iter().map(|part| (part, self.mark)));
        Ok(())
    }

    fn replace(&self, document: &mut Json) -> Result<(), String> {
        let path = self
            .path()
            .map_err(|error| format!("replace operation failed to decode path: {error}"))?;
        if path.is_empty() {
            let value = self.value();
            if !matches!(value.value, JsonValue::Array(_) | JsonValue::Object(_)) {
                return Err("replace operation value must be object or array".into());
            }
            *document = value;
            return Ok(());
        }
        let (container, key) = container(document, path).ok_or_else(|| {
            format!("replace operation does not apply: doc is missing path: {path}: {MISSING}")
        })?;
        if look_up(container, &key).is_err() {
            return Err(format!(
                "replace operation does not apply: doc is missing key: {path}: {MISSING}"
            ));
        }
        match &mut container.value {
            JsonValue::Array(items) => {
                let at = index(&key, items.len())?;
                if let Some(item) = items.get_mut(at) {
                    *item = self.value();
                }
                Ok(())
            }
            _ => insert(container, key, self.value()),
        }
    }

    fn move_(&self, document: &mut Json, budget: &mut usize) -> Result<(), String> {
        let from = self
            .from()
            .map_err(|error| format!("move operation failed to decode from: {error}"))?;
        let (source, key) = container(document, from).ok_or_else(|| {
            format!("move operation does not apply: doc is missing from path: {from}: {MISSING}")
        })?;
        shift(source, &key, budget)?;
        let value =
            take(source, &key).map_err(|error| format!("error in move for path: '{key}': {error}"))?;
        let path = self
            .path()
            .map_err(|error| format!("move operation failed to decode path: {error}"))?;
        let (target, key) = container(document, path).ok_or_else(|| {
            format!("move operation does not apply: doc is missing destination path: {path}: {MISSING}")
        })?;
        if !spend(&value, budget) {
            return Err(TOO_MUCH.into());
        }
        check_depth(path, &value)?;
        shift(target, &key, budget)?;
        insert(target, key, value).map_err(|error| format!("error in move for path: '{path}': {error}"))
    }

    fn copy(&self, document: &mut Json, budget: &mut usize) -> Result<(), String> {
        let from = self
            .from()
            .map_err(|error| format!("copy operation failed to decode from: {error}"))?;
        let (source, key) = container(document, from).ok_or_else(|| {
            format!("copy operation does not apply: doc is missing from path: {from}: {MISSING}")
        })?;
        let value =
            look_up(source, &key).map_err(|error| format!("error in copy for from: '{from}': {error}"))?;
        if value.is_some_and(|value| !spend(value, budget)) {
            return Err("copy operations copy their own results until the object is too large".into());
        }
        let value = value.cloned().unwrap_or_else(|| Json::null(self.mark));
        let path = self
            .path()
            .map_err(|_| format!("copy operation failed to decode path: {MISSING}"))?;
        let (target, key) = container(document, path).ok_or_else(|| {
            format!("copy operation does not apply: doc is missing destination path: {path}: {MISSING}")
        })?;
        check_depth(path, &value)?;
        shift(target, &key, budget)?;
        insert(target, key, value).map_err(|error| format!("error while adding value during copy: {error}"))
    }

    fn test(&self, document: &mut Json) -> Result<(), String> {
        let path = self
            .path()
            .map_err(|error| format!("test operation failed to decode path: {error}"))?;
        let failed = || format!("testing value {path} failed: test failed");
        let wanted = self.value.as_ref();
        if path.is_empty() {
            return if wanted.is_some_and(|wanted| is_equal(document, wanted)) {
                Ok(())
            } else {
                Err(failed())
            };
        }
        let (container, key) = container(document, path)
            .ok_or_else(|| format!("test operation does not apply: is missing path: {path}: {MISSING}"))?;
        let found =
            look_up(container, &key).map_err(|error| format!("error in test for path: '{path}': {error}"))?;
        let null = |value: Option<&Json>| value.is_none_or(Json::is_null);
        let passes = match (found, wanted) {
            (found, wanted) if null(found) => null(wanted),
            (Some(found), Some(wanted)) => is_equal(found, wanted),
            _ => false,
        };
        if passes { Ok(()) } else { Err(failed()) }
    }
}

const TOO_MUCH: &str = "operations move more than any object holds";
/// The number of array items that can be moved for the cost of copying one value.
const ITEMS_PER_STEP: usize = 128;

/// Charges the budget for shifting the items of an array after an insertion or removal.
fn shift(container: &Json, key: &str, budget: &mut usize) -> Result<(), String> {
    let JsonValue::Array(items) = &container.value else {
        return Ok(());
    };
    if key == "-" {
        return Ok(());
    }
    *budget = budget.checked_sub(items.len() / ITEMS_PER_STEP).ok_or(TOO_MUCH)?;
    Ok(())
}

// Charges the budget for the values of a tree. `false` if it is used up.
fn spend(value: &Json, budget: &mut usize) -> bool {
    let Some(left) = budget.checked_sub(1) else {
        return false;
    };
    *budget = left;
    match &value.value {
        JsonValue::Array(items) => items.iter().all(|item| spend(item, budget)),
        JsonValue::Object(members) => members.values().all(|(_, member)| spend(member, budget)),
        _ => true,
    }
}

fn text(member: &Member) -> Option<&SmolStr> {
    match member {
        Member::Text(text) => Some(text),
        Member::Missing | Member::WrongType => None,
    }
}

fn member_error(member: &Member, missing: &str) -> String {
    match member {
        Member::WrongType => "json: cannot unmarshal value into Go value of type string".into(),
        Member::Missing | Member::Text(_) => format!("{missing}: {MISSING}"),
    }
}

// The array or object that contains the target of a path, and the target's key in it.
fn container<'a>(document: &'a mut Json, path: &str) -> Option<(&'a mut Json, SmolStr)> {
    let (_, parts) = path.split_once('/')?;
    let mut parts: Vec<SmolStr> = parts.split('/').map(unescape).collect();
    // No object is that deep or may become that deep.
    if parts.len() > MAX_DEPTH {
        return None;
    }
    let key = parts.pop()?;
    let mut found = document;
    for part in parts {
        found = match &mut found.value {
            JsonValue::Object(members) => members.get_mut(&part).map(|(_, value)| value)?,
            JsonValue::Array(items) => {
                let at = index(&part, items.len()).ok()?;
                items.get_mut(at)?
            }
            _ => return None,
        };
    }
    matches!(found.value, JsonValue::Object(_) | JsonValue::Array(_)).then_some((found, key))
}

fn unescape(part: &str) -> SmolStr {
    if !part.contains('~') {
        return SmolStr::new(part);
    }
    let mut text = String::with_capacity(part.len());
    let mut rest = part;
    while let Some((before, after)) = rest.split_once('~') {
        text.push_str(before);
        (text, rest) = match after.as_bytes().first() {
            Some(b'1') => (text + "/", after.get(1..).unwrap_or_default()),
            Some(b'0') => (text + "~", after.get(1..).unwrap_or_default()),
            _ => (text + "~", after),
        };
    }
    text.push_str(rest);
    text.into()
}

fn parse_index(key: &str) -> Result<i64, String> {
    key.parse()
        .map_err(|_| format!("strconv.Atoi: parsing {key:?}: invalid syntax"))
}

// Parses an index below `length`. A negative one counts from the end.
fn index(key: &str, length: usize) -> Result<usize, String> {
    let parsed = parse_index(key)?;
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let at = if parsed < 0 { parsed + length } else { parsed };
    let found = usize::try_from(at).ok().filter(|_| at < length);
    found.ok_or_else(|| format!("Unable to access invalid index: {parsed}: invalid index referenced"))
}

fn look_up<'a>(container: &'a Json, key: &str) -> Result<Option<&'a Json>, String> {
    match &container.value {
        JsonValue::Object(members) => Ok(members.get(key).map(|(_, value)| value)),
        JsonValue::Array(items) => Ok(items.get(index(key, items.len())?)),
        _ => Ok(None),
    }
}

fn insert(container: &mut Json, key: SmolStr, value: Json) -> Result<(), String> {
    match &mut container.value {
        JsonValue::Object(members) => {
            let mark = members.get(&key).map_or(value.mark, |(mark, _)| *mark);
            members.insert(key, (mark, value));
        }
        JsonValue::Array(items) if key == "-" => items.push(value),
        JsonValue::Array(items) => {
            parse_index(&key)
                .map_err(|error| format!("value was not a proper array index: '{key}': {error}"))?;
            items.insert(index(&key, items.len() + 1)?, value);
        }
        _ => {}
    }
    Ok(())
}

fn take(container: &mut Json, key: &str) -> Result<Json, String> {
    match &mut container.value {
        JsonValue::Object(members) => members
            .remove(key)
            .map(|(_, value)| value)
            .ok_or_else(|| format!("Unable to remove nonexistent key: {key}: {MISSING}")),
        JsonValue::Array(items) => {
            let at = index(key, items.len())?;
            Ok(items.remove(at))
        }
        _ => Err(format!("Unable to remove nonexistent key: {key}: {MISSING}")),
    }
}
