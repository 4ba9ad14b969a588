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
        let of_controllers = self.made.of(key).iter().chain(self.made.releases.of(key));
        Some(self.own(key)?.iter().chain(of_controllers).collect())
    }

    /// What `key` applies. What fails has in the cluster what it applied before.
    pub(super) fn own(&self, key: &Key) -> Option<&[Applied]> {
        let output = self.outputs.get(key)?;
        let failing = match key {
            Key::Entry => self.remains.failing.get(&None),
            Key::Joined(_) => None,
            Key::Kustomization(id) => self.remains.failing.get(&Some(id.clone())),
        };
        Some(match (failing, &output.result) {
            (Some(failing), _) => &failing.objects,
            (None, Ok(objects)) => &objects.applied,
            (None, Err(_)) => &[],
        })
    }

    /// What `key` applies, for the evaluation: without what is in the cluster and it does not apply.
    pub(super) fn applied(&self, key: &Key) -> Vec<Applied> {
        let own = self.own(key).unwrap_or_default();
        let mut objects: Vec<Applied> = self
            .objects(key)
            .unwrap_or_default()
            .into_iter()
            .cloned()
            .collect();
        let made = objects.split_off(own.len());
        // Where nothing is built, or what was applied before has them, they are not what it would apply.
        let is_built = self.outputs.get(key).is_some_and(|output| output.result.is_ok());
        let is_failing =
            matches!(key, Key::Kustomization(id) if self.remains.failing.contains_key(&Some(id.clone())));
        let holds_bootstrapped = matches!(key, Key::Entry | Key::Joined(_)) || is_built && !is_failing;
        let made = made.into_iter().filter(|object| {
            !self.remains.is_left(object) && (holds_bootstrapped || !self.made.is_bootstrapped(object))
        });
        objects.extend(made);
        objects
    }
}
