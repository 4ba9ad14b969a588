//! Copies that controllers make: their targets and their originals.

use std::fmt;

use infra_model::secrets::CopiedTo;
use plain_text::{Lines, line, printable_name};

use crate::text::{copy_text, joined, place_in_brackets};
use crate::{Facts, Node, Subject};

/// The object that makes a Secret, by `Kind/key` as entries name it.
pub(crate) fn maker<'a>(facts: &'a dyn Facts, by: &'a str) -> Option<Subject<'a>> {
    let (kind, key) = by.split_once('/')?;
    let node = match kind {
        "Secret" => Node::Secret(key),
        "SealedSecret" => Node::SealedSecret(key),
        "ExternalSecret" | "ClusterExternalSecret" => Node::ExternalSecret(key),
        "SecretProviderClass" => Node::SecretProviderClass(key),
        _ => {
            let object = Node::Object(by).subject(facts);
            return object.or_else(|| Node::VaultSecret(key).subject(facts));
        }
    };
    node.subject(facts)
}

/// The namespaces that a controller copies an object to.
pub(crate) fn copied_to<'a>(subject: Subject<'a>) -> Option<&'a CopiedTo> {
    match subject {
        Subject::Secret(_, it) => it.copied_to.as_ref(),
        Subject::SealedSecret(_, it) => it.copied_to.as_ref(),
        Subject::ExternalSecret(_, it) => it.copied_to.as_ref(),
        Subject::ConfigMap(_, it) => it.copied_to.as_ref(),
        Subject::Object(_, it) => it.copied_to.as_ref(),
        _ => None,
    }
}

/// `esphome, home-assistant, by Reflector`
pub(crate) fn words(to: &CopiedTo) -> String {
    format!("{}, by {}", joined(&to.namespaces), printable_name(&to.by))
}

/// The line `copied to`, or nothing.
pub(crate) fn line(f: &mut Lines<'_>, subject: Subject<'_>) -> fmt::Result {
    match copied_to(subject) {
        Some(to) => line!(f, "copied to: {}", words(to)),
        None => Ok(()),
    }
}

/// The original of a Secret, with its protection and its place.
pub(crate) fn copy_of(origin: &str, by: Option<&str>, original: Option<Subject<'_>>) -> String {
    let mut text = copy_text("Secret", origin);
    if let Some(by) = by {
        text.push_str(&format!(" by {}", printable_name(by)));
    }
    if let Some(original) = original {
        text.push_str(&format!(": {}", stated(original)));
    }
    text
}

/// The protection of a Secret, or the object that makes it, with the line.
fn stated(original: Subject<'_>) -> String {
    let what = match original {
        Subject::Secret(_, secret) => secret.protection.as_str().to_owned(),
        other => printable_name(&other.title()).into_owned(),
    };
    what + &place_in_brackets(original.place())
}
