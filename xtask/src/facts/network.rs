//! Services, ports, selectors and routes of workloads.

use std::collections::BTreeSet;

use serde_json::Value;

use super::catalog::workload_of;
use super::fact::{Facts, add};
use super::pod;
use crate::json::{entries, full_name, list, name, namespace, text, text_at};
use crate::regen::Catalogs;

/// A rendered workload with the labels of its pods.
struct Workload<'a> {
    id: String,
    namespace: &'a str,
    labels: &'a Value,
}

/// Facts of rendered objects.
pub(super) fn rendered(objects: &[&Value], facts: &mut Facts) {
    let mut workloads = Vec::new();
    for object in objects {
        let Some(pod) = pod::pod_spec(object) else {
            continue;
        };
        let id = pod::workload(object);
        for container in pod::containers(pod) {
            for port in list(&container["ports"]) {
                let fact = container_port(&id, &container["name"], &port["containerPort"], port);
                add(facts, "containerPort", fact);
            }
        }
        for (key, value) in entries(&object["spec"]["selector"]["matchLabels"]) {
            add(facts, "selector", format!("{id} {key}={}", text(value)));
        }
        let labels = ["/spec/template", "/spec/jobTemplate/spec/template", ""]
            .iter()
            .find_map(|path| object.pointer(&format!("{path}/metadata/labels")))
            .unwrap_or(&Value::Null);
        workloads.push(Workload {
            id,
            namespace: namespace(object),
            labels,
        });
    }
    for service in objects.iter().filter(|object| is(object, "v1", "Service")) {
        let annotation = &service["metadata"]["annotations"]["external-dns.alpha.kubernetes.io/hostname"];
        let names: Vec<&str> = text(annotation).split(',').map(str::trim).collect();
        for id in selected(service, &workloads) {
            // Names with Go templates or variables are not known.
            for host in names
                .iter()
                .filter(|host| host.contains('.') && !host.contains(['{', ' ']))
            {
                add(facts, "host", format!("{id} {host}"));
            }
            let dns = format!("{}.{}.svc.cluster.local", name(service), namespace(service));
            add(facts, "dns", format!("{id} {dns}"));
        }
    }
    // Knative gives each of its Services a DNS name.
    for object in objects
        .iter()
        .filter(|object| text_at(object, "/apiVersion").starts_with("serving.knative.dev/"))
    {
        let dns = format!("{}.{}.svc.cluster.local", name(object), namespace(object));
        add(facts, "dns", format!("Service {} {dns}", full_name(object)));
    }
    for (host, namespace_of, service) in objects.iter().flat_map(|object| routes(object)) {
        let service = objects.iter().find(|object| {
            is(object, "v1", "Service") && name(object) == service && namespace(object) == namespace_of
        });
        for id in service
            .into_iter()
            .flat_map(|service| selected(service, &workloads))
        {
            add(facts, "host", format!("{id} {host}"));
        }
    }
}

/// `workload container port name protocol`.
fn container_port(workload: &str, container: &Value, number: &Value, port: &Value) -> String {
    let (container, name) = (text(container), text(&port["name"]));
    let protocol = port["protocol"].as_str().unwrap_or("TCP");
    format!("{workload} {container} {number} {name} {protocol}")
}

fn is(object: &Value, api_version: &str, kind: &str) -> bool {
    object["apiVersion"] == *api_version && object["kind"] == *kind
}

/// The workloads whose pods a Service selects.
fn selected<'a>(service: &Value, workloads: &'a [Workload<'_>]) -> Vec<&'a str> {
    let selector: Vec<_> = entries(&service["spec"]["selector"]).collect();
    let fits = |workload: &&Workload<'_>| {
        !selector.is_empty()
            && workload.namespace == namespace(service)
            && selector
                .iter()
                .all(|(key, value)| workload.labels[*key] == **value)
    };
    workloads
        .iter()
        .filter(fits)
        .map(|workload| workload.id.as_str())
        .collect()
}

/// Host, namespace and Service of an Ingress, HTTPRoute or VirtualService.
fn routes(object: &Value) -> Vec<(&str, &str, &str)> {
    let api_version = text_at(object, "/apiVersion");
    let spec = &object["spec"];
    let own = namespace(object);
    if api_version.starts_with("networking.k8s.io/") && object["kind"] == "Ingress" {
        let paths = list(&spec["rules"])
            .flat_map(|rule| list(&rule["http"]["paths"]).map(move |path| (text(&rule["host"]), path)));
        return paths
            .map(|(host, path)| (host, own, text(&path["backend"]["service"]["name"])))
            .filter(|(host, ..)| !host.is_empty())
            .collect();
    }
    if api_version.starts_with("gateway.networking.k8s.io/") && object["kind"] == "HTTPRoute" {
        let backends = list(&spec["rules"]).flat_map(|rule| list(&rule["backendRefs"]));
        let backends = backends.map(|backend| {
            let namespace = backend["namespace"].as_str().unwrap_or(own);
            (namespace, text(&backend["name"]))
        });
        return to_each(list(&spec["hostnames"]).map(text), backends);
    }
    if api_version.starts_with("networking.istio.io/") && object["kind"] == "VirtualService" {
        let destinations = list(&spec["http"]).flat_map(|rule| list(&rule["route"]));
        let destinations = destinations.map(|route| {
            let mut labels = text(&route["destination"]["host"]).split('.');
            let service = labels.next().unwrap_or_default();
            (labels.next().unwrap_or(own), service)
        });
        // Names inside the cluster are not hosts.
        let hosts = list(&spec["hosts"]).map(text);
        let hosts = hosts.filter(|host| host.contains('.') && !host.contains(".svc"));
        return to_each(hosts, destinations);
    }
    Vec::new()
}

/// Each host with each namespace and Service.
fn to_each<'a>(
    hosts: impl Iterator<Item = &'a str>,
    services: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<(&'a str, &'a str, &'a str)> {
    let services: Vec<_> = services.collect();
    let routes = hosts.flat_map(|host| {
        let services = services.iter();
        services.map(move |(namespace, name)| (host, *namespace, *name))
    });
    routes.collect()
}

/// Facts of the catalogs.
pub(super) fn catalog(catalogs: &Catalogs, facts: &mut Facts) {
    for (_, service) in entries(&catalogs.services["services"]) {
        let Some(id) = workload_of(service) else { continue };
        for port in list(&service["containerPorts"]) {
            let fact = container_port(&id, &port["container"], &port["port"], port);
            add(facts, "containerPort", fact);
        }
        // The catalog leaves out `containerPorts` if `ports` says as much.
        if service["containerPorts"].is_null() {
            for port in list(&service["ports"]) {
                let container = text(&service["workload"]["name"]);
                add(facts, "containerPort", format!("{id} {container} {port}  TCP"));
            }
        }
        for (key, value) in entries(&service["selector"]) {
            add(facts, "selector", format!("{id} {key}={}", text(value)));
        }
        for dns in list(&service["dns"]) {
            add(facts, "dns", format!("{id} {}", text(dns)));
        }
        let hosts: BTreeSet<&str> = list(&service["hosts"]).map(text).collect();
        for host in hosts {
            add(facts, "host", format!("{id} {host}"));
        }
    }
}
