//! The objects that an object needs or provides, by kind and name in its own namespace.

use crate::objects::Object;
use crate::pod::{is_true, items, pod_spec, references};

/// Kind and name of the ConfigMaps, Secrets, ServiceAccounts and claims that an object needs.
pub(crate) fn needs<'a>(object: &Object<'a>) -> Vec<(&'a str, &'a str)> {
    let mut found = Vec::new();
    if let Some(pod) = pod_spec(object) {
        let needed = references(pod).into_iter().filter(|it| !it.is_optional);
        found.extend(needed.map(|it| (it.kind, it.name)));
    }
    let Some(spec) = object.node().get("spec") else {
        return found;
    };
    let mut add = |kind: &'static str, path: &[&str]| {
        found.extend(spec.text_at(path).map(|name| (kind, name)));
    };
    if object.group().ends_with(".toolkit.fluxcd.io") {
        add("ServiceAccount", &["serviceAccountName"]);
        for path in [
            &["secretRef", "name"][..],
            &["certSecretRef", "name"],
            &["decryption", "secretRef", "name"],
            &["kubeConfig", "secretRef", "name"],
        ] {
            add("Secret", path);
        }
        for path in [&["valuesFrom"][..], &["postBuild", "substituteFrom"]] {
            for item in items(spec.at(path)).filter(|item| !is_true(item, "optional")) {
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

/// Whether what an object makes outlives it. Only the policy `Owner`, which is the default, makes the
/// ExternalSecret the owner of its Secret
/// (<https://external-secrets.io/latest/guides/ownership-deletion-policy/#creation-policy>).
pub(crate) fn leaves_what_it_makes(object: &Object<'_>) -> bool {
    let policy = object.node().text_at(&["spec", "target", "creationPolicy"]);
    object.kind() == "ExternalSecret" && policy.is_some_and(|policy| policy != "Owner")
}

/// Kind and name of what others may need of an object: itself, or what it makes.
pub(crate) fn offers<'a>(object: &Object<'a>) -> Option<(&'a str, &'a str)> {
    let spec = |path: &[&str]| object.node().get("spec")?.text_at(path);
    Some(match object.kind() {
        kind @ ("ConfigMap" | "Secret" | "ServiceAccount" | "PersistentVolumeClaim") => (kind, object.name()),
        "ExternalSecret" => ("Secret", spec(&["target", "name"]).unwrap_or(object.name())),
        "SealedSecret" => (
            "Secret",
            spec(&["template", "metadata", "name"]).unwrap_or(object.name()),
        ),
        "Certificate" => ("Secret", spec(&["secretName"])?),
        _ => return None,
    })
}
