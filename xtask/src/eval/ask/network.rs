//! Ports, names and hosts under which a service is reached, and the services that it talks to.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use super::material::Material;
use crate::eval::question::{Catalog, Class, Draft, Fact, Question};
use crate::eval::rendering::{Object, or_own};
use crate::json::{entries, list, text_at};

static PORTS: Class = Class {
    name: "ports",
    asks: "On which ports does X listen?",
    catalog: Catalog::Services,
};
static DNS: Class = Class {
    name: "DNS names",
    asks: "Under which DNS names is X reached in the cluster?",
    catalog: Catalog::Services,
};
static HOSTS: Class = Class {
    name: "hosts",
    asks: "Under which hosts is X reached from outside?",
    catalog: Catalog::Services,
};
static SERVICE_OF_HOST: Class = Class {
    name: "service of a host",
    asks: "What answers at X, and in which namespace?",
    catalog: Catalog::Services,
};
static TALKS_TO: Class = Class {
    name: "talks to",
    asks: "Which services does X talk to?",
    catalog: Catalog::Services,
};
static FAILS_WITH: Class = Class {
    name: "fails with",
    asks: "Which services talk to X and fail with it?",
    catalog: Catalog::Services,
};

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let workloads = || material.workloads.iter().copied();
    let each = |texts: BTreeSet<String>| texts.into_iter().map(|text| Fact::new([text])).collect();
    let with = |texts: fn(&Material<'r>, &'r Object) -> BTreeSet<String>| {
        workloads().map(move |workload| (workload, texts(material, workload)))
    };
    let mut questions = material.ask(
        &PORTS,
        with(|_, workload| ports(workload)),
        |(workload, ports)| material.about_service("where", workload, each(ports)),
    );
    questions.extend(material.ask(&DNS, with(dns), |(workload, dns)| {
        let services = selecting(material, workload);
        // A Service may listen on other ports than the containers behind it.
        let wrong = |dns: &String| -> Vec<String> {
            let of_service = service_ports(&services, dns);
            let others = ports(workload)
                .into_iter()
                .filter(|port| !of_service.contains(port));
            others.map(|port| format!("{dns}:{port}")).collect()
        };
        let answer = dns
            .iter()
            .map(|dns| Fact::new([dns]).without(wrong(dns)))
            .collect();
        material
            .about_service("where", workload, answer)
            .resting_on(services)
    }));
    questions.extend(material.ask(&HOSTS, with(hosts), |(workload, hosts)| {
        material.about_service("where", workload, each(hosts))
    }));
    let by_host = workloads().flat_map(|workload| {
        hosts(material, workload)
            .into_iter()
            .map(move |host| (workload, host))
    });
    questions.extend(material.ask(&SERVICE_OF_HOST, by_host, |(workload, host)| {
        let answer = Fact::new([workload.name(), workload.namespace()]);
        Draft::new("where", &host, vec![answer], vec![workload])
    }));
    questions.extend(talks(material));
    questions
}

/// Questions about which service talks to which, in both directions.
fn talks<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let Ok(name) = Regex::new(r"([a-z0-9-]+)\.([a-z0-9-]+)\.svc\b") else {
        return Vec::new();
    };
    let edges: Vec<(&'r Object, Vec<&'r Object>)> = material
        .workloads
        .iter()
        .map(|&workload| {
            let mut texts = String::new();
            collect_texts(workload.pod(), &mut texts);
            let mut targets: Vec<&Object> = Vec::new();
            for found in name.captures_iter(&texts) {
                for &target in &material.workloads {
                    let is_target = || {
                        let mut services = selecting(material, target).into_iter();
                        services
                            .any(|service| service.name() == &found[1] && service.namespace() == &found[2])
                    };
                    let known = targets.iter().any(|known| known.identity() == target.identity());
                    if !known && target.identity() != workload.identity() && is_target() {
                        targets.push(target);
                    }
                }
            }
            (workload, targets)
        })
        .collect();
    let to = edges.iter().cloned();
    let mut questions = material.ask(&TALKS_TO, to, |(workload, targets)| {
        let names = targets.iter().map(|target| material.service(target));
        let answer = if targets.is_empty() {
            Vec::new()
        } else {
            vec![Fact::new(names)]
        };
        material
            .about_service("trace", workload, answer)
            .resting_on(targets)
    });
    let from = material.workloads.iter().map(|&target| {
        let talking = edges
            .iter()
            .filter(|(_, targets)| targets.iter().any(|other| other.identity() == target.identity()));
        (target, talking.map(|(workload, _)| *workload).collect::<Vec<_>>())
    });
    questions.extend(material.ask(&FAILS_WITH, from, |(target, talking)| {
        let answer = talking
            .iter()
            .map(|talking| Fact::new([material.service(talking)]))
            .collect();
        material
            .about_service("impact", target, answer)
            .without_entry()
            .resting_on(talking)
    }));
    questions
}

/// Every string of a value, one per line.
fn collect_texts(value: &Value, texts: &mut String) {
    if let Some(text) = value.as_str() {
        texts.push_str(text);
        texts.push('\n');
    }
    entries(value).for_each(|(_, value)| collect_texts(value, texts));
    list(value).for_each(|value| collect_texts(value, texts));
}

fn ports(workload: &Object) -> BTreeSet<String> {
    list(&workload.pod()["containers"])
        .flat_map(|container| list(&container["ports"]))
        .filter_map(|port| port["containerPort"].as_u64())
        .map(|port| port.to_string())
        .collect()
}

/// The ports of the Service with a DNS name.
fn service_ports(services: &[&Object], dns: &str) -> BTreeSet<String> {
    services
        .iter()
        .filter(|service| dns.starts_with(&format!("{}.{}.", service.name(), service.namespace())))
        .flat_map(|service| list(&service.value["spec"]["ports"]))
        .filter_map(|port| port["port"].as_u64())
        .map(|port| port.to_string())
        .collect()
}

fn dns<'r>(material: &Material<'r>, workload: &'r Object) -> BTreeSet<String> {
    selecting(material, workload)
        .into_iter()
        .map(|service| format!("{}.{}.svc.cluster.local", service.name(), service.namespace()))
        .collect()
}

/// The Services whose selector matches the pods of a workload.
fn selecting<'r>(material: &Material<'r>, workload: &Object) -> Vec<&'r Object> {
    let pointer = match workload.kind() {
        "Pod" => "/metadata/labels",
        "CronJob" => "/spec/jobTemplate/spec/template/metadata/labels",
        _ => "/spec/template/metadata/labels",
    };
    let labels = workload.value.pointer(pointer).unwrap_or(&Value::Null);
    let fits = |service: &&Object| {
        let mut selector = entries(&service.value["spec"]["selector"]).peekable();
        service.namespace() == workload.namespace()
            && selector.peek().is_some()
            && selector.all(|(key, value)| labels[key] == *value)
    };
    material
        .rendering
        .of_kind("", "Service")
        .into_iter()
        .filter(fits)
        .collect()
}

/// Hosts whose routes lead to a Service of a workload. Leaves out routes that need an unknown variable.
fn hosts<'r>(material: &Material<'r>, workload: &'r Object) -> BTreeSet<String> {
    let services = selecting(material, workload);
    let leads = |route: &Object, name: &str, namespace: &str| {
        let namespace = or_own(namespace, route);
        services
            .iter()
            .any(|service| service.name() == name && service.namespace() == namespace)
    };
    let texts = |list_of: &Value| -> Vec<String> {
        let texts = list(list_of).filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    let mut hosts = BTreeSet::new();
    let known = material
        .rendering
        .objects
        .iter()
        .filter(|route| !material.rendering.owner(route).incomplete);
    for route in known {
        let spec = &route.value["spec"];
        if route.is("networking.k8s.io", "Ingress") {
            for rule in list(&spec["rules"]) {
                let mut paths = list(&rule["http"]["paths"]);
                if paths.any(|path| leads(route, text_at(path, "/backend/service/name"), "")) {
                    hosts.insert(text_at(rule, "/host").to_owned());
                }
            }
        } else if route.is("gateway.networking.k8s.io", "HTTPRoute") {
            let mut backends = list(&spec["rules"]).flat_map(|rule| list(&rule["backendRefs"]));
            if backends.any(|backend| leads(route, text_at(backend, "/name"), text_at(backend, "/namespace")))
            {
                hosts.extend(texts(&spec["hostnames"]));
            }
        } else if route.is("networking.istio.io", "VirtualService") {
            let mut routes = list(&spec["http"]).flat_map(|http| list(&http["route"]));
            if routes.any(|to| leads(route, text_at(to, "/destination/host"), "")) {
                hosts.extend(texts(&spec["hosts"]));
            }
        }
    }
    hosts.retain(|host| !host.is_empty());
    hosts
}
