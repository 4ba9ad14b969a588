//! Which Alerts report the events of a Flux object, and which Receivers make Flux look at it at once
//! (<https://fluxcd.io/flux/components/notification/alerts/#event-sources>).

use std::collections::{BTreeMap, BTreeSet};

use infra_model::object::{ObjectField, OtherObject};

use crate::facts::mentioning;
use crate::text::joined;
use crate::{Facts, Subject};

/// A kind whose objects name Flux objects.
#[derive(Clone, Copy)]
struct Watching {
    kind: &'static str,
    /// The list of what it names.
    list: &'static str,
}

const ALERT: Watching = Watching {
    kind: "Alert",
    list: "spec.eventSources[",
};

const RECEIVER: Watching = Watching {
    kind: "Receiver",
    list: "spec.resources[",
};

/// One entry of such a list.
#[derive(Default)]
struct Entry<'a> {
    kind: &'a str,
    name: &'a str,
    namespace: &'a str,
    has_labels: bool,
}

/// Which Alerts report the events of each of some things, in words; none where there is no Alert at all.
pub(crate) fn alerts<'a>(
    facts: &'a dyn Facts,
    things: impl IntoIterator<Item = Subject<'a>>,
) -> Option<String> {
    let all = objects(facts, ALERT);
    if all.is_empty() {
        return None;
    }
    let things: Vec<Subject<'a>> = things.into_iter().collect();
    let told = things
        .iter()
        .map(|thing| match covering(&all, ALERT, *thing).as_slice() {
            [] => format!("none{}", reach(&all, *thing)),
            some => some.join(", "),
        });
    let told: Vec<String> = told.collect();
    match told.as_slice() {
        [] => None,
        [first, others @ ..] if others.iter().all(|other| other == first) => Some(first.clone()),
        several => {
            let several = several.iter().zip(&things);
            let several = several.map(|(told, thing)| format!("for {} {told}", thing.title()));
            Some(several.collect::<Vec<String>>().join("; "))
        }
    }
}

/// The Receivers that name one of some things, in words. That there is none is said of sources, where there are others.
pub(crate) fn receivers<'a>(
    facts: &'a dyn Facts,
    things: impl IntoIterator<Item = Subject<'a>>,
) -> Option<String> {
    let all = objects(facts, RECEIVER);
    let things: Vec<Subject<'a>> = things.into_iter().collect();
    let found: BTreeSet<String> = things
        .iter()
        .flat_map(|thing| covering(&all, RECEIVER, *thing))
        .collect();
    let found: Vec<String> = found.into_iter().collect();
    match things.as_slice() {
        _ if !found.is_empty() => Some(joined(&found)),
        [Subject::Source(..)] if !all.is_empty() => Some("none, it is fetched at its interval".to_owned()),
        _ => None,
    }
}

fn objects(facts: &dyn Facts, watching: Watching) -> Vec<(&str, &OtherObject)> {
    mentioning(facts.objects(), watching.kind)
        .filter(|(_, object)| {
            object.kind == watching.kind && object.api_version.starts_with("notification.toolkit.fluxcd.io/")
        })
        .collect()
}

/// The objects that name a thing, with what limits that.
fn covering(all: &[(&str, &OtherObject)], watching: Watching, thing: Subject<'_>) -> Vec<String> {
    let covers = |(key, object): &(&str, &OtherObject)| {
        let matching = entries(object, watching);
        let mut matching = matching.values().filter(|entry| {
            entry.kind == thing.kind()
                && entry.namespace == thing.namespace()
                && (entry.name == "*" || entry.name == thing.name())
        });
        let first = matching.next()?;
        let text = |path: &str| {
            object
                .fields
                .get(path)
                .map(|field: &ObjectField| field.value.as_str())
        };
        let by_labels = first.has_labels && matching.all(|entry| entry.has_labels);
        let remarks = [
            (text("spec.suspend") == Some("true"), "suspended"),
            (text("spec.eventSeverity") == Some("error"), "errors only"),
            (by_labels, "if its labels match"),
        ];
        let remarks = remarks.into_iter().filter(|(is_so, _)| *is_so);
        let remarks: Vec<&str> = remarks.map(|(_, remark)| remark).collect();
        Some(match remarks.is_empty() {
            true => (*key).to_owned(),
            false => format!("{key} ({})", remarks.join(", ")),
        })
    };
    all.iter().filter_map(covers).collect()
}

/// The entries of the list of an object, by their number. Without a namespace it is the object's own.
fn entries<'a>(object: &'a OtherObject, watching: Watching) -> BTreeMap<usize, Entry<'a>> {
    let mut found: BTreeMap<usize, Entry<'a>> = BTreeMap::new();
    for (path, field) in &object.fields {
        let Some((number, rest)) = path
            .strip_prefix(watching.list)
            .and_then(|rest| rest.split_once("]."))
        else {
            continue;
        };
        let Ok(number) = number.parse() else { continue };
        let entry = found.entry(number).or_insert_with(|| Entry {
            namespace: &object.namespace,
            ..Entry::default()
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

/// Where the few Alerts look for things of a kind that do not cover one of it.
fn reach(all: &[(&str, &OtherObject)], thing: Subject<'_>) -> String {
    const FEW: usize = 2;
    if all.len() > FEW {
        return format!(" of {} Alerts", all.len());
    }
    let told = all.iter().filter_map(|(key, object)| {
        let entries = entries(object, ALERT);
        let same_kind = entries.values().filter(|entry| entry.kind == thing.kind());
        let namespaces: BTreeSet<&str> = same_kind.map(|entry| entry.namespace).collect();
        let namespaces: Vec<&str> = namespaces.into_iter().collect();
        match namespaces.as_slice() {
            [] => None,
            [only] if *only == thing.namespace() => Some(format!("{key} names others in {only}")),
            some => Some(format!("{key} has those of {}", joined(some))),
        }
    });
    let told: Vec<String> = told.collect();
    match told.is_empty() {
        true => format!(": no Alert names a {}", thing.kind()),
        false => format!(" ({})", told.join("; ")),
    }
}
