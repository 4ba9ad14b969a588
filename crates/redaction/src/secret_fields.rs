//! Fields of objects whose values get into Secrets.

/// Whether the value at a path gets into a Secret, by the keys of the path: in templates of ExternalSecrets, PushSecrets, SealedSecrets
/// and the operators of Vault, and in stores whose values are in the manifest.
pub fn is_of_secret<'k>(keys: impl IntoIterator<Item = &'k str>) -> bool {
    let (mut template, mut data, mut fake) = (false, false, false);
    for key in keys {
        match key {
            "data" | "stringData" if template || fake => data = true,
            // `literal` of `templateFrom`.
            "text" | "literal" if template => data = true,
            "template" | "templates" => template = true,
            "fake" => fake = true,
            "stringData" | "encryptedData" => return true,
            // A template of pods, or of something else that is not a Secret.
            "spec" => template = false,
            "value" | "valueMap" if fake && data => return true,
            _ => {}
        }
    }
    data && !fake
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
