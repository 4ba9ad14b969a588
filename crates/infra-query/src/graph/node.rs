//! Nodes of the graph: entries, and names from outside of the repository.

use crate::subject::with_sections;
use crate::{Facts, Subject};

/// A node, by the key of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node<'a> {
    /// A service.
    Service(&'a str),
    /// A Flux Kustomization.
    Kustomization(&'a str),
    /// A HelmRelease.
    HelmRelease(&'a str),
    /// A source.
    Source(&'a str),
    /// A ConfigMap.
    ConfigMap(&'a str),
    /// A substitution variable.
    Variable(&'a str),
    /// The place that decides an image.
    ImageGroup(&'a str),
    /// A SecretStore or ClusterSecretStore.
    SecretStore(&'a str),
    /// A SecretProviderClass.
    SecretProviderClass(&'a str),
    /// An ExternalSecret or ClusterExternalSecret.
    ExternalSecret(&'a str),
    /// A VaultStaticSecret or another kind of the Vault operator and injector.
    VaultSecret(&'a str),
    /// A SealedSecret.
    SealedSecret(&'a str),
    /// A Secret in the repository.
    Secret(&'a str),
    /// A Secret that something reads.
    SecretReference(&'a str),
    /// An applied object of a kind without a section.
    Object(&'a str),
    /// A host or curated name outside of the repository.
    External(&'a str),
}

impl<'a> Node<'a> {
    /// The node of a user as entries write it: `Kustomization/<key>`, `HelmRelease/<key>`, or a source, whose key
    /// begins with its kind. `None` for other kinds.
    pub(super) fn of_user(text: &'a str) -> Option<Self> {
        match text.split_once('/')? {
            ("Kustomization", key) => Some(Node::Kustomization(key)),
            ("HelmRelease", key) => Some(Node::HelmRelease(key)),
            ("GitRepository" | "OCIRepository" | "HelmRepository" | "HelmChart" | "Bucket", _) => {
                Some(Node::Source(text))
            }
            _ => None,
        }
    }

    /// The subject with that key.
    pub fn subject(self, facts: &'a dyn Facts) -> Option<Subject<'a>> {
        macro_rules! subject {
            ($($kind:ident $section:ident),* $(,)?) => {
                match self {
                    $(Node::$kind(key) => {
                        let (key, entry) = facts.$section().get_key_value(key)?;
                        Some(Subject::$kind(key, entry))
                    })*
                    Node::External(name) => Some(Subject::External(name)),
                }
            };
        }
        with_sections!(subject)
    }

    /// The key.
    pub fn key(self) -> &'a str {
        macro_rules! key {
            ($($kind:ident $section:ident),* $(,)?) => {
                match self {
                    $(Node::$kind(key))|* | Node::External(key) => key,
                }
            };
        }
        with_sections!(key)
    }

    /// The kind, in the words of Kubernetes if all nodes of the variant have one kind.
    pub fn kind(self) -> &'static str {
        match self {
            Node::Service(_) => "service",
            Node::Kustomization(_) => "Kustomization",
            Node::HelmRelease(_) => "HelmRelease",
            Node::Source(_) => "source",
            Node::ConfigMap(_) => "ConfigMap",
            Node::Variable(_) => "variable",
            Node::ImageGroup(_) => "image group",
            Node::SecretStore(_) => "secret store",
            Node::SecretProviderClass(_) => "SecretProviderClass",
            Node::ExternalSecret(_) => "ExternalSecret",
            Node::VaultSecret(_) => "Vault secret",
            Node::SealedSecret(_) => "SealedSecret",
            Node::Secret(_) | Node::SecretReference(_) => "Secret",
            Node::Object(_) => "object",
            Node::External(_) => "external",
        }
    }
}

impl<'a> From<Subject<'a>> for Node<'a> {
    fn from(subject: Subject<'a>) -> Self {
        macro_rules! node {
            ($($kind:ident $section:ident),* $(,)?) => {
                match subject {
                    $(Subject::$kind(key, _) => Node::$kind(key),)*
                    Subject::External(name) => Node::External(name),
                }
            };
        }
        with_sections!(node)
    }
}
