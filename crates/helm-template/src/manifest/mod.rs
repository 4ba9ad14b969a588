//! Rendered files turn into manifests and hooks, sorted as Helm installs them.

mod head;
mod kind_order;
mod split;

pub use head::{HookEvent, ManifestHead};
pub(crate) use split::split_manifests;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Error, RenderLimits, Stage};

/// A document that a template made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Name of the template: `CHART/templates/FILE`.
    pub source: Arc<str>,
    /// Its text, as the template made it.
    pub content: String,
    /// What Helm reads of it.
    pub head: ManifestHead,
}

/// A document that Helm applies at events only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The document.
    pub manifest: Manifest,
    /// When it is applied.
    pub events: Vec<HookEvent>,
    /// Its place among the hooks of one event.
    pub weight: i64,
}

/// The manifests of rendered files, by kind, and the hooks among them.
///
/// A hook of an event that Helm does not know is left out, as Helm does.
///
/// # Errors
/// Helm's words where a document is no YAML, or no object.
pub(crate) fn sort_manifests(
    files: &BTreeMap<Arc<str>, String>,
    limits: &RenderLimits,
) -> Result<(Vec<Manifest>, Vec<Hook>), Error> {
    let (mut manifests, mut hooks) = (Vec::new(), Vec::new());
    let mut left = *limits;
    for (name, text) in files {
        if name.rsplit('/').next().is_some_and(|base| base.starts_with('_')) {
            continue;
        }
        for document in split_manifests(text) {
            let (head, nodes) = ManifestHead::read(document).map_err(|error| {
                Error::new(Stage::Manifest, format!("YAML parse error on {name}: {error}"))
            })?;
            charge(&mut left.manifests, 1, "documents", limits.manifests)?;
            charge(
                &mut left.manifest_bytes,
                document.len(),
                "bytes",
                limits.manifest_bytes,
            )?;
            charge(
                &mut left.manifest_nodes,
                nodes,
                "nodes behind aliases",
                limits.manifest_nodes,
            )?;
            let events = head.hook_events();
            let manifest = Manifest {
                source: Arc::clone(name),
                content: document.to_owned(),
                head,
            };
            match events {
                None => manifests.push(manifest),
                Some(Some(events)) => hooks.push(Hook {
                    weight: manifest.head.hook_weight(),
                    manifest,
                    events,
                }),
                Some(None) => {}
            }
        }
    }
    manifests.sort_by(|a, b| kind_order::compare(&a.head.kind, &b.head.kind));
    hooks.sort_by(|a, b| kind_order::compare(&a.manifest.head.kind, &b.manifest.head.kind));
    Ok((manifests, hooks))
}

fn charge(left: &mut usize, used: usize, what: &str, limit: usize) -> Result<(), Error> {
    *left = left.checked_sub(used).ok_or_else(|| {
        Error::new(
            Stage::Manifest,
            format!("the templates make more than {limit} {what} of manifests"),
        )
    })?;
    Ok(())
}
