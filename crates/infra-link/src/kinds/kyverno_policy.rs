//! Objects that Kyverno policies generate (<https://kyverno.io/docs/policy-types/cluster-policy/generate/>).

use yaml_node::Node;

use crate::inventory::Inventory;

/// API groups of the policies.
pub(crate) const GROUPS: [&str; 2] = ["kyverno.io", "policies.kyverno.io"];

/// An object that a policy may make; a part that is absent or an expression may be anything.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Generated {
    kind: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
}

impl Generated {
    /// Whether an object may be this one.
    pub(crate) fn may_be(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let fits =
            |stated: &Option<String>, text: &str| stated.as_deref().is_none_or(|stated| stated == text);
        fits(&self.kind, kind) && fits(&self.namespace, namespace) && fits(&self.name, name)
    }
}

/// The objects that the policies of a cluster may make.
pub(crate) fn generated(inventory: &Inventory<'_>) -> Vec<Generated> {
    let objects = inventory.objects.iter();
    let policies = objects.filter(|object| GROUPS.contains(&object.group));
    policies.flat_map(|policy| of_policy(policy.node())).collect()
}

/// Whether a policy makes objects.
pub(crate) fn is_generating(policy: &Node) -> bool {
    !of_policy(policy).is_empty()
}

fn of_policy(policy: &Node) -> Vec<Generated> {
    let kind = policy.text_at(&["kind"]).unwrap_or_default();
    // Policies of the newer kinds generate by an expression.
    if kind.contains("Generat") {
        return vec![Generated::default()];
    }
    let rules = policy.at(&["spec", "rules"]).map_or(&[][..], Node::items);
    let generate = rules.iter().filter_map(|rule| rule.get("generate"));
    // `foreach` has several statements.
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
    // Objects with the labels are cloned under their own names; kinds are stated as `v1/Secret`.
    let kinds = list.get("kinds").map_or(&[][..], Node::items);
    let kinds = kinds.iter().map(|kind| kind.text().unwrap_or_default());
    let made = kinds.map(|kind| Generated {
        kind: known(kind.rsplit('/').next()),
        namespace: namespace.clone(),
        name: None,
    });
    made.collect()
}

/// A text without expressions and wildcards.
fn known(text: Option<&str>) -> Option<String> {
    let is_expression = |text: &&str| text.contains("{{") || text.contains("${") || text.contains(['*', '?']);
    text.filter(|text| !text.is_empty() && !is_expression(text))
        .map(str::to_owned)
}
