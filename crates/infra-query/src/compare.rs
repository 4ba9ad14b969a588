//! `compare`: what differs between two clusters. Versions, replicas, values, secrets and hosts of what both have, and what only one has.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use infra_model::Written;
use infra_model::config::ConfigValue;
use infra_model::service::Service;
use plain_text::{Lines, line, printable_name};

use crate::answer::display_answer;
use crate::facts::entries;
use crate::find::{NotFound, QueryError, find, repository};
use crate::graph::links::release_of;
use crate::next_steps::{Answer, Step};
use crate::secret::paths_of_service;
use crate::text::{cut, joined, many_names, names};
use crate::{Facts, Subject, Text};

/// What differs between two clusters, or two things of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compare {
    /// The names of both.
    pub clusters: [String; 2],
    /// Whether they are things of one cluster.
    pub is_of_things: bool,
    /// What differs, by thing and field.
    pub differences: Vec<Difference>,
    /// What the one thing that was asked about has in both: its chart with the version.
    pub same: Vec<Same>,
    /// Titles of what only the one has, and only the other.
    pub only: [Vec<String>; 2],
}

/// What both clusters have alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Same {
    /// Of what, by title.
    pub of: String,
    /// What, such as `chart app-template 5.1.0`.
    pub value: String,
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
        ..Compare::default()
    };
    for (kind, key) in asked {
        let title = match kind {
            // The key begins with its own kind.
            Kind::Object => key.clone(),
            _ => format!("{} {key}", kind.as_str()),
        };
        match (kind.fields(left.1, &key), kind.fields(right.1, &key)) {
            (Some(one), Some(other)) => {
                if term.is_some() {
                    compare.same.extend(same_chart(&title, &one, &other));
                }
                compare.add(&title, one, other);
            }
            (Some(_), None) => compare.only[0].push(title + &part_not_at_hand(kind, &key, left.1, right.1)),
            (None, Some(_)) => compare.only[1].push(title + &part_not_at_hand(kind, &key, right.1, left.1)),
            (None, None) => {}
        }
    }
    compare.versions_first();
    Ok(compare)
}

/// That the other cluster may have a service all the same, in a part of its Kustomization that is not at hand.
fn part_not_at_hand(kind: Kind, key: &str, own: &dyn Facts, other: &dyn Facts) -> String {
    let by = match kind {
        Kind::Service => own.services().get(key).and_then(|it| it.kustomization.as_deref()),
        Kind::HelmRelease => own
            .helm_releases()
            .get(key)
            .and_then(|it| it.kustomization.as_deref()),
        _ => None,
    };
    let there = by.and_then(|by| other.kustomizations().get_key_value(by));
    match there.filter(|(_, it)| !it.missing.is_empty()) {
        Some((by, it)) => {
            let what = it.missing.join(" and ");
            format!(" (Kustomization {by} of the other applies {what}, which is not at hand)")
        }
        None => String::new(),
    }
}

/// What differs of two values: of texts of several lines the lines that only one of them has.
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

/// Whether a field says which version of something runs: people ask for that first.
fn is_version(field: &str) -> bool {
    let last = field.rsplit('.').next().unwrap_or(field).to_ascii_lowercase();
    field.starts_with("image ")
        || matches!(field, "path" | "not at hand" | "chart" | "ref")
        || !field.contains('[') && (last.ends_with("version") || last == "tag")
}

/// The chart that both have, with its version.
fn same_chart(title: &str, one: &Fields, other: &Fields) -> Option<Same> {
    let chart = one
        .get("chart")
        .filter(|chart| other.get("chart") == Some(*chart))?;
    let version = one
        .get("version")
        .filter(|version| other.get("version") == Some(*version))?;
    Some(Same {
        of: title.to_owned(),
        value: format!("chart {chart} {version}"),
    })
}

impl Compare {
    /// Puts what runs in another version first, and leaves out variables that do no more than hold such a version.
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
        // Stable: things stay together, in their order.
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

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Service,
    Kustomization,
    HelmRelease,
    ConfigMap,
    Variable,
    Object,
    Source,
    SecretStore,
    ExternalSecret,
}

/// Values by field.
pub(crate) type Fields = BTreeMap<String, String>;

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::Service => "service",
            Kind::Kustomization => "Kustomization",
            Kind::HelmRelease => "HelmRelease",
            Kind::ConfigMap => "ConfigMap",
            Kind::Variable => "variable",
            Kind::Object => "object",
            Kind::Source => "source",
            Kind::SecretStore => "secret store",
            Kind::ExternalSecret => "ExternalSecret",
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
            Subject::Source(..) => Kind::Source,
            Subject::SecretStore(..) => Kind::SecretStore,
            Subject::ExternalSecret(..) => Kind::ExternalSecret,
            _ => return None,
        })
    }

    /// The fields of the thing with a key that are worth comparing; none where there is no such thing.
    pub(crate) fn fields(self, facts: &dyn Facts, key: &str) -> Option<Fields> {
        let mut fields = Fields::new();
        match self {
            Kind::Service => service(facts, key, facts.services().get(key)?, &mut fields),
            Kind::Kustomization => {
                let it = facts.kustomizations().get(key)?;
                let mut set = |field: &str, value: Option<&str>| {
                    fields.extend(value.map(|value| (field.to_owned(), value.to_owned())));
                };
                set("path", Some(&path_in_any_cluster(facts, &it.path)));
                set("suspended", it.suspend.then_some("yes"));
                set("interval", it.interval.as_deref());
                set("retry interval", it.retry_interval.as_deref());
                set("timeout", it.timeout.as_deref());
                set("wait", it.wait.then_some("yes"));
                set("prune", (!it.prune).then_some("no"));
                set("decryption", it.decryption.as_deref());
                set("target namespace", it.target_namespace.as_deref());
                set_list(&mut fields, "dependsOn", &it.depends_on);
                set_list(&mut fields, "components", &it.components);
                set_list(&mut fields, "not at hand", &it.missing);
                let from: Vec<String> = it
                    .substitute_from
                    .iter()
                    .map(|from| format!("{}/{}", from.kind, from.name))
                    .collect();
                set_list(&mut fields, "postBuild.substituteFrom", &from);
                for name in &it.substitute {
                    let value = substituted(facts, key, name)
                        .unwrap_or_else(|| "a value that is not known".to_owned());
                    fields.insert(format!("postBuild.substitute.{name}"), value);
                }
            }
            Kind::HelmRelease => {
                let it = facts.helm_releases().get(key)?;
                let mut set = |field: &str, value: Option<&str>| {
                    fields.extend(value.map(|value| (field.to_owned(), value.to_owned())));
                };
                set("chart", it.chart.as_deref());
                set("version", it.version.as_deref());
                set("suspended", it.suspend.then_some("yes"));
                set("interval", it.interval.as_deref());
                set_list(&mut fields, "dependsOn", &it.depends_on);
                let from: Vec<String> = it
                    .values_from
                    .iter()
                    .map(|from| format!("{}/{}", from.kind, from.name))
                    .collect();
                set_list(&mut fields, "valuesFrom", &from);
                fields.extend(it.settings.clone());
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
            Kind::Source => {
                let it = facts.sources().get(key)?;
                let mut set = |field: &str, value: Option<&str>| {
                    fields.extend(value.map(|value| (field.to_owned(), value.to_owned())));
                };
                set("url", it.url.as_deref());
                set("ref", it.reference.as_deref());
                set("interval", it.interval.as_deref());
            }
            Kind::SecretStore => {
                let it = facts.secret_stores().get(key)?;
                let mut set = |field: &str, value: Option<&str>| {
                    fields.extend(value.map(|value| (field.to_owned(), value.to_owned())));
                };
                set("provider", it.provider.as_deref());
                set("version", it.version.as_deref());
                set("server", it.server.as_ref().map(Written::value));
                set("path", it.path.as_ref().map(Written::value));
                set("auth mount", it.auth_mount.as_ref().map(Written::value));
                set("role", it.role.as_ref().map(Written::value));
            }
            Kind::ExternalSecret => {
                let it = facts.external_secrets().get(key)?;
                fields.extend(
                    it.store_name()
                        .map(|store| ("store".to_owned(), store.to_owned())),
                );
                fields.extend(
                    it.refresh_interval
                        .clone()
                        .map(|every| ("refreshed every".to_owned(), every)),
                );
                for data in &it.data {
                    let property = data.property.as_deref().map(|property| format!("#{property}"));
                    let from = format!("{}{}", data.key.value(), property.unwrap_or_default());
                    fields.insert(format!("key {}", data.secret_key), from);
                }
                set_list(&mut fields, "data from", &it.data_from);
                if let Some(template) = &it.template {
                    let keys: Vec<String> = template.keys.keys().cloned().collect();
                    set_list(&mut fields, "keys of the template", &keys);
                }
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

/// A list as one text; nothing where it is empty.
fn set_list(fields: &mut Fields, field: &str, items: &[String]) {
    if !items.is_empty() {
        fields.insert(field.to_owned(), items.join(", "));
    }
}

/// The value that a Kustomization gives a variable.
fn substituted(facts: &dyn Facts, kustomization: &str, name: &str) -> Option<String> {
    let variable = facts.variables().get(name)?;
    let mut readings = variable.readings.iter();
    let own = readings.find(|reading| reading.kustomizations.iter().any(|key| key == kustomization));
    // What only one reads has no readings of its own.
    let only = match variable.readings.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    let definition = own.or(only).and_then(|reading| reading.definitions.first());
    definition
        .and_then(|definition| definition.value.clone())
        .or_else(|| variable.value.clone())
}

/// A path without the name of its cluster, so that the same folder of two is no difference.
fn path_in_any_cluster(facts: &dyn Facts, path: &str) -> String {
    let metadata = facts.metadata();
    let folder = metadata.cluster.as_str().rsplit('/').next().unwrap_or_default();
    let names = [metadata.cluster_name.as_deref().unwrap_or_default(), folder];
    // Flux takes a path as one of the source, however it begins.
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
    let parts = parts.map(|part| match names.contains(&part) {
        true => "<cluster>",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
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
        ConfigValue::File { text: Some(text), .. } => text.trim_end().to_owned(),
        ConfigValue::File {
            bytes, lines, digest, ..
        } => match digest {
            Some(digest) => format!("{lines} lines, {bytes} bytes, text {digest}"),
            None => format!("{lines} lines, {bytes} bytes"),
        },
        ConfigValue::Binary { bytes } => format!("binary, {bytes} bytes"),
    }
}

/// What is compared of a cluster: what a term means with its HelmRelease and the ConfigMaps that it reads, or everything.
pub(crate) fn titles(facts: &dyn Facts, term: Option<&str>) -> Result<BTreeSet<(Kind, String)>, QueryError> {
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

/// With the Kustomizations that are there for one of the services alone: how that is applied is a part of how it runs.
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

impl Text for Compare {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 40;
        const MOST_OF_THINGS: usize = 16;
        let most = if self.is_of_things { MOST_OF_THINGS } else { MOST };
        let [left, right] = &self.clusters;
        let (left, right) = (printable_name(left), printable_name(right));
        let same: Vec<String> = self
            .same
            .iter()
            .map(|it| match self.is_of_things {
                true => it.value.clone(),
                false => format!("{} of {}", it.value, it.of),
            })
            .collect();
        if self.differences.is_empty() && self.only.iter().all(Vec::is_empty) {
            line!(f, "{left} and {right}: no difference")?;
            return names(f, "the same", same);
        }
        if !self.differences.is_empty() {
            line!(f, "{left} | {right}:")?;
        }
        // What annotations say to tools comes last.
        let (notes, fields): (Vec<&Difference>, Vec<&Difference>) = self
            .differences
            .iter()
            .partition(|difference| is_note(&difference.field));
        let (fields, again) = match self.is_of_things {
            true => said_once(fields),
            false => (fields, BTreeMap::new()),
        };
        let mut all = rows(&fields, &again);
        let notes = notes.chunk_by(|a, b| a.of == b.of && note_of(&a.field).0 == note_of(&b.field).0);
        all.extend(notes.filter_map(|notes| {
            let first = notes.first()?;
            let (at, _) = note_of(&first.field);
            let names = notes
                .iter()
                .map(|note| note.field.get(at.len()..).unwrap_or_default());
            let names: Vec<&str> = names.map(|name| name.trim_matches(['.', '[', ']'])).collect();
            Some(Row {
                of: &first.of,
                text: format!(
                    "{}: {} differ: {}",
                    printable_name(at),
                    notes.len(),
                    joined(&names)
                ),
            })
        }));
        for things in all.get(..most).unwrap_or(&all).chunk_by(|a, b| a.of == b.of) {
            for (at, row) in things.iter().enumerate() {
                if at == 0 {
                    line!(f, "{}", printable_name(row.of))?;
                }
                line!(f, "  {}", row.text)?;
            }
        }
        let rest = all.get(most..).unwrap_or_default();
        if !rest.is_empty() {
            let mut things: Vec<&str> = rest.iter().map(|row| row.of).collect();
            things.dedup();
            line!(
                f,
                "and {} more, of {}: ask for one by its name",
                rest.len(),
                joined(&things)
            )?;
        }
        for (name, only) in [&left, &right].into_iter().zip(&self.only) {
            match self.is_of_things {
                true => only_of_thing(f, name, only)?,
                false => only_by_kind(f, name, only)?,
            }
        }
        names(f, "the same", same)
    }
}

/// One line of the text.
struct Row<'a> {
    of: &'a str,
    text: String,
}

/// Fields without those that differ as another one before them does, such as a port that several state; by the first of each
/// how many those are.
fn said_once(fields: Vec<&Difference>) -> (Vec<&Difference>, Again<'_>) {
    let mut again = Again::new();
    let mut first: Vec<&Difference> = Vec::new();
    for field in fields {
        let is_alike = |known: &&&Difference| known.values == field.values;
        let known = first
            .iter()
            .find(is_alike)
            .filter(|_| field.values.iter().all(Option::is_some));
        match known {
            Some(known) => {
                *again
                    .entry((known.of.as_str(), known.field.as_str()))
                    .or_default() += 1
            }
            None => first.push(field),
        }
    }
    (first, again)
}

/// How many more fields differ as one does, by thing and field.
type Again<'a> = BTreeMap<(&'a str, &'a str), usize>;

/// What only one cluster has, each kind on a line with its number.
fn only_by_kind(f: &mut Lines<'_>, name: &str, only: &[String]) -> fmt::Result {
    const FEW: usize = 12;
    if only.len() <= FEW {
        return many_names(f, &format!("only in {name}"), only);
    }
    let mut by_kind: Vec<(&str, Vec<&str>)> = Vec::new();
    for title in only {
        let (kind, key) = title.split_once([' ', '/']).unwrap_or(("", title));
        match by_kind.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, keys)) => keys.push(key),
            None => by_kind.push((kind, vec![key])),
        }
    }
    line!(f, "only in {name} ({}):", only.len())?;
    for (kind, keys) in by_kind {
        line!(
            f,
            "  {} ({}): {}",
            printable_name(kind),
            keys.len(),
            joined(&keys)
        )?;
    }
    Ok(())
}

/// What only one of two things has.
fn only_of_thing(f: &mut Lines<'_>, name: &str, only: &[String]) -> fmt::Result {
    const MOST: usize = 8;
    match only.is_empty() {
        true => Ok(()),
        false => line!(f, "only {name}: {}", cut(only, MOST)),
    }
}

/// Fields that differ, the items of a list on one line.
fn rows<'a>(fields: &[&'a Difference], again: &Again<'_>) -> Vec<Row<'a>> {
    let is_one_list = |a: &&Difference, b: &&Difference| {
        a.of == b.of && list_of(&a.field).is_some() && list_of(&a.field) == list_of(&b.field)
    };
    let lists = fields.chunk_by(is_one_list);
    let rows = lists.filter_map(|items| {
        let first = items.first()?;
        let field = match items.len() {
            1 => first.field.as_str(),
            _ => list_of(&first.field).unwrap_or(&first.field),
        };
        let side = |side: usize| {
            let values: Vec<String> = items
                .iter()
                .filter_map(|item| item.values.get(side)?.as_deref())
                .map(|value| match value {
                    "" => "\"\"".to_owned(),
                    value => short(value),
                })
                .collect();
            match values.is_empty() {
                true => "-".to_owned(),
                false => values.join(", "),
            }
        };
        let again = match again.get(&(first.of.as_str(), first.field.as_str())) {
            Some(more) => format!(" (and {more} more)"),
            None => String::new(),
        };
        Some(Row {
            of: &first.of,
            text: format!("{}{again}: {} | {}", printable_name(field), side(0), side(1)),
        })
    });
    rows.collect()
}

/// The list whose item a field is: `endpoints` of `endpoints[0]`.
fn list_of(field: &str) -> Option<&str> {
    let (list, position) = field.strip_suffix(']')?.rsplit_once('[')?;
    position.bytes().all(|byte| byte.is_ascii_digit()).then_some(list)
}

/// The annotations or labels that a field is one of, and its name.
fn note_of(field: &str) -> (&str, &str) {
    let ends = ["annotations.", "labels.", "Annotations."].iter();
    let end = ends
        .filter_map(|word| field.find(word).map(|at| at + word.len() - 1))
        .min();
    field.split_at(end.unwrap_or(field.len()))
}

/// Whether a field is an annotation or label, which says something to tools and people.
fn is_note(field: &str) -> bool {
    field.contains("annotations.") || field.contains("labels.") || field.contains("Annotations.")
}

/// A value that fits on a line beside another one.
fn short(value: &str) -> String {
    const LONGEST: usize = 80;
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}
