//! Rendered files turn into manifests and hooks, sorted as Helm installs them.

mod head;
mod kind_order;
mod split;

pub use head::{HookEvent, ManifestHead};
pub(crate) use split::split_manifests;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Error, RenderLimits, Stage};

/// A document of a rendered template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Name of the template: `CHART/templates/FILE`.
    pub source: Arc<str>,
    /// Its text as rendered.
    pub content: String,
    /// The fields that Helm reads.
    pub head: ManifestHead,
}

/// A document that Helm applies only at certain events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The document.
    pub manifest: Manifest,
    /// The events.
    pub events: Vec<HookEvent>,
    /// Its order among the hooks of one event.
    pub weight: i64,
}

/// Splits rendered files into manifests and hooks, each sorted by kind.
///
/// A hook with an event that Helm does not know is dropped, as in Helm.
///
/// # Errors
/// Helm's message if a document is not YAML, or not an object.
pub(crate) fn sort_manifests(
    files: &BTreeMap<Arc<str>, String>,
    limits: &RenderLimits,
) -> Result<(Vec<Manifest>, Vec<Hook>), Error> {
    let (mut manifests, mut hooks) = (Vec::new(), Vec::new());
    let mut left = *limits;
    for (name, text) in files {
        if is_partial(name) {
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

/// Whether a template only defines others, by the name of its file.
pub(crate) fn is_partial(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|base| base.starts_with('_'))
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
