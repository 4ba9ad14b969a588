//! Lists of field specs.

use std::borrow::Cow;
use std::collections::HashMap;

use smol_str::SmolStr;

use crate::BuildError;
use crate::kustomization::FieldSpecEntry;

/// Field specs; borrowed from the table of defaults if nothing was added.
pub(crate) type Specs = Cow<'static, [FieldSpecEntry]>;

/// Appends the specs that are not known yet.
///
/// # Errors
/// If a known spec differs in `create`.
pub(crate) fn merge_specs(specs: &mut Specs, incoming: &[FieldSpecEntry]) -> Result<(), BuildError> {
    if specs.len() + incoming.len() < MIN_INDEXED {
        return incoming.iter().try_for_each(|spec| merge_spec(specs, spec));
    }
    let mut by_path: HashMap<SmolStr, Vec<usize>> = HashMap::new();
    for (index, spec) in specs.iter().enumerate() {
        by_path.entry(spec.path.clone()).or_default().push(index);
    }
    for spec in incoming {
        let same_path = by_path.entry(spec.path.clone()).or_default();
        let known = same_path
            .iter()
            .filter_map(|index| specs.get(*index))
            .find(|known| known.gvk.is_selected_by(&spec.gvk));
        if !is_known(known, spec)? {
            same_path.push(specs.len());
            specs.to_mut().push(spec.clone());
        }
    }
    Ok(())
}

/// [`merge_specs`] for a single spec.
pub(crate) fn merge_spec(specs: &mut Specs, spec: &FieldSpecEntry) -> Result<(), BuildError> {
    let known = specs
        .iter()
        .find(|known| known.path == spec.path && known.gvk.is_selected_by(&spec.gvk));
    if !is_known(known, spec)? {
        specs.to_mut().push(spec.clone());
    }
    Ok(())
}

/// Number of specs from which on an index by path is faster than a linear search.
const MIN_INDEXED: usize = 400;

fn is_known(known: Option<&FieldSpecEntry>, spec: &FieldSpecEntry) -> Result<bool, BuildError> {
    match known {
        Some(known) if known.create != spec.create => Err(BuildError::transformer("conflicting fieldspecs")),
        Some(_) => Ok(true),
        None => Ok(false),
    }
}
