//! Roles that allow more than before.

use std::collections::BTreeSet;

use source_tree::Diagnostic;
use yaml_node::Node;

use super::codes;
use super::subject::{Subject, warning};
use crate::objects::{Object, Objects};
use crate::pod::items;

/// Verbs by which a subject gains rights beyond those of its roles.
const ESCALATING: [&str; 3] = ["bind", "escalate", "impersonate"];

/// Users and groups that mean everybody, or everything that runs in the cluster.
const EVERYBODY: [&str; 5] = [
    "system:anonymous",
    "system:authenticated",
    "system:masters",
    "system:serviceaccounts",
    "system:unauthenticated",
];

/// Roles that may change nearly everything.
const ADMIN_ROLES: [&str; 3] = ["admin", "cluster-admin", "edit"];

pub(super) fn check(subject: &Subject<'_>, objects: &Objects<'_>, found: &mut Vec<Diagnostic>) {
    let Some(after) = &subject.after else {
        return;
    };
    let before = subject.before.as_ref();
    match after.kind() {
        "Role" | "ClusterRole" => {
            let had = before.map(rules).unwrap_or_default();
            let new: Vec<String> = powers(&rules(after), &had).into_iter().collect();
            if !new.is_empty() {
                let holders = Vec::from_iter(holders(after, objects)).join(", ");
                let holders = match holders.as_str() {
                    "" => holders,
                    _ => format!(", to {holders}"),
                };
                let message = format!("the role allows more: {}{holders}", new.join("; "));
                let rules = after.node().get("rules");
                found.push(warning(codes::RBAC, after, rules, message));
            }
        }
        "RoleBinding" | "ClusterRoleBinding" => {
            let role = |object: &Object<'_>| -> String {
                let text = |field: &str| object.node().text_at(&["roleRef", field]).unwrap_or_default();
                format!("{} {}", text("kind"), text("name"))
            };
            let given = role(after);
            let before = before.filter(|object| role(object) == given);
            let had = before.map(subjects).unwrap_or_default();
            let is_admin = given
                .strip_prefix("ClusterRole ")
                .is_some_and(|name| match after.kind() {
                    "ClusterRoleBinding" => ADMIN_ROLES.contains(&name),
                    _ => name == "cluster-admin",
                });
            let is_everybody = |subject: &String| {
                let (_, name) = subject.split_once(' ').unwrap_or_default();
                EVERYBODY.contains(&name) || name.starts_with("system:serviceaccounts:")
            };
            let new: Vec<String> = subjects(after)
                .difference(&had)
                .filter(|subject| is_admin || is_everybody(subject))
                .cloned()
                .collect();
            if !new.is_empty() {
                let role = given
                    .strip_prefix("ClusterRole ")
                    .filter(|_| is_admin)
                    .unwrap_or(&given);
                let message = format!("{role} is given to {}", new.join(", "));
                let part = after.node().get("subjects");
                found.push(warning(codes::RBAC, after, part, message));
            }
        }
        _ => {}
    }
}

/// A rule of a role.
struct Rule<'a> {
    groups: Vec<&'a str>,
    resources: Vec<&'a str>,
    urls: Vec<&'a str>,
    verbs: Vec<&'a str>,
    /// Names of the objects that it covers; empty for all.
    names: Vec<&'a str>,
}

fn rules<'a>(role: &Object<'a>) -> Vec<Rule<'a>> {
    let rules = items(role.node().get("rules")).map(|rule| {
        let texts = |field: &str| items(rule.get(field)).filter_map(Node::text).collect();
        Rule {
            groups: texts("apiGroups"),
            resources: texts("resources"),
            urls: texts("nonResourceURLs"),
            verbs: texts("verbs"),
            names: texts("resourceNames"),
        }
    });
    rules.collect()
}

/// A verb on a resource of a group, or on a URL.
#[derive(Clone, Copy)]
struct Power<'a> {
    group: &'a str,
    resource: &'a str,
    is_url: bool,
    verb: &'a str,
}

impl Rule<'_> {
    fn powers(&self) -> impl Iterator<Item = Power<'_>> {
        let of_urls = self.urls.iter().flat_map(|url| {
            self.verbs.iter().map(|verb| Power {
                group: "",
                resource: url,
                is_url: true,
                verb,
            })
        });
        let of_resources = self.groups.iter().flat_map(|group| {
            self.resources.iter().flat_map(|resource| {
                self.verbs.iter().map(|verb| Power {
                    group,
                    resource,
                    is_url: false,
                    verb,
                })
            })
        });
        of_resources.chain(of_urls)
    }

    /// Whether it grants a power over objects of these names.
    fn allows(&self, power: Power<'_>, names: &[&str]) -> bool {
        let has = |list: &[&str], item: &str| list.contains(&"*") || list.contains(&item);
        let what = match power.is_url {
            true => has(&self.urls, power.resource),
            false => has(&self.groups, power.group) && has(&self.resources, power.resource),
        };
        let named = self.names.is_empty()
            || (!names.is_empty() && names.iter().all(|name| self.names.contains(name)));
        what && named && has(&self.verbs, power.verb)
    }
}

/// The noteworthy rights that `rules` grant beyond those of `had`, in words.
fn powers(rules: &[Rule<'_>], had: &[Rule<'_>]) -> BTreeSet<String> {
    let mut powers = BTreeSet::new();
    for rule in rules {
        let is_new = |power: &Power<'_>| !had.iter().any(|old| old.allows(*power, &rule.names));
        let new: Vec<Power<'_>> = rule.powers().filter(is_new).collect();
        let verbs = |chosen: &dyn Fn(&Power<'_>) -> bool| -> String {
            let mut verbs: Vec<&str> = Vec::new();
            for power in new.iter().filter(|power| chosen(power)) {
                if !verbs.contains(&power.verb) {
                    verbs.push(power.verb);
                }
            }
            verbs.join(", ")
        };
        for power in &new {
            let what = match power.resource {
                "*" => "all resources",
                resource => resource,
            };
            if power.verb == "*" {
                powers.insert(format!("all verbs on {what}"));
            }
            if power.resource == "*" && !power.is_url {
                let group = match power.group {
                    "*" => "all API groups".to_owned(),
                    "" => "the core group".to_owned(),
                    group => format!("the group {group}"),
                };
                let is_of_group = |other: &Power<'_>| other.resource == "*" && other.group == power.group;
                powers.insert(format!("{} on all resources of {group}", verbs(&is_of_group)));
            }
            if ESCALATING.contains(&power.verb) {
                powers.insert(format!("{} on {what}", power.verb));
            }
            let reads = matches!(power.verb, "*" | "get" | "list" | "watch");
            if power.resource == "secrets" && reads {
                powers.insert("reads Secrets".to_owned());
            }
            let creates = matches!(power.verb, "*" | "create");
            if matches!(
                power.resource,
                "pods/exec" | "pods/attach" | "serviceaccounts/token"
            ) && creates
            {
                powers.insert(format!("create on {}", power.resource));
            }
            if power.resource == "nodes/proxy" {
                let is_proxy = |other: &Power<'_>| other.resource == "nodes/proxy";
                powers.insert(format!("{} on nodes/proxy", verbs(&is_proxy)));
            }
        }
    }
    powers
}

/// The subjects that have a role by the bindings of the cluster.
fn holders(role: &Object<'_>, objects: &Objects<'_>) -> BTreeSet<String> {
    let bindings = objects.values().filter(|object| {
        let names = |field: &str| object.node().text_at(&["roleRef", field]);
        matches!(object.kind(), "RoleBinding" | "ClusterRoleBinding")
            && names("kind") == Some(role.kind())
            && names("name") == Some(role.name())
            && (role.kind() == "ClusterRole" || object.namespace() == role.namespace())
    });
    bindings.flat_map(subjects).collect()
}

fn subjects(binding: &Object<'_>) -> BTreeSet<String> {
    let subjects = items(binding.node().get("subjects")).map(|subject| {
        let text = |field: &str| subject.text_at(&[field]).unwrap_or_default();
        match text("namespace") {
            "" => format!("{} {}", text("kind"), text("name")),
            namespace => format!("{} {namespace}/{}", text("kind"), text("name")),
        }
    });
    subjects.collect()
}
