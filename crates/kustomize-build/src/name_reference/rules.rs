//! Which fields refer to objects by name, found by the type of the object that refers.

use std::borrow::Cow;
use std::sync::OnceLock;

use foldhash::HashMap;
use smol_str::SmolStr;

use crate::BuildError;
use crate::kustomization::FieldSpecEntry;
use crate::resource::Gvk;
use crate::specs::{Specs, merge_specs};

/// Where objects of one type are referred to by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameReference {
    /// The objects referred to.
    pub(crate) target: Gvk,
    /// The fields that refer to them.
    pub(crate) referrers: Specs,
}

/// Name references in the order in which they apply, found by the kind of the object that refers.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameReferences {
    list: Cow<'static, [NameReference]>,
    /// By kind of referrer, the places of references in `list` and of specs in those. Made when first asked for.
    by_kind: OnceLock<HashMap<SmolStr, Vec<(usize, usize)>>>,
}

impl NameReferences {
    /// Those of a table.
    pub(crate) fn from_table(table: &'static [NameReference]) -> Self {
        NameReferences {
            list: table.into(),
            by_kind: OnceLock::new(),
        }
    }

    pub(crate) fn list(&self) -> &[NameReference] {
        &self.list
    }

    pub(crate) fn list_mut(&mut self) -> &mut Vec<NameReference> {
        self.by_kind.take();
        self.list.to_mut()
    }

    /// Which fields of an object of this type refer to which types. Specs without a kind are for every kind.
    pub(crate) fn for_referrer(&self, gvk: &Gvk) -> Vec<(&Gvk, &FieldSpecEntry)> {
        let by_kind = self.by_kind.get_or_init(|| {
            let mut by_kind: HashMap<SmolStr, Vec<_>> = HashMap::default();
            for (at, reference) in self.list.iter().enumerate() {
                for (spec_at, spec) in reference.referrers.iter().enumerate() {
                    by_kind
                        .entry(spec.gvk.kind.clone())
                        .or_default()
                        .push((at, spec_at));
                }
            }
            by_kind
        });
        let of_kind = |kind: &str| by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        let mut places: Vec<_> = of_kind(&gvk.kind).iter().chain(of_kind("")).collect();
        places.sort_unstable();
        places.dedup();
        places
            .into_iter()
            .filter_map(|&(at, spec_at)| {
                let reference = self.list.get(at)?;
                Some((&reference.target, reference.referrers.get(spec_at)?))
            })
            .filter(|(_, spec)| gvk.is_selected_by(&spec.gvk))
            .collect()
    }
}

impl PartialEq for NameReferences {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl Eq for NameReferences {}

/// Adds the referrers of one target to those known.
pub(crate) fn merge_reference(
    references: &mut NameReferences,
    incoming: &NameReference,
) -> Result<(), BuildError> {
    let mut found = false;
    let references = references.list_mut();
    for known in references
        .iter_mut()
        .filter(|known| known.target == incoming.target)
    {
        merge_specs(&mut known.referrers, &incoming.referrers)?;
        found = true;
    }
    if !found {
        references.push(incoming.clone());
    }
    Ok(())
}
