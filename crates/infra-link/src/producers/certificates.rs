//! Secrets and ConfigMaps of cert-manager.

use super::{ProducerKeys, Producers};
use crate::inventory::{Inventory, Object};
use crate::uses::Used;
use crate::view::View;

impl Producers {
    /// cert-manager (<https://cert-manager.io/docs/usage/>): Certificates, issuers' account keys, and Ingresses and
    /// Gateways that name an issuer.
    pub(super) fn certificates<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        const GROUP: &str = "cert-manager.io";
        for object in inventory.of(GROUP, "Certificate") {
            if let Some(name) = inventory.view(object).text_at(&["spec", "secretName"]) {
                self.add(Used::Secret, object.namespace, name, || {
                    keys.objects.kind_key(object)
                });
            }
        }
        // Cluster issuers keep their Secrets where cert-manager runs.
        let home = self.cert_manager.clone();
        for (kind, cluster) in [("Issuer", false), ("ClusterIssuer", true)] {
            for object in inventory.of(GROUP, kind) {
                let account =
                    inventory
                        .view(object)
                        .text_at(&["spec", "acme", "privateKeySecretRef", "name"]);
                let namespace = if cluster { &home } else { object.namespace };
                if let Some(name) = account {
                    self.add(Used::Secret, namespace, name, || keys.objects.kind_key(object));
                }
            }
        }
        for group in ["networking.k8s.io", "extensions"] {
            for object in inventory
                .of(group, "Ingress")
                .filter(|object| names_issuer(object))
            {
                let view = inventory.view(object);
                for tls in view.at(&["spec", "tls"]).into_iter().flat_map(View::items) {
                    if let Some(name) = tls.text_of("secretName") {
                        self.add(Used::Secret, object.namespace, name, || {
                            keys.objects.kind_key(object)
                        });
                    }
                }
            }
        }
        for object in inventory
            .of("gateway.networking.k8s.io", "Gateway")
            .filter(|object| names_issuer(object))
        {
            let view = inventory.view(object);
            let listeners = view.at(&["spec", "listeners"]).into_iter().flat_map(View::items);
            let references = listeners
                .filter_map(|listener| listener.at(&["tls", "certificateRefs"]))
                .flat_map(View::items);
            for name in references.filter_map(|reference| reference.text_of("name")) {
                self.add(Used::Secret, object.namespace, name, || {
                    keys.objects.kind_key(object)
                });
            }
        }
        for object in inventory.of("trust.cert-manager.io", "Bundle") {
            self.anywhere.insert((Used::ConfigMap, object.name.to_owned()));
            self.anywhere.insert((Used::Secret, object.name.to_owned()));
        }
    }
}

fn names_issuer(object: &Object<'_>) -> bool {
    [
        "cert-manager.io/cluster-issuer",
        "cert-manager.io/issuer",
        "kubernetes.io/tls-acme",
    ]
    .iter()
    .any(|key| object.annotation(key).is_some())
}
