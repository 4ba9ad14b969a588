//! `explain`: which places state a field, the weakest first, and which of them decides.

use std::collections::BTreeSet;
use std::fmt;

use infra_model::explain::{ExplainedField, ExplainedValue, Explanation, Proof, ServiceField, Statement};
use infra_model::flux::HelmRelease;
use infra_model::object::ObjectField;
use infra_model::service::Service;
use infra_model::{ObjectRef, Place};
use plain_text::{Lines, line, printable, printable_name};

use crate::answer::display_answer;
use crate::find::{NotFound, QueryError, find_for, find_service};
use crate::graph::links::release_of;
use crate::next_steps::{self, Answer, Step};
use crate::object::field_line;
use crate::r#where::scaled_and_stated;
use crate::{Facts, Keyed, Question, Subject, Text};

/// Fields of a service, and what states each of them.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainAnswer<'a> {
    /// The service.
    pub entry: &'a Service,
    /// Its fields.
    pub explanation: Explanation,
    /// What was asked for; none for every field.
    pub asked: Option<ServiceField>,
    /// Where its chart is not at hand: the values of its release that are called after what was asked for, by path.
    pub values: Vec<(&'a str, &'a ObjectField)>,
}

impl Answer for ExplainAnswer<'_> {
    fn steps(&self) -> &[Step] {
        &[]
    }

    fn shown(&self) -> usize {
        0
    }
}

display_answer!(ExplainAnswer<'_>);

/// Explains fields of the service that a term means. `explained` gives those of a service by its key.
///
/// # Errors
/// [`QueryError`]
pub fn explain<'a>(
    facts: &'a dyn Facts,
    term: &str,
    asked: Option<ServiceField>,
    explained: &dyn Fn(&str) -> Vec<ExplainedField>,
) -> Result<ExplainAnswer<'a>, QueryError> {
    let (service, entry) = find_service(facts, term)?;
    Ok(ExplainAnswer {
        entry,
        explanation: Explanation {
            service: service.to_owned(),
            fields: explained(service),
        },
        asked,
        values: match (entry.workload.is_none(), asked) {
            (true, Some(asked)) => values_called(facts, entry, asked),
            _ => Vec::new(),
        },
    })
}

/// The values of a release that are called after a field of what its chart makes.
fn values_called<'a>(
    facts: &'a dyn Facts,
    service: &Service,
    asked: ServiceField,
) -> Vec<(&'a str, &'a ObjectField)> {
    const MOST: usize = 12;
    let Some((_, release)) = release_of(facts, service) else {
        return Vec::new();
    };
    let word = asked.as_str();
    let is_asked = |path: &str| {
        let mut keys = path.split(['.', '[']).map(str::to_ascii_lowercase);
        keys.any(|key| key.starts_with(word) || key.ends_with(word) || key.strip_suffix('s') == Some(word))
    };
    let found = release.values.iter().filter(|(path, _)| is_asked(path));
    found
        .take(MOST)
        .map(|(path, field)| (path.as_str(), field))
        .collect()
}

/// Values of a HelmRelease, and what states each of them.
#[derive(Clone, Debug, PartialEq)]
pub struct ValuesAnswer<'a> {
    /// Key of the HelmRelease.
    pub release: &'a str,
    /// The path that was asked for.
    pub path: String,
    /// The values at it and below it.
    pub values: Vec<ExplainedValue>,
    /// The values of further HelmReleases that the term means, by key.
    pub others: Vec<(&'a str, Vec<ExplainedValue>)>,
    /// Commands that show what the cluster has.
    pub check: Vec<Step>,
}

impl Answer for ValuesAnswer<'_> {
    fn steps(&self) -> &[Step] {
        &self.check
    }

    fn shown(&self) -> usize {
        0
    }
}

display_answer!(ValuesAnswer<'_>);

/// The HelmRelease that a term means, itself or by a service that it installs.
pub fn release_of_term<'a>(facts: &'a dyn Facts, term: &str) -> Option<Keyed<'a, HelmRelease>> {
    releases_of_term(facts, term).into_iter().next()
}

/// The HelmReleases that a term means.
fn releases_of_term<'a>(facts: &'a dyn Facts, term: &str) -> Vec<Keyed<'a, HelmRelease>> {
    let hits = find_for(facts, term, Question::Flux).unwrap_or_default();
    let named = hits.iter().filter_map(|hit| match hit.subject {
        Subject::HelmRelease(key, release) => Some((key, release)),
        _ => None,
    });
    let mut releases: Vec<Keyed<'a, HelmRelease>> = named.collect();
    if releases.is_empty() {
        let installing = hits.iter().filter_map(|hit| match hit.subject {
            Subject::Service(_, service) => release_of(facts, service),
            _ => None,
        });
        releases.extend(installing);
        releases.dedup_by_key(|(key, _)| *key);
    }
    releases
}

/// Explains the values of the HelmRelease that a term means, at a path. `explained` gives them by namespace and name of the
/// release.
///
/// # Errors
/// [`QueryError::NotFound`] where there is no such release or value.
pub fn values<'a>(
    facts: &'a dyn Facts,
    term: &str,
    path: &str,
    explained: &dyn Fn(&ObjectRef) -> Vec<ExplainedValue>,
) -> Result<ValuesAnswer<'a>, QueryError> {
    let missing = || {
        QueryError::NotFound(NotFound {
            term: format!("{term} {path}"),
            ..NotFound::default()
        })
    };
    const MOST: usize = 8;
    let releases = releases_of_term(facts, term).into_iter().take(MOST);
    let with_values = releases.map(|(key, entry)| {
        let id = ObjectRef::new("HelmRelease", &entry.namespace, &entry.name);
        (key, entry, explained(&id))
    });
    let mut with_values = with_values.filter(|(.., values)| !values.is_empty());
    let (release, entry, values) = with_values.next().ok_or_else(missing)?;
    Ok(ValuesAnswer {
        release,
        path: path.to_owned(),
        values,
        others: with_values.map(|(key, _, values)| (key, values)).collect(),
        check: next_steps::for_helm_release(facts, entry),
    })
}

impl Text for ValuesAnswer<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        self.values_of(f, self.release, &self.values)?;
        for (release, values) in &self.others {
            self.values_of(f, release, values)?;
        }
        Ok(())
    }
}

impl ValuesAnswer<'_> {
    fn values_of(&self, f: &mut Lines<'_>, release: &str, values: &[ExplainedValue]) -> fmt::Result {
        const MOST: usize = 20;
        write!(f, "values of HelmRelease {}", printable_name(release))?;
        let count = values.len();
        let file = values.iter().find_map(|value| Some(&only_place(value)?.file));
        match file {
            Some(file) => line!(f, ", {}", printable_name(file.as_str()))?,
            None => line!(f)?,
        }
        // What all values come through, such as an object of `valuesFrom`, is said of the first.
        let mut said: BTreeSet<String> = BTreeSet::new();
        let mut values: Vec<&ExplainedValue> = values.iter().collect();
        // What is called so before what is below it, then what a patch states, items of lists last.
        values.sort_by_key(|value| {
            let is_called = value.path.rsplit('.').next() == self.path.rsplit('.').next();
            let is_patched = only_place(value).is_none_or(|place| Some(&place.file) != file);
            (!is_called, !is_patched, value.path.contains('['))
        });
        for value in values.into_iter().take(MOST) {
            write!(f, "{}: {}", printable_name(&value.path), short(&value.value))?;
            // What one place states alone needs no chain.
            match only_place(value) {
                Some(place) if Some(&place.file) == file => line!(f, " <- line {}", place.line)?,
                Some(place) => line!(f, " <- {}", printable_name(&place.to_string()))?,
                None if only_layer(value).is_some() => {
                    let statement = only_layer(value);
                    let place = statement.and_then(|statement| statement.source.as_ref());
                    let by = statement
                        .and_then(|statement| statement.by.as_deref())
                        .unwrap_or_default();
                    if let Some(place) = place {
                        write!(f, " <- {}", printable_name(&place.to_string()))?;
                    }
                    match said.insert(by.to_owned()) {
                        true => line!(f, " by {}", printable_name(by))?,
                        false => line!(f)?,
                    }
                }
                None => {
                    line!(f)?;
                    for statement in &value.chain {
                        let words = words(statement);
                        if said.insert(words.clone()) {
                            line!(f, "  {words}")?;
                        }
                    }
                }
            }
        }
        match count.saturating_sub(MOST) {
            0 => Ok(()),
            more => line!(f, "and {more} more: ask for a longer path"),
        }
    }
}

/// The line of `spec.values` that alone states a value as it is.
fn only_place(value: &ExplainedValue) -> Option<&Place> {
    match value.chain.as_slice() {
        [only] if only.decides && only.by.is_none() && only.value.as_ref() == Some(&value.value) => {
            only.source.as_ref()
        }
        _ => None,
    }
}

/// The line of another layer, such as a ConfigMap of `valuesFrom`, that alone states a value as it is.
fn only_layer(value: &ExplainedValue) -> Option<&Statement> {
    match value.chain.as_slice() {
        [only] if only.decides && only.by.is_some() && only.value.as_ref() == Some(&value.value) => {
            Some(only).filter(|only| only.source.is_some())
        }
        _ => None,
    }
}

/// Longest value that is shown whole.
const LONGEST: usize = 80;

impl Text for ExplainAnswer<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        let Explanation { service, fields } = &self.explanation;
        line!(f, "{}", printable_name(service))?;
        for field in fields {
            let name = field
                .name
                .as_deref()
                .map(|name| format!(" ({})", printable_name(name)));
            line!(
                f,
                "{}{}: {}",
                field.field.as_str(),
                name.unwrap_or_default(),
                short(&field.value)
            )?;
            line!(
                f,
                "  at {} {}",
                printable_name(&field.object),
                printable_name(&field.path)
            )?;
            for statement in &field.chain {
                line!(f, "  {}", words(statement))?;
            }
            if field.proved_by == Proof::None {
                line!(f, "  no stated value changes it")?;
            }
            if field.field == ServiceField::Replicas
                && let Some(contest) = scaled_and_stated(self.entry)
            {
                line!(f, "  note: {contest}")?;
            }
        }
        if !fields.is_empty() {
            return Ok(());
        }
        match (&self.entry.workload, self.asked) {
            (None, _) => {
                let place = self.entry.source.as_ref().filter(|_| !self.values.is_empty());
                match place {
                    Some(place) => line!(
                        f,
                        "its chart is not at hand; its values in {}:",
                        printable_name(place.file.as_str())
                    )?,
                    None => line!(
                        f,
                        "its chart is not at hand, so nothing of what it makes is known"
                    )?,
                }
                for (path, field) in &self.values {
                    field_line(f, self.entry.source.as_ref(), path, field)?;
                }
                Ok(())
            }
            (Some(_), Some(field)) => line!(f, "no {} is stated", field.as_str()),
            (Some(_), None) => line!(f, "nothing is stated"),
        }
    }
}

/// One statement, with the mark of the one that decides.
fn words(statement: &Statement) -> String {
    let mut words = vec![statement.kind.as_str().to_owned()];
    words.extend(
        statement
            .path
            .as_deref()
            .map(|path| printable_name(path).into_owned()),
    );
    match &statement.value {
        Some(value) => words.push(format!("= {}", short(value))),
        None => words.push("= (not known)".to_owned()),
    }
    words.extend(
        statement
            .by
            .as_deref()
            .map(|by| format!("by {}", printable_name(by))),
    );
    let place = statement.source.as_ref().or(statement.chart_source.as_ref());
    words.extend(place.map(|place| format!("at {}", printable_name(&place.to_string()))));
    if statement.decides {
        words.push("<- decides".to_owned());
    }
    words.join(" ")
}

/// A value on one line.
fn short(value: &str) -> String {
    let first = value.lines().next().unwrap_or_default();
    let mut cut: String = first.chars().take(LONGEST).collect();
    if cut.len() < value.len() {
        cut.push('…');
    }
    match cut.as_str() {
        "" => "\"\"".to_owned(),
        cut => printable(cut).into_owned(),
    }
}
