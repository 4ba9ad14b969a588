//! The members of catalogs that have one entry a line, and what of an entry a term can mean.

macro_rules! sections {
    ($($section:ident,)*) => {
        /// A member of a catalog with one entry a line.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum Section {
            $($section,)*
        }

        impl Section {
            /// Every one, in the order of their declaration.
            pub(super) const ALL: [Section; [$(stringify!($section)),*].len()] = [$($section),*];
        }
    };
}

sections! {
    Services,
    ImageGroups,
    Kustomizations,
    HelmReleases,
    Sources,
    Diagnostics,
    SecretProviderClasses,
    ExternalSecrets,
    SecretStores,
    VaultSecrets,
    SealedSecrets,
    Secrets,
    References,
    ConfigMaps,
    VariableSources,
    Variables,
    Undefined,
}

use Section::*;

impl Section {
    /// What makes or reads Secrets.
    pub(super) const OF_SECRETS: [Section; 6] = [
        SecretProviderClasses,
        ExternalSecrets,
        VaultSecrets,
        SealedSecrets,
        Secrets,
        References,
    ];

    /// The members of a service by which a term means it or what it talks to.
    pub(super) const SERVICE_AND_OUTSIDE: &[&'static str] = &[
        "name",
        "namespace",
        "workload",
        "helmRelease",
        "aliases",
        "dns",
        "hosts",
        "images",
        "fluxPath",
        "source",
        "dependsOn",
    ];

    /// Its place in [`Section::ALL`].
    pub(super) fn index(self) -> usize {
        self as usize
    }

    /// The section that a member of a catalog is, or a member of its member.
    pub(super) fn named(outer: &[u8], inner: Option<&[u8]>) -> Option<Section> {
        Some(match (outer, inner) {
            (b"services", None) => Services,
            (b"imageGroups", None) => ImageGroups,
            (b"kustomizations", None) => Kustomizations,
            (b"helmReleases", None) => HelmReleases,
            (b"sources", None) => Sources,
            (b"diagnostics", None) => Diagnostics,
            (b"secretProviderClasses", None) => SecretProviderClasses,
            (b"externalSecrets", None) => ExternalSecrets,
            (b"secretStores", None) => SecretStores,
            (b"vaultSecrets", None) => VaultSecrets,
            (b"sealedSecrets", None) => SealedSecrets,
            (b"secrets", None) => Secrets,
            (b"references", None) => References,
            (b"configMaps", None) => ConfigMaps,
            (b"variableSubstitution", Some(b"sources")) => VariableSources,
            (b"variableSubstitution", Some(b"variables")) => Variables,
            (b"variableSubstitution", Some(b"undefined")) => Undefined,
            _ => return None,
        })
    }

    /// Whether entries have keys. Those of the others are no things that a term means.
    pub(super) fn has_keys(self) -> bool {
        !matches!(self, Diagnostics | VariableSources | Undefined)
    }

    /// The members of an entry by which a term means it or that say what kind of thing it is, but for `dependsOn` of
    /// services: what lies outside is in those.
    pub(super) fn meant_by(self) -> &'static [&'static str] {
        match self {
            Services => &[
                "name",
                "namespace",
                "workload",
                "helmRelease",
                "aliases",
                "dns",
                "hosts",
                "images",
                "fluxPath",
                "source",
            ],
            ImageGroups => &["file", "imageName", "source"],
            Kustomizations => &["name", "namespace", "path", "source"],
            HelmReleases => &["name", "namespace", "releaseName", "source"],
            Sources | Diagnostics | References | VariableSources | Variables | Undefined => {
                &["name", "namespace", "source"]
            }
            SecretProviderClasses => &["name", "namespace", "source", "secrets", "secretObjects"],
            ExternalSecrets => &["name", "namespace", "source", "target", "data", "dataFrom"],
            SecretStores => &["name", "namespace", "kind", "source"],
            VaultSecrets => &[
                "name",
                "namespace",
                "kind",
                "source",
                "destination",
                "mount",
                "path",
                "resolved",
            ],
            SealedSecrets => &["name", "namespace", "source", "target"],
            Secrets => &["name", "namespace", "source", "renderedName"],
            ConfigMaps => &["name", "namespace", "source", "sourceFile", "renderedName"],
        }
    }

    /// What stands in front of other names of an entry, as it is written: of its own, or of something in it.
    pub(super) fn names(self) -> &'static [&'static [u8]] {
        match self {
            Services => &[b"\"name\":\"", b"\"helmRelease\":\"", b"\"aliases\":["],
            ImageGroups => &[b"\"imageName\":\""],
            HelmReleases => &[b"\"name\":\"", b"\"releaseName\":\""],
            SecretProviderClasses => &[b"\"name\":\"", b"\"secretName\":\""],
            ExternalSecrets | SealedSecrets => &[b"\"name\":\"", b"\"target\":\""],
            VaultSecrets => &[b"\"name\":\"", b"\"destination\":\""],
            Secrets | ConfigMaps => &[b"\"name\":\"", b"\"renderedName\":\""],
            _ => &[b"\"name\":\""],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_own_place() {
        for (index, section) in Section::ALL.into_iter().enumerate() {
            assert_eq!(section.index(), index);
        }
    }
}
