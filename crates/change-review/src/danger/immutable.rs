//! Fields that the API server refuses to change.

use std::collections::BTreeMap;

use flux_evaluate::Evaluated;
use source_tree::Diagnostic;
use yaml_node::Node;

use super::codes;
use super::subject::{Subject, error, refusal, warning};
use crate::api_defaults;
use crate::objects::Object;
use crate::owner::Owner;
use crate::pod::{is_true, items};

/// Immutable fields of a kind.
struct Rule {
    kind: &'static str,
    /// API group.
    group: &'static str,
    /// Paths of the fields.
    fields: &'static [&'static [&'static str]],
    /// If not empty: `fields` names mappings, of which all members but these are immutable.
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
        // Helm deletes the former object of a hook before it creates it anew.
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
            found.push(error(codes::IMMUTABLE, after, part, message));
            continue;
        }
        found.push(if is_forced(subject, after, owners) {
            let message = format!(
                "{field} of a {kind} cannot change: `force` has Flux delete the object and create it anew"
            );
            warning(codes::IMMUTABLE, after, part, message)
        } else {
            let message = format!("{field} of a {kind} cannot change: {}", refusal(&subject.owner));
            error(codes::IMMUTABLE, after, part, message)
                .hint("keep the value, or delete the object in the same step")
        });
    }
}

/// The immutable fields that differ, with the part of the new object that states each.
fn changed<'a>(before: &Object<'a>, after: &Object<'a>) -> Vec<(Vec<&'a str>, Option<&'a Node>)> {
    let mut paths: Vec<Vec<&'a str>> = Vec::new();
    let is_of_kind = |rule: &&Rule| rule.kind == after.kind() && rule.group == after.group();
    for rule in RULES.iter().filter(is_of_kind) {
        for field in rule.fields {
            if rule.other_than.is_empty() {
                paths.push(field.to_vec());
                continue;
            }
            let members = [before, after].map(|object| object.node().at(field));
            let members = members.into_iter().flatten().flat_map(Node::iter);
            let mut names: Vec<&str> = members.map(|(name, _)| name).collect();
            names.sort_unstable();
            names.dedup();
            names.retain(|name| !rule.other_than.contains(name));
            paths.extend(names.into_iter().map(|name| [field, &[name][..]].concat()));
        }
    }
    if matches!(after.kind(), "ConfigMap" | "Secret") && is_true(before.node(), "immutable") {
        paths.extend(["data", "stringData", "binaryData", "immutable"].map(|field| vec![field]));
    }
    if after.kind() == "Service" && after.group().is_empty() {
        // The API server chooses one that the manifest leaves out.
        let addresses = ["clusterIP", "clusterIPs"].map(|field| vec!["spec", field]);
        paths.extend(
            addresses
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
        .chain(partly_immutable(before, after))
        .map(|path| {
            let part = after.node().at(&path);
            (path, part)
        })
        .collect()
}

/// Fields of which only a part is immutable, and that part differs.
fn partly_immutable(before: &Object<'_>, after: &Object<'_>) -> Vec<Vec<&'static str>> {
    let nodes = [before, after].map(Object::node);
    let mut found = Vec::new();
    match (after.group(), after.kind()) {
        ("", "Pod") => {
            for field in ["containers", "initContainers"] {
                let [old, new] = nodes.map(|node| {
                    let rest = |item: &Node| {
                        let members = item.iter().filter(|(key, _)| *key != "image");
                        Node::mapping(members.map(|(key, member)| (key, member.clone())))
                    };
                    api_defaults::without_defaults(
                        &Node::sequence(items(node.at(&["spec", field])).map(rest)),
                        field,
                    )
                });
                if !old.same_value(&new) {
                    found.push(vec!["spec", field]);
                }
            }
        }
        ("", "Service") => {
            let primary = |node: &'_ Node| {
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
                let stored = old.iter().find(|version| is_true(version, "storage"));
                let stored = stored.and_then(|version| version.text_at(&["name"]));
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

/// Whether Flux deletes and creates an object that it cannot change.
fn is_forced(subject: &Subject<'_>, after: &Object<'_>, owners: &BTreeMap<Owner, &Evaluated>) -> bool {
    let marked = after.mark_of_user("kustomize.toolkit.fluxcd.io/force");
    let owner = owners.get(&subject.owner).and_then(|owner| owner.object.as_ref());
    let spec = owner.and_then(|object| object.node.get("spec"));
    marked.is_some_and(|value| value.eq_ignore_ascii_case("enabled"))
        || spec.is_some_and(|spec| is_true(spec, "force"))
}
