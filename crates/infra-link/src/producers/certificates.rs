//! Secrets and ConfigMaps that cert-manager makes.

use std::collections::BTreeSet;

use super::{ProducerKeys, Producers};
use crate::inventory::{Inventory, Object};
use crate::uses::Used;

impl Producers {
    /// Adds the Secrets of Certificates, of issuers' account keys, and of Ingresses and Gateways that name an issuer
    /// (<https://cert-manager.io/docs/usage/>).
    pub(super) fn add_certificates<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        const GROUP: &str = "cert-manager.io";
        for object in inventory.of(GROUP, "Certificate") {
            if let Some(name) = inventory.view(object).text_at(&["spec", "secretName"]) {
                self.add_own(Used::Secret, object, name, keys);
            }
        }
        // Cluster issuers keep their Secrets where cert-manager runs.
        let home = self.cert_manager.clone();
        for (kind, cluster) in [("Issuer", false), ("ClusterIssuer", true)] {
            for object in inventory.of(GROUP, kind) {
                let view = inventory.view(object);
                let namespace = if cluster { &home } else { object.namespace };
                if let Some(name) = view.text_at(&["spec", "acme", "privateKeySecretRef", "name"]) {
                    self.add(Used::Secret, namespace, name, || keys.objects.kind_key(object));
                }
            }
        }
        let ingresses = ["networking.k8s.io", "extensions"].iter();
        let ingresses = ingresses.flat_map(|group| inventory.of(group, "Ingress"));
        for object in ingresses.filter(|object| has_issuer(object)) {
            let tls = inventory.view(object).items_at(&["spec", "tls"]);
            for name in tls.filter_map(|tls| tls.text_of("secretName")) {
                self.add_own(Used::Secret, object, name, keys);
            }
        }
        let gateways = inventory.of("gateway.networking.k8s.io", "Gateway");
        for object in gateways.filter(|object| has_issuer(object)) {
            let listeners = inventory.view(object).items_at(&["spec", "listeners"]);
            let references = listeners.flat_map(|listener| listener.items_at(&["tls", "certificateRefs"]));
            for name in references.filter_map(|reference| reference.text_of("name")) {
                self.add_own(Used::Secret, object, name, keys);
            }
        }
        for object in inventory.of("trust.cert-manager.io", "Bundle") {
            self.add_anywhere(Used::ConfigMap, object.name, BTreeSet::new());
            self.add_anywhere(Used::Secret, object.name, BTreeSet::new());
        }
    }
}

fn has_issuer(object: &Object<'_>) -> bool {
    [
        "cert-manager.io/cluster-issuer",
        "cert-manager.io/issuer",
        "kubernetes.io/tls-acme",
    ]
    .iter()
    .any(|key| object.annotation(key).is_some())
}
