//! The fields of objects that explain a service.

use flux_evaluate::{Field, ValueStep};
use infra_model::explain::ServiceField;
use yaml_node::Node;

use crate::inventory::{Inventory, Object};
use crate::published_hosts::EXTERNAL_DNS;

/// Lists of containers.
const CONTAINERS: [&str; 2] = ["initContainers", "containers"];
/// Types of objects that lead hosts to services.
const ROUTES: [(&str, &str); 8] = [
    ("networking.k8s.io", "Ingress"),
    ("gateway.networking.k8s.io", "HTTPRoute"),
    ("gateway.networking.k8s.io", "GRPCRoute"),
    ("gateway.networking.k8s.io", "TLSRoute"),
    ("networking.istio.io", "VirtualService"),
    ("traefik.io", "IngressRoute"),
    ("traefik.io", "IngressRouteTCP"),
    ("traefik.containo.us", "IngressRoute"),
];

/// A field of an object to explain.
pub(super) struct AskedField<'a> {
    pub(super) what: ServiceField,
    pub(super) object: &'a Object<'a>,
    /// The field as it is in a rendering.
    pub(super) field: Field,
    /// Its text as applied.
    pub(super) text: String,
    /// The container, the environment variable or the port.
    pub(super) name: Option<String>,
}

impl<'a> AskedField<'a> {
    /// The fields of a workload, of the Kubernetes Services that select it, and of the routes that lead a host to it.
    pub(super) fn all(
        inventory: &'a Inventory<'a>,
        workload: &'a Object<'a>,
        services: impl Iterator<Item = &'a Object<'a>>,
        hosts: &[String],
        wanted: Option<ServiceField>,
    ) -> Vec<Self> {
        let services: Vec<&Object<'_>> = services.collect();
        let mut found = Vec::new();
        for what in ServiceField::ALL {
            if wanted.is_some_and(|wanted| wanted != what) {
                continue;
            }
            let is_text = |_: &str| true;
            add(&mut found, what, workload, &is_text);
            match what {
                ServiceField::Port => services
                    .iter()
                    .for_each(|service| add(&mut found, what, service, &is_text)),
                ServiceField::Host => {
                    let is_host = |text: &str| hosts.iter().any(|host| has_host(text, host));
                    let routes = ROUTES.iter().flat_map(|(group, kind)| inventory.of(group, kind));
                    for object in routes.chain(services.iter().copied()) {
                        add(&mut found, what, object, &is_host);
                    }
                }
                _ => {}
            }
        }
        found
    }
}

/// Whether a text of a route is a host, a list with it, or a rule of Traefik about it.
fn has_host(text: &str, host: &str) -> bool {
    text == host || text.contains(&format!("`{host}`")) || text.split(',').any(|part| part.trim() == host)
}

fn add<'a>(
    found: &mut Vec<AskedField<'a>>,
    what: ServiceField,
    object: &'a Object<'a>,
    is_wanted: &dyn Fn(&str) -> bool,
) {
    let node = &object.applied.node;
    let kind = object.kind;
    let fields = Field::of_object(node, &|field| is_field(what, kind, &field.path.0));
    for (field, text) in fields {
        if is_wanted(&text) {
            found.push(AskedField {
                what,
                object,
                name: name(node, what, kind, &field.path.0),
                field: as_rendered(field, object),
                text,
            });
        }
    }
}

/// A field with the namespace that its manifest states, by which a rendering has it.
fn as_rendered(field: Field, object: &Object<'_>) -> Field {
    let stated = object.applied.built.text_at(&["metadata", "namespace"]);
    Field {
        namespace: stated.unwrap_or_default().to_owned(),
        ..field
    }
}

fn is_field(what: ServiceField, kind: &str, path: &[ValueStep]) -> bool {
    use ValueStep::{Index, Key};
    let in_container = |list: &str| CONTAINERS.contains(&list);
    match (what, path) {
        (ServiceField::Replicas, [Key(spec), Key(replicas)]) => spec == "spec" && replicas == "replicas",
        (ServiceField::Image, [.., Key(list), Index(_), Key(image)]) => {
            in_container(list) && image == "image"
        }
        (ServiceField::Port, [Key(spec), Key(ports), Index(_), Key(port)]) if kind == "Service" => {
            spec == "spec" && ports == "ports" && port == "port"
        }
        (ServiceField::Port, [.., Key(list), Index(_), Key(ports), Index(_), Key(port)]) => {
            in_container(list) && ports == "ports" && port == "containerPort"
        }
        (ServiceField::Env, [.., Key(list), Index(_), Key(env), Index(_), Key(value)]) => {
            in_container(list) && env == "env" && value == "value"
        }
        (
            ServiceField::Env,
            [
                ..,
                Key(list),
                Index(_),
                Key(env),
                Index(_),
                Key(from),
                Key(reference),
                Key(key),
            ],
        ) => {
            in_container(list)
                && env == "env"
                && from == "valueFrom"
                && matches!(
                    (reference.as_str(), key.as_str()),
                    ("configMapKeyRef" | "secretKeyRef", "key")
                        | ("fieldRef", "fieldPath")
                        | ("resourceFieldRef", "resource")
                )
        }
        (ServiceField::Host, [Key(metadata), Key(_), Key(name)]) => {
            metadata == "metadata" && name == EXTERNAL_DNS
        }
        (ServiceField::Host, [Key(spec), Key(list), Index(_)]) => {
            spec == "spec" && ["hostnames", "hosts"].contains(&list.as_str())
        }
        (ServiceField::Host, [Key(spec), Key(list), Index(_), Key(host)]) => {
            spec == "spec"
                && match list.as_str() {
                    "rules" => host == "host",
                    "routes" => host == "match",
                    _ => false,
                }
        }
        _ => false,
    }
}

/// The name of the nearest item of a list that has one.
fn name(node: &Node, what: ServiceField, kind: &str, path: &[ValueStep]) -> Option<String> {
    let mut at = node;
    let mut names: Vec<String> = Vec::new();
    for step in path {
        at = match step {
            ValueStep::Key(key) => at.get(key)?,
            ValueStep::Index(index) => {
                let item = at.items().get(*index)?;
                names.extend(item.text_at(&["name"]).map(str::to_owned));
                item
            }
        };
    }
    match (what, names.as_slice()) {
        (ServiceField::Replicas | ServiceField::Host, _) | (_, []) => None,
        (ServiceField::Port, [.., port]) if kind == "Service" => Some(format!("Service port {port}")),
        (ServiceField::Image, [.., container]) => Some(format!("container {container}")),
        (ServiceField::Env, [.., variable]) => Some(variable.clone()),
        (ServiceField::Port, [container]) => Some(format!("container {container}")),
        (ServiceField::Port, [container, port, ..]) => Some(format!("container {container}, port {port}")),
    }
}
