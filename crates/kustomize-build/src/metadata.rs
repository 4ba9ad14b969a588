//! Labels and annotations for every resource of a text, set as by a program that calls kustomize's transformers.
//!
//! Flux's controllers label the objects that they apply in this way:
//! [helm-controller](https://github.com/fluxcd/helm-controller/blob/v1.6.4/internal/postrender/transformer.go).

use smol_str::SmolStr;
use source_tree::{FileId, Limits, Mark};

use crate::kustomization::{FieldSpecEntry, Text, TextMap};
use crate::load::documents;
use crate::syntax::Syntax;
use crate::transformers::set_pairs;
use crate::{Build, BuildError, ResMap, Resource};

/// Reads the resources of a text as kustomize does, and sets labels and annotations in the `metadata` of each, over
/// existing ones. Other fields and the order stay the same.
///
/// ```
/// use source_tree::{FileId, Limits};
///
/// let text = b"kind: A\napiVersion: v1\nmetadata: {name: a}\n";
/// let build = kustomize_build::set_metadata(text, FileId::NONE, &Limits::default(), &[("team", "x")], &[])?;
/// assert_eq!(build.to_yaml()?, "apiVersion: v1\nkind: A\nmetadata:\n  labels:\n    team: x\n  name: a\n");
/// # Ok::<(), kustomize_build::BuildError>(())
/// ```
///
/// # Errors
/// [`BuildError`] if kustomize would refuse the text: if it is not YAML, not a resource, or has two resources with one
/// id.
pub fn set_metadata(
    text: &[u8],
    file: FileId,
    limits: &Limits,
    labels: &[(&str, &str)],
    annotations: &[(&str, &str)],
) -> Result<Build, BuildError> {
    let mut map = ResMap::new();
    for node in documents::resources(text, file, limits, &Syntax::default())? {
        map.append(Resource::new(node))?;
    }
    for (pairs, path) in [(labels, "metadata/labels"), (annotations, "metadata/annotations")] {
        let spec = FieldSpecEntry {
            path: path.into(),
            create: true,
            ..FieldSpecEntry::default()
        };
        set_pairs(&mut map, &text_map(pairs), &[spec])?;
    }
    Ok(Build {
        resources: map.into_resources(),
        ..Build::default()
    })
}

fn text_map(pairs: &[(&str, &str)]) -> TextMap {
    let mut pairs: TextMap = pairs
        .iter()
        .map(|(key, value)| (SmolStr::from(*key), Text::new(*value, Mark::NONE)))
        .collect();
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    pairs
}
