//! The origin of a resource.

use source_tree::Mark;

/// The kind of source of a resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OriginKind {
    /// A document of a file.
    #[default]
    File,
    /// A `configMapGenerator` entry.
    ConfigMapGenerator,
    /// A `secretGenerator` entry.
    SecretGenerator,
    /// A `generators` or `transformers` entry.
    Plugin,
}

/// The origin of a resource, which patches and overlays do not change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The first line of the object, or of the entry that generates it.
    pub mark: Mark,
    /// The kind of source.
    pub kind: OriginKind,
}
