//! Findings about the linked model: one file per code, or per code of one kind.

mod api_removed;
mod contested_owner;
mod dependencies;
mod key_missing;
mod namespace_missing;
mod orphan;
mod redacted;
mod reference_missing;
mod source_missing;
mod store_missing;
mod variable_unreplaced;

use rayon::prelude::*;
use source_tree::Diagnostic;

use crate::linker::Linker;

pub use orphan::orphans;

type Find = fn(&Linker<'_>) -> Vec<Diagnostic>;

/// What is wrong.
pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let all: [Find; 10] = [
        dependencies::find,
        reference_missing::find,
        source_missing::find,
        store_missing::find,
        namespace_missing::find,
        contested_owner::find,
        api_removed::find,
        redacted::find,
        key_missing::find,
        variable_unreplaced::find,
    ];
    all.par_iter().flat_map(|find| find(linker)).collect()
}
