//! Roles that allow more than before.

use std::collections::BTreeSet;

use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::codes;
use super::subject::{Subject, danger};
use crate::objects::{Object, Objects};

/// Verbs by which a subject gets rights that its roles do not state.
const ESCALATING: [&str; 3] = ["bind", "escalate", "impersonate"];

pub(super) fn check(subject: &Subject<'_>, objects: &Objects<'_>, found: &mut Vec<Diagnostic>) {
    let Some(after) = &subject.after else {
        return;
    };
    let before = subject.before.as_ref();
    match after.kind() {
        "Role" | "ClusterRole" => {
            let had = before.map(|object| powers(object)).unwrap_or_default();
            let new: Vec<String> = powers(after).difference(&had).cloned().collect();
            if !new.is_empty() {
                let holders = holders(after, objects);
                let holders = match holders.len() {
                    0 => String::new(),
                    _ => format!(", to {}", Vec::from_iter(holders).join(", ")),
                };
                let message = format!("the role allows more: {}{holders}", new.join("; "));
                let rules = after.node().get("rules");
                found.push(danger(Severity::Warning, codes::RBAC, after, rules, message));
            }
        }
        "RoleBinding" | "ClusterRoleBinding" => {
            if after.node().text_at(&["roleRef", "name"]) != Some("cluster-admin") {
                return;
            }
            let had = before
                .filter(|object| object.node().text_at(&["roleRef", "name"]) == Some("cluster-admin"))
                .map(subjects)
                .unwrap_or_default();
            let new: Vec<String> = subjects(after).difference(&had).cloned().collect();
            if !new.is_empty() {
                let message = format!("cluster-admin is given to {}", new.join(", "));
                let part = after.node().get("subjects");
                found.push(danger(Severity::Warning, codes::RBAC, after, part, message));
            }
        }
        _ => {}
    }
}

/// What a role allows that is worth a look, in words.
fn powers(role: &Object<'_>) -> BTreeSet<String> {
    let mut powers = BTreeSet::new();
    for rule in role.node().get("rules").map(Node::items).unwrap_or_default() {
        let texts = |field: &str| -> Vec<&str> {
            let items = rule.get(field).map(Node::items).unwrap_or_default();
            items.iter().filter_map(Node::text).collect()
        };
        let (groups, resources, verbs) = (texts("apiGroups"), texts("resources"), texts("verbs"));
        let what = match resources.as_slice() {
            [] => texts("nonResourceURLs").join(", "),
            all if all.contains(&"*") => "all resources".to_owned(),
            some => some.join(", "),
        };
        let every_verb = verbs.contains(&"*");
        if every_verb {
            powers.insert(format!("all verbs on {what}"));
        }
        if resources.contains(&"*") {
            let of = match groups.contains(&"*") {
                true => "all API groups".to_owned(),
                false => format!("API groups {groups:?}"),
            };
            powers.insert(format!("{} on all resources of {of}", verbs.join(", ")));
        }
        for verb in ESCALATING.into_iter().filter(|verb| verbs.contains(verb)) {
            powers.insert(format!("{verb} on {what}"));
        }
        let reads = every_verb || ["get", "list", "watch"].iter().any(|verb| verbs.contains(verb));
        if resources.contains(&"secrets") && reads {
            powers.insert("reads Secrets".to_owned());
        }
        let creates = every_verb || verbs.contains(&"create");
        for resource in ["pods/exec", "pods/attach", "serviceaccounts/token"] {
            if resources.contains(&resource) && creates {
                powers.insert(format!("create on {resource}"));
            }
        }
        if resources.contains(&"nodes/proxy") {
            powers.insert(format!("{} on nodes/proxy", verbs.join(", ")));
        }
    }
    powers
}

/// Who has a role, by the bindings of the cluster.
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
    let subjects = binding
        .node()
        .get("subjects")
        .map(Node::items)
        .unwrap_or_default();
    subjects
        .iter()
        .map(|subject| {
            let text = |field: &str| subject.text_at(&[field]).unwrap_or_default();
            match text("namespace") {
                "" => format!("{} {}", text("kind"), text("name")),
                namespace => format!("{} {namespace}/{}", text("kind"), text("name")),
            }
        })
        .collect()
}
