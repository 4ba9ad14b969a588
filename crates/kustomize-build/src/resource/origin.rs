//! Where a resource comes from.

use source_tree::Mark;

/// What made a resource.
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

/// Where a resource comes from, through all patches and overlays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// First line of the object, or of the entry that generates it.
    pub mark: Mark,
    /// What made it.
    pub kind: OriginKind,
}
