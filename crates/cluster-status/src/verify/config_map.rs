//! Values of ConfigMaps.

use infra_model::ObjectRef;
use infra_model::config::{ConfigMap, ConfigValue, GeneratedBy};

use super::{Comparison, Fields, is_known};

/// Whether the cluster should have it.
pub(super) fn is_expected(map: &ConfigMap) -> bool {
    let is_needed = || map.usage.is_empty() || map.usage.iter().any(|usage| !usage.optional);
    match map.generated_by {
        GeneratedBy::Kustomization | GeneratedBy::Manifest | GeneratedBy::Helm => true,
        // Something else makes it, so that only whoever needs it says that it has to be there.
        GeneratedBy::External => is_needed() && !map.usage.is_empty(),
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
        if matches!(
            stated.generated_by,
            GeneratedBy::External | GeneratedBy::CrossplaneSync
        ) {
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
                    // A catalog holds a line without its end.
                    fields.compare(&field, text.value().trim_end(), live_value.trim_end());
                }
                ConfigValue::File { bytes, .. } if live_value != redaction::REDACTED => {
                    let length = live_value.len();
                    // Variables in it change its length, and not by more than the last line's end a template does.
                    if bytes.abs_diff(length) > 1 && !live.data.0.is_empty() && !self.has_variables(stated) {
                        fields.differs(
                            &field,
                            Some(&format!("{bytes} bytes")),
                            Some(&format!("{length} bytes")),
                        );
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

    /// Whether Flux substitutes into what applies it, so that long texts differ from those in the repository.
    fn has_variables(&self, map: &ConfigMap) -> bool {
        let kustomization = map
            .kustomization
            .as_ref()
            .and_then(|key| self.facts.kustomizations().get(key));
        kustomization.is_some_and(|it| !it.substitute.is_empty() || !it.substitute_from.is_empty())
    }
}
