//! Values of ConfigMaps.

use infra_model::ObjectRef;
use infra_model::config::{ConfigMap, ConfigValue, GeneratedBy};

use super::{Comparison, Fields, is_known};

/// Whether the cluster should have the ConfigMap.
pub(super) fn is_expected(map: &ConfigMap) -> bool {
    match map.generated_by {
        GeneratedBy::Kustomization | GeneratedBy::Manifest | GeneratedBy::Helm => true,
        // The repository does not make it, so that only its users show that it has to exist.
        GeneratedBy::External => map.usage.iter().any(|usage| !usage.optional),
        // The object that embeds it may be for another cluster.
        GeneratedBy::CrossplaneSync => false,
    }
}

impl Comparison<'_> {
    pub(super) fn config_map_fields(
        &self,
        object: &ObjectRef,
        stated: &ConfigMap,
        is_merged: bool,
        fields: &mut Fields,
    ) {
        let Some(live) = self.snapshot.config_maps.get(object) else {
            return;
        };
        use GeneratedBy::{CrossplaneSync, External};
        if matches!(stated.generated_by, External | CrossplaneSync) {
            return;
        }
        for (key, value) in &stated.keys {
            let field = format!("data.{key}");
            let live_value = live.data.0.get(key).map(String::as_str);
            let is_binary = live.binary_data.0.contains_key(key);
            let Some(live_value) = live_value else {
                if !is_binary {
                    fields.differs(&field, Some("present"), None);
                }
                continue;
            };
            match value {
                ConfigValue::Text(text) if is_known(text.value()) && is_known(live_value) => {
                    // Catalogs omit the trailing newline.
                    fields.compare(&field, text.value().trim_end(), live_value.trim_end());
                }
                ConfigValue::File { bytes, .. } if live_value != redaction::REDACTED => {
                    let length = live_value.len();
                    // Variables change the length. A difference of one byte may be the trailing newline.
                    if bytes.abs_diff(length) > 1 && !live.data.0.is_empty() && !self.has_variables(stated) {
                        let (git, cluster) = (format!("{bytes} bytes"), format!("{length} bytes"));
                        fields.differs(&field, Some(&git), Some(&cluster));
                    }
                }
                _ => {}
            }
        }
        if !is_merged {
            let live_keys = live.data.0.keys().chain(live.binary_data.0.keys());
            for key in live_keys.filter(|key| !stated.keys.contains_key(*key)) {
                fields.differs(&format!("data.{key}"), None, Some("present"));
            }
        }
    }

    /// Whether Flux substitutes variables in a ConfigMap, so that long texts differ from those in the repository.
    fn has_variables(&self, map: &ConfigMap) -> bool {
        let key = map.kustomization.as_ref();
        let kustomization = key.and_then(|key| self.facts.kustomizations().get(key));
        kustomization.is_some_and(|it| !it.substitute.is_empty() || !it.substitute_from.is_empty())
    }
}
