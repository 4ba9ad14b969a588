//! Presence of Secrets and of their keys.

use infra_model::ObjectRef;
use infra_model::secrets::{ProducedBy, Secret, SecretReference};

use super::{Comparison, Fields};

/// Whether something fails without the Secret.
pub(super) fn is_needed(reference: &SecretReference) -> bool {
    // A Secret that an unavailable chart may make is not known to be missing.
    let is_known = !matches!(reference.produced_by, ProducedBy::Unknown);
    is_known && !reference.unmounted && reference.usage.iter().any(|usage| !usage.optional)
}

impl Comparison<'_> {
    pub(super) fn secret_fields(&self, object: &ObjectRef, stated: &Secret, fields: &mut Fields) {
        let Some(live) = self.snapshot.secrets.get(object) else {
            return;
        };
        for key in stated.keys.iter().filter(|key| !live.data.0.contains_key(*key)) {
            fields.differs(&format!("data.{key}"), Some("present"), None);
        }
    }

    /// The keys that others read.
    pub(super) fn reference_fields(&self, object: &ObjectRef, stated: &SecretReference, fields: &mut Fields) {
        let Some(live) = self.snapshot.secrets.get(object) else {
            return;
        };
        for usage in stated.usage.iter().filter(|usage| !usage.optional) {
            let Some(key) = usage.key.as_ref().filter(|key| !live.data.0.contains_key(*key)) else {
                continue;
            };
            let field = format!("data.{key}");
            if !fields.0.iter().any(|known| known.field == field) {
                fields.differs(&field, Some("read"), None);
            }
        }
    }
}
