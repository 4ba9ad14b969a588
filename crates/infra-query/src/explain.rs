//! `explain`: all places that state a field, in ascending order of precedence, and the one that decides.

use std::collections::BTreeSet;
use std::fmt;

use infra_model::explain::{ExplainedField, ExplainedValue, Explanation, Proof, ServiceField, Statement};
use infra_model::flux::HelmRelease;
use infra_model::object::ObjectField;
use infra_model::service::Service;
use infra_model::{ObjectRef, Place};
use plain_text::{Lines, line, printable, printable_name};

use crate::answer::display_answer;
use crate::find::{QueryError, find_for, find_service};
use crate::graph::links::release_of;
use crate::next_steps::{self, Step};
use crate::object::field_line;
use crate::text::{listed, places_text};
use crate::r#where::scaled_and_stated;
use crate::{Answer, Facts, Keyed, Question, Text};

/// Fields of a service, with the statements of each.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainAnswer<'a> {
    /// The service.
    pub entry: &'a Service,
    /// Its fields.
    pub explanation: Explanation,
    /// The field that was asked for; `None` for all fields.
    pub asked: Option<ServiceField>,
    /// If its chart is not available: the values of its HelmRelease that are named after the field, by path.
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

/// Explains fields of the service that a term means. `explained` returns those of a service by its key.
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

/// The values of a HelmRelease that are named after a field of the workload.
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

/// Values of a HelmRelease, with the statements of each.
#[derive(Clone, Debug, PartialEq)]
pub struct ValuesAnswer<'a> {
    /// Key of the HelmRelease.
    pub release: &'a str,
    /// The path that was asked for.
    pub path: String,
    /// The values at the path and below it.
    pub values: Vec<ExplainedValue>,
    /// The values of further HelmReleases that the term means, by key.
    pub others: Vec<(&'a str, Vec<ExplainedValue>)>,
    /// Commands that show the state in the cluster.
    pub check: Vec<Step>,
}

display_answer!(ValuesAnswer<'_>, check);

/// The HelmRelease that a term means, by its own name or by that of a service that it installs.
pub fn release_of_term<'a>(facts: &'a dyn Facts, term: &str) -> Option<Keyed<'a, HelmRelease>> {
    releases_of_term(facts, term).into_iter().next()
}

/// The HelmReleases that a term means.
fn releases_of_term<'a>(facts: &'a dyn Facts, term: &str) -> Vec<Keyed<'a, HelmRelease>> {
    let hits = find_for(facts, term, Question::Flux).unwrap_or_default();
    let named = hits.iter().filter_map(|hit| hit.subject.helm_release());
    let mut releases: Vec<Keyed<'a, HelmRelease>> = named.collect();
    if releases.is_empty() {
        let services = hits.iter().filter_map(|hit| hit.subject.service());
        releases.extend(services.filter_map(|(_, service)| release_of(facts, service)));
        releases.dedup_by_key(|(key, _)| *key);
    }
    releases
}

/// Explains the values at a path of the HelmRelease that a term means. `explained` returns them by the HelmRelease.
///
/// # Errors
/// [`QueryError::NotFound`] if there is no such HelmRelease or value.
pub fn values<'a>(
    facts: &'a dyn Facts,
    term: &str,
    path: &str,
    explained: &dyn Fn(&ObjectRef) -> Vec<ExplainedValue>,
) -> Result<ValuesAnswer<'a>, QueryError> {
    let missing = || QueryError::not_found(&format!("{term} {path}"));
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
        let count = values.len();
        let file = values.iter().find_map(|value| Some(&only_place(value)?.file));
        let in_file = listed(", ", file.map(|file| file.as_str()).as_slice());
        let release = printable_name(release);
        line!(f, "values of HelmRelease {release}{}", printable_name(&in_file))?;
        // A layer of several values, such as an object of `valuesFrom`, is named for the first of them.
        let mut said: BTreeSet<String> = BTreeSet::new();
        let mut values: Vec<&ExplainedValue> = values.iter().collect();
        // First the value of that name, then patched ones, items of lists last.
        values.sort_by_key(|value| {
            let is_called = value.path.rsplit('.').next() == self.path.rsplit('.').next();
            let is_patched = only_place(value).is_none_or(|place| Some(&place.file) != file);
            (!is_called, !is_patched, value.path.contains('['))
        });
        for value in values.into_iter().take(MOST) {
            write!(f, "{}: {}", printable_name(&value.path), short(&value.value))?;
            // A value with a single statement needs no chain.
            match only_statement(value) {
                Some((place, None)) if Some(&place.file) == file => line!(f, " <- line {}", place.line)?,
                Some((place, None)) => line!(f, "{}", places_text([place], None))?,
                Some((place, Some(by))) => {
                    write!(f, "{}", places_text([place], None))?;
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

/// The line of `spec.values` that is the only statement of a value.
fn only_place(value: &ExplainedValue) -> Option<&Place> {
    let (place, by) = only_statement(value)?;
    by.is_none().then_some(place)
}

/// The line of the only statement of a value, and its layer if that is another than `spec.values`, such as a ConfigMap.
fn only_statement(value: &ExplainedValue) -> Option<(&Place, Option<&str>)> {
    match value.chain.as_slice() {
        [only] if only.decides && only.value.as_ref() == Some(&value.value) => {
            Some((only.source.as_ref()?, only.by.as_deref()))
        }
        _ => None,
    }
}

/// Maximum length of a value, in characters.
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
        let source = self.entry.source.as_ref();
        match (&self.entry.workload, self.asked) {
            (None, _) => {
                match source.filter(|_| !self.values.is_empty()) {
                    Some(place) => line!(
                        f,
                        "its chart is not available; its values in {}:",
                        printable_name(place.file.as_str())
                    )?,
                    None => line!(f, "its chart is not available, so its objects are not known")?,
                }
                for (path, field) in &self.values {
                    field_line(f, source, path, field)?;
                }
                Ok(())
            }
            (Some(_), Some(field)) => line!(f, "no {} is stated", field.as_str()),
            (Some(_), None) => line!(f, "nothing is stated"),
        }
    }
}

/// A statement, with a mark if it decides.
fn words(statement: &Statement) -> String {
    let mut words = vec![statement.kind.as_str().to_owned()];
    let path = statement.path.as_deref();
    words.extend(path.map(|path| printable_name(path).into_owned()));
    match &statement.value {
        Some(value) => words.push(format!("= {}", short(value))),
        None => words.push("= (not known)".to_owned()),
    }
    let by = statement.by.as_deref();
    words.extend(by.map(|by| format!("by {}", printable_name(by))));
    let place = statement.source.as_ref().or(statement.chart_source.as_ref());
    words.extend(place.map(|place| format!("at {}", printable_name(&place.to_string()))));
    if statement.decides {
        words.push("<- decides".to_owned());
    }
    words.join(" ")
}

/// The first line of a value.
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
