//! Commands that show the items of a list in the cluster, those first that show most.

use plain_text::Command;
use std::collections::BTreeMap;

use super::secrets::resource;
use super::service::for_config_map;
use super::step::{Step, each_once, shell};
use crate::Facts;
use crate::graph::links::config_map_of;
use crate::list::{Item, ListKind};

/// What shows a list's items in the cluster: one command for each kind and namespace.
pub fn for_list(facts: &dyn Facts, kind: ListKind, items: &[Item<'_>]) -> Vec<Step> {
    let namespace_of = |key: &str| {
        let service = facts.services().get(key)?;
        Some(service.namespace.as_str())
    };
    match kind {
        ListKind::Services => pods(items.iter().filter_map(|item| item.namespace)),
        ListKind::Namespaces => pods(items.iter().flat_map(|item| item.about.iter().map(|_| item.name))),
        ListKind::Kustomizations => by_namespace(items, |_| {
            Some(("the Kustomizations", "flux get kustomizations", None))
        }),
        ListKind::HelmReleases => by_namespace(items, |_| {
            Some(("the HelmReleases", "flux get helmreleases", None))
        }),
        ListKind::Sources => by_namespace(items, |_| Some(("the sources", "flux get sources all", None))),
        ListKind::Secrets => by_namespace(items, |item| {
            Some(("what carries secrets", "kubectl get", Some(carrier(item.kind?)?)))
        }),
        ListKind::ConfigMaps => by_namespace(items, |_| Some(("the ConfigMaps", "kubectl get cm", None))),
        ListKind::Images => images(
            items
                .iter()
                .flat_map(|item| item.about.iter().map(AsRef::as_ref))
                .filter_map(namespace_of),
        ),
        ListKind::ImageGroups => {
            let groups = items
                .iter()
                .filter_map(|item| facts.image_groups().get(item.name));
            images(
                groups
                    .flat_map(|group| &group.services)
                    .filter_map(|key| namespace_of(key)),
            )
        }
        ListKind::Hosts => {
            let requests = items.iter().filter_map(|item| {
                shell(
                    "what answers at the host",
                    Command::new("curl -sSI").prefixed("https://", item.name),
                )
            });
            requests.collect()
        }
        ListKind::Variables => {
            let variables = facts.variables();
            let sources = items
                .iter()
                .filter_map(|item| variables.get(item.name))
                .flat_map(|variable| &variable.defined_in);
            each_once(sources.flat_map(|source| source_of_variables(facts, source)))
        }
        ListKind::Objects | ListKind::Externals | ListKind::All => Vec::new(),
    }
}

fn pods<'a>(namespaces: impl Iterator<Item = &'a str>) -> Vec<Step> {
    let commands = namespaces.map(|namespace| (("the pods", "kubectl get pods", None), namespace));
    most_first(commands, "")
}

fn images<'a>(namespaces: impl Iterator<Item = &'a str>) -> Vec<Step> {
    let commands = namespaces.map(|namespace| {
        let get = "kubectl get deployments,statefulsets,daemonsets";
        (("the images that run", get, None), namespace)
    });
    most_first(commands, "-o wide")
}

fn by_namespace<'i>(items: &[Item<'i>], command: impl Fn(&Item<'i>) -> Option<Get>) -> Vec<Step> {
    let commands = items
        .iter()
        .filter_map(|item| Some((command(item)?, item.namespace?)));
    most_first(commands, "")
}

/// Purpose and words of a command, and the resource that it is for where the words do not say it.
type Get = (&'static str, &'static str, Option<String>);

/// Commands with a namespace, each once, those first that were there most often.
fn most_first<'a>(commands: impl Iterator<Item = (Get, &'a str)>, last: &'static str) -> Vec<Step> {
    let mut counts: BTreeMap<(Get, &str), usize> = BTreeMap::new();
    for command in commands {
        *counts.entry(command).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let steps = counts
        .into_iter()
        .filter_map(|(((purpose, words, resource), namespace), _)| {
            let command = match &resource {
                Some(resource) => Command::new(words).name(resource),
                None => Command::new(words),
            };
            let command = command.namespace(namespace);
            let command = if last.is_empty() {
                command
            } else {
                command.literal(last)
            };
            shell(purpose, command)
        });
    steps.collect()
}

/// The resource of a kind that carries secrets; kinds of other making get no command.
fn carrier(kind: &str) -> Option<String> {
    match kind {
        "SecretProviderClass" | "ExternalSecret" | "SealedSecret" | "Secret" => Some(kind.to_lowercase()),
        kind if kind.starts_with("Vault") => resource(kind).map(str::to_owned),
        _ => None,
    }
}

/// What shows an object that variables come from, such as `ConfigMap/flux-system/cluster-vars`.
fn source_of_variables(facts: &dyn Facts, source: &str) -> Vec<Step> {
    let mut parts = source.splitn(3, '/');
    let (Some(kind), Some(namespace), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
        return Vec::new();
    };
    match kind {
        "ConfigMap" => config_map_of(facts, &format!("{namespace}/{name}"))
            .map(|map| for_config_map(facts, map, None))
            .unwrap_or_default(),
        "Secret" => {
            let command = Command::new("kubectl get secret").name(name).namespace(namespace);
            shell("the Secret", command).into_iter().collect()
        }
        _ => Vec::new(),
    }
}
