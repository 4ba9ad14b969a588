//! Secrets, ConfigMaps and ServiceAccounts that manifests state, or embed in other objects.

use super::{ProducerKeys, Producers};
use crate::crossplane::EmbeddedObjects;
use crate::inventory::{Inventory, Object};
use crate::kinds::secret_provider_class;
use crate::uses::Used;

impl Producers {
    /// Adds the objects that manifests state.
    pub(super) fn add_stated<'a>(
        &mut self,
        inventory: &'a Inventory<'a>,
        embedded: &EmbeddedObjects<'a>,
        keys: &ProducerKeys<'_>,
    ) {
        for object in inventory.of("", "Secret") {
            self.add(Used::Secret, object.namespace, object.unhashed_name(), || {
                let name = object.catalogued();
                format!(
                    "Secret/{}",
                    keys.secrets.get(&name).map_or(name.name.as_str(), String::as_str)
                )
            });
        }
        for (kind, used) in [
            ("ConfigMap", Used::ConfigMap),
            ("ServiceAccount", Used::ServiceAccount),
        ] {
            for object in inventory.of("", kind) {
                self.add_own(used, object, object.unhashed_name(), keys);
            }
        }
        for object in inventory.of("", "Service") {
            if let Some(name) = serving_certificate(object) {
                self.add_own(Used::Secret, object, name, keys);
            }
        }
        for object in inventory.of(secret_provider_class::GROUP, "SecretProviderClass") {
            self.add_own(Used::SecretProviderClass, object, object.name, keys);
        }
        for inner in &embedded.all {
            let used = match inner.kind {
                "ServiceAccount" => Some(Used::ServiceAccount),
                kind => Used::of_data(kind),
            };
            if let Some(used) = used {
                self.add(used, inner.namespace, inner.name, || {
                    keys.objects.kind_key(inner.object)
                });
            }
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
