//! NetworkPolicies in words: the pods that they select, and a line for each rule.

use infra_model::fields::Fields;
use infra_model::object::{ObjectField, OtherObject};

use crate::text::listed;

/// A rule in words, with its first field.
pub(crate) struct Rule {
    pub(crate) label: &'static str,
    pub(crate) text: String,
    pub(crate) field: Option<ObjectField>,
}

/// The rules of a NetworkPolicy of Kubernetes; empty for other objects, whose fields are shown instead.
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
        // Without `policyTypes` it always restricts ingress, and egress only if it has rules for it.
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
            let peers = items(fields, &format!("{rule}.{peer}")).into_iter();
            let peers: Vec<String> = peers.map(|path| peer_text(fields, &path)).collect();
            let ports = items(fields, &format!("{rule}.ports")).into_iter();
            let ports: Vec<String> = ports.map(|path| port_text(fields, &path)).collect();
            let who = match peers.is_empty() {
                true => "everywhere".to_owned(),
                false => peers.join(" or "),
            };
            let what = match ports.is_empty() {
                true => "every port".to_owned(),
                false => ports.join(", "),
            };
            let start = format!("{rule}.");
            let own = fields.iter().filter(|(path, _)| path.starts_with(&start));
            let own = own.map(|(_, field)| field).filter(|field| field.line > 0);
            found.push(Rule {
                label,
                text: format!("{peer} {who}, {what}"),
                field: own.min_by_key(|field| field.line).cloned(),
            });
        }
    }
    found
}

/// The paths of the items of a list, in their order.
fn items(fields: &Fields, list: &str) -> Vec<String> {
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

/// The values of the items of a list.
fn values<'f>(fields: &'f Fields, list: &str) -> Vec<&'f str> {
    let items = items(fields, list).into_iter();
    items.filter_map(|path| text(fields, &path)).collect()
}

fn text<'f>(fields: &'f Fields, path: &str) -> Option<&'f str> {
    fields.get(path).map(|field| field.value.as_str())
}

/// The labels of a selector: empty if it selects everything, `None` if it is not stated.
fn selector(fields: &Fields, path: &str) -> Option<String> {
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
    let expressions = items(fields, &format!("{path}.matchExpressions")).into_iter();
    let expressions = expressions.map(|item| {
        let text = |key: &str| text(fields, &format!("{item}.{key}")).unwrap_or_default();
        let values = values(fields, &format!("{item}.values")).join(",");
        let expression = format!("{} {} {values}", text("key"), text("operator"));
        expression.trim_end().to_owned()
    });
    Some(labels.chain(expressions).collect::<Vec<String>>().join(" and "))
}

fn peer_text(fields: &Fields, path: &str) -> String {
    if let Some(cidr) = text(fields, &format!("{path}.ipBlock.cidr")) {
        let except = values(fields, &format!("{path}.ipBlock.except"));
        return format!("{cidr}{}", listed(" without ", &except));
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

fn port_text(fields: &Fields, path: &str) -> String {
    let text = |key: &str| text(fields, &format!("{path}.{key}"));
    let protocol = text("protocol").unwrap_or("TCP");
    match (text("port"), text("endPort")) {
        (Some(port), Some(end)) => format!("{protocol} {port}-{end}"),
        (Some(port), None) => format!("{protocol} {port}"),
        (None, _) => format!("every port of {protocol}"),
    }
}
