//! Secrets, ConfigMaps and ServiceAccounts that are stated or that lie in other objects, and what their makers are called.

use super::{ProducerKeys, Producers};
use crate::crossplane::EmbeddedObjects;
use crate::inventory::{Inventory, Object};
use crate::kinds::{secret, secret_provider_class};
use crate::uses::Used;

impl Producers {
    pub(super) fn stated<'a>(
        &mut self,
        inventory: &'a Inventory<'a>,
        embedded: &EmbeddedObjects<'a>,
        keys: &ProducerKeys<'_>,
    ) {
        for object in inventory.of("", "Secret") {
            let name = secret::catalogued(object);
            let producer = || {
                let key = keys
                    .secrets
                    .get(&name)
                    .cloned()
                    .unwrap_or_else(|| name.name.clone());
                format!("Secret/{key}")
            };
            self.add(Used::Secret, object.namespace, object.unhashed_name(), producer);
        }
        for (kind, used) in [
            ("ConfigMap", Used::ConfigMap),
            ("ServiceAccount", Used::ServiceAccount),
        ] {
            for object in inventory.of("", kind) {
                self.add(used, object.namespace, object.unhashed_name(), || {
                    keys.objects.kind_key(object)
                });
            }
        }
        for object in inventory.of("", "Service") {
            if let Some(name) = serving_certificate(object) {
                self.add(Used::Secret, object.namespace, name, || {
                    keys.objects.kind_key(object)
                });
            }
        }
        for object in inventory.of(secret_provider_class::GROUP, "SecretProviderClass") {
            self.add(Used::SecretProviderClass, object.namespace, object.name, || {
                keys.objects.kind_key(object)
            });
        }
        for one in &embedded.all {
            let used = match one.kind {
                "ConfigMap" => Used::ConfigMap,
                "Secret" => Used::Secret,
                "ServiceAccount" => Used::ServiceAccount,
                _ => continue,
            };
            self.add(used, one.namespace, one.name, || {
                keys.objects.kind_key(one.object)
            });
        }
    }
}

/// The Secret that OpenShift makes for a Service, with `tls.crt` and `tls.key`
/// (<https://docs.openshift.com/container-platform/latest/security/certificates/service-serving-certificate.html>).
pub(crate) fn serving_certificate<'a>(object: &Object<'a>) -> Option<&'a str> {
    [
        "service.beta.openshift.io/serving-cert-secret-name",
        "service.alpha.openshift.io/serving-cert-secret-name",
    ]
    .iter()
    .find_map(|key| object.annotation(key))
}
