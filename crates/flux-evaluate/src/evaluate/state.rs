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
    /// What `key` applies and what controllers make of it. What fails has in the cluster what it applied before.
    pub(super) fn objects(&self, key: &Key) -> Option<Vec<&Applied>> {
        let output = self.outputs.get(key)?;
        let failing = match key {
            Key::Entry => self.remains.failing.get(&None),
            Key::Joined(_) => None,
            Key::Kustomization(id) => self.remains.failing.get(&Some(id.clone())),
        };
        let own = match (failing, &output.result) {
            (Some(failing), _) => &failing.objects[..],
            (None, Ok(objects)) => &objects.applied,
            (None, Err(_)) => &[],
        };
        let of_controllers = self.made.of(key).iter().chain(self.made.releases.of(key));
        Some(own.iter().chain(of_controllers).collect())
    }
}
