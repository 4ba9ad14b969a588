//! Services that are reachable from outside, in the values of a HelmRelease whose chart is not available.

use std::collections::BTreeMap;

use infra_model::Place;
use infra_model::fields::Fields;
use infra_model::flux::HelmRelease;

use super::fact::{Told, fact};
use crate::text::listed;

/// Annotations that request addresses:
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

/// A Service among values.
#[derive(Default)]
struct Stated<'a> {
    kind: Option<&'a str>,
    addresses: Vec<&'a str>,
    place: Option<Place>,
}

/// The Services of types LoadBalancer and NodePort, and those that request an address.
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
        text.push_str(&listed(", port ", &ports(&release.values, above)));
        Some(fact(above, text, service.place))
    });
    found.take(MOST).collect()
}

/// The addresses that values request, as written.
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
            // People change the line of the address.
            service.place = place().or(service.place.take());
        }
    }
    found
}

/// The path of the Service whose address a value is.
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

/// Whether the path of a mapping is that of a Service: `service`, `service.main`, `controller.service`, `httpService`.
fn is_service(path: &str) -> bool {
    let mut parts = path.rsplit('.').take(2);
    parts.any(|part| part.to_ascii_lowercase().ends_with("service") || part == "services")
}

/// Whether the Service or a mapping above it is switched off.
fn is_off(release: &HelmRelease, above: &str) -> bool {
    let mut levels = std::iter::successors(Some(above), |path| path.rsplit_once('.').map(|(above, _)| above));
    levels.any(|level| {
        let enabled = release.values.get(&format!("{level}.enabled"));
        enabled.is_some_and(|field| field.value == "false")
    })
}

/// The ports of a Service, each with its name and NodePort: `port`, `ports.http.port`, `ports[0].port`, `ports.http`.
fn ports(values: &Fields, above: &str) -> Vec<String> {
    /// The name of the port whose number is at a path; empty if it has none.
    fn name_of<'p>(path: &'p str, above: &str) -> Option<&'p str> {
        let rest = path.strip_prefix(above)?.strip_prefix('.')?;
        if rest == "port" {
            return Some("");
        }
        let inner = rest.strip_prefix("ports")?.trim_start_matches('.');
        let is_plain = !inner.contains('.') && !inner.starts_with('[');
        inner.strip_suffix(".port").or(is_plain.then_some(inner))
    }
    let mut found: Vec<String> = Vec::new();
    for (path, field) in values {
        let Some(name) = name_of(path, above).filter(|_| field.value.parse::<u16>().is_ok()) else {
            continue;
        };
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
