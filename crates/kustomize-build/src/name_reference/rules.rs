//! The fields that refer to objects by name, by the type of the referring object.

use std::borrow::Cow;
use std::sync::OnceLock;

use foldhash::HashMap;
use smol_str::SmolStr;

use crate::BuildError;
use crate::kustomization::FieldSpecEntry;
use crate::resource::Gvk;
use crate::specs::{Specs, merge_specs};

/// The fields that refer to objects of one type by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameReference {
    /// The type of the objects.
    pub(crate) target: Gvk,
    /// The fields that refer to them.
    pub(crate) referrers: Specs,
}

/// Name references in the order in which they apply, indexed by the kind of the referring object.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameReferences {
    list: Cow<'static, [NameReference]>,
    /// For each kind of referrer, indexes into `list` and into the specs there. Built on first use.
    by_kind: OnceLock<HashMap<SmolStr, Vec<(usize, usize)>>>,
}

impl NameReferences {
    /// From a static table.
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

    /// The fields of an object of this type that refer to others, with their target types. Specs without a kind apply
    /// to all kinds.
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

/// Merges the referrers of one target into `references`.
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
