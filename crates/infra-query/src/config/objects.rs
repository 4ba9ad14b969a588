//! Fields of objects that no other section has, and values of releases whose charts are not at hand.

use infra_model::flux::HelmRelease;
use infra_model::object::ObjectField;
use infra_model::service::Service;

use super::ConfigFound;
use crate::facts::mentioning;
use crate::find::find_with_fields;
use crate::graph::links::release_of;
use crate::{Facts, Subject};

/// Fields of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundFields<'a> {
    /// The object.
    pub subject: Subject<'a>,
    /// Those that were asked for, by path.
    pub fields: Vec<(&'a str, &'a ObjectField)>,
}

/// What a term asks of objects: all fields by `NAME`, or by `NAME/PATH` those at a path, below it, or that end with it; of a
/// release, values that end with it.
pub(super) fn fields<'a>(facts: &'a dyn Facts, term: &str) -> Option<ConfigFound<'a>> {
    let whole = find_with_fields(facts, term).into_iter();
    let whole = whole.filter(|subject| matches!(subject, Subject::Object(..)));
    let whole: Vec<FoundFields<'a>> = whole.map(|subject| found(subject, |_| true)).collect();
    if !whole.is_empty() {
        return Some(ConfigFound::Objects(whole));
    }
    // Both the name and the path may have slashes in them.
    term.match_indices('/').rev().find_map(|(at, _)| {
        let (name, path) = (term.get(..at)?, term.get(at + 1..)?);
        let subjects = find_with_fields(facts, name).into_iter();
        let found: Vec<FoundFields<'a>> = subjects
            .map(|subject| at_path(subject, path.trim_start_matches('.')))
            .filter(|found| !found.fields.is_empty())
            .collect();
        (!found.is_empty()).then_some(ConfigFound::Objects(found))
    })
}

/// As [`fields`], of the one object whose kind the term begins with: `Kafka/kafka/cluster`.
pub(super) fn of_kind<'a>(facts: &'a dyn Facts, term: &str) -> Option<ConfigFound<'a>> {
    let (kind, _) = term.split_once('/')?;
    let found = fields(facts, term)?;
    let ConfigFound::Objects(objects) = &found else {
        return None;
    };
    let is_of_kind = |found: &FoundFields<'_>| {
        matches!(found.subject, Subject::Object(..)) && found.subject.kind().eq_ignore_ascii_case(kind)
    };
    objects.iter().all(is_of_kind).then_some(found)
}

/// The values of the HelmRelease that a service stands for, where its chart is not at hand.
pub(super) fn values_of<'a>(facts: &'a dyn Facts, service: &Service) -> Option<FoundFields<'a>> {
    let (key, release) = release_of(facts, service)?;
    let is_meant = service.workload.is_none() && !release.values.is_empty();
    is_meant.then(|| found(Subject::HelmRelease(key, release), |_| true))
}

/// The values of releases whose last key is a term, in its own case, or that stand beside it as a `name`.
pub(super) fn values_called<'a>(facts: &'a dyn Facts, term: &str) -> Option<ConfigFound<'a>> {
    if term.is_empty() || term.contains(['.', '/', '[']) {
        return None;
    }
    let is_named = |release: &HelmRelease, path: &str| {
        let item = path.strip_suffix(".value");
        let name = item.and_then(|item| release.values.get(&format!("{item}.name")));
        name.is_some_and(|name| name.value == term)
    };
    let releases = mentioning(facts.helm_releases(), term);
    let found = releases.map(|(key, release)| {
        found(Subject::HelmRelease(key, release), |path| {
            path.rsplit('.').next() == Some(term) || is_named(release, path)
        })
    });
    let found: Vec<FoundFields<'a>> = found.filter(|found| !found.fields.is_empty()).collect();
    (!found.is_empty()).then_some(ConfigFound::Objects(found))
}

fn found<'a>(subject: Subject<'a>, is_asked: impl Fn(&str) -> bool) -> FoundFields<'a> {
    let fields = subject.fields().into_iter().flatten();
    let fields = fields.filter(|(path, _)| is_asked(path));
    FoundFields {
        subject,
        fields: fields.map(|(path, field)| (path.as_str(), field)).collect(),
    }
}

fn at_path<'a>(subject: Subject<'a>, path: &str) -> FoundFields<'a> {
    let exact = found(subject, |own| {
        own.strip_suffix(path)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    match exact.fields.is_empty() && matches!(subject, Subject::Object(..)) {
        true => found(subject, |own| {
            own.strip_prefix(path)
                .is_some_and(|rest| rest.starts_with(['.', '[']))
        }),
        false => exact,
    }
}
