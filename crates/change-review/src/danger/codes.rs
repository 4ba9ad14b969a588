//! The codes of dangers. Each has a section in `docs/diagnostics.md`.

/// A Kustomization, or the chart of a HelmRelease, that fails after the change.
pub const BUILD_FAILS: &str = "change-build-fails";
/// An error that the change brings.
pub const ERROR: &str = "change-error";
/// A change that Flux holds back: its owner is suspended, or the object is marked so.
pub const HELD_BACK: &str = "change-held-back";
/// An image, or a chart, that moves to `latest` or to an older version.
pub const IMAGE: &str = "change-image";
/// A field that the API server refuses to change.
pub const IMMUTABLE: &str = "change-immutable";
/// A Kustomization that gets another path, source or cluster.
pub const PATH: &str = "change-path";
/// Pods that get rights over their node.
pub const PRIVILEGES: &str = "change-privileges";
/// Something that is deleted with all that it holds.
pub const PRUNE: &str = "change-prune";
/// Roles that allow more.
pub const RBAC: &str = "change-rbac";
/// A Kustomization with another name.
pub const RENAMED: &str = "change-renamed";
/// Something suspended that runs again.
pub const RESUMED: &str = "change-resumed";
/// A volume that shrinks.
pub const STORAGE: &str = "change-storage";
/// Objects that go to another namespace.
pub const TARGET_NAMESPACE: &str = "change-target-namespace";
/// Something that others still use, and that is deleted.
pub const STILL_USED: &str = "change-still-used";
/// A variable that nothing defines any more.
pub const UNDEFINED: &str = "change-undefined";

/// Every code, sorted.
pub const ALL: &[&str] = &[
    BUILD_FAILS,
    ERROR,
    HELD_BACK,
    IMAGE,
    IMMUTABLE,
    PATH,
    PRIVILEGES,
    PRUNE,
    RBAC,
    RENAMED,
    RESUMED,
    STILL_USED,
    STORAGE,
    TARGET_NAMESPACE,
    UNDEFINED,
];
