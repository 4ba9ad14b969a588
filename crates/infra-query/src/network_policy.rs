//! What a NetworkPolicy lets through, in words: whom it is about, and each rule on a line.

use std::collections::BTreeMap;

use infra_model::Key;
use infra_model::object::{ObjectField, OtherObject};

/// A rule in words, with the line where it begins.
pub(crate) struct Rule {
    pub(crate) label: &'static str,
    pub(crate) text: String,
    pub(crate) field: Option<ObjectField>,
}

/// What is said of a NetworkPolicy of Kubernetes; nothing of other objects, whose fields speak for themselves.
pub(crate) fn rules(object: &OtherObject) -> Vec<Rule> {
    let fields = &object.fields;
    if object.kind != "NetworkPolicy"
        || !object.api_version.starts_with("networking.k8s.io/")
        || object.more_fields
    {
        return Vec::new();
    }
    let mut found = vec![Rule {
        label: "for",
        text: match selector(fields, "spec.podSelector") {
            Some(selector) if !selector.is_empty() => format!("pods of {} with {selector}", object.namespace),
            _ => format!("all pods of {}", object.namespace),
        },
        field: None,
    }];
    for (direction, peer, label, word) in [
        ("ingress", "from", "allows in", "Ingress"),
        ("egress", "to", "allows out", "Egress"),
    ] {
        let own = items(fields, &format!("spec.{direction}"));
        let types = items(fields, "spec.policyTypes");
        let mut types = types.iter().filter_map(|path| fields.get(path));
        // Without `policyTypes` it is about what comes in, and about what goes out where it has rules for that.
        let is_about = match types.clone().next() {
            Some(_) => types.any(|field| field.value == word),
            None => direction == "ingress" || !own.is_empty(),
        };
        if !is_about {
            continue;
        }
        if own.is_empty() {
            found.push(Rule {
                label,
                text: "nothing".to_owned(),
                field: None,
            });
        }
        for rule in own {
            let peers: Vec<String> = items(fields, &format!("{rule}.{peer}"))
                .iter()
                .map(|path| peer_text(fields, path))
                .collect();
            let ports: Vec<String> = items(fields, &format!("{rule}.ports"))
                .iter()
                .map(|path| port_text(fields, path))
                .collect();
            let who = match peers.is_empty() {
                true => "everywhere".to_owned(),
                false => peers.join(" or "),
            };
            let what = match ports.is_empty() {
                true => "every port".to_owned(),
                false => ports.join(", "),
            };
            let start = format!("{rule}.");
            let first = fields
                .iter()
                .filter(|(path, field)| path.starts_with(&start) && field.line > 0);
            found.push(Rule {
                label,
                text: format!("{peer} {who}, {what}"),
                field: first
                    .map(|(_, field)| field.clone())
                    .min_by_key(|field| field.line),
            });
        }
    }
    found
}

/// The paths of the items of a list, in their order.
fn items(fields: &BTreeMap<Key, ObjectField>, list: &str) -> Vec<String> {
    let start = format!("{list}[");
    let mut numbers: Vec<usize> = fields
        .keys()
        .filter_map(|path| path.strip_prefix(&start)?.split(']').next()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
        .into_iter()
        .map(|number| format!("{list}[{number}]"))
        .collect()
}

/// What a selector asks for: empty where it takes everything, none where it is not stated.
fn selector(fields: &BTreeMap<Key, ObjectField>, path: &str) -> Option<String> {
    let start = format!("{path}.");
    let own = fields
        .iter()
        .filter_map(|(own, field)| Some((own.strip_prefix(&start)?, field)));
    let own: Vec<(&str, &ObjectField)> = own.collect();
    if own.is_empty() {
        return fields.contains_key(path).then(String::new);
    }
    let labels = own.iter().filter_map(|(own, field)| {
        let label = own.strip_prefix("matchLabels.")?;
        Some(format!("{}={}", label.trim_matches(['[', ']']), field.value))
    });
    let expressions = items(fields, &format!("{path}.matchExpressions"))
        .into_iter()
        .map(|item| {
            let text = |key: &str| {
                fields
                    .get(&format!("{item}.{key}"))
                    .map_or("", |field| field.value.as_str())
            };
            let values: Vec<&str> = items(fields, &format!("{item}.values"))
                .iter()
                .filter_map(|path| fields.get(path).map(|field| field.value.as_str()))
                .collect();
            format!("{} {} {}", text("key"), text("operator"), values.join(","))
                .trim_end()
                .to_owned()
        });
    Some(labels.chain(expressions).collect::<Vec<String>>().join(" and "))
}

fn peer_text(fields: &BTreeMap<Key, ObjectField>, path: &str) -> String {
    if let Some(cidr) = fields.get(&format!("{path}.ipBlock.cidr")) {
        let except: Vec<&str> = items(fields, &format!("{path}.ipBlock.except"))
            .iter()
            .filter_map(|path| fields.get(path).map(|field| field.value.as_str()))
            .collect();
        return match except.is_empty() {
            true => cidr.value.clone(),
            false => format!("{} without {}", cidr.value, except.join(", ")),
        };
    }
    let with = |selector: &str| match selector {
        "" => "all pods".to_owned(),
        selector => format!("pods with {selector}"),
    };
    let pods = selector(fields, &format!("{path}.podSelector"));
    let namespaces = selector(fields, &format!("{path}.namespaceSelector"));
    let pods = with(&pods.unwrap_or_default());
    match namespaces.as_deref() {
        None => format!("{pods} of its namespace"),
        Some("") => format!("{pods} of all namespaces"),
        Some(selector) => format!("{pods} of namespaces with {selector}"),
    }
}

fn port_text(fields: &BTreeMap<Key, ObjectField>, path: &str) -> String {
    let text = |key: &str| {
        fields
            .get(&format!("{path}.{key}"))
            .map(|field| field.value.as_str())
    };
    let protocol = text("protocol").unwrap_or("TCP");
    match (text("port"), text("endPort")) {
        (Some(port), Some(end)) => format!("{protocol} {port}-{end}"),
        (Some(port), None) => format!("{protocol} {port}"),
        (None, _) => format!("every port of {protocol}"),
    }
}
