//! The keys that a ConfigMap or Secret has in the cluster, by what makes it.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use infra_model::ObjectRef;

use crate::copies::Namespace;
use crate::inventory::{Inventory, Object};
use crate::kinds::{external_secret, sealed_secret, secret, secret_provider_class};
use crate::producers::serving_certificate;
use crate::uses::{Use, Used};
use crate::view::View;

/// Keys by object, without those objects of which not every key is known.
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
    /// Whether anything makes the object, rather than only adding to it.
    is_made: bool,
}

impl MadeKeys {
    /// Of everything in an inventory.
    pub(crate) fn new(inventory: &Inventory<'_>) -> Self {
        let mut made = MadeKeys::default();
        for object in inventory.of("", "ConfigMap") {
            let name = ObjectRef::new("ConfigMap", object.namespace, object.unhashed_name());
            // A file that is not at hand gives a generator a key all the same.
            let owner = inventory.owners.get(object.owner);
            if object.applied.generated && owner.is_some_and(|owner| !owner.evaluated.left_out.is_empty()) {
                made.open(name.clone());
            }
            made.manifest(name, inventory.view(object), &["data", "binaryData"]);
        }
        for object in inventory.of("", "Secret") {
            let name = secret::catalogued(object);
            made.manifest(name, inventory.view(object), &["data", "stringData"]);
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
            made.synced(object, inventory.view(object));
        }
        let namespaces = LazyCell::new(|| Namespace::all(inventory));
        for kind in external_secret::KINDS {
            for object in inventory.of(external_secret::GROUP, kind) {
                made.external(inventory, object, &namespaces);
            }
        }
        for kind in ["ConfigMap", "Secret"] {
            for object in inventory.of("", kind) {
                made.copied(object);
            }
        }
        made
    }

    /// Every key of an object; none where it is not known that these are all.
    pub(crate) fn all_of(&self, used: Used, name: &ObjectRef) -> Option<&BTreeSet<String>> {
        let is_keyed = matches!(used, Used::ConfigMap | Used::Secret);
        let keys = self.keys.get(name).filter(|_| is_keyed)?;
        (keys.is_made && !keys.is_open).then_some(&keys.known)
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

    /// Whether what makes the object of a use, which is called `name`, gives it no such key.
    pub(crate) fn lacks(&self, one: &Use, name: &ObjectRef) -> bool {
        let Some(key) = one.key.as_ref().filter(|key| !key.contains("${")) else {
            return false;
        };
        if one.name.contains("${") {
            return false;
        }
        // A mount of a part of a key's path, or of a folder, names no key.
        let is_part = one.sub_path.is_some() && key.contains('/');
        self.all_of(one.used, name)
            .is_some_and(|keys| !is_part && !keys.contains(key))
    }

    fn add(&mut self, name: ObjectRef, keys: Vec<String>, is_made: bool) {
        let entry = self.keys.entry(name).or_default();
        entry.known.extend(keys);
        entry.is_made |= is_made;
    }

    fn open(&mut self, name: ObjectRef) {
        self.keys.entry(name).or_default().is_open = true;
    }

    fn manifest(&mut self, name: ObjectRef, view: View<'_>, fields: &[&str]) {
        let keys: Vec<String> = fields.iter().flat_map(|field| keys_at(view, &[field])).collect();
        // One that states nothing is there for a controller to fill in.
        if keys.is_empty() || keys.iter().any(|key| key.contains("${")) || is_filled_in(view) {
            self.open(name.clone());
        }
        self.add(name, keys, true);
    }

    /// What flux-operator copies of another object has its keys besides its own.
    fn copied(&mut self, object: &Object<'_>) {
        let Some(source) = copied_of(object) else {
            return;
        };
        let name = ObjectRef::new(object.kind, object.namespace, object.unhashed_name());
        let of_source = self
            .keys
            .get(&source)
            .filter(|keys| keys.is_made && !keys.is_open);
        match of_source.map(|keys| keys.known.clone()) {
            Some(keys) => {
                let entry = self.keys.entry(name).or_default();
                entry.known.extend(keys);
                entry.is_open = false;
                entry.is_made = true;
            }
            None => self.open(name),
        }
    }

    fn synced(&mut self, object: &Object<'_>, view: View<'_>) {
        for secret in items(view.at(&["spec", "secretObjects"])) {
            let Some(name) = secret.text_of("secretName") else {
                continue;
            };
            let keys = items(secret.get("data")).filter_map(|data| data.text_of("key").map(str::to_owned));
            self.add(
                ObjectRef::new("Secret", object.namespace, name),
                keys.collect(),
                true,
            );
        }
    }

    fn external<'a>(
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
        let fetched = items(spec.get("data")).filter_map(|data| data.text_of("secretKey").map(str::to_owned));
        let mut keys: Vec<String> = template.keys.into_keys().collect();
        let mut may_have_more = template.more;
        if !template.replaces {
            may_have_more |= items(spec.get("dataFrom")).next().is_some();
            keys.extend(fetched);
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

/// The keys that cert-manager writes (<https://cert-manager.io/docs/usage/certificate/>).
fn of_certificate(view: View<'_>) -> Vec<String> {
    let mut keys = vec!["ca.crt", "tls.crt", "tls.key"];
    let formats = items(view.at(&["spec", "additionalOutputFormats"]));
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

/// The object of which a ResourceSet copies the data of one of its own
/// (<https://fluxoperator.dev/docs/crd/resourceset/#copying-data-from-existing-configmaps-and-secrets>).
pub(crate) fn copied_of(object: &Object<'_>) -> Option<ObjectRef> {
    let is_of_set = object
        .applied
        .generated_by
        .as_ref()
        .is_some_and(|by| by.kind == "ResourceSet");
    let source = object
        .annotation("fluxcd.controlplane.io/copyFrom")
        .filter(|_| is_of_set)?;
    let (namespace, name) = source.split_once('/')?;
    Some(ObjectRef::new(object.kind, namespace, name))
}

/// Whether a controller fills in more than the manifest states.
fn is_filled_in(view: View<'_>) -> bool {
    const FILLERS: [&str; 6] = [
        "cert-manager.io/",
        "config.openshift.io/",
        "eks.amazonaws.com/",
        "kubernetes.io/service-account.name",
        "service.beta.openshift.io/",
        "v1.mittwald.de/",
    ];
    let annotations = view
        .at(&["metadata", "annotations"])
        .into_iter()
        .flat_map(View::entries);
    let labels = view
        .at(&["metadata", "labels"])
        .into_iter()
        .flat_map(View::entries);
    annotations
        .chain(labels)
        .any(|(key, _)| FILLERS.iter().any(|filler| key.contains(filler)))
}

fn keys_at(view: View<'_>, path: &[&str]) -> Vec<String> {
    let entries = view.at(path).into_iter().flat_map(View::entries);
    entries.map(|(key, _)| key.to_owned()).collect()
}

fn items(view: Option<View<'_>>) -> impl Iterator<Item = View<'_>> {
    view.into_iter().flat_map(View::items)
}
