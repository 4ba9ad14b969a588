//! API versions that Flux no longer serves.

/// An API version that a release of Flux has removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovedVersion {
    /// Major and minor version of the first Flux without it.
    pub release: (u32, u32),
    /// The version that Flux serves instead.
    pub instead: &'static str,
}

const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io";
const HELM: &str = "helm.toolkit.fluxcd.io";
const SOURCE: &str = "source.toolkit.fluxcd.io";
const NOTIFICATION: &str = "notification.toolkit.fluxcd.io";
const IMAGE: &str = "image.toolkit.fluxcd.io";

/// Group, version, the minor version of Flux 2 without it, and the version served instead, according to the changelogs of the
/// controllers, for example <https://github.com/fluxcd/image-reflector-controller/blob/main/CHANGELOG.md>.
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

/// The removal of an API version of a kind, if a release of Flux has removed it.
pub fn removed_version(api_version: &str, kind: &str) -> Option<RemovedVersion> {
    let (group, version) = api_version.split_once('/')?;
    let mut removed = REMOVED.iter();
    let (.., minor, instead) = removed.find(|removed| (removed.0, removed.1) == (group, version))?;
    Some(RemovedVersion {
        release: (2, *minor),
        instead: match (group, kind) {
            // The only kind of its group that has a v1.
            (NOTIFICATION, "Receiver") => "v1",
            _ => instead,
        },
    })
}
