//! What the last round found.

use std::collections::BTreeMap;

use super::generated::Generated;
use super::key::Key;
use super::output::Output;
use crate::Applied;

/// What the last round found.
#[derive(Default)]
pub(super) struct State {
    pub(super) outputs: BTreeMap<Key, Output>,
    pub(super) made: Generated,
    /// What the last round built again.
    pub(super) unsettled: Vec<Key>,
}

impl State {
    /// What `key` applies and what controllers make of it.
    pub(super) fn objects(&self, key: &Key) -> Option<Vec<&Applied>> {
        let output = self.outputs.get(key)?;
        let own = output.result.as_ref().map_or(&[][..], |objects| &objects.applied);
        let of_controllers = self.made.of(key).iter().chain(self.made.releases.of(key));
        Some(own.iter().chain(of_controllers).collect())
    }
}
