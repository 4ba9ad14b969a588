//! The ConfigMaps that a service uses.

use crate::graph::links::{release_named, release_of};
use infra_model::config::{ConfigMap, Usage};
use infra_model::service::Service;

use crate::Facts;

/// A ConfigMap that a service uses.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigUse<'a> {
    /// Key of the ConfigMap.
    pub key: &'a str,
    /// The ConfigMap.
    pub config_map: &'a ConfigMap,
    /// The service's uses.
    pub usage: Vec<&'a Usage>,
}

/// The ConfigMaps of a service.
pub(crate) fn config_of<'a>(facts: &'a dyn Facts, key: &str, service: &Service) -> Vec<ConfigUse<'a>> {
    let release = release_of(facts, service);
    service
        .config_maps
        .iter()
        .filter_map(|config_map| facts.config_maps().get_key_value(config_map))
        .map(|(map_key, config_map)| {
            let used_by = |is_user: &dyn Fn(&Usage) -> bool| -> Vec<&'a Usage> {
                config_map.usage.iter().filter(|usage| is_user(usage)).collect()
            };
            let own = used_by(&|usage| usage.service.as_deref() == Some(key));
            // A HelmRelease reads the ConfigMap for its values.
            let is_by_release = |usage: &Usage| {
                let object = usage.object.as_deref();
                let named = object.and_then(|object| release_named(facts, object));
                named.is_some() && named == release
            };
            ConfigUse {
                key: map_key,
                config_map,
                usage: match own.is_empty() {
                    true => used_by(&is_by_release),
                    false => own,
                },
            }
        })
        .collect()
}
