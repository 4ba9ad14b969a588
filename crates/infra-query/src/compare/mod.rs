//! `compare`: what differs between two clusters. Versions, replicas, values, secrets and hosts of entries that both
//! have, and the entries that only one has.

mod fields;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use crate::answer::display_answer;
use crate::facts::entries;
use crate::find::{NotFound, QueryError, find};
use crate::graph::Node;
use crate::graph::links::release_of;
use crate::next_steps::{Answer, Step};
use crate::{Facts, Subject};

pub(crate) use fields::{Fields, Kind};

/// The differences between two clusters, or between two subjects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compare {
    /// The names of both.
    pub clusters: [String; 2],
    /// Whether `clusters` are the names of two subjects.
    pub is_of_things: bool,
    /// The fields that differ, by entry and field.
    pub differences: Vec<Difference>,
    /// The chart with its version, if the subject that was asked for has the same in both.
    pub same: Vec<Same>,
    /// Titles of the entries that only the first has, and only the second.
    pub only: [Vec<String>; 2],
}

/// A value that is equal in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Same {
    /// Title of its entry.
    pub of: String,
    /// The value, such as `chart app-template 5.1.0`.
    pub value: String,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Title of its entry.
    pub of: String,
    /// The field, such as `image ghcr.io/acme/papi` or `config papi-env.LOG_LEVEL`.
    pub field: String,
    /// The value in each; `None` if it is not set there.
    pub values: [Option<String>; 2],
}

impl Answer for Compare {
    fn steps(&self) -> &[Step] {
        &[]
    }
}

display_answer!(Compare);

/// Compares two clusters, each with its name: all entries, or those that a term means in either.
///
/// # Errors
/// [`QueryError`] if the term means nothing in both.
pub fn compare([left, right]: [(&str, &dyn Facts); 2], term: Option<&str>) -> Result<Compare, QueryError> {
    let [one, other] = [left.1, right.1].map(|facts| match term {
        Some(_) => titles(facts, term).map(|titles| with_owners(facts, titles)),
        None => titles(facts, term),
    });
    let (one, other) = match (one, other) {
        (Err(error), Err(_)) => return Err(error),
        (one, other) => (one.unwrap_or_default(), other.unwrap_or_default()),
    };
    let asked: BTreeSet<(Kind, String)> = one.into_iter().chain(other).collect();
    if let (true, Some(term)) = (asked.is_empty(), term) {
        // Other kinds have no fields that are compared.
        let hits = [left.1, right.1]
            .into_iter()
            .flat_map(|facts| find(facts, term).unwrap_or_default());
        let mut others: Vec<String> = hits.map(|hit| hit.subject.title()).collect();
        others.dedup();
        return Err(QueryError::NotFound(NotFound {
            term: term.to_owned(),
            others,
            ..NotFound::default()
        }));
    }
    let mut compare = Compare {
        clusters: [left.0.to_owned(), right.0.to_owned()],
        ..Compare::default()
    };
    for (kind, key) in asked {
        let title = kind.title(&key);
        match (kind.fields(left.1, &key), kind.fields(right.1, &key)) {
            (Some(one), Some(other)) => {
                if term.is_some() {
                    compare.same.extend(same_chart(&title, &one, &other));
                }
                compare.add(&title, one, other);
            }
            (Some(_), None) => compare.only[0].push(title + &missing_part(kind, &key, left.1, right.1)),
            (None, Some(_)) => compare.only[1].push(title + &missing_part(kind, &key, right.1, left.1)),
            (None, None) => {}
        }
    }
    compare.versions_first();
    Ok(compare)
}

/// A remark that the other cluster may have a service too: in a part of its Kustomization that is not available.
fn missing_part(kind: Kind, key: &str, own: &dyn Facts, other: &dyn Facts) -> String {
    let entry = match kind {
        Kind::Service => Node::Service(key),
        Kind::HelmRelease => Node::HelmRelease(key),
        _ => return String::new(),
    };
    let entry = entry.subject(own);
    let by = entry.and_then(|entry| entry.kustomization());
    let there = by.and_then(|by| other.kustomizations().get_key_value(by));
    match there.filter(|(_, it)| !it.missing.is_empty()) {
        Some((by, it)) => {
            let what = it.missing.join(" and ");
            format!(" (Kustomization {by} of the other applies {what}, which is not available)")
        }
        None => String::new(),
    }
}

/// The difference of two values: of multi-line texts the lines that only one of them has.
pub(crate) fn in_short(values: [Option<String>; 2]) -> [Option<String>; 2] {
    let [Some(one), Some(other)] = &values else {
        return values;
    };
    let size = |text: &'_ str| text.split(", text ").next().unwrap_or_default().to_owned();
    if one.contains(" bytes, text ") && other.contains(" bytes, text ") {
        let (one, other) = (size(one), size(other));
        let note = if one == other { " of another text" } else { "" };
        return [Some(one), Some(format!("{other}{note}"))];
    }
    if !one.contains('\n') && !other.contains('\n') {
        return values;
    }
    let only = |own: &str, other: &str| {
        let lines = own
            .lines()
            .filter(|line| !other.lines().any(|known| known == *line));
        let lines: Vec<&str> = lines.map(str::trim).collect();
        match lines.is_empty() {
            true => "the same lines in another number or order".to_owned(),
            false => lines.join("; "),
        }
    };
    [Some(only(one, other)), Some(only(other, one))]
}

/// Whether a field decides which version of something runs, which people look for first.
fn is_version(field: &str) -> bool {
    let last = field.rsplit('.').next().unwrap_or(field).to_ascii_lowercase();
    field.starts_with("image ")
        || matches!(field, "path" | "not available" | "chart" | "ref")
        || !field.contains('[') && (last.ends_with("version") || last == "tag")
}

/// The chart that both have, with its version.
fn same_chart(title: &str, one: &Fields, other: &Fields) -> Option<Same> {
    let equal = |field: &str| {
        let value = one.get(field);
        value.filter(|value| other.get(field) == Some(*value))
    };
    Some(Same {
        of: title.to_owned(),
        value: format!("chart {} {}", equal("chart")?, equal("version")?),
    })
}

impl Compare {
    /// Puts entries of another version first, and drops variables that only hold such a version.
    pub(crate) fn versions_first(&mut self) {
        let held: BTreeSet<[Option<String>; 2]> = self
            .differences
            .iter()
            .filter(|it| it.field == "version")
            .map(|it| it.values.clone())
            .collect();
        self.differences.retain(|it| {
            let is_variable = it.field.starts_with("postBuild.substitute.") || it.of.starts_with("variable ");
            !is_variable || !held.contains(&it.values)
        });
        let of: BTreeSet<String> = self
            .differences
            .iter()
            .filter(|it| is_version(&it.field))
            .map(|it| it.of.clone())
            .collect();
        // The sort is stable, so that entries keep their order.
        self.differences.sort_by_key(|it| {
            (
                !of.contains(&it.of),
                !of.contains(&it.of) || !is_version(&it.field),
            )
        });
        let mut first: BTreeMap<String, usize> = BTreeMap::new();
        for (position, it) in self.differences.iter().enumerate() {
            first.entry(it.of.clone()).or_insert(position);
        }
        self.differences.sort_by_key(|it| first.get(&it.of).copied());
    }

    fn add(&mut self, title: &str, mut one: Fields, mut other: Fields) {
        let names: BTreeSet<String> = one.keys().chain(other.keys()).cloned().collect();
        for field in names {
            let values = [one.remove(&field), other.remove(&field)];
            if values[0] != values[1] {
                self.differences.push(Difference {
                    of: title.to_owned(),
                    field,
                    values: in_short(values),
                });
            }
        }
    }
}

/// The entries to compare of a cluster: those that a term means with their HelmReleases and the ConfigMaps that they
/// read, or all.
pub(crate) fn titles(facts: &dyn Facts, term: Option<&str>) -> Result<BTreeSet<(Kind, String)>, QueryError> {
    let mut found = BTreeSet::new();
    let subjects: Vec<Subject<'_>> = match term {
        Some(term) => find(facts, term)?.into_iter().map(|hit| hit.subject).collect(),
        None => Subject::all(facts),
    };
    for subject in subjects {
        found.extend(Kind::of_subject(&subject).map(|kind| (kind, subject.key().to_owned())));
        if let Subject::Service(_, service) = subject {
            let release = release_of(facts, service);
            found.extend(release.map(|(key, _)| (Kind::HelmRelease, key.to_owned())));
            let maps = service.config_maps.iter();
            found.extend(maps.map(|key| (Kind::ConfigMap, key.clone())));
        }
    }
    Ok(found)
}

/// Adds the Kustomizations that apply only one of the services: how a service is applied is part of how it runs.
fn with_owners(facts: &dyn Facts, mut titles: BTreeSet<(Kind, String)>) -> BTreeSet<(Kind, String)> {
    let services = titles.iter().filter(|(kind, _)| *kind == Kind::Service);
    let owners = services.filter_map(|(_, key)| facts.services().get(key)?.kustomization.as_deref());
    let alone = owners.filter(|owner| {
        let services = entries(facts.services(), &[owner]);
        let own = services.filter(|(_, service)| service.kustomization.as_deref() == Some(owner));
        own.take(2).count() == 1
    });
    let alone: Vec<_> = alone
        .map(|owner| (Kind::Kustomization, owner.to_owned()))
        .collect();
    titles.extend(alone);
    titles
}
