//! What the last round found.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::generated::Generated;
use super::key::Key;
use super::output::Output;
use crate::{Applied, Remains};

/// What the last round found.
#[derive(Default)]
pub(super) struct State {
    pub(super) outputs: BTreeMap<Key, Output>,
    pub(super) made: Generated,
    /// What goes on from before.
    pub(super) remains: Arc<Remains>,
    /// What the last round built again.
    pub(super) unsettled: Vec<Key>,
}

impl State {
    /// What `key` applies and what controllers make of it.
    pub(super) fn objects(&self, key: &Key) -> Option<Vec<&Applied>> {
        Some(self.own(key)?.iter().chain(self.of_controllers(key)).collect())
    }

    fn of_controllers(&self, key: &Key) -> impl Iterator<Item = &Applied> {
        self.made.of(key).iter().chain(self.made.releases.of(key))
    }

    /// What `key` applies. What fails has in the cluster what it applied before.
    pub(super) fn own(&self, key: &Key) -> Option<&[Applied]> {
        let output = self.outputs.get(key)?;
        Some(match (self.remains.failing_at(key), &output.result) {
            (Some(failing), _) => &failing.objects,
            (None, Ok(objects)) => &objects.applied,
            (None, Err(_)) => &[],
        })
    }

    /// What `key` applies, for the evaluation: without what is in the cluster and it does not apply.
    pub(super) fn applied(&self, key: &Key) -> Vec<Applied> {
        let Some(own) = self.own(key) else {
            return Vec::new();
        };
        // Where nothing is built, or what was applied before has them, they are not what it would apply.
        let is_built = self.outputs.get(key).is_some_and(|output| output.result.is_ok());
        let holds_bootstrapped = match key {
            Key::Entry | Key::Joined(_) => true,
            Key::Kustomization(_) => is_built && self.remains.failing_at(key).is_none(),
        };
        let made = self.of_controllers(key).filter(|object| {
            !self.remains.is_left(object) && (holds_bootstrapped || !self.made.is_bootstrapped(object))
        });
        own.iter().chain(made).cloned().collect()
    }
}
