//! `list`: all entries of a kind, in as few words as possible.

mod kind;
mod state;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use plain_text::{Lines, line, printable, printable_name};

use crate::answer::display_answer;
use crate::facts::entries;
use crate::graph::links::{chart_source, source_of, store_of};
use crate::named_by::named_by;
use crate::next_steps::{self, Step};
use crate::object::value;
use crate::text::{in_namespace, joined, listed};
use crate::variable::deciding_value;
use crate::{Facts, Subject, Text};
use infra_model::config::Variable;
use infra_model::flux::{ChartStatus, Source};
use infra_model::secrets::Protection;
use infra_model::service::Service;

pub use kind::{Item, ListKind, Narrowing};
pub use state::{STATES, state_of};

/// The entries of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<'a> {
    /// The kind.
    pub kind: ListKind,
    /// The items, sorted.
    pub items: Vec<Item<'a>>,
    /// The state that was asked for.
    pub state: Option<String>,
    /// The number of entries of the kind in any state, and their states: an empty list shows both.
    pub of: (usize, BTreeSet<&'a str>),
    /// Commands that show the items in the cluster.
    pub next: Vec<Step>,
}

display_answer!(List<'_>, next);

/// A filter for the items of a list. The default accepts all.
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
    fn is_accepted(&self, item: &Item<'_>) -> bool {
        let is_owner = |owner: &str| {
            let is_name = |own: &str| own == owner || own.rsplit('/').next() == Some(owner);
            item.owner.is_some_and(is_name)
        };
        let is_state = |state: &str| {
            let asked = state::asked(state);
            let mut own = item.states.iter();
            own.any(|own| asked.iter().any(|asked| own.eq_ignore_ascii_case(asked)))
        };
        let namespace = self.namespace.as_deref();
        namespace.is_none_or(|namespace| item.namespace == Some(namespace))
            && self.owner.as_deref().is_none_or(is_owner)
            && self.state.as_deref().is_none_or(is_state)
    }
}

/// The entries of a kind that a filter accepts. Entries without namespace, owner or state are only in an unfiltered
/// list.
pub fn list<'a>(facts: &'a dyn Facts, kind: ListKind, filter: &ListFilter) -> List<'a> {
    let any_state = ListFilter {
        state: None,
        ..filter.clone()
    };
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
    let mut of = (0, BTreeSet::new());
    if !matches!(kind, ListKind::Images | ListKind::Hosts) {
        items.retain(|item| any_state.is_accepted(item));
        of.0 = items.len();
        of.1.extend(items.iter().flat_map(|item| item.states.iter().copied()));
        items.retain(|item| filter.is_accepted(item));
    }
    items.sort();
    if kind == ListKind::All {
        items.sort_by_key(|item| item.kind);
    }
    let next = next_steps::for_list(facts, kind, &items);
    List {
        kind,
        items,
        state: filter.state.clone(),
        of,
        next,
    }
}

fn item<'a>(facts: &'a dyn Facts, list: ListKind, subject: Subject<'a>) -> Option<Item<'a>> {
    if list == ListKind::All {
        return item_of_all(facts, subject);
    }
    let plain = |about: Vec<&'a str>| Item {
        name: subject.key(),
        namespace: Some(subject.namespace()).filter(|namespace| !namespace.is_empty()),
        about: about.into_iter().map(Cow::Borrowed).collect(),
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
        (ListKind::HelmReleases, Subject::HelmRelease(_, release)) => {
            let chart = [&release.chart, &release.version].into_iter().flatten();
            let mut item = plain(chart.map(String::as_str).collect());
            let source = chart_source(facts, release).map(|(key, _)| format!("from {key}"));
            item.about.extend(source.map(Cow::Owned));
            item
        }
        (ListKind::Sources, Subject::Source(_, source)) => {
            let mut item = plain(source.url.as_deref().into_iter().collect());
            item.about.extend(users(facts, subject, source).map(Cow::Owned));
            item
        }
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
        // A name in the cluster's own DNS that no object of the repository has.
        (ListKind::Externals, Subject::External(host)) if host.ends_with(".svc.cluster.local") => {
            plain(vec!["in the cluster, made by an operator or a chart"])
        }
        (ListKind::Externals, Subject::External(_)) => plain(Vec::new()),
        _ => return None,
    })
}

/// An item of the list of all, with its kind and place. States that a service has from its owner are left out: the
/// owner is an item itself.
fn item_of_all<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Option<Item<'a>> {
    if matches!(
        subject,
        Subject::ImageGroup(..) | Subject::External(_) | Subject::SecretReference(..)
    ) {
        return None;
    }
    let states = match subject {
        Subject::Service(_, service) if service.workload.is_none() => return None,
        Subject::Service(_, service) if !service.schedule_suspended => Vec::new(),
        _ => states(facts, subject),
    };
    Some(Item {
        name: subject.own_key(),
        kind: Some(subject.kind()),
        namespace: Some(subject.namespace()).filter(|namespace| !namespace.is_empty()),
        about: Vec::new(),
        states,
        owner: owner(subject),
        place: subject.place(),
    })
}

/// The users of a source, in a few words; `None` if it has none.
fn users(facts: &dyn Facts, subject: Subject<'_>, source: &Source) -> Option<String> {
    const MOST: usize = 3;
    // Users that are no entries of Flux, such as a HelmChart or an automation.
    let naming = match source.used_by.as_slice() {
        [] => named_by(facts, subject),
        _ => Vec::new(),
    };
    let own = source.used_by.iter();
    let own = own.map(|user| user.split_once('/').map_or(user.as_str(), |(_, key)| key));
    let all: Vec<&str> = own
        .chain(naming.iter().map(|naming| naming.object.as_ref()))
        .collect();
    let shown = all.iter().take(MOST).copied().collect::<Vec<&str>>().join(", ");
    match all.len() {
        // The state `unused` shows it.
        0 => None,
        count if count > MOST => Some(format!("used by {count}: {shown} and {} more", count - MOST)),
        count => Some(format!("used by {count}: {shown}")),
    }
}

/// The value of a variable, if it is the same for all Kustomizations that use it.
fn value_of(variable: &Variable) -> Option<&str> {
    let mut values = variable.readings.iter().map(deciding_value);
    match values.next() {
        Some(first) if values.all(|value| value == first) => first,
        Some(_) => None,
        None => variable.value.as_deref(),
    }
}

/// The states of an item; for a secret its provider, or its protection.
fn states<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Vec<&'a str> {
    let those = |states: &[(bool, &'static str)]| -> Vec<&'a str> {
        let set = states.iter().filter(|(is_so, _)| *is_so);
        set.map(|(_, state)| *state).collect()
    };
    match subject {
        Subject::Service(_, service) => {
            those(&[(service.suspend || service.schedule_suspended, "suspended")])
        }
        Subject::Source(_, source) => those(&[
            (source.suspend, "suspended"),
            (source.missing, "missing"),
            (
                source.used_by.is_empty() && named_by(facts, subject).is_empty(),
                "unused",
            ),
        ]),
        Subject::Object(_, object) => those(&[(value(object, "spec.suspend") == Some("true"), "suspended")]),
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
            let readings = || variable.readings.iter();
            let values: BTreeSet<Option<&str>> = readings().map(deciding_value).collect();
            let is_undefined = readings().any(|reading| reading.definitions.is_empty());
            match values.len() {
                0 => Vec::new(),
                1 if is_undefined && readings().all(|reading| reading.defaulted) => vec!["default"],
                1 if values.contains(&None) => vec!["unknown"],
                1 => Vec::new(),
                _ => vec!["differs by Kustomization"],
            }
        }
        _ => Vec::new(),
    }
}

/// Key of the owner: the HelmRelease of a service, else the Kustomization.
fn owner(subject: Subject<'_>) -> Option<&str> {
    match subject {
        Subject::Service(_, it) => it.helm_release.as_deref().or(it.kustomization.as_deref()),
        Subject::SecretStore(..) => None,
        _ => subject.kustomization(),
    }
}

fn namespaces(facts: &dyn Facts) -> Vec<Item<'_>> {
    let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, service) in facts.services().iter() {
        services.entry(&service.namespace).or_default().insert(key);
    }
    // Namespaces without services.
    for subject in Subject::all(facts) {
        let namespace = match subject {
            Subject::SecretReference(..) | Subject::External(_) => "",
            subject => subject.namespace(),
        };
        if !namespace.is_empty() {
            services.entry(namespace).or_default();
        }
    }
    let mut items = items(services);
    for item in &mut items {
        item.namespace = Some(item.name);
    }
    items
}

/// Items by name, with their details.
fn items<'a>(by_name: BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Item<'a>> {
    let items = by_name.into_iter().map(|(name, about)| Item {
        name,
        about: about.into_iter().map(Cow::Borrowed).collect(),
        ..Item::default()
    });
    items.collect()
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
        if filter.is_accepted(&item) {
            for text in texts(service) {
                services.entry(text).or_default().insert(key);
            }
        }
    }
    items(services)
}

/// The hosts of routes that lead to no known service, each with its routes.
fn hosts_of_routes<'a>(facts: &'a dyn Facts, filter: &ListFilter, known: &[Item<'a>]) -> Vec<Item<'a>> {
    const KINDS: &[&str] = &["HTTPRoute", "GRPCRoute", "TLSRoute", "Ingress"];
    let mut routes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let known: BTreeSet<&str> = known.iter().map(|item| item.name).collect();
    for (key, object) in entries(facts.objects(), KINDS) {
        if !KINDS.contains(&object.kind.as_str()) {
            continue;
        }
        let item = Item {
            namespace: Some(object.namespace.as_str()),
            owner: object.kustomization.as_deref(),
            ..Item::default()
        };
        if !filter.is_accepted(&item) {
            continue;
        }
        let is_host = |path: &str| {
            path.starts_with("spec.hostnames[") || path.starts_with("spec.rules[") && path.ends_with("].host")
        };
        for (_, field) in object.fields.iter().filter(|(path, _)| is_host(path)) {
            if !known.contains(field.value.as_str()) {
                routes.entry(&field.value).or_default().insert(key);
            }
        }
    }
    items(routes)
}

impl Text for List<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        match self.kind {
            // Grouped, since a namespace or kind on each line would double the text.
            ListKind::Services | ListKind::ConfigMaps | ListKind::Objects => {
                grouped(f, &self.items, |item| item.namespace.unwrap_or("-"))
            }
            ListKind::All if self.items.len() <= MOST_WITH_PLACES => self.write_with_places(f),
            ListKind::Secrets | ListKind::All => grouped(f, &self.items, |item| item.kind.unwrap_or("-")),
            ListKind::Images => {
                for item in &self.items {
                    line!(f, "{}", printable_name(item.name))?;
                }
                Ok(())
            }
            _ => {
                for item in &self.items {
                    let about = item.about.iter().map(AsRef::as_ref);
                    let about: Vec<&str> = about.chain(item.states.iter().copied()).collect();
                    line!(f, "{}{}", printable_name(item.name), listed(": ", &about))?;
                }
                Ok(())
            }
        }?;
        match (&self.state, self.items.is_empty()) {
            (_, false) => Ok(()),
            (None, true) => line!(f, "no {}", self.kind.as_str()),
            (Some(_), true) if self.of.0 == 0 && self.kind != ListKind::All && !self.is_of_services() => {
                line!(f, "no {}", self.kind.as_str())
            }
            (Some(state), true) => self.write_none(f, state),
        }
    }
}

/// Up to this number, items of the list of all have a line each, with their place.
const MOST_WITH_PLACES: usize = 40;

impl List<'_> {
    /// Whether its items are texts of services, which have no states themselves.
    fn is_of_services(&self) -> bool {
        matches!(self.kind, ListKind::Images | ListKind::Hosts)
    }

    /// Items of several kinds, each with its place and the states that were not asked for.
    fn write_with_places(&self, f: &mut Lines<'_>) -> fmt::Result {
        let asked = self.state.as_deref().map(state::asked).unwrap_or_default();
        for item in &self.items {
            let namespace = item.namespace.unwrap_or_default();
            let own = item.name.strip_prefix(namespace);
            let name = own.and_then(|own| own.strip_prefix('/')).unwrap_or(item.name);
            let kind = printable_name(item.kind.unwrap_or("-"));
            write!(f, "{kind} {}{}", printable_name(name), in_namespace(namespace))?;
            let others = item
                .states
                .iter()
                .filter(|own| asked.len() > 1 || !asked.iter().any(|asked| own.eq_ignore_ascii_case(asked)));
            for other in others {
                write!(f, ", {}", printable_name(other))?;
            }
            let place = item.place.map(|place| format!(", {place}"));
            line!(f, "{}", printable_name(&place.unwrap_or_default()))?;
        }
        Ok(())
    }

    /// The line for a state that nothing is in.
    fn write_none(&self, f: &mut Lines<'_>, asked: &str) -> fmt::Result {
        let (count, states) = &self.of;
        let own = state::asked(asked);
        let state = match own.as_slice() {
            [only] => printable(only),
            _ => printable(asked.trim()),
        };
        let is_known = state_of(asked).is_some();
        match (self.kind, is_known) {
            (ListKind::All, true) => write!(f, "nothing is {state}")?,
            (ListKind::All, false) => write!(f, "nothing is in a state {state}")?,
            _ if self.is_of_services() => write!(f, "no {} of what is {state}", self.kind.as_str())?,
            (kind, _) => write!(f, "none of {count} {} is {state}", kind.as_str())?,
        }
        let states: Vec<&str> = states.iter().copied().collect();
        match state_of(asked) {
            Some("suspended") => line!(f, "; what `flux suspend` does to the cluster alone is not in Git"),
            None if !states.is_empty() => line!(f, "; there is {}", joined(&states)),
            _ => line!(f),
        }
    }
}

fn grouped<'a>(f: &mut Lines<'_>, items: &[Item<'a>], group: impl Fn(&Item<'a>) -> &'a str) -> fmt::Result {
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for item in items {
        let mut name = printable_name(item.name).into_owned();
        if !item.states.is_empty() {
            name.push_str(&format!(" ({})", item.states.join(", ")));
        }
        groups.entry(group(item)).or_default().push(name);
    }
    for (group, names) in groups {
        line!(f, "{}: {}", printable_name(group), names.join(", "))?;
    }
    Ok(())
}
