//! Fields of objects without a section of their own, and values of HelmReleases whose charts are not available.

use infra_model::flux::HelmRelease;
use infra_model::object::ObjectField;
use infra_model::service::Service;

use super::ConfigFound;
use crate::facts::mentioning;
use crate::find::{find_with_fields, releases_named_after};
use crate::graph::links::release_of;
use crate::{Facts, Subject};

/// Fields of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundFields<'a> {
    /// The object.
    pub subject: Subject<'a>,
    /// The fields that were asked for, by path.
    pub fields: Vec<(&'a str, &'a ObjectField)>,
}

/// The fields that a term means: all fields by `NAME`, or by `NAME/PATH` those whose path is, begins or ends with
/// `PATH`; of a HelmRelease its values.
pub(super) fn fields<'a>(facts: &'a dyn Facts, term: &str) -> Option<ConfigFound<'a>> {
    let whole = find_with_fields(facts, term).into_iter();
    let whole = whole.filter(|subject| matches!(subject, Subject::Object(..)));
    let whole: Vec<FoundFields<'a>> = whole.map(|subject| found(subject, |_| true)).collect();
    if !whole.is_empty() {
        return Some(ConfigFound::Objects(whole));
    }
    // Both the name and the path may contain slashes.
    let find = |named: &dyn Fn(&str) -> Vec<Subject<'a>>| {
        term.match_indices('/').rev().find_map(|(at, _)| {
            let (name, path) = (term.get(..at)?, term.get(at + 1..)?);
            let found: Vec<FoundFields<'a>> = named(name)
                .into_iter()
                .map(|subject| at_path(subject, path.trim_start_matches('.')))
                .filter(|found| !found.fields.is_empty())
                .collect();
            (!found.is_empty()).then_some(ConfigFound::Objects(found))
        })
    };
    // Objects of that very name, else all HelmReleases whose name contains it.
    find(&|name| find_with_fields(facts, name)).or_else(|| find(&|name| releases_named_after(facts, name)))
}

/// Like [`fields`], for a term that begins with the kind of the object: `Kafka/kafka/cluster`.
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

/// The values of the HelmRelease of a service whose chart is not available.
pub(super) fn values_of<'a>(facts: &'a dyn Facts, service: &Service) -> Option<FoundFields<'a>> {
    let (key, release) = release_of(facts, service)?;
    let is_meant = service.workload.is_none() && !release.values.is_empty();
    is_meant.then(|| found(Subject::HelmRelease(key, release), |_| true))
}

/// The values of HelmReleases whose last key is a term, in its own case, or that are the `value` beside a `name` with
/// it.
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

/// Objects with all their fields.
pub(super) fn all_of(
    objects: &std::collections::BTreeMap<infra_model::Key, infra_model::object::OtherObject>,
) -> Vec<FoundFields<'_>> {
    let all = objects.iter();
    all.map(|(key, object)| found(Subject::Object(key, object), |_| true))
        .collect()
}

fn found<'a>(subject: Subject<'a>, is_asked: impl Fn(&str) -> bool) -> FoundFields<'a> {
    let fields = subject.fields().into_iter().flatten();
    let fields = fields.filter(|(path, _)| is_asked(path));
    FoundFields {
        subject,
        fields: fields.map(|(path, field)| (path.as_str(), field)).collect(),
    }
}

/// The fields at a path, with those beside them whose last key begins with the same word, such as `retentionSize`
/// beside `retention`; if there are none, the fields below the path.
fn at_path<'a>(subject: Subject<'a>, path: &str) -> FoundFields<'a> {
    let path = match subject {
        // The path may be written as in the HelmRelease.
        Subject::HelmRelease(..) => {
            let path = path.strip_prefix("spec.").unwrap_or(path);
            path.strip_prefix("values.").unwrap_or(path)
        }
        _ => path,
    };
    let is_at = |own: &str| {
        let rest = own.strip_suffix(path);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let exact = found(subject, is_at);
    if exact.fields.is_empty() {
        let below = [format!(".{path}."), format!(".{path}[")];
        return found(subject, |own| {
            let own = format!(".{own}");
            below.iter().any(|below| own.contains(below.as_str()))
        });
    }
    let starts: Vec<&str> = exact.fields.iter().map(|(path, _)| *path).collect();
    let is_beside = |own: &str| {
        let rest = starts.iter().find_map(|start| own.strip_prefix(start));
        rest.is_some_and(|rest| !rest.contains(['.', '[']))
    };
    found(subject, is_beside)
}

/// The fields of `NAME/WORD` whose last key contains the word, in any case; also those below a key that contains it, if
/// they are few.
pub(super) fn fields_like<'a>(facts: &'a dyn Facts, term: &str) -> Option<ConfigFound<'a>> {
    let (name, word) = term.rsplit_once('/')?;
    let word = word.to_lowercase();
    if word.len() < 3 {
        return None;
    }
    // A field is known by its last key, a `value` by the `name` beside it.
    let last = |subject: Subject<'a>, path: &str| -> String {
        let item = path.strip_suffix(".value");
        let name = item.and_then(|item| subject.fields()?.get(&format!("{item}.name")));
        match name {
            Some(name) => name.value.clone(),
            None => path
                .rsplit('.')
                .find(|key| *key != "value")
                .unwrap_or_default()
                .to_owned(),
        }
    };
    // `mqtt` means `MQTT_HOST` rather than `ZIGBEE2MQTT_DATA`.
    let begins = |key: &str| words(key).any(|own| own.to_lowercase().starts_with(&word));
    let subjects = find_with_fields(facts, name);
    let all = |is_asked: &dyn Fn(Subject<'a>, &str) -> bool| -> Vec<FoundFields<'a>> {
        let found = subjects
            .iter()
            .map(|subject| found(*subject, |path| is_asked(*subject, path)));
        found.filter(|found| !found.fields.is_empty()).collect()
    };
    let count = |found: &[FoundFields<'a>]| found.iter().map(|found| found.fields.len()).sum::<usize>();
    let mut found = all(&|subject, path| begins(&last(subject, path)));
    // `dns` means `dnsPolicy` and the fields below `dnsConfig`.
    let around = all(&|subject, path| begins(&last(subject, path)) || path.split('.').any(begins));
    if count(&around) <= FEW {
        found = around;
    }
    if found.is_empty() {
        found = all(&|subject, path| last(subject, path).to_lowercase().contains(&word));
    }
    (!found.is_empty()).then_some(ConfigFound::Objects(found))
}

/// Up to this number, fields are shown although they match only by a key above.
const FEW: usize = 12;

/// The words of a key, separated by `_`, `-` and capitals.
pub(super) fn words(key: &str) -> impl Iterator<Item = &str> {
    key.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(|part| {
        let capitals = part.char_indices().filter(move |(at, c)| {
            let before = part.get(..*at).and_then(|before| before.chars().next_back());
            c.is_ascii_uppercase() && before.is_some_and(|before| before.is_ascii_lowercase())
        });
        let starts = std::iter::once(0).chain(capitals.map(|(at, _)| at));
        starts.filter_map(move |at| part.get(at..))
    })
}
