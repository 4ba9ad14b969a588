//! Numbers of changes, restarts, deletions and dangers.

use crate::review::{Change, ClusterReview};

/// Numbers of a cluster's review.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects that are new.
    pub added: usize,
    /// Objects that differ, moved ones included.
    pub changed: usize,
    /// Objects that are gone.
    pub removed: usize,
    /// Workloads that restart.
    pub restarts: usize,
    /// Objects that Flux deletes.
    pub pruned: usize,
    /// Dangers.
    pub dangers: usize,
}

impl Counts {
    /// Of one cluster.
    pub fn of(cluster: &ClusterReview) -> Self {
        let count = |changes: &[Change]| {
            let objects = cluster.objects.iter();
            objects.filter(|object| changes.contains(&object.change)).count()
        };
        Counts {
            added: count(&[Change::Added]),
            changed: count(&[Change::Changed, Change::Moved]),
            removed: count(&[Change::Removed]),
            restarts: cluster.restarts.len(),
            pruned: cluster.deletions.iter().filter(|it| it.pruned).count(),
            dangers: cluster.dangers.len(),
        }
    }

    /// `2 objects changed, 1 added; 1 workload restarts; 3 dangers`, without zeros.
    pub fn text(&self) -> String {
        let mut objects = Vec::new();
        for (number, word) in [
            (self.changed, "changed"),
            (self.added, "added"),
            (self.removed, "removed"),
        ] {
            if number > 0 {
                objects.push(match objects.is_empty() {
                    true => format!("{} {word}", plural(number, "object")),
                    false => format!("{number} {word}"),
                });
            }
        }
        let mut parts = vec![match objects.is_empty() {
            true => "no object changes".to_owned(),
            false => objects.join(", "),
        }];
        match self.restarts {
            0 => {}
            1 => parts.push("1 workload restarts".to_owned()),
            many => parts.push(format!("{many} workloads restart")),
        }
        if self.pruned > 0 {
            parts.push(format!("{} deleted by Flux", plural(self.pruned, "object")));
        }
        if self.dangers > 0 {
            parts.push(plural(self.dangers, "danger"));
        }
        parts.join("; ")
    }
}

/// `1 object`, `2 objects`.
pub(crate) fn plural(number: usize, word: &str) -> String {
    match number {
        1 => format!("1 {word}"),
        many => format!("{many} {word}s"),
    }
}
