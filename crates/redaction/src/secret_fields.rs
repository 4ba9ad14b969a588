//! Fields of objects whose values get into Secrets.

/// A path in an object, of which only counts whether the values there get into a Secret: in templates of ExternalSecrets, PushSecrets,
/// SealedSecrets and the operators of Vault, and in stores whose values are in the manifest.
#[derive(Clone, Copy, Debug, Default)]
pub struct SecretPath {
    template: bool,
    data: bool,
    fake: bool,
    decided: bool,
}

impl SecretPath {
    /// The path to the value under a key.
    #[must_use]
    pub fn then(mut self, key: &str) -> Self {
        match key {
            "data" | "stringData" if self.template || self.fake => self.data = true,
            // `literal` of `templateFrom`.
            "text" | "literal" if self.template => self.data = true,
            "template" | "templates" => self.template = true,
            "fake" => self.fake = true,
            "stringData" | "encryptedData" => self.decided = true,
            // A template of pods, or of something else that is not a Secret.
            "spec" => self.template = false,
            "value" | "valueMap" if self.fake && self.data => self.decided = true,
            _ => {}
        }
        self
    }

    /// Whether the value gets into a Secret.
    pub fn is_of_secret(self) -> bool {
        self.decided || self.data && !self.fake
    }
}

/// Whether the value at a path gets into a Secret, by the keys of the path.
pub fn is_of_secret<'k>(keys: impl IntoIterator<Item = &'k str>) -> bool {
    let path = keys.into_iter().fold(SecretPath::default(), SecretPath::then);
    path.is_of_secret()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_of_secrets_are_told_from_others() {
        for (path, expected) in [
            ("spec.target.template.data.a", true),
            ("spec.template.stringData.a", true),
            ("spec.destination.transformation.templates.a.text", true),
            ("spec.provider.fake.data.value", true),
            ("spec.provider.fake.data.valueMap", true),
            ("spec.provider.fake.data.valueMap.a", true),
            ("spec.provider.fake.data.key", false),
            ("spec.target.template.templateFrom.literal", true),
            ("spec.target.template.templateFrom.configMap.name", false),
            ("spec.generate.stringData.a", true),
            ("spec.target.template.metadata.labels.a", false),
            ("spec.template.spec.containers.image", false),
            ("spec.template.spec.volumes.data", false),
            ("spec.data.remoteRef.key", false),
            ("data.a", false),
        ] {
            assert_eq!(is_of_secret(path.split('.')), expected, "{path}");
        }
    }
}
