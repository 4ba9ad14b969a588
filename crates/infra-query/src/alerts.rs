//! The Alerts that report the events of a Flux object, and the Receivers that trigger its reconciliation
//! (<https://fluxcd.io/flux/components/notification/alerts/#event-sources>).

use std::collections::{BTreeMap, BTreeSet};

use infra_model::object::OtherObject;

use crate::facts::mentioning;
use crate::object::value;
use crate::text::joined;
use crate::{Facts, Keyed, Subject};

/// A kind whose objects name Flux objects.
#[derive(Clone, Copy)]
struct Watcher {
    kind: &'static str,
    /// Path of the list of objects that it names.
    list: &'static str,
}

const ALERT: Watcher = Watcher {
    kind: "Alert",
    list: "spec.eventSources[",
};

const RECEIVER: Watcher = Watcher {
    kind: "Receiver",
    list: "spec.resources[",
};

/// An entry of such a list.
#[derive(Default)]
struct Reference<'a> {
    kind: &'a str,
    name: &'a str,
    namespace: &'a str,
    has_labels: bool,
}

/// The Alerts that report the events of each of some subjects, in words; `None` if the cluster has no Alert at all.
pub(crate) fn alerts<'a>(
    facts: &'a dyn Facts,
    subjects: impl IntoIterator<Item = Subject<'a>>,
) -> Option<String> {
    let all = objects(facts, ALERT);
    if all.is_empty() {
        return None;
    }
    let subjects: Vec<Subject<'a>> = subjects.into_iter().collect();
    let texts = subjects
        .iter()
        .map(|subject| match naming(&all, ALERT, *subject).as_slice() {
            [] => format!("none{}", scope(&all, *subject)),
            some => some.join(", "),
        });
    let texts: Vec<String> = texts.collect();
    match texts.as_slice() {
        [] => None,
        [first, others @ ..] if others.iter().all(|other| other == first) => Some(first.clone()),
        several => {
            let several = several.iter().zip(&subjects);
            let several = several.map(|(text, subject)| format!("for {} {text}", subject.title()));
            Some(several.collect::<Vec<String>>().join("; "))
        }
    }
}

/// The Receivers that name one of some subjects, in words. A source without a Receiver is mentioned if the cluster has
/// others.
pub(crate) fn receivers<'a>(
    facts: &'a dyn Facts,
    subjects: impl IntoIterator<Item = Subject<'a>>,
) -> Option<String> {
    let all = objects(facts, RECEIVER);
    let subjects: Vec<Subject<'a>> = subjects.into_iter().collect();
    let found: BTreeSet<String> = subjects
        .iter()
        .flat_map(|subject| naming(&all, RECEIVER, *subject))
        .collect();
    let found: Vec<String> = found.into_iter().collect();
    match subjects.as_slice() {
        _ if !found.is_empty() => Some(joined(&found)),
        [Subject::Source(..)] if !all.is_empty() => Some("none, it is fetched at its interval".to_owned()),
        _ => None,
    }
}

fn objects(facts: &dyn Facts, watcher: Watcher) -> Vec<Keyed<'_, OtherObject>> {
    mentioning(facts.objects(), watcher.kind)
        .filter(|(_, object)| {
            object.kind == watcher.kind && object.api_version.starts_with("notification.toolkit.fluxcd.io/")
        })
        .collect()
}

/// The Alerts or Receivers that name a subject, each with what restricts it.
fn naming(all: &[Keyed<'_, OtherObject>], watcher: Watcher, subject: Subject<'_>) -> Vec<String> {
    let naming = |(key, object): &Keyed<'_, OtherObject>| {
        let matching = references(object, watcher);
        let mut matching = matching.values().filter(|entry| {
            entry.kind == subject.kind()
                && entry.namespace == subject.namespace()
                && (entry.name == "*" || entry.name == subject.name())
        });
        let first = matching.next()?;
        let by_labels = first.has_labels && matching.all(|entry| entry.has_labels);
        let remarks = [
            (value(object, "spec.suspend") == Some("true"), "suspended"),
            (
                value(object, "spec.eventSeverity") == Some("error"),
                "errors only",
            ),
            (by_labels, "if its labels match"),
        ];
        let remarks = remarks.into_iter().filter(|(is_so, _)| *is_so);
        let remarks: Vec<&str> = remarks.map(|(_, remark)| remark).collect();
        Some(match remarks.is_empty() {
            true => (*key).to_owned(),
            false => format!("{key} ({})", remarks.join(", ")),
        })
    };
    all.iter().filter_map(naming).collect()
}

/// The entries of the list of an object, by position. The default of their namespace is the object's own.
fn references<'a>(object: &'a OtherObject, watcher: Watcher) -> BTreeMap<usize, Reference<'a>> {
    let mut found: BTreeMap<usize, Reference<'a>> = BTreeMap::new();
    for (path, field) in &object.fields {
        let Some((number, rest)) = path
            .strip_prefix(watcher.list)
            .and_then(|rest| rest.split_once("]."))
        else {
            continue;
        };
        let Ok(number) = number.parse() else { continue };
        let entry = found.entry(number).or_insert_with(|| Reference {
            namespace: &object.namespace,
            ..Reference::default()
        });
        match rest {
            "kind" => entry.kind = &field.value,
            "name" => entry.name = &field.value,
            "namespace" => entry.namespace = &field.value,
            rest => entry.has_labels |= rest.starts_with("matchLabels"),
        }
    }
    found
}

/// The namespaces in which few Alerts name objects of a subject's kind; the number of Alerts if they are many.
fn scope(all: &[Keyed<'_, OtherObject>], subject: Subject<'_>) -> String {
    const FEW: usize = 2;
    if all.len() > FEW {
        return format!(" of {} Alerts", all.len());
    }
    let texts = all.iter().filter_map(|(key, object)| {
        let references = references(object, ALERT);
        let of_kind = references.values().filter(|entry| entry.kind == subject.kind());
        let namespaces: BTreeSet<&str> = of_kind.map(|entry| entry.namespace).collect();
        let namespaces: Vec<&str> = namespaces.into_iter().collect();
        match namespaces.as_slice() {
            [] => None,
            [only] if *only == subject.namespace() => Some(format!("{key} names others in {only}")),
            some => Some(format!("{key} has those of {}", joined(some))),
        }
    });
    let texts: Vec<String> = texts.collect();
    match texts.is_empty() {
        true => format!(": no Alert names a {}", subject.kind()),
        false => format!(" ({})", texts.join("; ")),
    }
}
