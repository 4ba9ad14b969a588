//! Pods that gain rights over their node.

use std::collections::BTreeMap;

use source_tree::Diagnostic;
use yaml_node::Node;

use super::codes;
use super::subject::{Subject, warning};
use crate::objects::Object;
use crate::pod::{containers, items, pod_spec};

/// Capabilities that amount to root on the node.
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
    let Some(after) = &subject.after else {
        return;
    };
    let had = subject.before.as_ref().map(privileges).unwrap_or_default();
    for (privilege, part) in privileges(after) {
        if !had.contains_key(&privilege) {
            found.push(warning(codes::PRIVILEGES, after, Some(part), privilege));
        }
    }
}

/// The rights over the node that a pod has, in words, with the part that states each.
fn privileges<'a>(object: &Object<'a>) -> BTreeMap<String, &'a Node> {
    let mut found = BTreeMap::new();
    let Some(pod) = pod_spec(object) else {
        return found;
    };
    let is_true = |node: &&Node| node.as_bool() == Some(true);
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if let Some(part) = pod.get(field).filter(is_true) {
            found.insert(format!("the pod uses {field}"), part);
        }
    }
    for volume in items(pod.get("volumes")) {
        if let Some(part) = volume.at(&["hostPath", "path"]) {
            let path = part.text().unwrap_or_default();
            found.insert(format!("the pod mounts {path} of its node"), part);
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
        for part in items(context.at(&["capabilities", "add"])) {
            let text = part.text().unwrap_or_default();
            let capability = text.strip_prefix("CAP_").unwrap_or(text);
            if CAPABILITIES.contains(&capability) {
                found.insert(format!("container {name} gets the capability {capability}"), part);
            }
        }
    }
    found
}
