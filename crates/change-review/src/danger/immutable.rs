//! Fields that the API server refuses to change.

use std::collections::BTreeMap;

use flux_evaluate::Evaluated;
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::codes;
use super::subject::{Subject, danger, refusal};
use crate::api_defaults;
use crate::objects::Object;
use crate::owner::Owner;

/// Immutable fields of a kind.
struct Rule {
    kind: &'static str,
    /// API group.
    group: &'static str,
    /// Paths of the fields. Where `other_than` is not empty: the mapping all of whose members are immutable but those.
    fields: &'static [&'static [&'static str]],
    other_than: &'static [&'static str],
}

const fn rule(kind: &'static str, group: &'static str, fields: &'static [&'static [&'static str]]) -> Rule {
    Rule {
        kind,
        group,
        fields,
        other_than: &[],
    }
}

/// From the update validation of the API server:
/// <https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis>, `validation.go` of each group.
const RULES: &[Rule] = &[
    rule("Deployment", "apps", &[&["spec", "selector"]]),
    rule("DaemonSet", "apps", &[&["spec", "selector"]]),
    rule("ReplicaSet", "apps", &[&["spec", "selector"]]),
    Rule {
        kind: "StatefulSet",
        group: "apps",
        fields: &[&["spec"]],
        other_than: &[
            "replicas",
            "ordinals",
            "template",
            "updateStrategy",
            "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy",
            "minReadySeconds",
        ],
    },
    rule(
        "Job",
        "batch",
        &[
            &["spec", "completions"],
            &["spec", "selector"],
            &["spec", "template"],
            &["spec", "completionMode"],
            &["spec", "podFailurePolicy"],
            &["spec", "successPolicy"],
            &["spec", "backoffLimitPerIndex"],
            &["spec", "managedBy"],
        ],
    ),
    Rule {
        kind: "PersistentVolumeClaim",
        group: "",
        fields: &[&["spec"]],
        other_than: &["resources", "volumeAttributesClassName"],
    },
    Rule {
        kind: "PersistentVolume",
        group: "",
        fields: &[&["spec"]],
        other_than: &[
            "accessModes",
            "capacity",
            "claimRef",
            "mountOptions",
            "nodeAffinity",
            "persistentVolumeReclaimPolicy",
            "storageClassName",
            "volumeAttributesClassName",
        ],
    },
    Rule {
        kind: "Pod",
        group: "",
        fields: &[&["spec"]],
        other_than: &[
            "activeDeadlineSeconds",
            "containers",
            "initContainers",
            "terminationGracePeriodSeconds",
            "tolerations",
        ],
    },
    rule(
        "ResourceQuota",
        "",
        &[&["spec", "scopes"], &["spec", "scopeSelector"]],
    ),
    rule("EndpointSlice", "discovery.k8s.io", &[&["addressType"]]),
    rule(
        "CSIDriver",
        "storage.k8s.io",
        &[&["spec", "attachRequired"], &["spec", "volumeLifecycleModes"]],
    ),
    rule(
        "VolumeAttributesClass",
        "storage.k8s.io",
        &[&["driverName"], &["parameters"]],
    ),
    rule("RoleBinding", "rbac.authorization.k8s.io", &[&["roleRef"]]),
    rule("ClusterRoleBinding", "rbac.authorization.k8s.io", &[&["roleRef"]]),
    rule("Secret", "", &[&["type"]]),
    rule(
        "StorageClass",
        "storage.k8s.io",
        &[
            &["provisioner"],
            &["parameters"],
            &["reclaimPolicy"],
            &["volumeBindingMode"],
        ],
    ),
    rule("IngressClass", "networking.k8s.io", &[&["spec", "controller"]]),
    rule(
        "PriorityClass",
        "scheduling.k8s.io",
        &[&["value"], &["preemptionPolicy"]],
    ),
    rule("RuntimeClass", "node.k8s.io", &[&["handler"]]),
    rule(
        "CustomResourceDefinition",
        "apiextensions.k8s.io",
        &[
            &["spec", "group"],
            &["spec", "scope"],
            &["spec", "names", "kind"],
            &["spec", "names", "plural"],
        ],
    ),
];

pub(super) fn check(
    subject: &Subject<'_>,
    owners: &BTreeMap<Owner, &Evaluated>,
    found: &mut Vec<Diagnostic>,
) {
    let Some((before, after)) = subject.both() else {
        return;
    };
    if after.is_hook() {
        // Helm deletes what is left of a hook before it makes it anew.
        return;
    }
    for (path, part) in changed(before, after) {
        let kind = after.kind();
        let field = path.join(".");
        if field == "spec.versions" {
            let message = format!(
                "spec.versions lacks the version in which objects are stored: {}",
                refusal(&subject.owner)
            );
            found.push(danger(Severity::Error, codes::IMMUTABLE, after, part, message));
            continue;
        }
        found.push(if is_forced(subject, after, owners) {
            let message = format!(
                "{field} of a {kind} cannot change: `force` has Flux delete the object and create it anew"
            );
            danger(Severity::Warning, codes::IMMUTABLE, after, part, message)
        } else {
            let message = format!("{field} of a {kind} cannot change: {}", refusal(&subject.owner));
            danger(Severity::Error, codes::IMMUTABLE, after, part, message)
                .hint("keep the value, or delete the object in the same step")
        });
    }
}

/// The immutable fields that differ, with the part of the new object that states each.
fn changed<'a>(before: &Object<'a>, after: &Object<'a>) -> Vec<(Vec<&'a str>, Option<&'a Node>)> {
    let mut paths: Vec<Vec<&'a str>> = Vec::new();
    for rule in RULES {
        if rule.kind != after.kind() || rule.group != after.group() {
            continue;
        }
        for field in rule.fields {
            if rule.other_than.is_empty() {
                paths.push(field.to_vec());
                continue;
            }
            let members = [before, after].map(|object| object.node().at(field));
            let mut names: Vec<&str> = members
                .into_iter()
                .flatten()
                .flat_map(Node::iter)
                .map(|(name, _)| name)
                .collect();
            names.sort_unstable();
            names.dedup();
            paths.extend(
                names
                    .into_iter()
                    .filter(|name| !rule.other_than.contains(name))
                    .map(|name| [field, &[name][..]].concat()),
            );
        }
    }
    if matches!(after.kind(), "ConfigMap" | "Secret")
        && before.node().get("immutable").and_then(Node::as_bool) == Some(true)
    {
        paths.extend(["data", "stringData", "binaryData", "immutable"].map(|field| vec![field]));
    }
    if after.kind() == "Service" && after.group().is_empty() {
        // One that the manifest leaves out was chosen by the API server.
        paths.extend(
            ["clusterIP", "clusterIPs"]
                .map(|field| vec!["spec", field])
                .into_iter()
                .filter(|path| after.node().at(path).is_some()),
        );
        let is_balanced =
            |object: &Object<'_>| object.node().text_at(&["spec", "type"]) == Some("LoadBalancer");
        if is_balanced(before) && is_balanced(after) {
            paths.push(vec!["spec", "loadBalancerClass"]);
        }
    }
    // An indexed Job may grow with its parallelism.
    if after.node().text_at(&["spec", "completionMode"]) == Some("Indexed") {
        paths.retain(|path| path.last() != Some(&"completions"));
    }
    paths
        .into_iter()
        .filter(|path| {
            let [old, new] = [before, after].map(|object| object.node().at(path));
            !api_defaults::is_same(path, old, new)
        })
        .chain(by_their_parts(before, after))
        .map(|path| {
            let part = after.node().at(&path);
            (path, part)
        })
        .collect()
}

/// Immutable fields of which but a part may not change.
fn by_their_parts(before: &Object<'_>, after: &Object<'_>) -> Vec<Vec<&'static str>> {
    let nodes = [before, after].map(Object::node);
    let mut found = Vec::new();
    match (after.group(), after.kind()) {
        ("", "Pod") => {
            for field in ["containers", "initContainers"] {
                let [old, new] = nodes.map(|node| {
                    let items = node.at(&["spec", field]).map(Node::items).unwrap_or_default();
                    let rest = |item: &Node| {
                        let members = item.iter().filter(|(key, _)| *key != "image");
                        Node::mapping(members.map(|(key, member)| (key, member.clone())))
                    };
                    api_defaults::without_defaults(&Node::sequence(items.iter().map(rest)), field)
                });
                if !old.same_value(&new) {
                    found.push(vec!["spec", field]);
                }
            }
        }
        ("", "Service") => {
            let primary = |node: &Node| -> Option<String> {
                let families = node.at(&["spec", "ipFamilies"])?.items();
                families.first()?.text().map(str::to_owned)
            };
            if let [Some(old), Some(new)] = nodes.map(primary)
                && old != new
            {
                found.push(vec!["spec", "ipFamilies"]);
            }
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            let versions = |node: &'_ Node| node.at(&["spec", "versions"]).map(|list| list.items().to_vec());
            if let [Some(old), Some(new)] = nodes.map(versions) {
                let stored = old
                    .iter()
                    .find(|version| version.get("storage").and_then(Node::as_bool) == Some(true))
                    .and_then(|version| version.text_at(&["name"]));
                let is_kept = |name| new.iter().any(|version| version.text_at(&["name"]) == Some(name));
                if stored.is_some_and(|name| !is_kept(name)) {
                    found.push(vec!["spec", "versions"]);
                }
            }
        }
        _ => {}
    }
    found
}

/// Whether Flux recreates what it cannot change.
fn is_forced(subject: &Subject<'_>, after: &Object<'_>, owners: &BTreeMap<Owner, &Evaluated>) -> bool {
    let marked = after.mark_of_user("kustomize.toolkit.fluxcd.io/force");
    let spec = |evaluated: &&Evaluated| -> bool {
        let spec = evaluated
            .object
            .as_ref()
            .and_then(|object| object.node.get("spec"));
        spec.and_then(|spec| spec.get("force")).and_then(Node::as_bool) == Some(true)
    };
    marked.is_some_and(|value| value.eq_ignore_ascii_case("enabled"))
        || owners.get(&subject.owner).is_some_and(spec)
}
