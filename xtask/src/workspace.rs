//! Where the workspace and the material beside it stand.

use camino::{Utf8Path, Utf8PathBuf};

/// The top of the workspace.
pub(crate) fn root() -> Utf8PathBuf {
    let manifest = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// Where Cargo puts what it builds.
pub(crate) fn target() -> Utf8PathBuf {
    std::env::var("CARGO_TARGET_DIR").map_or_else(|_| root().join("target"), Utf8PathBuf::from)
}

/// The folder with conformance cases and real repositories, where there is one. A clone has none.
pub(crate) fn shared() -> Option<Utf8PathBuf> {
    let shared = root().join("../shared");
    shared.is_dir().then_some(shared)
}
