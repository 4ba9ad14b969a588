//! Keys that ConfigMaps and Secrets have in the cluster, from the objects that make them.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use infra_model::ObjectRef;

use crate::copies::Namespace;
use crate::inventory::{Inventory, Object};
use crate::kinds::{external_secret, sealed_secret, secret_provider_class};
use crate::producers::serving_certificate;
use crate::uses::{Use, Used};
use crate::view::View;

/// Keys by object.
#[derive(Debug, Default)]
pub(crate) struct MadeKeys {
    keys: BTreeMap<ObjectRef, Keys>,
}

/// The keys of one object.
#[derive(Debug, Default)]
struct Keys {
    known: BTreeSet<String>,
    /// Whether there may be more.
    is_open: bool,
    /// Whether something makes the object, rather than only adding to it.
    is_made: bool,
}

impl Keys {
    /// Every key; `None` if there may be more.
    fn all(&self) -> Option<&BTreeSet<String>> {
        (self.is_made && !self.is_open).then_some(&self.known)
    }
}

impl MadeKeys {
    /// Collects the keys of an inventory.
    pub(crate) fn new(inventory: &Inventory<'_>) -> Self {
        let mut made = MadeKeys::default();
        for object in inventory.of("", "ConfigMap") {
            let name = object.catalogued();
            // A generator has keys of files that are not available offline, too.
            let owner = inventory.owner(object);
            if object.applied.generated && owner.is_some_and(|owner| !owner.evaluated.left_out.is_empty()) {
                made.open(name.clone());
            }
            made.add_manifest(name, inventory.view(object), &["data", "binaryData"]);
        }
        for object in inventory.of("", "Secret") {
            made.add_manifest(
                object.catalogued(),
                inventory.view(object),
                &["data", "stringData"],
            );
        }
        for object in inventory.of(sealed_secret::GROUP, "SealedSecret") {
            let name = ObjectRef::new("Secret", object.namespace, sealed_secret::target(object));
            let view = inventory.view(object);
            made.add(name.clone(), keys_at(view, &["spec", "encryptedData"]), true);
            made.add(name, keys_at(view, &["spec", "template", "data"]), true);
        }
        for object in inventory.of("", "Service") {
            if let Some(name) = serving_certificate(object) {
                let keys = ["tls.crt", "tls.key"].map(str::to_owned).to_vec();
                made.add(ObjectRef::new("Secret", object.namespace, name), keys, true);
            }
        }
        for object in inventory.of("cert-manager.io", "Certificate") {
            let view = inventory.view(object);
            if let Some(name) = view.text_at(&["spec", "secretName"]) {
                let name = ObjectRef::new("Secret", object.namespace, name);
                made.add(name, of_certificate(view), true);
            }
        }
        for object in inventory.of(secret_provider_class::GROUP, "SecretProviderClass") {
            made.add_synced(object, inventory.view(object));
        }
        let namespaces = LazyCell::new(|| Namespace::all(inventory));
        for object in inventory.of_kinds(external_secret::GROUP, external_secret::KINDS) {
            made.add_external(inventory, object, &namespaces);
        }
        for object in inventory.of_kinds("", &["ConfigMap", "Secret"]) {
            made.add_copied(object);
        }
        made
    }

    /// Every key of an object; `None` if there may be more than are known.
    pub(crate) fn all_of(&self, used: Used, name: &ObjectRef) -> Option<&BTreeSet<String>> {
        let is_keyed = matches!(used, Used::ConfigMap | Used::Secret);
        self.keys.get(name).filter(|_| is_keyed)?.all()
    }

    /// The keys of an object that are known, though there may be more.
    pub(crate) fn known(&self, name: &ObjectRef) -> impl Iterator<Item = &str> {
        let keys = self.keys.get(name).into_iter();
        keys.flat_map(|keys| &keys.known).map(String::as_str)
    }

    /// Whether a key of an object is known, though there may be more.
    pub(crate) fn knows(&self, name: &ObjectRef, key: &str) -> bool {
        self.keys.get(name).is_some_and(|keys| keys.known.contains(key))
    }

    /// Whether the object `name` of a use is made without the key that is used.
    pub(crate) fn lacks(&self, found: &Use, name: &ObjectRef) -> bool {
        let Some(key) = found.key.as_ref().filter(|key| !key.contains("${")) else {
            return false;
        };
        // A mount of a part of a key's path, or of a folder, names no key.
        let is_part = found.sub_path.is_some() && key.contains('/');
        let all = self.all_of(found.used, name);
        !found.name.contains("${") && all.is_some_and(|keys| !is_part && !keys.contains(key))
    }

    fn add(&mut self, name: ObjectRef, keys: Vec<String>, is_made: bool) {
        let entry = self.keys.entry(name).or_default();
        entry.known.extend(keys);
        entry.is_made |= is_made;
    }

    fn open(&mut self, name: ObjectRef) {
        self.keys.entry(name).or_default().is_open = true;
    }

    fn add_manifest(&mut self, name: ObjectRef, view: View<'_>, fields: &[&str]) {
        let keys: Vec<String> = fields.iter().flat_map(|field| keys_at(view, &[field])).collect();
        // A controller fills in an object without keys.
        if keys.is_empty() || keys.iter().any(|key| key.contains("${")) || is_filled_in(view) {
            self.open(name.clone());
        }
        self.add(name, keys, true);
    }

    /// Adds the keys that flux-operator copies from another object.
    fn add_copied(&mut self, object: &Object<'_>) {
        let Some(source) = copied_of(object) else {
            return;
        };
        let name = object.catalogued();
        match self.keys.get(&source).and_then(Keys::all).cloned() {
            Some(keys) => {
                let entry = self.keys.entry(name).or_default();
                entry.known.extend(keys);
                entry.is_open = false;
                entry.is_made = true;
            }
            None => self.open(name),
        }
    }

    fn add_synced(&mut self, object: &Object<'_>, view: View<'_>) {
        for secret in view.items_at(&["spec", "secretObjects"]) {
            if let Some(name) = secret.text_of("secretName") {
                let name = ObjectRef::new("Secret", object.namespace, name);
                self.add(name, texts_in(secret, "data", "key").collect(), true);
            }
        }
    }

    fn add_external<'a>(
        &mut self,
        inventory: &'a Inventory<'_>,
        object: &Object<'a>,
        known: &LazyCell<Vec<Namespace<'a>>, impl FnOnce() -> Vec<Namespace<'a>>>,
    ) {
        let view = inventory.view(object);
        let (Some(spec), Some(name)) = (
            external_secret::spec(object, view),
            external_secret::target(object, view),
        ) else {
            return;
        };
        let namespaces = match object.kind {
            "ClusterExternalSecret" => external_secret::namespaces(known, view).made_in,
            _ => vec![object.namespace],
        };
        let adds = spec.text_at(&["target", "creationPolicy"]) == Some("Merge");
        let template = external_secret::template(inventory, object, spec).unwrap_or_default();
        let mut keys: Vec<String> = template.keys.into_keys().collect();
        let mut may_have_more = template.more;
        if !template.replaces {
            may_have_more |= spec.items_of("dataFrom").next().is_some();
            keys.extend(texts_in(spec, "data", "secretKey"));
        }
        for namespace in namespaces {
            let name = ObjectRef::new("Secret", namespace, name);
            if may_have_more {
                self.open(name.clone());
            }
            self.add(name, keys.clone(), !adds);
        }
    }
}

/// The keys that cert-manager writes for a Certificate (<https://cert-manager.io/docs/usage/certificate/>).
fn of_certificate(view: View<'_>) -> Vec<String> {
    let mut keys = vec!["ca.crt", "tls.crt", "tls.key"];
    let formats = view.items_at(&["spec", "additionalOutputFormats"]);
    keys.extend(formats.filter_map(|format| match format.text_of("type")? {
        "CombinedPEM" => Some("tls-combined.pem"),
        "DER" => Some("key.der"),
        _ => None,
    }));
    for (store, files) in [
        ("jks", ["keystore.jks", "truststore.jks"]),
        ("pkcs12", ["keystore.p12", "truststore.p12"]),
    ] {
        if view.at(&["spec", "keystores", store]).is_some() {
            keys.extend(files);
        }
    }
    keys.into_iter().map(str::to_owned).collect()
}

/// The object whose data a ResourceSet copies into an object that it makes
/// (<https://fluxoperator.dev/docs/crd/resourceset/#copying-data-from-existing-configmaps-and-secrets>).
pub(crate) fn copied_of(object: &Object<'_>) -> Option<ObjectRef> {
    let source = object.annotation("fluxcd.controlplane.io/copyFrom");
    let source = source.filter(|_| object.is_of_resource_set())?;
    let (namespace, name) = source.split_once('/')?;
    Some(ObjectRef::new(object.kind, namespace, name))
}

/// Whether a controller fills in keys that the manifest does not state.
fn is_filled_in(view: View<'_>) -> bool {
    const FILLERS: [&str; 6] = [
        "cert-manager.io/",
        "config.openshift.io/",
        "eks.amazonaws.com/",
        "kubernetes.io/service-account.name",
        "service.beta.openshift.io/",
        "v1.mittwald.de/",
    ];
    let annotations = view.entries_at(&["metadata", "annotations"]);
    let mut entries = annotations.chain(view.entries_at(&["metadata", "labels"]));
    entries.any(|(key, _)| FILLERS.iter().any(|filler| key.contains(filler)))
}

fn keys_at(view: View<'_>, path: &[&str]) -> Vec<String> {
    let entries = view.entries_at(path);
    entries.map(|(key, _)| key.to_owned()).collect()
}

/// A text of each item of a list.
fn texts_in<'a>(view: View<'a>, list: &str, field: &'a str) -> impl Iterator<Item = String> + use<'a> {
    let items = view.items_of(list);
    items.filter_map(move |item| item.text_of(field).map(str::to_owned))
}
