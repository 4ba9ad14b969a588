//! Defaults of the API server: a field that states its default, and a quantity in another unit, are no change in the cluster.
//!
//! Defaults: <https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis>, `defaults.go` of each group. Fields for which the
//! API server tells an absent value from the stated one are not listed.

use yaml_node::{Mapping, Node, Value};

use crate::objects::is_same_value;
use crate::quantity;

/// A field, its parent, and its default. The parent is empty at the top of an object.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("apiGroup", "roleRef", "rbac.authorization.k8s.io"),
    ("attachRequired", "spec", "true"),
    ("completionMode", "spec", "NonIndexed"),
    ("completions", "spec", "1"),
    ("preemptionPolicy", "", "PreemptLowerPriority"),
    ("podManagementPolicy", "spec", "OrderedReady"),
    ("reclaimPolicy", "", "Delete"),
    ("type", "", "Opaque"),
    ("volumeBindingMode", "", "Immediate"),
    ("volumeMode", "spec", "Filesystem"),
    // Of pods.
    ("apiVersion", "fieldRef", "v1"),
    ("defaultMode", "configMap", "420"),
    ("defaultMode", "downwardAPI", "420"),
    ("defaultMode", "projected", "420"),
    ("defaultMode", "secret", "420"),
    ("dnsPolicy", "spec", "ClusterFirst"),
    ("enableServiceLinks", "spec", "true"),
    ("expirationSeconds", "serviceAccountToken", "3600"),
    ("hostIPC", "spec", "false"),
    ("hostNetwork", "spec", "false"),
    ("hostPID", "spec", "false"),
    ("path", "httpGet", "/"),
    ("protocol", "ports", "TCP"),
    ("readOnly", "volumeMounts", "false"),
    ("restartPolicy", "spec", "Always"),
    ("schedulerName", "spec", "default-scheduler"),
    ("scheme", "httpGet", "HTTP"),
    ("stdin", "containers", "false"),
    ("terminationGracePeriodSeconds", "spec", "30"),
    ("terminationMessagePath", "containers", "/dev/termination-log"),
    ("terminationMessagePolicy", "containers", "File"),
    ("tty", "containers", "false"),
    ("type", "hostPath", ""),
    ("value", "env", ""),
];

/// Defaults of probes.
const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];
const PROBE_DEFAULTS: [(&str, &str); 5] = [
    ("failureThreshold", "3"),
    ("initialDelaySeconds", "0"),
    ("periodSeconds", "10"),
    ("successThreshold", "1"),
    ("timeoutSeconds", "1"),
];

/// Mappings, with their parent, that may be absent if they are empty.
const EMPTY: [(&str, &str); 2] = [("resources", "containers"), ("securityContext", "spec")];

/// Mappings whose values are quantities.
const QUANTITIES: [&str; 3] = ["limits", "requests", "capacity"];

/// Whether two values at a path of an object are the same to the API server. `None` is an absent value.
pub(crate) fn is_same(path: &[&str], before: Option<&Node>, after: Option<&Node>) -> bool {
    let around = path.len().checked_sub(2).and_then(|at| path.get(at)).copied();
    let field = path.last().copied().unwrap_or_default();
    let known = |node: &Node| -> Option<Node> {
        let is_default = is_default(field, around.unwrap_or_default(), node, None);
        (!is_default).then(|| without_defaults(node, field))
    };
    is_same_value(before.and_then(known).as_ref(), after.and_then(known).as_ref())
}

/// A node of an object without values that the API server would fill in. `field` is its name.
pub(crate) fn without_defaults(node: &Node, field: &str) -> Node {
    let value = match &node.value {
        Value::Scalar(_) => return node.clone(),
        Value::Sequence(items) => {
            let items = items.iter().map(|item| match field {
                "volumeClaimTemplates" => claim_template(item),
                _ => without_defaults(item, field),
            });
            return Node::sequence(items).with_mark(node.mark);
        }
        Value::Mapping(mapping) => mapping,
    };
    let around = match field {
        "initContainers" | "ephemeralContainers" => "containers",
        other => other,
    };
    let mut members = Vec::new();
    for (key, member) in value.iter() {
        if QUANTITIES.contains(&around)
            && let Some(amount) = member.text().and_then(quantity::amount)
        {
            members.push((key, Node::str(amount.to_string())));
        } else if !is_default(key, around, member, Some(value)) {
            members.push((key, without_defaults(member, key)));
        }
    }
    Node::mapping(members).with_mark(node.mark)
}

/// A claim template of a StatefulSet, which needs no `apiVersion` and `kind`.
fn claim_template(item: &Node) -> Node {
    let Value::Mapping(mapping) = &item.value else {
        return item.clone();
    };
    let members = mapping
        .iter()
        .filter(|(key, _)| !matches!(*key, "apiVersion" | "kind" | "status"))
        .map(|(key, member)| (key, without_defaults(member, key)));
    Node::mapping(members).with_mark(item.mark)
}

fn is_default(field: &str, around: &str, node: &Node, siblings: Option<&Mapping>) -> bool {
    if node.is_null() {
        return true;
    }
    if let Some(mapping) = node.as_mapping() {
        return mapping.is_empty() && EMPTY.contains(&(field, around));
    }
    let Some(text) = node.text() else {
        return false;
    };
    if (field, around) == ("imagePullPolicy", "containers") {
        let image = siblings.and_then(|container| container.get("image")?.text());
        return image.is_some_and(|image| text == pull_policy(image));
    }
    DEFAULTS.contains(&(field, around, text))
        || (PROBES.contains(&around) && PROBE_DEFAULTS.contains(&(field, text)))
}

/// The default pull policy of a container.
fn pull_policy(image: &str) -> &'static str {
    let image = infra_link::ImageReference::parse(image);
    match image.tag {
        None | Some("latest") => "Always",
        Some(_) => "IfNotPresent",
    }
}

#[cfg(test)]
mod tests {
    use source_tree::FileId;
    use yaml_node::{Node, read_yaml11};

    use super::{is_same, without_defaults};

    fn read(text: &str) -> Node {
        read_yaml11(text, FileId::NONE, &source_tree::Limits::default())
            .unwrap()
            .unwrap()
    }

    #[test]
    fn stated_defaults_are_no_change() {
        for (field, stated, left_out) in [
            (
                "template",
                "spec: {restartPolicy: Always, containers: [{name: a}]}",
                "spec: {containers: [{name: a}]}",
            ),
            (
                "containers",
                "[{image: 'a:1', imagePullPolicy: IfNotPresent}]",
                "[{image: 'a:1'}]",
            ),
            (
                "containers",
                "[{image: a, imagePullPolicy: Always}]",
                "[{image: a}]",
            ),
            (
                "containers",
                "[{ports: [{containerPort: 1, protocol: TCP}]}]",
                "[{ports: [{containerPort: 1}]}]",
            ),
            ("initContainers", "[{tty: false}]", "[{}]"),
            (
                "readinessProbe",
                "{httpGet: {scheme: HTTP, port: 1}, periodSeconds: 10}",
                "{httpGet: {port: 1}}",
            ),
            (
                "resources",
                "{limits: {memory: 1Gi, cpu: 1100m}}",
                "{limits: {memory: 1024Mi, cpu: 1.1}}",
            ),
            (
                "volumeClaimTemplates",
                "[{kind: PersistentVolumeClaim, metadata: {name: a}}]",
                "[{metadata: {name: a}}]",
            ),
        ] {
            assert!(
                without_defaults(&read(stated), field).same_value(&without_defaults(&read(left_out), field)),
                "{field} {stated}"
            );
        }
    }

    #[test]
    fn other_values_are_a_change() {
        for (field, one, other) in [
            (
                "containers",
                "[{image: 'a:1', imagePullPolicy: Always}]",
                "[{image: 'a:1'}]",
            ),
            ("spec", "{shareProcessNamespace: false}", "{}"),
            ("resources", "{limits: {memory: 1G}}", "{limits: {memory: 1Gi}}"),
        ] {
            assert!(
                !without_defaults(&read(one), field).same_value(&without_defaults(&read(other), field)),
                "{field} {one}"
            );
        }
    }

    #[test]
    fn an_absent_field_has_its_default() {
        let of = |path: &[&str], text: &str| is_same(path, Some(&read(text)), None);
        assert!(of(&["reclaimPolicy"], "Delete"));
        assert!(of(&["spec", "volumeMode"], "Filesystem"));
        assert!(!of(&["spec", "volumeMode"], "Block"));
        assert!(!of(&["spec", "reclaimPolicy"], "Delete"));
    }
}
