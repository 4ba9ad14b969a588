//! The results of the last round.

use std::collections::BTreeMap;
use std::sync::Arc;

use source_tree::{Diagnostic, FileTable};

use super::generated::Generated;
use super::key::Key;
use super::output::Output;
use super::reach::Emitted;
use super::typed_objects::TypedObjects;
use super::views::Views;
use crate::{Applied, Remains};

/// The results of the last round.
#[derive(Default)]
pub(super) struct State {
    pub(super) outputs: BTreeMap<Key, Output>,
    pub(super) generated: Generated,
    /// Objects that stay in the cluster from before.
    pub(super) remains: Arc<Remains>,
    /// The keys that the last round built again.
    pub(super) unsettled: Vec<Key>,
}

impl State {
    /// The objects that `key` applies, and those that controllers make from them.
    pub(super) fn objects(&self, key: &Key) -> Option<Vec<&Applied>> {
        Some(self.own(key)?.iter().chain(self.generated(key)).collect())
    }

    /// The Kustomizations among [`State::objects`], as far as they were read already. The others are all objects that may be
    /// Kustomizations.
    pub(super) fn emitted(&self, key: &Key) -> Option<Vec<Emitted<'_>>> {
        let unread = |object| Emitted { object, read: None };
        let generated = self.generated(key).map(unread);
        Some(match self.viewed(key) {
            Some((objects, views)) => {
                let own = views.kustomizations(objects).map(|(object, view)| Emitted {
                    object,
                    read: Some(view),
                });
                own.chain(generated).collect()
            }
            None => self.own(key)?.iter().map(unread).chain(generated).collect(),
        })
    }

    /// Adds the typed views of [`State::objects`].
    pub(super) fn add_typed<'s>(
        &'s self,
        key: &Key,
        typed: &mut TypedObjects<'s>,
        files: &FileTable,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        match self.viewed(key) {
            Some((objects, views)) => {
                for (object, view) in views.others(objects) {
                    typed.add_view(key, object, view, diagnostics);
                }
            }
            None => typed.add(key, self.own(key).unwrap_or_default(), files, diagnostics),
        }
        typed.add(key, self.generated(key), files, diagnostics);
    }

    /// The objects that `key` applies itself, with their views; `None` if it fails.
    fn viewed(&self, key: &Key) -> Option<(&[Applied], &Views)> {
        let output = self
            .outputs
            .get(key)
            .filter(|_| self.remains.failing_at(key).is_none())?;
        let objects = output.result.as_ref().ok()?;
        Some((&objects.applied, &output.views))
    }

    fn generated(&self, key: &Key) -> impl Iterator<Item = &Applied> {
        let releases = self.generated.releases.objects(key);
        self.generated.objects(key).iter().chain(releases)
    }

    /// The objects that `key` applies itself. One that fails has those in the cluster that it applied before.
    fn own(&self, key: &Key) -> Option<&[Applied]> {
        let output = self.outputs.get(key)?;
        Some(match (self.remains.failing_at(key), &output.result) {
            (Some(failing), _) => &failing.objects,
            (None, Ok(objects)) => &objects.applied,
            (None, Err(_)) => &[],
        })
    }

    /// [`State::objects`] without those that are in the cluster though `key` does not apply them.
    pub(super) fn applied(&self, key: &Key) -> Vec<Applied> {
        let Some(own) = self.own(key) else {
            return Vec::new();
        };
        // A Kustomization that fails would not apply the bootstrapped objects.
        let is_built = self.outputs.get(key).is_some_and(|output| output.result.is_ok());
        let holds_bootstrapped =
            key.kustomization().is_none() || (is_built && self.remains.failing_at(key).is_none());
        let generated = self.generated(key).filter(|object| {
            !self.remains.is_left(object) && (holds_bootstrapped || !self.generated.is_bootstrapped(object))
        });
        own.iter().chain(generated).cloned().collect()
    }
}
