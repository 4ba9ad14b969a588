//! PodDisruptionBudgets of workloads.

use foldhash::{HashMap, HashMapExt};
use infra_model::pods::DisruptionBudget;

use crate::inventory::Inventory;
use crate::pod_spec::PodTemplate;
use crate::view::View;

/// The PodDisruptionBudgets of each namespace.
pub(crate) struct DisruptionBudgets<'a>(HashMap<&'a str, Vec<Budget<'a>>>);

struct Budget<'a> {
    labels: Vec<(&'a str, &'a str)>,
    budget: DisruptionBudget,
}

/// Most budgets of a namespace that are considered for a workload.
const MOST: usize = 1_000;

impl<'a> DisruptionBudgets<'a> {
    /// Collects the budgets of an inventory whose selectors have only labels.
    pub(crate) fn new(inventory: &Inventory<'a>) -> Self {
        let mut found: HashMap<&str, Vec<Budget<'_>>> = HashMap::new();
        for object in inventory.of("policy", "PodDisruptionBudget") {
            let view = inventory.view(object);
            let Some(selector) = view.at(&["spec", "selector"]) else {
                continue;
            };
            let labels: Vec<(&str, &str)> = selector.labels_at(&["matchLabels"]).collect();
            let of_namespace = found.entry(object.namespace).or_default();
            if labels.is_empty() || selector.get("matchExpressions").is_some() || of_namespace.len() == MOST {
                continue;
            }
            of_namespace.push(Budget {
                labels,
                budget: DisruptionBudget {
                    name: object.name.to_owned(),
                    min_available: quantity(view, "minAvailable"),
                    max_unavailable: quantity(view, "maxUnavailable"),
                },
            });
        }
        DisruptionBudgets(found)
    }

    /// The first that selects the pods of a workload.
    pub(crate) fn find(&self, namespace: &str, pods: PodTemplate<'_>) -> Option<DisruptionBudget> {
        let selects = |budget: &&Budget<'_>| {
            let mut labels = budget.labels.iter();
            labels.all(|(key, value)| pods.label(key) == Some(value))
        };
        let mut budgets = self.0.get(namespace)?.iter();
        budgets.find(selects).map(|found| found.budget.clone())
    }
}

/// A number or percentage as text.
fn quantity(view: View<'_>, field: &str) -> Option<String> {
    view.at(&["spec", field])?.text().map(str::to_owned)
}
