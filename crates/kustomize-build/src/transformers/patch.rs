//! `patches`: a patch and its objects.
//!
//! Rules: <https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/internal/builtins/PatchTransformer.go>.

use source_tree::{Limits, Mark};
use yaml_node::Node;

use super::apply_patch;
use crate::json6902::{self, JsonPatch};
use crate::kustomization::{PatchEntry, Text};
use crate::load::{Loader, documents};
use crate::resource::Resource;
use crate::schema::Schema;
use crate::selector::Selector;
use crate::syntax::Syntax;
use crate::{BuildError, ResMap};

/// An entry of `patches` that is ready to run.
#[derive(Clone, Debug)]
pub(crate) struct PatchTransformer {
    patch: Patch,
    target: Option<Selector>,
    /// The name of the patch in messages.
    source: String,
    limits: Limits,
    syntax: Syntax,
    mark: Mark,
}

/// A parsed patch.
#[derive(Clone, Debug)]
pub(crate) enum Patch {
    /// One or more strategic merge patches.
    StrategicMerge(Vec<Resource>),
    Json(JsonPatch),
    /// A text without content.
    Nothing,
}

impl PatchTransformer {
    /// Parses a patch: as a strategic merge patch if it consists of resources, else as a JSON patch.
    ///
    /// # Errors
    /// [`BuildError::Patch`] if it is neither, or unless exactly one of `patch` and `path` is given.
    pub(crate) fn new(entry: &PatchEntry, loader: &Loader<'_>) -> Result<Self, BuildError> {
        let fail = |message: String| BuildError::patch(message).at(entry.mark);
        let inline = entry.patch.trim();
        let (patch, source) = match (inline.is_empty(), entry.path.is_empty()) {
            (true, true) => return Err(fail("must specify one of patch and path".into())),
            (false, false) => return Err(fail("patch and path can't be set at the same time".into())),
            (false, true) => (
                parse_inline(entry, inline, loader),
                format!("[patch: {:?}]", beginning(inline)),
            ),
            (true, false) => {
                let patch = parse_file(&entry.path, loader).map_err(|error| {
                    let context = format!("failed to get the patch file from path({})", &*entry.path);
                    error.context(context).at(entry.path.mark)
                })?;
                (patch, format!("[path: {:?}]", &*entry.path))
            }
        };
        let mut patch =
            patch.ok_or_else(|| fail(format!("unable to parse SM or JSON patch from {source}")))?;
        if let Patch::StrategicMerge(patches) = &mut patch {
            for patch in patches {
                if entry.allow_name_change {
                    patch.allow_name_change();
                }
                if entry.allow_kind_change {
                    patch.allow_kind_change();
                }
            }
        }
        Ok(PatchTransformer {
            patch,
            target: target(entry)?,
            source,
            limits: *loader.sources().limits(),
            syntax: loader.sources().syntax().clone(),
            mark: entry.mark,
        })
    }

    /// Splits it into transformers of one patch each.
    pub(crate) fn each(&self) -> Vec<Self> {
        match (&self.patch, &self.target) {
            (Patch::StrategicMerge(patches), None) => patches
                .iter()
                .map(|patch| PatchTransformer {
                    patch: Patch::StrategicMerge(vec![patch.clone()]),
                    ..self.clone()
                })
                .collect(),
            _ => vec![self.clone()],
        }
    }

    /// Patches the objects.
    ///
    /// # Errors
    /// [`BuildError::Patch`] if a strategic merge patch without a target matches no or several objects, a JSON patch
    /// has no target, or the patch does not fit.
    pub(crate) fn run(&self, map: &mut ResMap, schema: &mut Schema) -> Result<(), BuildError> {
        match (&self.patch, &self.target) {
            (Patch::Nothing, _) => Ok(()),
            (Patch::StrategicMerge(patches), None) => patches
                .iter()
                .try_for_each(|patch| merge_by_id(map, patch, schema)),
            (Patch::StrategicMerge(patches), Some(target)) => {
                let [patch] = patches.as_slice() else {
                    return Err(self.fail(format!(
                        "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set \
                         `patches.target` field: {}",
                        self.source
                    )));
                };
                let selected = target
                    .select(map)
                    .map_err(|error| error.context("unable to find patch target in `resources`"))?;
                map.note_target(self.mark, !selected.is_empty());
                apply_patch::merge_into_selected(map, &selected, patch, schema)
            }
            (Patch::Json(_), None) => {
                Err(self.fail(format!("must specify a target for JSON patch {}", self.source)))
            }
            (Patch::Json(patch), Some(target)) => {
                let selected = target.select(map)?;
                map.note_target(self.mark, !selected.is_empty());
                selected.into_iter().try_for_each(|index| {
                    apply_patch::spend_json(map, index, patch).map_err(|error| error.at(self.mark))?;
                    apply_patch::apply_json_at(
                        map,
                        index,
                        patch,
                        (&self.limits, &self.syntax),
                        Resource::store_previous_id,
                    )
                    .map_err(|error| error.at(self.mark))
                })
            }
        }
    }

    fn fail(&self, message: String) -> BuildError {
        BuildError::patch(message).at(self.mark)
    }
}

// The beginning of a patch, enough to recognise it. Values may be secrets, so those of Secrets and of operations are
// omitted.
fn beginning(text: &str) -> String {
    const MAX_CHARS: usize = 32;
    let line = text.lines().next().unwrap_or_default();
    let values = ["data", "stringData", "value"]
        .iter()
        .filter_map(|field| line.find(field));
    let shown = line.get(..values.min().unwrap_or(line.len())).unwrap_or_default();
    let mut beginning: String = shown.chars().take(MAX_CHARS).collect();
    if beginning.len() < text.len() {
        beginning.push('…');
    }
    beginning
}

/// Makes the selector of an entry's target.
///
/// # Errors
/// [`BuildError::Patch`] if a part of it is not a regular expression.
pub(super) fn target(entry: &PatchEntry) -> Result<Option<Selector>, BuildError> {
    entry.target.as_ref().map(Selector::new).transpose()
}

/// The start of an inline patch, after blank lines.
pub(super) fn inline_mark(entry: &PatchEntry) -> Mark {
    let text = entry.patch.value.as_str();
    let blank = text.len() - text.trim_start().len();
    let breaks = text.bytes().take(blank).filter(|byte| *byte == b'\n').count();
    let line = entry
        .patch_mark
        .line
        .saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
    Mark::new(entry.patch_mark.file, line)
}

fn parse_inline(entry: &PatchEntry, text: &str, loader: &Loader<'_>) -> Option<Patch> {
    let (mark, limits) = (inline_mark(entry), loader.sources().limits());
    loader.sources().inline_patch(text, mark, || {
        if let Ok(nodes) = documents::inline_resources(text, mark, limits, loader.sources().syntax()) {
            return Some(strategic_merge(&nodes, loader));
        }
        json(text, mark, limits)
    })
}

// Files are parsed as resources once per run, even if several kustomizations name them.
fn parse_file(path: &Text, loader: &Loader<'_>) -> Result<Option<Patch>, BuildError> {
    let (text, mark) = loader.text(path)?;
    if let Ok(nodes) = loader.sources().resources(&loader.file(path)?) {
        return Ok(Some(strategic_merge(&nodes, loader)));
    }
    Ok(json(&text, mark, loader.sources().limits()))
}

fn strategic_merge(nodes: &[Node], loader: &Loader<'_>) -> Patch {
    if nodes.is_empty() {
        return Patch::Nothing;
    }
    let patch = |node: &Node| Resource::new(loader.sources().syntax().patch(node.clone()));
    Patch::StrategicMerge(nodes.iter().map(patch).collect())
}

fn json(text: &str, mark: Mark, limits: &Limits) -> Option<Patch> {
    let patch = json6902::parse(text, mark, limits).ok()?;
    Some(patch.map_or(Patch::Nothing, Patch::Json))
}

fn merge_by_id(map: &mut ResMap, patch: &Resource, schema: &mut Schema) -> Result<(), BuildError> {
    let id = patch.original_id();
    let index = map.unique_by_any_id(&id).map_err(|error| {
        error
            .context(format!("no resource matches strategic merge patch \"{id}\""))
            .at(patch.origin.mark)
    })?;
    apply_patch::spend_merge(map, index, &patch.node).map_err(|error| error.at(patch.origin.mark))?;
    apply_patch::noting_removals(map, index, &patch.node, |map| {
        map.update(index, |resource| apply_patch::merge(resource, patch, schema))
    })
    .map(|_| ())
}
