//! `compare`: what differs between two clusters. Versions, replicas, values, secrets and hosts of what both have, and what only one has.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use infra_model::config::ConfigValue;
use infra_model::service::Service;
use plain_text::{Lines, line, printable_name};

use crate::answer::display_answer;
use crate::find::{NotFound, QueryError, find, repository};
use crate::graph::links::release_of;
use crate::next_steps::{Answer, Step};
use crate::secret::paths_of_service;
use crate::text::{joined, many_names};
use crate::{Facts, Subject, Text};

/// What differs between two clusters.
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// The names of both.
    pub clusters: [String; 2],
    /// What differs, by thing and field.
    pub differences: Vec<Difference>,
    /// Titles of what only the one has, and only the other.
    pub only: [Vec<String>; 2],
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// What it is a field of, by title.
    pub of: String,
    /// The field, such as `image ghcr.io/acme/papi` or `config papi-env.LOG_LEVEL`.
    pub field: String,
    /// The value in each; none where one has none.
    pub values: [Option<String>; 2],
}

impl Answer for Compare {
    fn steps(&self) -> &[Step] {
        &[]
    }
}

display_answer!(Compare);

/// Compares two clusters, each with its name: everything, or what a term means in either.
///
/// # Errors
/// [`QueryError`] where a term means nothing in both.
pub fn compare([left, right]: [(&str, &dyn Facts); 2], term: Option<&str>) -> Result<Compare, QueryError> {
    let [one, other] = [titles(left.1, term), titles(right.1, term)];
    let (one, other) = match (one, other) {
        (Err(error), Err(_)) => return Err(error),
        (one, other) => (one.unwrap_or_default(), other.unwrap_or_default()),
    };
    let asked: BTreeSet<(Kind, String)> = one.into_iter().chain(other).collect();
    if let (true, Some(term)) = (asked.is_empty(), term) {
        // Of other kinds the catalogs do not hold what could differ.
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
        differences: Vec::new(),
        only: [Vec::new(), Vec::new()],
    };
    for (kind, key) in asked {
        let title = match kind {
            // The key begins with its own kind.
            Kind::Object => key.clone(),
            _ => format!("{} {key}", kind.as_str()),
        };
        match (kind.fields(left.1, &key), kind.fields(right.1, &key)) {
            (Some(one), Some(other)) => compare.add(&title, one, other),
            (Some(_), None) => compare.only[0].push(title),
            (None, Some(_)) => compare.only[1].push(title),
            (None, None) => {}
        }
    }
    Ok(compare)
}

impl Compare {
    fn add(&mut self, title: &str, mut one: Fields, mut other: Fields) {
        let names: BTreeSet<String> = one.keys().chain(other.keys()).cloned().collect();
        for field in names {
            let values = [one.remove(&field), other.remove(&field)];
            if values[0] != values[1] {
                self.differences.push(Difference {
                    of: title.to_owned(),
                    field,
                    values,
                });
            }
        }
    }
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Service,
    Kustomization,
    HelmRelease,
    ConfigMap,
    Variable,
    Object,
}

/// Values by field.
type Fields = BTreeMap<String, String>;

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Service => "service",
            Kind::Kustomization => "Kustomization",
            Kind::HelmRelease => "HelmRelease",
            Kind::ConfigMap => "ConfigMap",
            Kind::Variable => "variable",
            Kind::Object => "object",
        }
    }

    fn of(subject: &Subject<'_>) -> Option<Self> {
        Some(match subject {
            Subject::Service(..) => Kind::Service,
            Subject::Kustomization(..) => Kind::Kustomization,
            Subject::HelmRelease(..) => Kind::HelmRelease,
            Subject::ConfigMap(..) => Kind::ConfigMap,
            Subject::Variable(..) => Kind::Variable,
            Subject::Object(..) => Kind::Object,
            _ => return None,
        })
    }

    /// The fields of the thing with a key that are worth comparing; none where there is no such thing.
    fn fields(self, facts: &dyn Facts, key: &str) -> Option<Fields> {
        let mut fields = Fields::new();
        match self {
            Kind::Service => service(facts, key, facts.services().get(key)?, &mut fields),
            Kind::Kustomization => {
                let it = facts.kustomizations().get(key)?;
                let mut set = |field: &str, value: Option<&str>| {
                    fields.extend(value.map(|value| (field.to_owned(), value.to_owned())));
                };
                set("suspended", it.suspend.then_some("yes"));
                set("interval", it.interval.as_deref());
                set("target namespace", it.target_namespace.as_deref());
                fields.insert("depends on".to_owned(), it.depends_on.join(", "));
            }
            Kind::HelmRelease => {
                let it = facts.helm_releases().get(key)?;
                let mut set = |field: &str, value: Option<&str>| {
                    fields.extend(value.map(|value| (field.to_owned(), value.to_owned())));
                };
                set("chart", it.chart.as_deref());
                set("version", it.version.as_deref());
                set("suspended", it.suspend.then_some("yes"));
                let values = it.values.iter();
                fields.extend(values.map(|(path, field)| (format!("values.{path}"), field.value.clone())));
            }
            Kind::ConfigMap => {
                for (name, value) in &facts.config_maps().get(key)?.keys {
                    fields.insert(format!("key {name}"), value_text(value));
                }
            }
            Kind::Object => {
                let object = facts.objects().get(key)?;
                let values = object.fields.iter();
                fields.extend(values.map(|(path, field)| (path.clone(), field.value.clone())));
            }
            Kind::Variable => {
                let variable = facts.variables().get(key)?;
                let value = variable
                    .value
                    .clone()
                    .unwrap_or_else(|| match variable.readings.as_slice() {
                        [only] => {
                            let first = only.definitions.first();
                            first.and_then(|first| first.value.clone()).unwrap_or_default()
                        }
                        _ => String::new(),
                    });
                fields.insert("value".to_owned(), value);
            }
        }
        Some(fields)
    }
}

fn service(facts: &dyn Facts, key: &str, service: &Service, fields: &mut Fields) {
    let mut set = |field: String, value: String| {
        fields.insert(field, value);
    };
    for image in &service.images {
        let name = repository(image);
        let tag = image.get(name.len()..).unwrap_or_default();
        set(format!("image {name}"), tag.trim_start_matches(':').to_owned());
    }
    if let Some(replicas) = service.replicas {
        set("replicas".to_owned(), replicas.to_string());
    }
    if let Some(scaler) = &service.autoscaler {
        set(scaler.kind.clone(), scaler.range());
    }
    if let Some(schedule) = &service.schedule {
        set("schedule".to_owned(), schedule.clone());
    }
    if service.suspend {
        set("suspended".to_owned(), "yes".to_owned());
    }
    set("namespace".to_owned(), service.namespace.clone());
    if !service.hosts.is_empty() {
        set("hosts".to_owned(), service.hosts.join(", "));
    }
    for env in &service.env {
        let from = [&env.secret, &env.config_map].into_iter().flatten().next();
        let value = match (&env.value, from, &env.field) {
            (Some(value), ..) => value.clone(),
            (None, Some(from), _) => format!("{from} key {}", env.key.as_deref().unwrap_or_default()),
            (None, None, field) => field.clone().unwrap_or_default(),
        };
        set(format!("env {} of {}", env.name, env.container), value);
    }
    let secrets: BTreeSet<String> = paths_of_service(facts, key)
        .into_iter()
        .filter_map(|path| {
            path.origin
                .or(path.secret.map(|(_, name)| format!("Secret {name}")))
        })
        .collect();
    if !secrets.is_empty() {
        set(
            "secrets".to_owned(),
            secrets.into_iter().collect::<Vec<String>>().join(", "),
        );
    }
}

fn value_text(value: &ConfigValue) -> String {
    match value {
        ConfigValue::Text(text) => text.value().to_owned(),
        ConfigValue::Redacted => "<redacted>".to_owned(),
        ConfigValue::File { bytes, lines, .. } => format!("{lines} lines, {bytes} bytes"),
        ConfigValue::Binary { bytes } => format!("binary, {bytes} bytes"),
    }
}

/// What is compared of a cluster: what a term means with its HelmRelease and the ConfigMaps that it reads, or everything.
fn titles(facts: &dyn Facts, term: Option<&str>) -> Result<BTreeSet<(Kind, String)>, QueryError> {
    let mut found = BTreeSet::new();
    let subjects: Vec<Subject<'_>> = match term {
        Some(term) => find(facts, term)?.into_iter().map(|hit| hit.subject).collect(),
        None => Subject::all(facts),
    };
    for subject in subjects {
        found.extend(Kind::of(&subject).map(|kind| (kind, subject.key().to_owned())));
        if let Subject::Service(_, service) = subject {
            let release = release_of(facts, service);
            found.extend(release.map(|(key, _)| (Kind::HelmRelease, key.to_owned())));
            found.extend(
                service
                    .config_maps
                    .iter()
                    .map(|key| (Kind::ConfigMap, key.clone())),
            );
        }
    }
    Ok(found)
}

impl Text for Compare {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 40;
        let [left, right] = &self.clusters;
        let (left, right) = (printable_name(left), printable_name(right));
        if self.differences.is_empty() && self.only.iter().all(Vec::is_empty) {
            return line!(f, "{left} and {right}: no difference");
        }
        for difference in self.differences.iter().take(MOST) {
            let value = |value: &Option<String>| match value.as_deref() {
                None => "-".to_owned(),
                Some("") => "\"\"".to_owned(),
                Some(value) => short(value),
            };
            let [one, other] = &difference.values;
            line!(
                f,
                "{} {}: {left} {} | {right} {}",
                printable_name(&difference.of),
                printable_name(&difference.field),
                value(one),
                value(other)
            )?;
        }
        let rest = self.differences.get(MOST..).unwrap_or_default();
        if !rest.is_empty() {
            let mut things: Vec<&str> = rest.iter().map(|difference| difference.of.as_str()).collect();
            things.dedup();
            line!(
                f,
                "and {} more, of {}: ask for one by its name",
                rest.len(),
                joined(&things)
            )?;
        }
        for (name, only) in [&left, &right].into_iter().zip(&self.only) {
            many_names(f, &format!("only in {name}"), only)?;
        }
        Ok(())
    }
}

/// A value that fits on a line beside another one.
fn short(value: &str) -> String {
    const LONGEST: usize = 80;
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}
