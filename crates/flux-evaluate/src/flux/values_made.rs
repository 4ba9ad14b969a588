//! Objects that operators make ConfigMaps and Secrets of.

use std::cell::LazyCell;

use yaml_node::Node;

use source_tree::ObjectRef;

use super::{object_ref, operator_objects};

/// Where a resource states the name of what is made of it.
enum Name {
    /// As the resource.
    Own,
    /// By a field of the resource; else as the resource.
    FieldOrOwn(&'static [&'static str]),
    /// By a field of the resource; nothing is made without it.
    Field(&'static [&'static str]),
}

/// Where what is made of a resource stands.
enum Namespace {
    /// In that of the resource.
    Own,
    /// In those that a selector selects: any may be meant.
    Any,
}

/// Group, kind, and what is made: its kind, name and namespace. Beside them are those of [`operator_objects`].
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

/// Annotations by which a controller copies a ConfigMap or Secret to other namespaces.
const COPIED: [&str; 6] = [
    "k8s-replicator/replicate-to",
    "k8s-replicator/replicate-to-namespaces",
    "reflector.v1.k8s.emberstack.com/reflection-allowed",
    "reflector.v1.k8s.emberstack.com/reflection-auto-enabled",
    "replicator.v1.mittwald.de/replicate-to",
    "replicator.v1.mittwald.de/replicate-to-matching",
];

/// The ConfigMaps and Secrets that an operator makes of an object. Their values are not in the repository, or not readable
/// there. An empty namespace is any.
pub(crate) fn values_made(object: &Node) -> Vec<ObjectRef> {
    let Some(api_version) = object.text_at(&["apiVersion"]) else {
        return Vec::new();
    };
    let own_kind = object.text_at(&["kind"]).unwrap_or_default();
    // Nothing is made of most objects, so that who they are does not matter.
    let own = LazyCell::new(|| object_ref(object));
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let mut made: Vec<ObjectRef> = OPERATORS
        .iter()
        .filter(|(known, kind, ..)| *known == group && *kind == own_kind)
        .filter_map(|(_, _, made, name, namespace)| {
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
        })
        .collect();
    made.extend(operator_objects(object));
    let is_plain = matches!((group, own_kind), ("", "ConfigMap" | "Secret"));
    if is_plain && is_copied(object, &["metadata", "annotations"]) {
        made.push(ObjectRef::new(own_kind, "", &own.name));
    }
    if annotations_of_made(object, group, own_kind).any(|path| is_copied(object, path)) {
        let secrets = made.iter().filter(|made| made.kind == "Secret");
        let anywhere: Vec<ObjectRef> = secrets
            .map(|made| ObjectRef::new("Secret", "", &made.name))
            .collect();
        made.extend(anywhere);
    }
    // What Crossplane's resources are connected by.
    if let Some(reference) = object.at(&["spec", "writeConnectionSecretToRef"])
        && let Some(name) = reference.text_at(&["name"])
    {
        let namespace = reference.text_at(&["namespace"]).unwrap_or(&own.namespace);
        made.push(ObjectRef::new("Secret", namespace, name));
    }
    made
}

/// Whether annotations have a controller copy an object to other namespaces.
fn is_copied(object: &Node, annotations: &[&str]) -> bool {
    let annotations = object.at(annotations);
    let is_there = |name: &&str| annotations.is_some_and(|node| node.get(name).is_some());
    COPIED.iter().any(is_there)
}

/// Where an object states annotations of the Secret that is made of it.
fn annotations_of_made(
    object: &Node,
    group: &str,
    kind: &str,
) -> impl Iterator<Item = &'static [&'static str]> {
    const TEMPLATE: &[&str] = &["spec", "target", "template"];
    let paths: &[&[&str]] = match (group, kind) {
        // Without a template its own are taken over.
        ("external-secrets.io", "ExternalSecret") if object.at(TEMPLATE).is_none() => {
            &[&["metadata", "annotations"]]
        }
        ("external-secrets.io", "ExternalSecret") => {
            &[&["spec", "target", "template", "metadata", "annotations"]]
        }
        ("cert-manager.io", "Certificate") => &[&["spec", "secretTemplate", "annotations"]],
        ("bitnami.com", "SealedSecret") => &[&["spec", "template", "metadata", "annotations"]],
        _ => &[],
    };
    paths.iter().copied()
}

/// The Secret that an ExternalSecret or SealedSecret makes, with its keys, where these are all: nothing that is fetched as a
/// whole, no template that may add others.
pub(crate) fn keys_made(object: &Node) -> Option<(ObjectRef, Vec<String>)> {
    let group = object.text_at(&["apiVersion"])?.split_once('/')?.0;
    let own = object_ref(object);
    let spec = object.get("spec")?;
    let keys_at = |path: &[&str]| {
        spec.at(path)
            .into_iter()
            .flat_map(Node::iter)
            .map(|(key, _)| key.to_owned())
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
                keys.extend(
                    fetched
                        .filter_map(|data| data.text_at(&["secretKey"]))
                        .map(str::to_owned),
                );
            }
            let name = target(&["name"]).and_then(Node::text).unwrap_or(&own.name);
            Some((ObjectRef::new("Secret", &own.namespace, name), keys))
        }
        ("bitnami.com", "SealedSecret") => {
            let keys = keys_at(&["encryptedData"]).chain(keys_at(&["template", "data"]));
            Some((
                ObjectRef::new("Secret", &own.namespace, &own.name),
                keys.collect(),
            ))
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
