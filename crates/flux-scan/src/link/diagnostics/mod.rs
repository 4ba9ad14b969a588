//! The linked model turns into findings: one file per code, or per code of one kind.

mod api_removed;
mod contested_owner;
mod dependencies;
mod namespace_missing;
mod orphan;
mod redacted;
mod reference_missing;
mod source_missing;
mod store_missing;

use super::Linker;

pub use orphan::orphans;

/// Adds what is wrong.
pub(super) fn find(linker: &mut Linker<'_>) {
    dependencies::find(linker);
    reference_missing::find(linker);
    source_missing::find(linker);
    store_missing::find(linker);
    namespace_missing::find(linker);
    contested_owner::find(linker);
    api_removed::find(linker);
    redacted::find(linker);
}
