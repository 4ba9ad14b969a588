//! Pods that get rights over their node.

use std::collections::BTreeMap;

use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::codes;
use super::subject::{Subject, danger};
use crate::pod::{containers, pod_spec};

/// Capabilities that are as good as root on the node.
const CAPABILITIES: [&str; 9] = [
    "ALL",
    "BPF",
    "DAC_READ_SEARCH",
    "NET_ADMIN",
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_BOOT",
];

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let Some((after, pod)) = subject
        .after
        .as_ref()
        .and_then(|object| Some((object, pod_spec(object)?)))
    else {
        return;
    };
    let had = subject.before.as_ref().and_then(pod_spec).map(privileges);
    let had = had.unwrap_or_default();
    for (privilege, part) in privileges(pod) {
        if !had.contains_key(&privilege) {
            found.push(danger(
                Severity::Warning,
                codes::PRIVILEGES,
                after,
                Some(part),
                privilege,
            ));
        }
    }
}

/// The rights over the node that a pod has, in words, with the part that states each.
fn privileges(pod: &Node) -> BTreeMap<String, &Node> {
    let mut found = BTreeMap::new();
    let is_true = |node: &&Node| node.as_bool() == Some(true);
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if let Some(part) = pod.get(field).filter(is_true) {
            found.insert(format!("the pod uses {field}"), part);
        }
    }
    for volume in pod.get("volumes").map(Node::items).unwrap_or_default() {
        if let Some(part) = volume.at(&["hostPath", "path"]) {
            found.insert(
                format!("the pod mounts {} of its node", part.text().unwrap_or_default()),
                part,
            );
        }
    }
    for container in containers(pod) {
        let name = container.text_at(&["name"]).unwrap_or_default();
        let Some(context) = container.get("securityContext") else {
            continue;
        };
        if let Some(part) = context.get("privileged").filter(is_true) {
            found.insert(format!("container {name} is privileged"), part);
        }
        if let Some(part) = context.get("allowPrivilegeEscalation").filter(is_true) {
            found.insert(format!("container {name} allows privilege escalation"), part);
        }
        for part in context
            .at(&["capabilities", "add"])
            .map(Node::items)
            .unwrap_or_default()
        {
            let text = part.text().unwrap_or_default();
            let capability = text.strip_prefix("CAP_").unwrap_or(text);
            if CAPABILITIES.contains(&capability) {
                found.insert(format!("container {name} gets the capability {capability}"), part);
            }
        }
    }
    found
}
