//! API versions that Flux no longer serves.

/// What became of an API version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovedVersion {
    /// Major and minor version of the first Flux without it.
    pub release: (u32, u32),
    /// The version that is served in its place.
    pub instead: &'static str,
}

const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io";
const HELM: &str = "helm.toolkit.fluxcd.io";
const SOURCE: &str = "source.toolkit.fluxcd.io";
const NOTIFICATION: &str = "notification.toolkit.fluxcd.io";
const IMAGE: &str = "image.toolkit.fluxcd.io";

/// Group, version, the minor version of Flux 2 without it, and what is served instead: the changelogs of its controllers, such
/// as <https://github.com/fluxcd/image-reflector-controller/blob/main/CHANGELOG.md>.
const REMOVED: &[(&str, &str, u32, &str)] = &[
    (KUSTOMIZE, "v1beta1", 7, "v1"),
    (KUSTOMIZE, "v1beta2", 8, "v1"),
    (HELM, "v2beta1", 7, "v2"),
    (HELM, "v2beta2", 8, "v2"),
    (SOURCE, "v1beta1", 7, "v1"),
    (SOURCE, "v1beta2", 8, "v1"),
    (NOTIFICATION, "v1beta1", 7, "v1beta3"),
    (NOTIFICATION, "v1beta2", 9, "v1beta3"),
    (IMAGE, "v1beta1", 7, "v1"),
    (IMAGE, "v1beta2", 9, "v1"),
];

/// What became of the API version of a kind, where a release of Flux has removed it.
pub fn removed_version(api_version: &str, kind: &str) -> Option<RemovedVersion> {
    let (group, version) = api_version.split_once('/')?;
    let (.., minor, instead) = REMOVED
        .iter()
        .find(|removed| (removed.0, removed.1) == (group, version))?;
    Some(RemovedVersion {
        release: (2, *minor),
        // Of its group only this kind has got so far.
        instead: if (group, kind) == (NOTIFICATION, "Receiver") {
            "v1"
        } else {
            instead
        },
    })
}
