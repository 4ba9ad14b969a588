//! What is there? Everything of one kind, in as few words as possible.

mod kind;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use plain_text::{Lines, line, printable_name};

use crate::Facts;
use crate::answer::display_answer;
use crate::next_steps::{self, Answer, Step};
use crate::{Subject, Text};
use infra_model::service::Service;

pub use kind::{Item, ListKind};

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

/// Lists everything of one kind, in one namespace or in all. What has no namespace is only in the list of all.
pub fn list<'a>(facts: &'a dyn Facts, kind: ListKind, namespace: Option<&str>) -> List<'a> {
    let mut items = match kind {
        ListKind::Namespaces => namespaces(facts),
        ListKind::Images => by_service(facts, namespace, |service| &service.images),
        ListKind::Hosts => by_service(facts, namespace, |service| &service.hosts),
        _ => Subject::all(facts)
            .into_iter()
            .filter_map(|subject| item(kind, subject))
            .collect(),
    };
    if let Some(namespace) = namespace
        && !matches!(kind, ListKind::Images | ListKind::Hosts)
    {
        items.retain(|item| item.namespace == Some(namespace));
    }
    items.sort();
    let next = next_steps::for_list(facts, kind, &items);
    List { kind, items, next }
}

fn item<'a>(list: ListKind, subject: Subject<'a>) -> Option<Item<'a>> {
    let plain = |about: Vec<&'a str>| Item {
        name: subject.key(),
        kind: None,
        namespace: Some(subject.namespace()).filter(|namespace| !namespace.is_empty()),
        about,
    };
    let of_kind = |about: Vec<&'a str>| Item {
        kind: Some(subject.kind()),
        ..plain(about)
    };
    Some(match (list, subject) {
        (ListKind::Services, Subject::Service(_, service)) => {
            of_kind(service.description.as_deref().into_iter().collect())
        }
        (ListKind::Kustomizations, Subject::Kustomization(_, it)) => {
            let states = [
                (it.suspend, "suspended"),
                (it.error.is_some(), "failed"),
                (it.partial, "partial"),
                (it.kube_config.is_some(), "another cluster"),
            ];
            let states = states
                .into_iter()
                .filter_map(|(is_so, state)| is_so.then_some(state));
            plain(std::iter::once(it.path.as_str()).chain(states).collect())
        }
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
            plain(variable.value.as_deref().into_iter().collect())
        }
        (ListKind::Externals, Subject::External(_)) => plain(Vec::new()),
        _ => return None,
    })
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
            kind: None,
            namespace: Some(name),
            about,
        })
        .collect()
}

/// Texts of services, each once, with the services that have them.
fn by_service<'a>(
    facts: &'a dyn Facts,
    namespace: Option<&str>,
    texts: impl Fn(&'a Service) -> &'a Vec<String>,
) -> Vec<Item<'a>> {
    let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, service) in facts.services().iter() {
        if namespace.is_none_or(|namespace| service.namespace == namespace) {
            for text in texts(service) {
                services.entry(text).or_default().insert(key);
            }
        }
    }
    services
        .into_iter()
        .map(|(name, about)| Item {
            name,
            kind: None,
            namespace: None,
            about: about.into_iter().collect(),
        })
        .collect()
}

impl Text for List<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        match self.kind {
            // Names by namespace or kind: repeating either on every line would double the text.
            ListKind::Services => grouped(f, &self.items, |item| item.namespace.unwrap_or("-")),
            ListKind::Secrets => grouped(f, &self.items, |item| item.kind.unwrap_or("-")),
            ListKind::ConfigMaps => grouped(f, &self.items, |item| item.namespace.unwrap_or("-")),
            ListKind::Images => {
                for item in &self.items {
                    line!(f, "{}", printable_name(item.name))?;
                }
                Ok(())
            }
            _ => {
                for item in &self.items {
                    write!(f, "{}", printable_name(item.name))?;
                    match item.about.as_slice() {
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
            .push(printable_name(item.name).into_owned());
    }
    for (group, names) in groups {
        line!(f, "{}: {}", printable_name(group), names.join(", "))?;
    }
    Ok(())
}
