//! Commands that show the items of a list in the cluster, those for most items first.

use plain_text::Command;
use std::collections::BTreeMap;

use super::secrets::resource;
use super::service::for_config_map;
use super::step::{Step, each_once, shell};
use crate::Facts;
use crate::graph::links::config_map_of;
use crate::list::{Item, ListKind};

/// Commands that show the items of a list in the cluster: one for each kind and namespace.
pub fn for_list(facts: &dyn Facts, kind: ListKind, items: &[Item<'_>]) -> Vec<Step> {
    let namespace_of = |key: &str| {
        let service = facts.services().get(key)?;
        Some(service.namespace.as_str())
    };
    let get = |purpose, words| {
        let namespaces = items.iter().filter_map(|item| item.namespace);
        most_first(
            namespaces.map(|namespace| ((purpose, words, None), namespace)),
            "",
        )
    };
    match kind {
        ListKind::Services => get("the pods", "kubectl get pods"),
        ListKind::Namespaces => {
            // Once for each service.
            let services = items.iter().flat_map(|item| item.about.iter().map(|_| item.name));
            let pods = ("the pods", "kubectl get pods", None);
            most_first(services.map(|namespace| (pods.clone(), namespace)), "")
        }
        ListKind::Kustomizations => get("the Kustomizations", "flux get kustomizations"),
        ListKind::HelmReleases => get("the HelmReleases", "flux get helmreleases"),
        ListKind::Sources => get("the sources", "flux get sources all"),
        ListKind::Secrets => {
            let carriers = items.iter().filter_map(|item| {
                let carrier = carrier(item.kind?)?;
                Some((
                    ("what carries secrets", "kubectl get", Some(carrier)),
                    item.namespace?,
                ))
            });
            most_first(carriers, "")
        }
        ListKind::ConfigMaps => get("the ConfigMaps", "kubectl get cm"),
        ListKind::Images => {
            let services = items.iter().flat_map(|item| item.about.iter().map(AsRef::as_ref));
            images(services.filter_map(namespace_of))
        }
        ListKind::ImageGroups => {
            let groups = items
                .iter()
                .filter_map(|item| facts.image_groups().get(item.name));
            let services = groups.flat_map(|group| &group.services);
            images(services.filter_map(|key| namespace_of(key)))
        }
        ListKind::Hosts => {
            let requests = items.iter().filter_map(|item| {
                let command = Command::new("curl -sSI").prefixed("https://", item.name);
                shell("what answers at the host", command)
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

fn images<'a>(namespaces: impl Iterator<Item = &'a str>) -> Vec<Step> {
    let commands = namespaces.map(|namespace| {
        let get = "kubectl get deployments,statefulsets,daemonsets";
        (("the images that run", get, None), namespace)
    });
    most_first(commands, "-o wide")
}

/// Purpose and words of a command, and the resource if it is not among the words.
type Get = (&'static str, &'static str, Option<String>);

/// Commands with a namespace, each once, the most frequent first.
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
            shell(
                purpose,
                if last.is_empty() {
                    command
                } else {
                    command.literal(last)
                },
            )
        });
    steps.collect()
}

/// The resource of a kind of the list of secrets; `None` for other kinds.
fn carrier(kind: &str) -> Option<String> {
    match kind {
        "SecretProviderClass" | "ExternalSecret" | "SealedSecret" | "Secret" => Some(kind.to_lowercase()),
        kind if kind.starts_with("Vault") => resource(kind).map(str::to_owned),
        _ => None,
    }
}

/// Commands that show an object with variables, such as `ConfigMap/flux-system/cluster-vars`.
fn source_of_variables(facts: &dyn Facts, source: &str) -> Vec<Step> {
    let (kind, key) = source.split_once('/').unwrap_or_default();
    match (kind, key.split_once('/')) {
        ("ConfigMap", Some(_)) => {
            let map = config_map_of(facts, key);
            map.map(|map| for_config_map(facts, map, None))
                .unwrap_or_default()
        }
        ("Secret", Some((namespace, name))) => {
            let command = Command::new("kubectl get secret").name(name).namespace(namespace);
            shell("the Secret", command).into_iter().collect()
        }
        _ => Vec::new(),
    }
}
