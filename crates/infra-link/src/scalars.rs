//! The scalars below a node, each with its path and what says what it is.

use std::borrow::Cow;
use std::fmt::Write;

use crate::view::View;

/// Deepest field that is looked at.
const DEEPEST: usize = 24;

/// What takes scalars in.
pub(crate) trait TakeScalars {
    /// Whether no more are taken.
    fn is_full(&self) -> bool;

    /// Takes what stands at a path; `key` says what it is.
    fn take(&mut self, path: &str, key: &str, value: View<'_>);

    /// Takes an empty selector, or an empty rule of a NetworkPolicy: it selects everything.
    fn take_all(&mut self, _path: &str, _value: View<'_>) {}
}

/// The fields of an object that say more than its name, status, and what SOPS notes.
pub(crate) fn fields_of_object(object: View<'_>) -> impl Iterator<Item = (&str, View<'_>)> {
    object
        .entries()
        .filter(|(name, _)| !matches!(*name, "apiVersion" | "kind" | "status" | "sops"))
}

/// Hands on the scalars of what stands at a path, whose last part is `key`; `depth` is how deep that is. Whether some are left out,
/// as no more are taken or they stand too deep. What a Secret that is written in a value holds is never handed on.
pub(crate) fn take_scalars(
    path: &str,
    key: &str,
    value: View<'_>,
    depth: usize,
    taking: &mut impl TakeScalars,
) -> bool {
    let mut path = path.to_owned();
    below(&mut path, key, value, depth, taking)
}

/// As [`take_scalars`]; the path is the same again at the end.
fn below(path: &mut String, key: &str, value: View<'_>, depth: usize, taking: &mut impl TakeScalars) -> bool {
    if depth > DEEPEST || taking.is_full() {
        return true;
    }
    let mut is_cut = false;
    if value.node.as_mapping().is_some() && value.entries().next().is_none() {
        if selects_all(path) {
            taking.take_all(path, value);
        }
    } else if value.node.as_mapping().is_some() {
        let is_secret = value.node.text_at(&["kind"]) == Some("Secret");
        // `name: TOKEN` beside `value: …` says what the value is.
        let named = ["name", "key"]
            .iter()
            .find_map(|name| value.node.text_at(&[name]));
        for (name, entry) in value.entries() {
            if is_secret && matches!(name, "data" | "stringData") {
                continue;
            }
            let key = match (name, named) {
                ("value", Some(named)) => named,
                _ => name,
            };
            let length = path.len();
            path.push('.');
            path.push_str(&segment(name));
            is_cut |= below(path, key, entry, depth + 1, taking);
            path.truncate(length);
        }
    } else if value.node.as_sequence().is_some() {
        for (index, item) in value.items().enumerate() {
            let length = path.len();
            // Writing to a text does not fail.
            let _ = write!(path, "[{index}]");
            is_cut |= below(path, key, item, depth + 1, taking);
            path.truncate(length);
        }
    } else if !is_of_secret(path, value) {
        taking.take(path, key, value);
    }
    is_cut
}

/// Whether nothing at a path means everything
/// (<https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec>).
fn selects_all(path: &str) -> bool {
    let is_rule = |key: &str| {
        let item = key
            .strip_prefix("ingress[")
            .or_else(|| key.strip_prefix("egress["));
        item.is_some_and(|item| item.ends_with(']'))
    };
    let last = path.rsplit('.').next().unwrap_or(path);
    matches!(last, "podSelector" | "namespaceSelector" | "endpointSelector") || is_rule(last)
}

/// Whether a scalar becomes what a Secret holds, and is not computed from anything that may be shown.
fn is_of_secret(path: &str, value: View<'_>) -> bool {
    let keys = path.split('.').map(|step| step.split('[').next().unwrap_or(step));
    redaction::is_of_secret(keys) && !value.text().is_some_and(|text| text.contains("{{"))
}

/// A part of a path; one with dots in it stands in brackets.
fn segment(name: &str) -> Cow<'_, str> {
    match name.contains(['.', '[']) {
        true => format!("[{name}]").into(),
        false => name.into(),
    }
}
