//! The codes of diagnostics. Each has a section in `docs/diagnostics.md`.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $text;)*
        /// Every code, sorted.
        pub const ALL: &[&str] = &[$($text),*];
    };
}

codes! {
    /// An API version that Flux has removed.
    API_REMOVED = "api-removed";
    /// A cluster's bootstrap Kustomization builds the folder of another cluster.
    BOOTSTRAP_ELSEWHERE = "bootstrap-elsewhere";
    /// A Kustomization could not be built.
    BUILD_FAILED = "build-failed";
    /// The chart of a HelmRelease could not be rendered.
    CHART_UNRENDERED = "chart-unrendered";
    /// A chart was rendered in a version other than the stated one.
    CHART_VERSION = "chart-version";
    /// Two Kustomizations emit one object.
    CONTESTED_OWNER = "contested-owner";
    /// A reference to another namespace, which the controllers refuse by their flags.
    CROSS_NAMESPACE_BLOCKED = "cross-namespace-blocked";
    /// A SOPS-encrypted file is applied without decryption.
    DECRYPTION_MISSING = "decryption-missing";
    /// `dependsOn` in a circle.
    DEPENDENCY_CYCLE = "dependency-cycle";
    /// `dependsOn` names nothing.
    DEPENDENCY_MISSING = "dependency-missing";
    /// A folder is taken for a cluster entry though nothing in the repository says so.
    ENTRY_ASSUMED = "entry-assumed";
    /// A deprecated field of a kustomization file.
    FIELD_DEPRECATED = "field-deprecated";
    /// A field of an object that Flux reads has the wrong type.
    FIELD_INVALID = "field-invalid";
    /// A field of a kustomization file that kustomize does not know.
    FIELD_UNKNOWN = "field-unknown";
    /// A health check names an object that nothing applies.
    HEALTH_CHECK_MISSING = "health-check-missing";
    /// A ConfigMap or Secret is made without a key that is needed.
    KEY_MISSING = "key-missing";
    /// The knowledge file cannot be used as written.
    KNOWLEDGE_INVALID = "knowledge-invalid";
    /// The knowledge file names something the scan did not find.
    KNOWLEDGE_STALE = "knowledge-stale";
    /// A limit of the evaluation was reached.
    LIMIT_REACHED = "limit-reached";
    /// A namespaced object without a namespace.
    NAMESPACE_MISSING = "namespace-missing";
    /// A Flux object in a file that nothing applies.
    ORPHAN = "orphan";
    /// A patch with a target that selects nothing.
    PATCH_UNMATCHED = "patch-unmatched";
    /// `spec.path` does not exist.
    PATH_MISSING = "path-missing";
    /// `spec.path` holds variables whose values are not in the repository.
    PATH_UNKNOWN = "path-unknown";
    /// An object that opts out of reconciliation.
    RECONCILE_DISABLED = "reconcile-disabled";
    /// A literal credential was withheld.
    REDACTED = "redacted";
    /// A workload needs an object that nothing makes.
    REFERENCE_MISSING = "reference-missing";
    /// Something remote would have to be fetched.
    REMOTE_UNRESOLVED = "remote-unresolved";
    /// Part of a ResourceSet is beyond offline evaluation.
    RESOURCE_SET_UNRESOLVED = "resource-set-unresolved";
    /// Substitution turns a text into another type.
    RETYPED_VALUE = "retyped-value";
    /// A schema of a chart that is too large to be checked.
    SCHEMA_UNCHECKED = "schema-unchecked";
    /// A Secret in plain text in the repository.
    SECRET_IN_PLAIN_TEXT = "secret-in-plain-text";
    /// A source is taken for this repository, or for a folder of it, though nothing says so.
    SOURCE_ASSUMED = "source-assumed";
    /// A source whose URL its controller refuses.
    SOURCE_INVALID = "source-invalid";
    /// A source that nothing declares.
    SOURCE_MISSING = "source-missing";
    /// The lock file names content that the cache lacks.
    SOURCE_NOT_CACHED = "source-not-cached";
    /// A source whose content is not available offline.
    SOURCE_UNRESOLVED = "source-unresolved";
    /// An ExternalSecret reads a store that nothing makes.
    STORE_MISSING = "store-missing";
    /// A source of variables does not exist and is not optional.
    SUBSTITUTE_FROM_MISSING = "substitute-from-missing";
    /// The values of a source of variables are not in the repository.
    SUBSTITUTE_FROM_UNKNOWN = "substitute-from-unknown";
    /// Substitution failed.
    SUBSTITUTION_FAILED = "substitution-failed";
    /// A value of a HelmRelease that its chart does not read.
    VALUE_UNUSED = "value-unused";
    /// A path of a kustomization file holds a variable.
    VARIABLE_IN_PATH = "variable-in-path";
    /// A variable that nothing defines.
    VARIABLE_UNDEFINED = "variable-undefined";
    /// A variable is applied unreplaced in a place where the API server refuses it.
    VARIABLE_UNREPLACED = "variable-unreplaced";
    /// A file that is not valid YAML.
    YAML_INVALID = "yaml-invalid";
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(super::ALL.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
