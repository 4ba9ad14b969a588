//! Uses of ConfigMaps and Secrets by custom resources, issuers and notification Providers, found by the fields with which
//! Kubernetes APIs refer to objects: `secretKeyRef`, `tokenSecretRef`, `secretName` and their like
//! (<https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#object-references>).
//!
//! A field that is a reference in every API counts as stated. One that may also name a Secret which the object has made counts
//! only if another object of the repository makes that Secret.

use crate::any_case;
use crate::inventory::{HELM, Inventory, KUSTOMIZE, Object, SOURCE};
use crate::keys::GeneratedNames;
use crate::pod_spec::is_workload;
use crate::producers::Producers;
use crate::uses::{Certainty, Collector, Use, Used, User};
use crate::view::View;

/// Groups whose objects contain templates and patterns of other objects, or are read elsewhere.
const OTHER_GROUPS: &[&str] = &[
    KUSTOMIZE,
    HELM,
    "admissionregistration.k8s.io",
    "apiextensions.crossplane.io",
    "apiextensions.k8s.io",
    "bitnami.com",
    "constraints.gatekeeper.sh",
    "kro.run",
    "kubernetes.crossplane.io",
    "kubernetes.m.crossplane.io",
    "kyverno.io",
    "policies.kyverno.io",
    "secrets-store.csi.x-k8s.io",
    "templates.gatekeeper.sh",
];

/// Such kinds of other groups.
const OTHER_KINDS: &[(&str, &str)] = &[
    ("", "ConfigMap"),
    ("", "Secret"),
    ("", "ServiceAccount"),
    (SOURCE, "Bucket"),
    (SOURCE, "GitRepository"),
    (SOURCE, "HelmRepository"),
    (SOURCE, "OCIRepository"),
    ("image.toolkit.fluxcd.io", "ImageRepository"),
    ("external-secrets.io", "ExternalSecret"),
    ("external-secrets.io", "ClusterExternalSecret"),
    ("fluxcd.controlplane.io", "ResourceSet"),
    ("gateway.networking.k8s.io", "Gateway"),
    ("networking.k8s.io", "Ingress"),
    ("extensions", "Ingress"),
];

/// How a custom resource uses an object that it refers to.
const HOW: &str = "reference";

/// Adds the uses of every object whose type is not read elsewhere. `key_of` names them.
pub(crate) fn references<'a>(
    inventory: &Inventory<'a>,
    producers: &Producers,
    generated: &GeneratedNames<'a>,
    key_of: &dyn Fn(&Object<'a>) -> String,
    uses: &mut Vec<Use>,
) {
    for object in &inventory.objects {
        if OTHER_GROUPS.contains(&object.group)
            || OTHER_KINDS.contains(&(object.group, object.kind))
            || is_workload(object)
        {
            continue;
        }
        let Some(spec) = inventory.view(object).get("spec") else {
            continue;
        };
        let mut references = References {
            object,
            producers,
            generated,
            collector: Collector {
                uses: &mut *uses,
                user: User::Object(String::new()),
                namespace: String::new(),
                certainty: Certainty::Stated,
            },
            key_of,
        };
        references.add_in_mapping("spec", spec);
    }
}

/// Collects the references of one object.
struct References<'f, 'a> {
    object: &'f Object<'a>,
    producers: &'f Producers,
    generated: &'f GeneratedNames<'a>,
    /// Has the name of the object once a reference is found: most objects have none.
    collector: Collector<'f>,
    key_of: &'f dyn Fn(&Object<'a>) -> String,
}

/// A field that may refer to an object.
struct Reference<'v> {
    used: Used,
    /// The scalar that names it.
    name: View<'v>,
    /// The mapping around it, which may give a namespace.
    beside: View<'v>,
    key: Option<&'v str>,
    how: &'static str,
    /// Whether the form is that of a reference in every API.
    stated: bool,
}

impl References<'_, '_> {
    /// Adds the references of a value under `key`.
    fn add_in_value(&mut self, parent: &str, key: &str, view: View<'_>) {
        if view.node.as_mapping().is_some() {
            self.add_mapping(parent, key, view);
            self.add_in_mapping(key, view);
            return;
        }
        for item in view.items() {
            self.add_in_value(parent, key, item);
        }
    }

    fn add_in_mapping(&mut self, key: &str, view: View<'_>) {
        for (child, value) in view.entries() {
            // `name` has been read with the mapping around it.
            if value.node.as_str().is_none() {
                self.add_in_value(key, child, value);
            } else if self.is_secret_key(child) {
                self.add(&Reference {
                    used: Used::Secret,
                    name: value,
                    beside: view,
                    key: None,
                    how: HOW,
                    // A volume's `secret: {secretName}`.
                    stated: key == "secret" && child == "secretName",
                });
            }
        }
    }

    /// Adds the reference that a mapping with `name` is.
    fn add_mapping(&mut self, parent: &str, key: &str, view: View<'_>) {
        let Some(name) = view.get("name").filter(|name| name.node.as_str().is_some()) else {
            return;
        };
        let selected = view.text_of("key");
        let is_selection = |field| matches!(field, "name" | "key" | "namespace" | "optional");
        let selects_key = selected.is_some() && view.entries().all(|(field, _)| is_selection(field));
        let ends = |end: &str| any_case::ends_with(key, end);
        let mut groups = ["apiVersion", "apiGroup", "group"].iter();
        let is_core = groups.all(|field| matches!(view.text_of(field), None | Some("v1")));
        let kind = view.text_of("kind").or(view.text_of("type"));
        let data = kind
            .filter(|_| is_core && is_reference_key(key))
            .and_then(Used::of_data);
        let (used, stated) = if key == "imagePullSecrets" {
            (Used::Secret, true)
        } else if ends("configmapkeyref") || ends("configmapref") {
            (Used::ConfigMap, true)
        } else if ends("configmap") {
            (Used::ConfigMap, false)
        } else if is_output(key) {
            (Used::Secret, false)
        } else if let Some(used) = data {
            (used, true)
        } else if ends("secretkeyref") || ends("secretref") || key == "secretTargetRef" {
            (Used::Secret, true)
        } else if ends("secret") {
            (Used::Secret, selects_key)
        } else if selects_key {
            // Several keys of one reference: `secretRef: {accessKey: {name, key}}`.
            (Used::Secret, any_case::ends_with(parent, "secretref"))
        } else {
            return;
        };
        self.add(&Reference {
            used,
            name,
            beside: view,
            key: selected,
            how: match key {
                "imagePullSecrets" => "imagePullSecret",
                _ => HOW,
            },
            stated,
        });
    }

    /// Whether a text under `key` may be the name of a Secret.
    fn is_secret_key(&self, key: &str) -> bool {
        any_case::ends_with_any(key, &["secretname", "secretref", "secret", "credentialname"])
            // https://volsync.readthedocs.io/en/stable/usage/index.html
            || (self.object.group == "volsync.backube"
                && matches!(key, "repository" | "rcloneConfig" | "sshKeys"))
    }

    fn add(&mut self, reference: &Reference<'_>) {
        let used = reference.used;
        let Some(name) = reference.name.text().filter(|name| is_possible_name(name)) else {
            return;
        };
        let namespace = match reference.beside.text_of("namespace") {
            Some(namespace) => namespace,
            None if !self.object.namespace.is_empty() => self.object.namespace,
            None if self.object.group == "cert-manager.io" => self.producers.cert_manager_namespace(),
            // A cluster-scoped object reads in the namespace of its controller, which is known if only one has the name.
            None => match self.producers.only_namespace(used, name) {
                Some(namespace) => namespace,
                None => return,
            },
        };
        let catalogued = self.generated.catalogued(used, namespace, name);
        let producer = self.producers.made_by(used, namespace, catalogued);
        if self.collector.user.text().is_empty() {
            self.collector.user = User::Object((self.key_of)(self.object));
        }
        // An object does not read the one that it makes.
        if producer == Some(self.collector.user.text()) {
            return;
        }
        // No generated object has its name without the hash suffix.
        let is_there = self.producers.copies_into(used, namespace, name)
            || (producer.is_some() && self.generated.rendered(used, namespace, name).is_none());
        if !reference.stated && !is_there {
            return;
        }
        namespace.clone_into(&mut self.collector.namespace);
        if let Some(added) = self.collector.add(used, reference.name, reference.how) {
            added.key = reference.key.map(str::to_owned);
            added.optional = reference.beside.is_true("optional");
        }
    }
}

/// Whether the `kind` in a mapping under a key is that of the object which it names.
fn is_reference_key(key: &str) -> bool {
    any_case::ends_with_any(key, &["ref", "refs", "from", "provider", "source", "sources"])
}

/// Whether the object writes the Secret under a key.
fn is_output(key: &str) -> bool {
    const WORDS: &[&str] = &[
        "output",
        "write",
        "publish",
        "generated",
        "target",
        "result",
        "privatekeysecretref",
    ];
    key != "secretTargetRef" && any_case::contains_any(key, WORDS)
}

/// Whether a text may name an object, rather than being a pattern or template.
fn is_possible_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.${}_:=".contains(&b))
        && !text.contains("{{")
}
