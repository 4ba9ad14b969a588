//! ConfigMaps and Secrets that operators make.

use std::cell::LazyCell;

use yaml_node::Node;

use source_tree::ObjectRef;

use super::{object_ref, operator_objects};

/// The name of a ConfigMap or Secret.
enum Name {
    /// That of the resource.
    Own,
    /// That in a field of the resource, or else that of the resource.
    FieldOrOwn(&'static [&'static str]),
    /// That in a field of the resource; nothing is made without it.
    Field(&'static [&'static str]),
}

/// The namespace of a ConfigMap or Secret.
enum Namespace {
    /// That of the resource.
    Own,
    /// Those of a selector: it may be any.
    Any,
}

/// Group and kind of the resource, then kind, name and namespace of the object. More are in [`operator_objects`].
#[rustfmt::skip]
const OPERATORS: &[(&str, &str, &str, Name, Namespace)] = &[
    ("azconfig.io", "AzureAppConfigurationProvider", "ConfigMap", Name::Field(&["spec", "target", "configMapName"]), Namespace::Own),
    ("azconfig.io", "AzureAppConfigurationProvider", "Secret", Name::Field(&["spec", "secret", "target", "secretName"]), Namespace::Own),
    // The controller keeps the name of the SealedSecret, whatever its template says.
    ("bitnami.com", "SealedSecret", "Secret", Name::Own, Namespace::Own),
    ("cert-manager.io", "Certificate", "Secret", Name::Field(&["spec", "secretName"]), Namespace::Own),
    ("external-secrets.io", "ClusterExternalSecret", "Secret", Name::Field(&["spec", "externalSecretSpec", "target", "name"]), Namespace::Any),
    ("external-secrets.io", "ClusterExternalSecret", "Secret", Name::FieldOrOwn(&["spec", "externalSecretName"]), Namespace::Any),
    ("external-secrets.io", "ExternalSecret", "Secret", Name::FieldOrOwn(&["spec", "target", "name"]), Namespace::Own),
    ("infra.contrib.fluxcd.io", "Terraform", "Secret", Name::Field(&["spec", "writeOutputsToSecret", "name"]), Namespace::Own),
    ("secrets.hashicorp.com", "VaultDynamicSecret", "Secret", Name::Field(&["spec", "destination", "name"]), Namespace::Own),
    ("secrets.hashicorp.com", "VaultPKISecret", "Secret", Name::Field(&["spec", "destination", "name"]), Namespace::Own),
    ("secrets.hashicorp.com", "VaultStaticSecret", "Secret", Name::Field(&["spec", "destination", "name"]), Namespace::Own),
    ("trust.cert-manager.io", "Bundle", "ConfigMap", Name::Own, Namespace::Any),
    ("trust.cert-manager.io", "Bundle", "Secret", Name::Own, Namespace::Any),
];

/// Annotations that make a controller copy a ConfigMap or Secret to other namespaces.
const COPIED: [&str; 6] = [
    "k8s-replicator/replicate-to",
    "k8s-replicator/replicate-to-namespaces",
    "reflector.v1.k8s.emberstack.com/reflection-allowed",
    "reflector.v1.k8s.emberstack.com/reflection-auto-enabled",
    "replicator.v1.mittwald.de/replicate-to",
    "replicator.v1.mittwald.de/replicate-to-matching",
];

/// The ConfigMaps and Secrets that an operator makes from an object. Their values are not in the repository, or encrypted. An
/// empty namespace means any.
pub(crate) fn values_made(object: &Node) -> Vec<ObjectRef> {
    let Some(api_version) = object.text_at(&["apiVersion"]) else {
        return Vec::new();
    };
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let own_kind = object.text_at(&["kind"]).unwrap_or_default();
    // Lazy, since operators make nothing from most objects.
    let own = LazyCell::new(|| object_ref(object));
    let operators = OPERATORS.iter();
    let operators = operators.filter(|(known, kind, ..)| *known == group && *kind == own_kind);
    let made = operators.filter_map(|(_, _, made, name, namespace)| {
        let text = |path: &[&str]| object.text_at(path).filter(|text| !text.is_empty());
        let name = match name {
            Name::Own => &own.name,
            Name::FieldOrOwn(path) => text(path).unwrap_or(&own.name),
            Name::Field(path) => text(path)?,
        };
        let namespace = match namespace {
            Namespace::Own => &own.namespace,
            Namespace::Any => "",
        };
        Some(ObjectRef::new(*made, namespace, name))
    });
    let mut made: Vec<ObjectRef> = made.chain(operator_objects(object)).collect();
    let is_plain = matches!((group, own_kind), ("", "ConfigMap" | "Secret"));
    if is_plain && is_copied(object, &["metadata", "annotations"]) {
        made.push(ObjectRef::new(own_kind, "", &own.name));
    }
    if secret_annotations(object, group, own_kind).is_some_and(|path| is_copied(object, path)) {
        let secrets = made.iter().filter(|made| made.kind == "Secret");
        let copies = secrets.map(|made| ObjectRef::new("Secret", "", &made.name));
        let copies: Vec<ObjectRef> = copies.collect();
        made.extend(copies);
    }
    // Connection details of Crossplane's resources.
    if let Some(reference) = object.at(&["spec", "writeConnectionSecretToRef"])
        && let Some(name) = reference.text_at(&["name"])
    {
        let namespace = reference.text_at(&["namespace"]).unwrap_or(&own.namespace);
        made.push(ObjectRef::new("Secret", namespace, name));
    }
    made
}

/// Whether annotations make a controller copy an object to other namespaces.
fn is_copied(object: &Node, annotations: &[&str]) -> bool {
    let annotations = object.at(annotations);
    let is_there = |name: &&str| annotations.is_some_and(|node| node.get(name).is_some());
    COPIED.iter().any(is_there)
}

/// The path in an object of the annotations of its Secret.
fn secret_annotations(object: &Node, group: &str, kind: &str) -> Option<&'static [&'static str]> {
    const TEMPLATE: &[&str] = &["spec", "target", "template"];
    Some(match (group, kind) {
        // Without a template, the Secret gets the annotations of the ExternalSecret.
        ("external-secrets.io", "ExternalSecret") if object.at(TEMPLATE).is_none() => {
            &["metadata", "annotations"]
        }
        ("external-secrets.io", "ExternalSecret") => {
            &["spec", "target", "template", "metadata", "annotations"]
        }
        ("cert-manager.io", "Certificate") => &["spec", "secretTemplate", "annotations"],
        ("bitnami.com", "SealedSecret") => &["spec", "template", "metadata", "annotations"],
        _ => return None,
    })
}

/// The Secret that an ExternalSecret or SealedSecret makes, with all of its keys. `None` if there may be others, because of a
/// template or because secrets are fetched as a whole.
pub(crate) fn keys_made(object: &Node) -> Option<(ObjectRef, Vec<String>)> {
    let group = object.text_at(&["apiVersion"])?.split_once('/')?.0;
    let own = object_ref(object);
    let spec = object.get("spec")?;
    let keys_at = |path: &[&str]| {
        let entries = spec.at(path).into_iter().flat_map(Node::iter);
        entries.map(|(key, _)| key.to_owned())
    };
    match (group, own.kind.as_str()) {
        ("external-secrets.io", "ExternalSecret") => {
            let target = |path: &[&str]| spec.get("target").and_then(|target| target.at(path));
            let is_merged = target(&["creationPolicy"]).and_then(Node::text) == Some("Merge");
            let is_open = !spec.get("dataFrom").map_or(&[][..], Node::items).is_empty()
                || target(&["template", "templateFrom"]).is_some();
            if is_merged || is_open {
                return None;
            }
            let mut keys: Vec<String> = keys_at(&["target", "template", "data"]).collect();
            let adds = target(&["template", "mergePolicy"]).and_then(Node::text) == Some("Merge");
            if keys.is_empty() || adds {
                let fetched = spec.get("data").map_or(&[][..], Node::items).iter();
                let fetched = fetched.filter_map(|data| data.text_at(&["secretKey"]));
                keys.extend(fetched.map(str::to_owned));
            }
            let name = target(&["name"]).and_then(Node::text).unwrap_or(&own.name);
            Some((ObjectRef::new("Secret", &own.namespace, name), keys))
        }
        ("bitnami.com", "SealedSecret") => {
            let keys = keys_at(&["encryptedData"]).chain(keys_at(&["template", "data"]));
            let secret = ObjectRef::new("Secret", &own.namespace, &own.name);
            Some((secret, keys.collect()))
        }
        _ => None,
    }
    .filter(|(_, keys)| !keys.is_empty() && !keys.iter().any(|key| key.contains("${")))
}

#[cfg(test)]
mod tests {
    use source_tree::{FileId, Limits};
    use yaml_node::read_documents;

    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let object = read_documents(text, FileId(1), &Limits::default())
            .unwrap()
            .remove(0);
        let found: Vec<String> = values_made(&object).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn operators_make_config_maps_and_secrets() {
        check(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a, namespace: n}\nspec: {}\n",
            &["Secret/n/a"],
        );
        check(
            "apiVersion: external-secrets.io/v1\nkind: ClusterExternalSecret\nmetadata: {name: a}\n\
             spec: {externalSecretName: b, externalSecretSpec: {target: {name: c}}}\n",
            &["Secret/c", "Secret/b"],
        );
        check(
            "apiVersion: azconfig.io/v1\nkind: AzureAppConfigurationProvider\nmetadata: {name: a, namespace: n}\n\
             spec: {target: {configMapName: vars}}\n",
            &["ConfigMap/n/vars"],
        );
        check(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n  namespace: n\n  annotations:\n    \
             reflector.v1.k8s.emberstack.com/reflection-allowed: 'true'\n",
            &["Secret/a"],
        );
        check(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: a\n  namespace: n\n  annotations:\n    \
             reflector.v1.k8s.emberstack.com/reflection-allowed: 'true'\n",
            &["Secret/n/a", "Secret/a"],
        );
        check(
            "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: a, namespace: n}\n\
             spec: {secretName: b, secretTemplate: {annotations: {replicator.v1.mittwald.de/replicate-to: 'x'}}}\n",
            &["Secret/n/b", "Secret/b"],
        );
        check(
            "apiVersion: isindir.github.com/v1alpha3\nkind: SopsSecret\nmetadata: {name: a, namespace: n}\n\
             spec: {secretTemplates: [{name: b}]}\n",
            &["Secret/n/b"],
        );
        check(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n",
            &[],
        );
    }
}
