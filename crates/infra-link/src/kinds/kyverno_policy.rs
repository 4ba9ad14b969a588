//! Policies of Kyverno that generate objects (<https://kyverno.io/docs/policy-types/cluster-policy/generate/>).

use yaml_node::Node;

use crate::inventory::{Inventory, Object};

/// API groups of the policies.
pub(crate) const GROUPS: [&str; 2] = ["kyverno.io", "policies.kyverno.io"];

/// What a policy may make. What is absent, or is a text with an expression, may be anything.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Generated {
    kind: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
}

impl Generated {
    /// Whether an object may be one of them.
    pub(crate) fn may_be(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let fits =
            |stated: &Option<String>, text: &str| stated.as_deref().is_none_or(|stated| stated == text);
        fits(&self.kind, kind) && fits(&self.namespace, namespace) && fits(&self.name, name)
    }
}

/// What the policies of a cluster may make.
pub(crate) fn generated(inventory: &Inventory<'_>) -> Vec<Generated> {
    let policies = inventory.objects.iter().filter(|object| is_policy(object));
    policies.flat_map(|policy| of_policy(policy.node())).collect()
}

/// Whether a policy makes objects.
pub(crate) fn generates(policy: &Node) -> bool {
    !of_policy(policy).is_empty()
}

fn is_policy(object: &Object<'_>) -> bool {
    GROUPS.contains(&object.group)
}

fn of_policy(policy: &Node) -> Vec<Generated> {
    let kind = policy.text_at(&["kind"]).unwrap_or_default();
    // Policies of the newer kinds say by an expression what they make.
    if kind.contains("Generat") {
        return vec![Generated {
            kind: None,
            namespace: None,
            name: None,
        }];
    }
    let rules = policy.at(&["spec", "rules"]).map_or(&[][..], Node::items);
    let generate = rules.iter().filter_map(|rule| rule.get("generate"));
    // `foreach` states several in the place of one.
    let statements = generate.flat_map(|generate| {
        let each = generate.get("foreach").map_or(&[][..], Node::items);
        each.iter().chain(each.is_empty().then_some(generate))
    });
    statements.flat_map(of_statement).collect()
}

fn of_statement(statement: &Node) -> Vec<Generated> {
    let namespace = known(statement.text_at(&["namespace"]));
    let Some(list) = statement.get("cloneList") else {
        return vec![Generated {
            kind: known(statement.text_at(&["kind"])),
            namespace,
            name: known(statement.text_at(&["name"])),
        }];
    };
    // Whatever has the labels is cloned, under its own name; kinds are stated as `v1/Secret`.
    let kinds = list.get("kinds").map_or(&[][..], Node::items);
    let kinds = kinds.iter().map(|kind| kind.text().unwrap_or_default());
    let made = kinds.map(|kind| Generated {
        kind: known(kind.rsplit('/').next()),
        namespace: namespace.clone(),
        name: None,
    });
    made.collect()
}

/// A text that stands for itself.
fn known(text: Option<&str>) -> Option<String> {
    let is_expression = |text: &&str| text.contains("{{") || text.contains("${") || text.contains(['*', '?']);
    text.filter(|text| !text.is_empty() && !is_expression(text))
        .map(str::to_owned)
}
