//! On which nodes pods may run: selectors, affinities, tolerations and spread constraints of pods, and of the values of charts that
//! were not rendered (<https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/>).

use infra_model::pods::NodeRule;
use source_tree::Mark;
use yaml_node::Node;

use crate::any_case;
use crate::inventory::Inventory;
use crate::pod_spec::PodTemplate;
use crate::view::View;

/// So many rules of a service at most are kept.
const MOST: usize = 24;
/// Deepest value that is looked at.
const DEEPEST: usize = 16;

/// The rules of pods.
pub(crate) fn of_pods(inventory: &Inventory<'_>, pods: PodTemplate<'_>) -> Vec<NodeRule> {
    let mut rules = Rules::new(inventory);
    for (field, value) in pods.spec().into_iter().flat_map(View::entries) {
        match field {
            "affinity" => {
                for (kind, affinity) in value.entries() {
                    rules.field(kind, affinity);
                }
            }
            field => rules.field(field, value),
        }
    }
    rules.found
}

/// The rules that values of a chart state in the form of Kubernetes, wherever they stand.
pub(crate) fn of_values(inventory: &Inventory<'_>, values: &Node) -> Vec<NodeRule> {
    let mut rules = Rules::new(inventory);
    rules.values("", View::new(values, None, None), 0);
    rules.found
}

struct Rules<'i> {
    inventory: &'i Inventory<'i>,
    /// Where the values stand that are looked at.
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

    /// What a value states, or what is below it. Charts put words before the names of fields: `masterNodeSelector`.
    fn values(&mut self, path: &str, value: View<'_>, depth: usize) {
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
        for (key, below) in value.entries() {
            let own = match path {
                "" => key.to_owned(),
                path => format!("{path}.{key}"),
            };
            match FIELDS.iter().find(|field| any_case::ends_with(key, field)) {
                Some(field) => {
                    let above = path
                        .strip_suffix("affinity")
                        .unwrap_or(path)
                        .trim_end_matches('.');
                    let of = if key == *field { above } else { own.as_str() };
                    self.of = Some(of.to_owned()).filter(|of| !of.is_empty());
                    self.field(field, below);
                }
                None => self.values(&own, below, depth + 1),
            }
        }
        for (index, item) in value.items().enumerate() {
            self.values(&format!("{path}[{index}]"), item, depth + 1);
        }
    }

    /// What a field of a pod, or of its `affinity`, states.
    fn field(&mut self, field: &str, value: View<'_>) {
        match field {
            "nodeName" => self.add("node", value.text().unwrap_or_default().to_owned(), value.mark()),
            "nodeSelector" => {
                for (label, text) in value.entries() {
                    let mark = text.mark();
                    if let Some(text) = text.text() {
                        self.add("node", format!("{label}={text}"), mark);
                    }
                }
            }
            "nodeAffinity" => self.node_affinity(value),
            "podAffinity" => self.pod_affinity("beside", value),
            "podAntiAffinity" => self.pod_affinity("apart", value),
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

    fn node_affinity(&mut self, affinity: View<'_>) {
        if let Some(required) = affinity.at(&[REQUIRED, "nodeSelectorTerms"]) {
            let terms: Vec<String> = required.items().map(term).collect();
            let terms: Vec<String> = terms.into_iter().filter(|term| !term.is_empty()).collect();
            self.add("node", terms.join(" or "), first_mark(required));
        }
        for preferred in affinity.items_of(PREFERRED) {
            let text = preferred.get("preference").map(term).unwrap_or_default();
            if text.is_empty() {
                continue;
            }
            let weight = preferred
                .text_of("weight")
                .map(|weight| format!(" (weight {weight})"));
            self.add(
                "preferred",
                format!("{text}{}", weight.unwrap_or_default()),
                first_mark(preferred),
            );
        }
    }

    fn pod_affinity(&mut self, how: &str, affinity: View<'_>) {
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

/// The line of the first scalar in a value: where what it states begins.
fn first_mark(view: View<'_>) -> Mark {
    let mark = view.mark();
    if mark.is_some() {
        return mark;
    }
    let first = view.entries().map(|(_, below)| below).chain(view.items()).next();
    first.map_or(mark, first_mark)
}

/// What a term of node affinity asks for: all of its expressions.
fn term(term: View<'_>) -> String {
    let lists = ["matchExpressions", "matchFields"];
    let lists = lists.iter().filter_map(|list| term.get(list));
    let texts = lists.flat_map(View::items).filter_map(expression);
    texts.collect::<Vec<String>>().join(" and ")
}

/// One expression, such as `kubernetes.io/arch=arm64` or `no node-role.kubernetes.io/control-plane`.
fn expression(expression: View<'_>) -> Option<String> {
    let key = expression.text_of("key")?;
    let values = expression.items_of("values");
    let values: Vec<&str> = values.filter_map(View::text).collect();
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

/// The pods that a term of pod affinity is about, and within what.
fn pods_of(term: View<'_>) -> String {
    let selector = term.get("labelSelector");
    let labels = selector.and_then(|selector| selector.get("matchLabels"));
    let labels = labels.into_iter().flat_map(View::entries);
    let labels = labels.filter_map(|(key, value)| Some(format!("{key}={}", value.text()?)));
    let expressions = selector.and_then(|selector| selector.get("matchExpressions"));
    let expressions = expressions
        .into_iter()
        .flat_map(View::items)
        .filter_map(expression);
    let pods: Vec<String> = labels.chain(expressions).collect();
    match term.text_of("topologyKey") {
        Some(key) => format!("{} by {key}", pods.join(" and ")),
        None => pods.join(" and "),
    }
}

/// The taints that a toleration is for.
fn tolerated(toleration: View<'_>) -> Option<String> {
    let key = toleration.text_of("key");
    let value = toleration.text_of("value").map(|value| format!("={value}"));
    let effect = toleration.text_of("effect").map(|effect| format!(":{effect}"));
    let seconds = toleration.text_of("tolerationSeconds");
    let seconds = seconds.map(|seconds| format!(" for {seconds} s"));
    let is_all = toleration.text_of("operator") == Some("Exists");
    let key = match key {
        Some(key) => key,
        None if is_all => "every taint",
        None => return None,
    };
    Some(format!(
        "{key}{}{}{}",
        value.unwrap_or_default(),
        effect.unwrap_or_default(),
        seconds.unwrap_or_default()
    ))
}
