//! Limits of the relations between objects of a cluster.

use source_tree::{Diagnostic, Mark, codes};

use crate::inventory::Inventory;
use crate::uses::{Use, User};

const HINT: &str =
    "this bound keeps the catalogs finite for any repository; `--limit links=NUMBER` raises it";

/// Leaves out uses over the bound, with a finding that names the first user.
pub(crate) fn bound_uses(uses: &mut Vec<Use>, inventory: &Inventory<'_>) -> Option<Diagnostic> {
    let limit = inventory.evaluation.sources.limits().links;
    let first = uses.get(limit)?;
    let user = match &first.user {
        User::Service(key) => format!("service {key}"),
        User::Object(object) => object.clone(),
    };
    let message = format!(
        "objects use others more than {limit} times; of the {} uses those of {user} and after are left out",
        uses.len()
    );
    let finding = Diagnostic::error(codes::LIMIT_REACHED, message).hint(HINT);
    let finding = finding.at(inventory.place(first.mark));
    uses.truncate(limit);
    Some(finding)
}

/// The number of workloads that Services may still select.
pub(crate) struct Selections {
    limit: usize,
    left: usize,
    /// The first Service over the bound, and the number of such Services.
    left_out: Option<(String, Mark, usize)>,
}

impl Selections {
    pub(crate) fn new(inventory: &Inventory<'_>) -> Self {
        let limit = inventory.evaluation.sources.limits().links;
        Selections {
            limit,
            left: limit,
            left_out: None,
        }
    }

    /// Counts the workloads that a Service selects; `false` if they are too many.
    pub(crate) fn take(&mut self, count: usize, service: impl FnOnce() -> (String, Mark)) -> bool {
        if let Some(left) = self.left.checked_sub(count) {
            self.left = left;
            return true;
        }
        match &mut self.left_out {
            Some((_, _, count)) => *count += 1,
            None => {
                let (service, mark) = service();
                self.left_out = Some((service, mark, 1));
            }
        }
        false
    }

    pub(crate) fn finding(&self, inventory: &Inventory<'_>) -> Option<Diagnostic> {
        let (service, mark, count) = self.left_out.as_ref()?;
        let message = format!(
            "Services select more than {} workloads together; {service} and {} others are taken to select none",
            self.limit,
            count - 1
        );
        let diagnostic = Diagnostic::error(codes::LIMIT_REACHED, message).hint(HINT);
        Some(diagnostic.at(inventory.place(*mark)).on(service.clone()))
    }
}
