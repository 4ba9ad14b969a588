//! Field specs: which fields of which objects a transformer works on.

use std::borrow::Cow;

use crate::BuildError;
use crate::kustomization::FieldSpecEntry;

/// Field specs, those of a table where nothing was added.
pub(crate) type Specs = Cow<'static, [FieldSpecEntry]>;

/// Appends the specs that say something new.
///
/// # Errors
/// Where a known spec says otherwise about `create`.
pub(crate) fn merge_specs(specs: &mut Specs, incoming: &[FieldSpecEntry]) -> Result<(), BuildError> {
    incoming.iter().try_for_each(|spec| merge_spec(specs, spec))
}

/// As [`merge_specs`], for one.
pub(crate) fn merge_spec(specs: &mut Specs, spec: &FieldSpecEntry) -> Result<(), BuildError> {
    let known = specs
        .iter()
        .find(|known| known.path == spec.path && known.gvk.is_selected_by(&spec.gvk));
    match known {
        Some(known) if known.create != spec.create => Err(BuildError::transformer("conflicting fieldspecs")),
        Some(_) => Ok(()),
        None => {
            specs.to_mut().push(spec.clone());
            Ok(())
        }
    }
}
