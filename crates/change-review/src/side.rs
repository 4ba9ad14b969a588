//! One side of a change.

use flux_evaluate::Evaluation;
use infra_model::Infrastructure;

/// One side of a change: what Flux applies, and the model of it.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// What Flux applies.
    pub evaluation: &'a Evaluation,
    /// The model of it.
    pub infrastructure: &'a Infrastructure,
    /// For a remote cluster: what Flux applies to the hub, whose Kustomizations apply to it.
    pub hub: Option<&'a Evaluation>,
}

impl<'a> Side<'a> {
    /// The same side of the hub.
    pub(crate) fn of_hub(self) -> Option<Side<'a>> {
        Some(Side {
            evaluation: self.hub?,
            hub: None,
            ..self
        })
    }
}
