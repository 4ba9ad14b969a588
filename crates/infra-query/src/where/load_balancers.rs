//! The Services that the values of a release make reachable from outside, where its chart is not at hand.

use std::collections::BTreeMap;

use infra_model::flux::HelmRelease;
use infra_model::object::ObjectField;
use infra_model::{Key, Place};

use super::told::{Told, told};

/// Annotations that ask for addresses, without what is before the slash:
/// [MetalLB](https://metallb.io/usage/#requesting-specific-ips),
/// [kube-vip](https://kube-vip.io/docs/usage/kubernetes-services/) and
/// [Cilium](https://docs.cilium.io/en/stable/network/lb-ipam/#requesting-ips).
const ADDRESSES: &[&str] = &[
    "io.cilium/lb-ipam-ips",
    "kube-vip.io/loadbalancerIPs",
    "lbipam.cilium.io/ips",
    "metallb.io/loadBalancerIPs",
    "metallb.universe.tf/loadBalancerIPs",
];

/// A Service among values, by what stands in its mapping.
#[derive(Default)]
struct Stated<'a> {
    kind: Option<&'a str>,
    addresses: Vec<&'a str>,
    place: Option<Place>,
}

/// The Services of types LoadBalancer and NodePort, and those that ask for an address.
pub(super) fn load_balancers(release: &HelmRelease) -> Vec<Told> {
    const MOST: usize = 6;
    let found = services(release).into_iter().filter_map(|(above, service)| {
        let is_outside = matches!(service.kind, Some("LoadBalancer" | "NodePort"));
        if !is_outside && service.addresses.is_empty() || is_off(release, above) {
            return None;
        }
        let mut text = service.kind.unwrap_or("LoadBalancer").to_owned();
        if !service.addresses.is_empty() {
            text.push_str(&format!(" at {}", service.addresses.join(", ")));
        } else if service.kind == Some("LoadBalancer") {
            text.push_str(" at an address that the cluster gives it");
        }
        let ports = ports(&release.values, above);
        if !ports.is_empty() {
            text.push_str(&format!(", port {}", ports.join(", ")));
        }
        Some(told(above, text, service.place))
    });
    found.take(MOST).collect()
}

/// The addresses that values ask for, as they are written.
pub(super) fn addresses(release: &HelmRelease) -> Vec<&str> {
    let services = services(release).into_values();
    services.flat_map(|service| service.addresses).collect()
}

fn services(release: &HelmRelease) -> BTreeMap<&str, Stated<'_>> {
    let mut found: BTreeMap<&str, Stated<'_>> = BTreeMap::new();
    for (path, field) in &release.values {
        let place = || field.place(release.source.as_ref());
        if let Some(above) = path.strip_suffix(".type")
            && is_service(above)
        {
            let service = found.entry(above).or_default();
            service.kind = Some(&field.value);
            service.place = service.place.take().or_else(place);
        }
        if let Some(above) = asks_for_address(path)
            && !field.value.is_empty()
        {
            let service = found.entry(above).or_default();
            service.addresses.push(&field.value);
            // The line of the address is what people change.
            service.place = place().or(service.place.take());
        }
    }
    found
}

/// The path of the Service of which a value is an address.
pub(super) fn asks_for_address(path: &str) -> Option<&str> {
    if let Some((above, key)) = path.split_once(".annotations.[") {
        return ADDRESSES.contains(&key.strip_suffix(']')?).then_some(above);
    }
    let (above, key) = path.rsplit_once('.')?;
    let key = key.split('[').next().unwrap_or(key);
    let above = above.strip_suffix(".spec").unwrap_or(above);
    let is_address = matches!(key, "loadBalancerIP" | "loadBalancerIPs");
    (is_address && is_service(above)).then_some(above)
}

/// Whether a mapping is a Service by its path: `service`, `service.main`, `controller.service`, `httpService`.
fn is_service(path: &str) -> bool {
    let mut parts = path.rsplit('.').take(2);
    parts.any(|part| part.to_ascii_lowercase().ends_with("service") || part == "services")
}

/// Whether the Service or what holds it is switched off.
fn is_off(release: &HelmRelease, above: &str) -> bool {
    let mut levels = std::iter::successors(Some(above), |path| path.rsplit_once('.').map(|(above, _)| above));
    levels.any(|level| {
        let enabled = release.values.get(&format!("{level}.enabled"));
        enabled.is_some_and(|field| field.value == "false")
    })
}

/// What a Service listens on, each port with its name: `port`, `ports.http.port`, `ports[0].port`, `ports.http`; a NodePort behind its own.
fn ports(values: &BTreeMap<Key, ObjectField>, above: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (path, field) in values {
        let Some(rest) = path.strip_prefix(above) else {
            continue;
        };
        let Some(rest) = rest.strip_prefix('.') else {
            continue;
        };
        let name = match rest {
            "port" => "",
            rest => {
                let Some(inner) = rest.strip_prefix("ports") else {
                    continue;
                };
                let inner = inner.trim_start_matches('.');
                match inner.strip_suffix(".port") {
                    Some(name) => name,
                    None if !inner.contains('.') && !inner.starts_with('[') => inner,
                    None => continue,
                }
            }
        };
        if field.value.parse::<u16>().is_err() {
            continue;
        }
        let mut text = field.value.clone();
        if !name.is_empty() && !name.starts_with('[') {
            text.push_str(&format!(" ({name})"));
        }
        let node_port = path
            .strip_suffix(".port")
            .or(path.strip_suffix("port"))
            .map(|above| format!("{above}.nodePort"));
        if let Some(port) = node_port.and_then(|path| values.get(&path)) {
            text.push_str(&format!(" on {} of every node", port.value));
        }
        found.push(text);
    }
    found
}
