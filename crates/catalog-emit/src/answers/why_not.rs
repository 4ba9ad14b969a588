//! Objects that are not applied: `[{..., "because": [...]}]`, each an entry of `notApplied` in `flux-resources.json`.

use infra_model::NotApplied;
use infra_query::WhyNot;
use schemars::JsonSchema;
use serde::Serialize;

/// A thing that is not applied.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WhyNot")]
pub(super) struct WhyNotJson<'a> {
    #[serde(flatten)]
    entry: &'a NotApplied,
    /// Other objects that are not applied and explain it.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    because: &'a [NotApplied],
}

/// The things that a name means.
pub(super) fn entries(not_applied: &[WhyNot]) -> Vec<WhyNotJson<'_>> {
    const MOST: usize = 100;
    let entries = not_applied.iter().take(MOST);
    entries
        .map(|why| WhyNotJson {
            entry: &why.entry,
            because: &why.because,
        })
        .collect()
}
