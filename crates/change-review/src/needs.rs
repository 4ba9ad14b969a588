//! What objects cannot do without, by kind and name in their own namespace.

use yaml_node::Node;

use crate::objects::Object;
use crate::pod::{items, pod_spec, references};

/// Kind and name of the ConfigMaps, Secrets, ServiceAccounts and claims that an object needs.
pub(crate) fn needs<'a>(object: &Object<'a>) -> Vec<(&'a str, &'a str)> {
    let mut found = Vec::new();
    if let Some(pod) = pod_spec(object) {
        let needed = references(pod).into_iter().filter(|one| !one.is_optional);
        found.extend(needed.map(|one| (one.kind, one.name)));
    }
    let Some(spec) = object.node().get("spec") else {
        return found;
    };
    let mut one = |kind: &'static str, path: &[&str]| {
        found.extend(spec.text_at(path).map(|name| (kind, name)));
    };
    if object.group().ends_with(".toolkit.fluxcd.io") {
        one("ServiceAccount", &["serviceAccountName"]);
        for path in [
            &["secretRef", "name"][..],
            &["certSecretRef", "name"],
            &["decryption", "secretRef", "name"],
            &["kubeConfig", "secretRef", "name"],
        ] {
            one("Secret", path);
        }
        for path in [&["valuesFrom"][..], &["postBuild", "substituteFrom"]] {
            for item in items(spec.at(path)).filter(|item| !is_optional(item)) {
                found.extend(item.text_at(&["kind"]).zip(item.text_at(&["name"])));
            }
        }
    }
    if object.kind() == "Ingress" {
        let secrets = items(spec.get("tls")).filter_map(|item| item.text_at(&["secretName"]));
        found.extend(secrets.map(|name| ("Secret", name)));
    }
    found
}

/// Whether what an object makes stays in the cluster without it. Only the policy `Owner`, which is the default, makes the
/// ExternalSecret the owner of its Secret
/// (<https://external-secrets.io/latest/guides/ownership-deletion-policy/#creation-policy>).
pub(crate) fn leaves_what_it_makes(object: &Object<'_>) -> bool {
    let policy = object.node().text_at(&["spec", "target", "creationPolicy"]);
    object.kind() == "ExternalSecret" && policy.is_some_and(|policy| policy != "Owner")
}

/// What an object is, or makes, that others may need: kind and name.
pub(crate) fn offers<'a>(object: &Object<'a>) -> Option<(&'static str, &'a str)> {
    let spec = |path: &[&str]| object.node().get("spec")?.text_at(path);
    Some(match object.kind() {
        "ConfigMap" => ("ConfigMap", object.name()),
        "Secret" => ("Secret", object.name()),
        "ServiceAccount" => ("ServiceAccount", object.name()),
        "PersistentVolumeClaim" => ("PersistentVolumeClaim", object.name()),
        "ExternalSecret" => ("Secret", spec(&["target", "name"]).unwrap_or(object.name())),
        "SealedSecret" => (
            "Secret",
            spec(&["template", "metadata", "name"]).unwrap_or(object.name()),
        ),
        "Certificate" => ("Secret", spec(&["secretName"])?),
        _ => return None,
    })
}

fn is_optional(part: &Node) -> bool {
    part.get("optional").and_then(Node::as_bool) == Some(true)
}
