//! Fields of objects that no other section has.

use infra_model::object::{ObjectField, OtherObject};

use super::ConfigFound;
use crate::Facts;
use crate::find::find_objects;

/// Fields of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFields<'a> {
    /// The object's key.
    pub key: &'a str,
    /// The object.
    pub object: &'a OtherObject,
    /// Those that were asked for, by path.
    pub fields: Vec<(&'a str, &'a ObjectField)>,
}

/// What a term asks of objects: all fields by `NAME`, or by `NAME/PATH` those at a path, below it, or that end with it.
pub(super) fn fields<'a>(facts: &'a dyn Facts, term: &str) -> Option<ConfigFound<'a>> {
    let whole = find_objects(facts, term)
        .into_iter()
        .map(|(key, object)| FoundFields {
            key,
            object,
            fields: object
                .fields
                .iter()
                .map(|(path, field)| (path.as_str(), field))
                .collect(),
        });
    let whole: Vec<FoundFields<'a>> = whole.collect();
    if !whole.is_empty() {
        return Some(ConfigFound::Objects(whole));
    }
    // Both the name and the path may have slashes in them.
    term.match_indices('/').rev().find_map(|(at, _)| {
        let (name, path) = (term.get(..at)?, term.get(at + 1..)?);
        let objects = find_objects(facts, name)
            .into_iter()
            .map(|(key, object)| FoundFields {
                key,
                object,
                fields: at_path(object, path),
            });
        let found: Vec<FoundFields<'a>> = objects.filter(|found| !found.fields.is_empty()).collect();
        (!found.is_empty()).then_some(ConfigFound::Objects(found))
    })
}

fn at_path<'a>(object: &'a OtherObject, path: &str) -> Vec<(&'a str, &'a ObjectField)> {
    let path = path.trim_start_matches('.');
    let is_end = |own: &str| {
        own.strip_suffix(path)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let is_below = |own: &str| {
        own.strip_prefix(path)
            .is_some_and(|rest| rest.starts_with(['.', '[']))
    };
    let fields = object.fields.iter().map(|(path, field)| (path.as_str(), field));
    let exact: Vec<(&str, &ObjectField)> = fields.clone().filter(|(own, _)| is_end(own)).collect();
    match exact.is_empty() {
        true => fields.filter(|(own, _)| is_below(own)).collect(),
        false => exact,
    }
}
