//! Hosts that the effective values of a release give to the chart's Ingresses and routes.

use std::collections::{BTreeMap, BTreeSet};

use yaml_node::{Node, Value};

use crate::any_case;
use crate::kinds::helm_release::Release;

/// The hosts in the values, each with the paths beside it; templates of the release's name are filled in, unknown variables
/// stay.
pub(crate) fn published_hosts(release: &Release<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut texts = Vec::new();
    visit(&release.values.node, false, &mut texts);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (text, paths) in texts {
        if let Some(host) = release.untemplated(text).filter(|host| is_domain(host)) {
            let known = found.entry(host).or_default();
            known.extend(paths.into_iter().map(str::to_owned));
        }
    }
    found
}

/// A host as the values have it, and the paths beside it.
type Published<'n> = (&'n str, Vec<&'n str>);

/// The annotation by which external-dns names a Service
/// (<https://kubernetes-sigs.github.io/external-dns/latest/docs/annotations/annotations/>).
pub(crate) const EXTERNAL_DNS: &str = "external-dns.alpha.kubernetes.io/hostname";

/// Whether a path of values describes how a chart is exposed.
pub(crate) fn is_route_path(path: &[&str]) -> bool {
    let mut keys = path.iter();
    keys.any(|key| is_route(key) || any_case::is_any(key, &["hostnames", "gateway", "gateways"]))
}

fn is_route(key: &str) -> bool {
    any_case::starts_with_any(key, &["ingress", "httproute", "virtualservice"])
        || any_case::is_any(key, &["route", "routes"])
}

/// Collects the texts under host-like keys of routes. `within` is whether an outer key is that of a route.
fn visit<'n>(node: &'n Node, within: bool, texts: &mut Vec<Published<'n>>) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| visit(item, within, texts)),
        Value::Mapping(mapping) => {
            if node.get("enabled").and_then(Node::as_bool) == Some(false) {
                return;
            }
            for (key, value) in mapping.iter() {
                let is_route = is_route(key);
                if key == EXTERNAL_DNS {
                    let names = value.as_str().unwrap_or_default().split(',');
                    texts.extend(names.map(|name| (name.trim(), Vec::new())));
                } else if (within && (is_host(key) || is_whole_domain(key, node)))
                    || (is_route && ends_in_host(key))
                {
                    hosts(value, &paths(node), texts);
                } else if !(within && has_other_hosts(key)) {
                    visit(value, within || is_route, texts);
                }
            }
        }
    }
}

/// `host: x`, `hosts: [x]`, `hosts: [{host: x, paths}]`, `host: {name: x}`.
fn hosts<'n>(value: &'n Node, beside: &[&'n str], texts: &mut Vec<Published<'n>>) {
    match &value.value {
        Value::Scalar(_) => texts.extend(value.as_str().map(|host| (host, beside.to_vec()))),
        Value::Sequence(items) => items.iter().for_each(|item| hosts(item, beside, texts)),
        Value::Mapping(_) => {
            let name = ["host", "name", "hostname"]
                .iter()
                .find_map(|field| value.get(field)?.as_str());
            let own = paths(value);
            let paths = if own.is_empty() { beside.to_vec() } else { own };
            texts.extend(name.map(|host| (host, paths)));
        }
    }
}

/// `path: /x`, `paths: [/x]`, `paths: [{path: /x}]`.
fn paths(node: &Node) -> Vec<&str> {
    let stated = ["path", "paths"].into_iter().filter_map(|key| node.get(key));
    let items = stated.flat_map(|value| match &value.value {
        Value::Sequence(items) => items.iter().collect(),
        _ => vec![value],
    });
    let paths = items.filter_map(|item| match &item.value {
        Value::Mapping(_) => item.get("path")?.as_str(),
        _ => item.as_str(),
    });
    paths.filter(|path| path.starts_with('/')).collect()
}

/// `ingressHost`, `routeHostname`: a route's host under one key.
fn ends_in_host(key: &str) -> bool {
    any_case::ends_with_any(key, &["host", "hosts", "hostname", "hostnames"])
}

fn is_host(key: &str) -> bool {
    any_case::is_any(key, &["host", "hosts", "hostname", "hostnames", "fqdn"])
        || ["extraHosts", "extraHostnames"].contains(&key)
}

/// `domain: web.example.org` of a route without other parts of its host.
fn is_whole_domain(key: &str, node: &Node) -> bool {
    const PARTS: [&str; 6] = ["host", "hosts", "hostname", "hostnames", "subdomain", "prefix"];
    key.eq_ignore_ascii_case("domain") && !PARTS.iter().any(|part| node.get(part).is_some())
}

/// Whether the fields of a route under a key name other hosts.
fn has_other_hosts(key: &str) -> bool {
    [
        "labels",
        "parentRefs",
        "filters",
        "matches",
        "rules",
        "backendRefs",
    ]
    .contains(&key)
}

/// Whether a text is a domain name, perhaps with `*.` before it and variables in it.
pub(crate) fn is_domain(text: &str) -> bool {
    let host = text.strip_prefix("*.").unwrap_or(text);
    host.contains('.')
        && !host.contains("..")
        && !host.starts_with('.')
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._${}".contains(&b))
        && host.rsplit('.').next().is_some_and(|top| {
            top.ends_with('}') || (top.len() > 1 && top.bytes().all(|b| b.is_ascii_alphabetic()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits};

    #[track_caller]
    fn check(values: &str, expected: &[&str]) {
        let node = yaml_node::read_documents(values, FileId(1), &Limits::default())
            .unwrap()
            .remove(0);
        let mut texts = Vec::new();
        visit(&node, false, &mut texts);
        let mut texts: Vec<&str> = texts.into_iter().map(|(host, _)| host).collect();
        texts.retain(|text| is_domain(text) || text.contains("{{"));
        assert_eq!(texts, expected, "{values}");
    }

    #[test]
    fn shapes_of_charts() {
        check(
            "ingress: {enabled: true, hosts: [{host: a.example.com, paths: [/]}], tls: [{hosts: [a.example.com]}]}",
            &["a.example.com", "a.example.com"],
        );
        check(
            "ingress: {main: {hosts: [{host: a.b.io}]}}\nserver: {ingress: {hostname: c.d.io, extraHosts: [{name: e.f.io}]}}",
            &["a.b.io", "c.d.io", "e.f.io"],
        );
        check(
            "route: {app: {hostnames: ['{{ .Release.Name }}.x.io', 'y.${DOMAIN}'], parentRefs: [{name: gw.x.io}], rules: [{backendRefs: [{name: other.x.io}]}]}}",
            &["{{ .Release.Name }}.x.io", "y.${DOMAIN}"],
        );
        check("java: {ingressHost: api.x.net}", &["api.x.net"]);
        check("dashboard: {route: {host: {name: rook.x.io}}}", &["rook.x.io"]);
        check(
            "service: {annotations: {external-dns.alpha.kubernetes.io/hostname: 'a.x.io, b.x.io'}}",
            &["a.x.io", "b.x.io"],
        );
    }

    #[test]
    fn disabled_routes_and_other_hosts_are_left_out() {
        check("ingress: {enabled: false, hosts: [a.example.com]}", &[]);
        check(
            "ingress: {annotations: {external-dns.alpha.kubernetes.io/target: t.x.io, auth: https://a.b.io}, className: c.d}",
            &[],
        );
        check(
            "database: {host: db.example.com}\nhostAliases: [{ip: 1.1.1.1, hostnames: [a.b.io]}]",
            &[],
        );
    }
}
