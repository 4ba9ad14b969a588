//! `list`: everything of one kind, in as few words as possible.

mod kind;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use plain_text::{Lines, line, printable_name};

use crate::Facts;
use crate::answer::display_answer;
use crate::graph::links::{source_of, store_of};
use crate::next_steps::{self, Answer, Step};
use crate::{Subject, Text};
use infra_model::config::{Variable, VariableReading};
use infra_model::flux::ChartStatus;
use infra_model::secrets::Protection;
use infra_model::service::Service;

pub use kind::{Item, ListKind, Narrowing};

/// Everything of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<'a> {
    /// The kind.
    pub kind: ListKind,
    /// The items, sorted.
    pub items: Vec<Item<'a>>,
    /// Commands that show the same in the cluster.
    pub next: Vec<Step>,
}

impl Answer for List<'_> {
    fn steps(&self) -> &[Step] {
        &self.next
    }
}

display_answer!(List<'_>);

/// Which items of a list are wanted. The default lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Only those in this namespace.
    pub namespace: Option<String>,
    /// Only those that this HelmRelease or Kustomization owns, by key or name.
    pub owner: Option<String>,
    /// Only those in this state.
    pub state: Option<String>,
}

impl ListFilter {
    fn accepts(&self, item: &Item<'_>) -> bool {
        let fits = |wanted: &Option<String>, is: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(is);
        fits(&self.namespace, &|namespace| item.namespace == Some(namespace))
            && fits(&self.owner, &|owner| {
                item.owner
                    .is_some_and(|own| own == owner || own.rsplit('/').next() == Some(owner))
            })
            && fits(&self.state, &|state| {
                item.states.iter().any(|own| own.eq_ignore_ascii_case(state))
            })
    }
}

/// Lists everything of one kind that a filter lets through. What has no namespace, owner or state is only in the list of all.
pub fn list<'a>(facts: &'a dyn Facts, kind: ListKind, filter: &ListFilter) -> List<'a> {
    let mut items = match kind {
        ListKind::Namespaces => namespaces(facts),
        ListKind::Images => by_service(facts, filter, |service| &service.images),
        ListKind::Hosts => {
            let mut items = by_service(facts, filter, |service| &service.hosts);
            items.extend(hosts_of_routes(facts, filter, &items));
            items
        }
        _ => Subject::all(facts)
            .into_iter()
            .filter_map(|subject| item(facts, kind, subject))
            .collect(),
    };
    if !matches!(kind, ListKind::Images | ListKind::Hosts) {
        items.retain(|item| filter.accepts(item));
    }
    items.sort();
    let next = next_steps::for_list(facts, kind, &items);
    List { kind, items, next }
}

fn item<'a>(facts: &'a dyn Facts, list: ListKind, subject: Subject<'a>) -> Option<Item<'a>> {
    let plain = |about: Vec<&'a str>| Item {
        name: subject.key(),
        namespace: Some(subject.namespace()).filter(|namespace| !namespace.is_empty()),
        about,
        states: states(facts, subject),
        owner: owner(subject),
        ..Item::default()
    };
    let of_kind = |about: Vec<&'a str>| Item {
        kind: Some(subject.kind()),
        ..plain(about)
    };
    Some(match (list, subject) {
        (ListKind::Services, Subject::Service(_, service)) => {
            of_kind(service.description.as_deref().into_iter().collect())
        }
        (ListKind::Kustomizations, Subject::Kustomization(_, it)) => plain(vec![it.path.as_str()]),
        (ListKind::HelmReleases, Subject::HelmRelease(_, release)) => plain(
            [&release.chart, &release.version]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect(),
        ),
        (ListKind::Sources, Subject::Source(_, source)) => plain(source.url.as_deref().into_iter().collect()),
        (
            ListKind::Secrets,
            Subject::SecretProviderClass(..)
            | Subject::ExternalSecret(..)
            | Subject::VaultSecret(..)
            | Subject::SealedSecret(..)
            | Subject::Secret(..),
        ) => of_kind(Vec::new()),
        (ListKind::ConfigMaps, Subject::ConfigMap(_, map)) => plain(vec![map.generated_by.as_str()]),
        (ListKind::ImageGroups, Subject::ImageGroup(_, group)) => plain(
            std::iter::once(group.file.as_str())
                .chain(group.tag.as_deref())
                .collect(),
        ),
        (ListKind::Variables, Subject::Variable(_, variable)) => {
            plain(value_of(variable).into_iter().collect())
        }
        (ListKind::Objects, Subject::Object(..)) => plain(Vec::new()),
        // A name of the cluster's own DNS that no object of the repository has.
        (ListKind::Externals, Subject::External(host)) if host.ends_with(".svc.cluster.local") => {
            plain(vec!["in the cluster, made by an operator or a chart"])
        }
        (ListKind::Externals, Subject::External(_)) => plain(Vec::new()),
        _ => return None,
    })
}

/// The one value of a variable, where all that use it read the same.
fn value_of(variable: &Variable) -> Option<&str> {
    let mut values = variable.readings.iter().map(|reading| {
        let first = reading.definitions.first();
        first.and_then(|first| first.value.as_deref())
    });
    match values.next() {
        Some(first) if values.all(|value| value == first) => first,
        Some(_) => None,
        None => variable.value.as_deref(),
    }
}

/// The states of a thing that a list tells; for secrets the provider, or what protects them.
fn states<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Vec<&'a str> {
    let those = |states: &[(bool, &'static str)]| -> Vec<&'a str> {
        let set = states.iter().filter(|(is_so, _)| *is_so);
        set.map(|(_, state)| *state).collect()
    };
    match subject {
        Subject::Service(_, service) => those(&[(service.suspend, "suspended")]),
        Subject::Kustomization(_, it) => those(&[
            (it.suspend, "suspended"),
            (it.error.is_some(), "failed"),
            (it.partial, "partial"),
            (it.kube_config.is_some(), "another cluster"),
            (
                source_of(facts, it).is_some_and(|(_, source)| !source.is_self),
                "external",
            ),
        ]),
        Subject::HelmRelease(_, release) => {
            let mut states = those(&[
                (release.suspend, "suspended"),
                (release.kube_config.is_some(), "another cluster"),
            ]);
            let status = release
                .chart_status
                .filter(|status| *status != ChartStatus::Rendered);
            states.extend(status.map(ChartStatus::as_str));
            states
        }
        Subject::SecretProviderClass(_, class) => vec![class.provider.as_str()],
        Subject::ExternalSecret(_, secret) => store_of(facts, secret)
            .and_then(|(_, store)| store.provider.as_deref())
            .into_iter()
            .collect(),
        Subject::VaultSecret(..) => vec!["vault"],
        Subject::SealedSecret(..) => vec!["sealed"],
        Subject::Secret(_, secret) => vec![match secret.protection {
            Protection::Sops => "sops",
            Protection::Copy => "copy",
            Protection::Filled => "filled in the cluster",
            Protection::Plain | Protection::Generator => "plain text",
        }],
        Subject::Variable(_, variable) => {
            let value_of = |reading: &VariableReading| {
                let first = reading.definitions.first();
                first.and_then(|first| first.value.clone())
            };
            let values: BTreeSet<Option<String>> = variable.readings.iter().map(value_of).collect();
            let is_undefined = variable
                .readings
                .iter()
                .any(|reading| reading.definitions.is_empty());
            match values.len() {
                0 => Vec::new(),
                1 if is_undefined && variable.readings.iter().all(|reading| reading.defaulted) => {
                    vec!["default"]
                }
                1 if values.contains(&None) => vec!["unknown"],
                1 => Vec::new(),
                _ => vec!["differs by Kustomization"],
            }
        }
        _ => Vec::new(),
    }
}

/// Key of what owns a thing: its HelmRelease before its Kustomization.
fn owner(subject: Subject<'_>) -> Option<&str> {
    let owner = match subject {
        Subject::Service(_, it) => it.helm_release.as_ref().or(it.kustomization.as_ref()),
        Subject::Kustomization(_, it) => it.parent.as_ref(),
        Subject::HelmRelease(_, it) => it.kustomization.as_ref(),
        Subject::Source(_, it) => it.kustomization.as_ref(),
        Subject::SecretProviderClass(_, it) => it.kustomization.as_ref(),
        Subject::ExternalSecret(_, it) => it.kustomization.as_ref(),
        Subject::VaultSecret(_, it) => it.kustomization.as_ref(),
        Subject::SealedSecret(_, it) => it.kustomization.as_ref(),
        Subject::Object(_, it) => it.kustomization.as_ref(),
        Subject::Secret(_, it) => it.kustomization.as_ref(),
        Subject::ConfigMap(_, it) => it.kustomization.as_ref(),
        _ => None,
    };
    owner.map(String::as_str)
}

fn namespaces(facts: &dyn Facts) -> Vec<Item<'_>> {
    let mut services: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, service) in facts.services().iter() {
        services.entry(&service.namespace).or_default().push(key);
    }
    // Those of other things, which run nothing.
    for subject in Subject::all(facts) {
        let namespace = match subject {
            Subject::SecretReference(..) | Subject::External(_) => "",
            subject => subject.namespace(),
        };
        if !namespace.is_empty() {
            services.entry(namespace).or_default();
        }
    }
    services
        .into_iter()
        .map(|(name, about)| Item {
            name,
            namespace: Some(name),
            about,
            ..Item::default()
        })
        .collect()
}

/// Texts of services, each once, with the services that have them.
fn by_service<'a>(
    facts: &'a dyn Facts,
    filter: &ListFilter,
    texts: impl Fn(&'a Service) -> &'a Vec<String>,
) -> Vec<Item<'a>> {
    let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, service) in facts.services().iter() {
        let item = Item {
            namespace: Some(service.namespace.as_str()),
            states: states(facts, Subject::Service(key, service)),
            owner: owner(Subject::Service(key, service)),
            ..Item::default()
        };
        if filter.accepts(&item) {
            for text in texts(service) {
                services.entry(text).or_default().insert(key);
            }
        }
    }
    services
        .into_iter()
        .map(|(name, about)| Item {
            name,
            about: about.into_iter().collect(),
            ..Item::default()
        })
        .collect()
}

/// The hosts of routes that lead to no service that is known, each with its routes.
fn hosts_of_routes<'a>(facts: &'a dyn Facts, filter: &ListFilter, known: &[Item<'a>]) -> Vec<Item<'a>> {
    const KINDS: &[&str] = &["HTTPRoute", "GRPCRoute", "TLSRoute", "Ingress"];
    let mut routes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, object) in facts.objects().iter() {
        let item = Item {
            namespace: Some(object.namespace.as_str()),
            owner: object.kustomization.as_deref(),
            ..Item::default()
        };
        if !KINDS.contains(&object.kind.as_str()) || !filter.accepts(&item) {
            continue;
        }
        let is_host = |path: &str| {
            path.starts_with("spec.hostnames[") || path.starts_with("spec.rules[") && path.ends_with("].host")
        };
        for (_, field) in object.fields.iter().filter(|(path, _)| is_host(path)) {
            if !known.iter().any(|item| item.name == field.value) {
                routes.entry(&field.value).or_default().insert(key);
            }
        }
    }
    let items = routes.into_iter().map(|(name, about)| Item {
        name,
        about: about.into_iter().collect(),
        ..Item::default()
    });
    items.collect()
}

impl Text for List<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        match self.kind {
            // Names by namespace or kind: repeating either on every line would double the text.
            ListKind::Services => grouped(f, &self.items, |item| item.namespace.unwrap_or("-")),
            ListKind::Secrets => grouped(f, &self.items, |item| item.kind.unwrap_or("-")),
            ListKind::ConfigMaps | ListKind::Objects => {
                grouped(f, &self.items, |item| item.namespace.unwrap_or("-"))
            }
            ListKind::Images => {
                for item in &self.items {
                    line!(f, "{}", printable_name(item.name))?;
                }
                Ok(())
            }
            _ => {
                for item in &self.items {
                    write!(f, "{}", printable_name(item.name))?;
                    let about: Vec<&str> = item.about.iter().chain(&item.states).copied().collect();
                    match about.as_slice() {
                        [] => line!(f)?,
                        about => line!(f, ": {}", about.join(", "))?,
                    }
                }
                Ok(())
            }
        }?;
        if self.items.is_empty() {
            line!(f, "no {}", self.kind.as_str())?;
        }
        Ok(())
    }
}

fn grouped<'a>(f: &mut Lines<'_>, items: &[Item<'a>], group: impl Fn(&Item<'a>) -> &'a str) -> fmt::Result {
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for item in items {
        groups
            .entry(group(item))
            .or_default()
            .push(match item.states.is_empty() {
                true => printable_name(item.name).into_owned(),
                false => format!("{} ({})", printable_name(item.name), item.states.join(", ")),
            });
    }
    for (group, names) in groups {
        line!(f, "{}: {}", printable_name(group), names.join(", "))?;
    }
    Ok(())
}
