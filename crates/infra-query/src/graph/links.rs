//! Look-ups of entries that others name: the HelmRelease of a service, the source of a Kustomization or chart, the
//! store of an ExternalSecret.

use infra_model::config::ConfigMap;
use infra_model::flux::{ChartRef, HelmRelease, Kustomization, Source};
use infra_model::object::OtherObject;
use infra_model::secrets::{ExternalSecret, SecretStore};
use infra_model::service::Service;

use crate::facts::mentioning;
use crate::{Facts, Keyed};

/// The HelmRelease of a service.
pub(crate) fn release_of<'a>(facts: &'a dyn Facts, service: &Service) -> Option<Keyed<'a, HelmRelease>> {
    let name = service.helm_release.as_deref()?;
    release_among(facts, service, mentioning(facts.helm_releases(), name))
}

/// The HelmRelease of a service, among some candidates.
pub(super) fn release_among<'a>(
    facts: &'a dyn Facts,
    service: &Service,
    mut releases: impl Iterator<Item = Keyed<'a, HelmRelease>>,
) -> Option<Keyed<'a, HelmRelease>> {
    let name = service.helm_release.as_deref()?;
    releases
        .find(|(_, release)| {
            release.name == name
                && [&release.release_namespace, &release.namespace].contains(&&service.namespace)
        })
        .or_else(|| facts.helm_releases().get_key_value(name))
}

/// The HelmRelease that an entry names as a user, such as `HelmRelease/grafana`.
pub(crate) fn release_named<'a>(facts: &'a dyn Facts, object: &str) -> Option<Keyed<'a, HelmRelease>> {
    let key = object.strip_prefix("HelmRelease/")?;
    facts.helm_releases().get_key_value(key)
}

/// The source of a Kustomization.
pub(crate) fn source_of<'a>(
    facts: &'a dyn Facts,
    kustomization: &Kustomization,
) -> Option<Keyed<'a, Source>> {
    let namespace = kustomization
        .source_namespace
        .as_ref()
        .unwrap_or(&kustomization.namespace);
    let name = kustomization.source_ref.as_deref()?;
    let kind = kustomization.source_kind.as_deref()?;
    source_named(facts, kind, name, Some(namespace))
}

/// The source of a HelmRelease's chart: the one that its `chartRef` names, else that of its `chart`.
pub(crate) fn chart_source<'a>(facts: &'a dyn Facts, release: &HelmRelease) -> Option<Keyed<'a, Source>> {
    match &release.chart_ref {
        Some(ChartRef {
            kind,
            name,
            namespace,
        }) => source_named(facts, kind, name, Some(namespace)),
        None => {
            let (kind, name) = chart_repository(release)?;
            // The catalogs do not have the namespace of a chart's source: that of the HelmRelease comes first.
            source_named(facts, kind, name, Some(&release.namespace))
                .or_else(|| source_named(facts, kind, name, None))
        }
    }
}

/// The source of the HelmChart that a HelmRelease refers to.
pub(super) fn source_of_chart<'a>(facts: &'a dyn Facts, release: &HelmRelease) -> Option<Keyed<'a, Source>> {
    let chart = release.chart_ref.as_ref()?;
    let (kind, name) = chart_repository(release)?;
    // A HelmChart names a source in its own namespace.
    source_named(facts, kind, name, Some(&chart.namespace))
}

fn chart_repository(release: &HelmRelease) -> Option<(&str, &str)> {
    Some((
        release.chart_source_kind.as_deref()?,
        release.chart_source.as_deref()?,
    ))
}

fn source_named<'a>(
    facts: &'a dyn Facts,
    kind: &str,
    name: &str,
    namespace: Option<&str>,
) -> Option<Keyed<'a, Source>> {
    mentioning(facts.sources(), name).find(|(_, source)| {
        source.kind == kind
            && source.name == name
            && namespace.is_none_or(|namespace| source.namespace == namespace)
    })
}

/// The store of an ExternalSecret. The default kind is SecretStore, which has to be in its own namespace.
pub(crate) fn store_of<'a>(
    facts: &'a dyn Facts,
    external: &ExternalSecret,
) -> Option<Keyed<'a, SecretStore>> {
    let kind = external.store_kind().unwrap_or("SecretStore");
    let name = external.store_name()?;
    mentioning(facts.secret_stores(), name).find(|(_, store)| {
        let is_in_reach = kind.starts_with("Cluster") || store.namespace == external.namespace;
        store.kind == kind && store.name == name && is_in_reach
    })
}

/// The object of a kind, namespace and name, if its kind has no section of its own.
pub(crate) fn object_named<'a>(
    facts: &'a dyn Facts,
    kind: &str,
    namespace: &str,
    name: &str,
) -> Option<Keyed<'a, OtherObject>> {
    mentioning(facts.objects(), name)
        .find(|(_, object)| object.kind == kind && object.name == name && object.namespace == namespace)
}

/// The ConfigMap with a namespace and name, such as `flux-system/cluster-vars`.
pub(crate) fn config_map_of<'a>(facts: &'a dyn Facts, name: &str) -> Option<&'a ConfigMap> {
    let (namespace, name) = name.split_once('/')?;
    mentioning(facts.config_maps(), name)
        .map(|(_, map)| map)
        .find(|map| map.namespace == namespace && map.name == name)
}
