//! Walk over the scalars below a node, each with its path and the key that describes it.

use std::borrow::Cow;
use std::fmt::Write;

use redaction::SecretPath;

use crate::view::View;

/// Depth of the deepest fields that are read.
const DEEPEST: usize = 24;

/// A consumer of scalars.
pub(crate) trait TakeScalars {
    /// Whether it takes no more.
    fn is_full(&self) -> bool;

    /// Takes the scalar at a path; `key` describes it.
    fn take(&mut self, path: &str, key: &str, value: View<'_>);

    /// Takes an empty selector, or an empty rule of a NetworkPolicy, which selects everything.
    fn take_all(&mut self, _path: &str, _value: View<'_>) {}
}

/// The fields of an object without its type, its status and the metadata of SOPS.
pub(crate) fn fields_of_object(object: View<'_>) -> impl Iterator<Item = (&str, View<'_>)> {
    object
        .entries()
        .filter(|(name, _)| !matches!(*name, "apiVersion" | "kind" | "status" | "sops"))
}

/// Passes on the scalars of a value at a path, whose last part is `key`; `depth` is the length of the path. Returns whether some are
/// left out, as no more are taken or they are too deep. The data of a Secret in a value is never passed on.
pub(crate) fn take_scalars(
    path: &str,
    key: &str,
    value: View<'_>,
    depth: usize,
    taking: &mut impl TakeScalars,
) -> bool {
    let secret_path = through(SecretPath::default(), path);
    let mut path = path.to_owned();
    below(&mut path, secret_path, key, value, depth, taking)
}

/// As [`take_scalars`]; restores the path at the end. `secret_path` is the same path.
fn below(
    path: &mut String,
    secret_path: SecretPath,
    key: &str,
    value: View<'_>,
    depth: usize,
    taking: &mut impl TakeScalars,
) -> bool {
    if depth > DEEPEST || taking.is_full() {
        return true;
    }
    let mut is_cut = false;
    if value.node.as_mapping().is_some() {
        if value.entries().next().is_none() && is_selecting_all(path) {
            taking.take_all(path, value);
        }
        let text_of = |name: &str| value.node.text_at(&[name]);
        for (name, entry) in value.entries() {
            if matches!(name, "data" | "stringData") && text_of("kind") == Some("Secret") {
                continue;
            }
            // `name: TOKEN` describes the `value` beside it.
            let named = || ["name", "key"].into_iter().find_map(text_of);
            let key = (name == "value").then(named).flatten().unwrap_or(name);
            let length = path.len();
            path.push('.');
            let segment = segment(name);
            path.push_str(&segment);
            let secret_path = match &segment {
                Cow::Borrowed(name) => secret_path.then(name),
                Cow::Owned(segment) => through(secret_path, segment),
            };
            is_cut |= below(path, secret_path, key, entry, depth + 1, taking);
            path.truncate(length);
        }
    } else if value.node.as_sequence().is_some() {
        for (index, item) in value.items().enumerate() {
            let length = path.len();
            // Writing to a string does not fail.
            let _ = write!(path, "[{index}]");
            is_cut |= below(path, secret_path, key, item, depth + 1, taking);
            path.truncate(length);
        }
    } else if !secret_path.is_of_secret() || is_computed(value) {
        taking.take(path, key, value);
    }
    is_cut
}

/// Whether an empty mapping at a path selects everything
/// (<https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec>).
fn is_selecting_all(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    let mut rules = ["ingress[", "egress["].iter();
    matches!(last, "podSelector" | "namespaceSelector" | "endpointSelector")
        || (rules.any(|rule| last.starts_with(rule)) && last.ends_with(']'))
}

/// Whether a scalar is computed from public values, also if it gets into a Secret.
fn is_computed(value: View<'_>) -> bool {
    value.text().is_some_and(|text| text.contains("{{"))
}

/// A path continued by another one, as it is written: with dots between keys, and brackets that do not count.
fn through(path: SecretPath, other: &str) -> SecretPath {
    if !is_divided(other) {
        return path.then(other);
    }
    let keys = other
        .split('.')
        .map(|step| step.split('[').next().unwrap_or(step));
    keys.fold(path, SecretPath::then)
}

/// A part of a path, in brackets if it has dots.
fn segment(name: &str) -> Cow<'_, str> {
    match is_divided(name) {
        true => format!("[{name}]").into(),
        false => name.into(),
    }
}

/// Whether a name has a dot or bracket, which divide a path.
fn is_divided(name: &str) -> bool {
    name.as_bytes().iter().any(|byte| matches!(byte, b'.' | b'['))
}
