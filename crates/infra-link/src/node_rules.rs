//! Scheduling rules of pods, and of the values of charts that were not rendered: selectors, affinities, tolerations and spread
//! constraints (<https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/>).

use std::fmt::Write;

use infra_model::pods::NodeRule;
use source_tree::Mark;
use yaml_node::Node;

use crate::any_case;
use crate::inventory::Inventory;
use crate::pod_spec::PodTemplate;
use crate::view::View;

/// Most rules of a service that are kept.
const MOST: usize = 24;
/// Depth of the deepest values that are read.
const DEEPEST: usize = 16;

/// The rules of pods.
pub(crate) fn of_pods(inventory: &Inventory<'_>, pods: PodTemplate<'_>) -> Vec<NodeRule> {
    let mut rules = Rules::new(inventory);
    for (field, value) in pods.spec().into_iter().flat_map(View::entries) {
        match field {
            "affinity" => {
                for (kind, affinity) in value.entries() {
                    rules.add_field(kind, affinity);
                }
            }
            field => rules.add_field(field, value),
        }
    }
    rules.found
}

/// The rules that values of a chart state in the form of Kubernetes, at any path.
pub(crate) fn of_values(inventory: &Inventory<'_>, values: &Node) -> Vec<NodeRule> {
    let mut rules = Rules::new(inventory);
    rules.add_values(&mut String::new(), View::plain(values), 0);
    rules.found
}

struct Rules<'i> {
    inventory: &'i Inventory<'i>,
    /// The path of the values that are read.
    of: Option<String>,
    found: Vec<NodeRule>,
}

impl<'i> Rules<'i> {
    fn new(inventory: &'i Inventory<'i>) -> Self {
        Rules {
            inventory,
            of: None,
            found: Vec::new(),
        }
    }

    /// Adds the rules in a value. Charts put words before the names of fields: `masterNodeSelector`. Restores the path at the end.
    fn add_values(&mut self, path: &mut String, value: View<'_>, depth: usize) {
        const FIELDS: [&str; 6] = [
            "nodeSelector",
            "nodeAffinity",
            "podAffinity",
            "podAntiAffinity",
            "tolerations",
            "topologySpreadConstraints",
        ];
        if depth > DEEPEST {
            return;
        }
        let length = path.len();
        for (key, below) in value.entries() {
            match FIELDS.iter().find(|field| any_case::ends_with(key, field)) {
                Some(field) => {
                    let of = match (key == *field, path.is_empty()) {
                        (true, _) => {
                            let above = path.strip_suffix("affinity").unwrap_or(path);
                            above.trim_end_matches('.').to_owned()
                        }
                        (false, true) => key.to_owned(),
                        (false, false) => format!("{path}.{key}"),
                    };
                    self.of = Some(of).filter(|of| !of.is_empty());
                    self.add_field(field, below);
                }
                None if below.node.as_scalar().is_some() => {}
                None => {
                    if length > 0 {
                        path.push('.');
                    }
                    path.push_str(key);
                    self.add_values(path, below, depth + 1);
                    path.truncate(length);
                }
            }
        }
        for (index, item) in value.items().enumerate() {
            // Writing to a string does not fail.
            let _ = write!(path, "[{index}]");
            self.add_values(path, item, depth + 1);
            path.truncate(length);
        }
    }

    /// Adds the rules in a field of a pod, or of its `affinity`.
    fn add_field(&mut self, field: &str, value: View<'_>) {
        match field {
            "nodeName" => self.add("node", value.text().unwrap_or_default().to_owned(), value.mark()),
            "nodeSelector" => {
                for (label, text) in value.entries() {
                    if let Some(wanted) = text.text() {
                        self.add("node", format!("{label}={wanted}"), text.mark());
                    }
                }
            }
            "nodeAffinity" => self.add_node_affinity(value),
            "podAffinity" => self.add_pod_affinity("beside", value),
            "podAntiAffinity" => self.add_pod_affinity("apart", value),
            "tolerations" => {
                for toleration in value.items() {
                    if let Some(text) = tolerated(toleration) {
                        self.add("tolerates", text, first_mark(toleration));
                    }
                }
            }
            "topologySpreadConstraints" => {
                for constraint in value.items() {
                    let Some(key) = constraint.text_of("topologyKey") else {
                        continue;
                    };
                    let skew = constraint.text_of("maxSkew").unwrap_or("1");
                    let unmet = constraint.text_of("whenUnsatisfiable").unwrap_or("DoNotSchedule");
                    let text = format!("{key}, at most {skew} more than elsewhere ({unmet})");
                    self.add("spread", text, first_mark(constraint));
                }
            }
            _ => {}
        }
    }

    fn add_node_affinity(&mut self, affinity: View<'_>) {
        if let Some(required) = affinity.at(&[REQUIRED, "nodeSelectorTerms"]) {
            let terms = required.items().map(term);
            let terms: Vec<String> = terms.filter(|term| !term.is_empty()).collect();
            self.add("node", terms.join(" or "), first_mark(required));
        }
        for preferred in affinity.items_of(PREFERRED) {
            let mut text = preferred.get("preference").map(term).unwrap_or_default();
            if let Some(weight) = preferred.text_of("weight").filter(|_| !text.is_empty()) {
                text.push_str(&format!(" (weight {weight})"));
            }
            self.add("preferred", text, first_mark(preferred));
        }
    }

    fn add_pod_affinity(&mut self, how: &str, affinity: View<'_>) {
        for required in affinity.items_of(REQUIRED) {
            self.add(how, pods_of(required), first_mark(required));
        }
        for preferred in affinity.items_of(PREFERRED) {
            if let Some(pods) = preferred.get("podAffinityTerm").map(pods_of) {
                self.add(how, format!("{pods}, preferred"), first_mark(preferred));
            }
        }
    }

    fn add(&mut self, how: &str, text: String, mark: Mark) {
        if text.is_empty() || self.found.len() >= MOST {
            return;
        }
        let rule = NodeRule {
            how: how.to_owned(),
            text: redaction::without_credentials(&text).into_owned(),
            of: self.of.clone(),
            source: self.inventory.place(mark),
        };
        if !self.found.contains(&rule) {
            self.found.push(rule);
        }
    }
}

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// The mark of the first scalar in a value.
fn first_mark(view: View<'_>) -> Mark {
    let mark = view.mark();
    if mark.is_some() {
        return mark;
    }
    let first = view.entries().map(|(_, below)| below).chain(view.items()).next();
    first.map_or(mark, first_mark)
}

/// The expressions of a term of node affinity, all of which have to be true.
fn term(term: View<'_>) -> String {
    let lists = ["matchExpressions", "matchFields"].iter();
    let texts = lists.flat_map(|list| term.items_of(list)).filter_map(expression);
    texts.collect::<Vec<String>>().join(" and ")
}

/// One expression, such as `kubernetes.io/arch=arm64` or `no node-role.kubernetes.io/control-plane`.
fn expression(expression: View<'_>) -> Option<String> {
    let key = expression.text_of("key")?;
    let values: Vec<&str> = expression.texts_at(&["values"]).collect();
    Some(match (expression.text_of("operator")?, values.as_slice()) {
        ("In", [only]) => format!("{key}={only}"),
        ("In", some) => format!("{key} in {}", some.join(", ")),
        ("NotIn", [only]) => format!("{key} not {only}"),
        ("NotIn", some) => format!("{key} not in {}", some.join(", ")),
        ("Exists", _) => format!("{key} exists"),
        ("DoesNotExist", _) => format!("no {key}"),
        ("Gt", some) => format!("{key} > {}", some.join(", ")),
        ("Lt", some) => format!("{key} < {}", some.join(", ")),
        (other, some) => format!("{key} {other} {}", some.join(", ")),
    })
}

/// The pods that a term of pod affinity selects, and its topology.
fn pods_of(term: View<'_>) -> String {
    let labels = term.labels_at(&["labelSelector", "matchLabels"]);
    let labels = labels.map(|(key, value)| format!("{key}={value}"));
    let expressions = term.items_at(&["labelSelector", "matchExpressions"]);
    let pods: Vec<String> = labels.chain(expressions.filter_map(expression)).collect();
    match term.text_of("topologyKey") {
        Some(key) => format!("{} by {key}", pods.join(" and ")),
        None => pods.join(" and "),
    }
}

/// The taints of a toleration.
fn tolerated(toleration: View<'_>) -> Option<String> {
    let is_all = toleration.text_of("operator") == Some("Exists");
    let key = toleration.text_of("key").or(is_all.then_some("every taint"))?;
    let part = |field: &str, before: &str, after: &str| {
        let text = toleration.text_of(field);
        text.map(|text| format!("{before}{text}{after}"))
            .unwrap_or_default()
    };
    let (value, effect) = (part("value", "=", ""), part("effect", ":", ""));
    let seconds = part("tolerationSeconds", " for ", " s");
    Some(format!("{key}{value}{effect}{seconds}"))
}
