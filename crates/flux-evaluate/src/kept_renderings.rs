//! A cache of rendered charts.

use std::fmt;

/// Stores rendered charts from one scan to the next, so that a scan renders only what has changed. A key changes with
/// everything that influences the result: the files of the chart, the release, its values, the capabilities of the cluster.
///
/// Stored results contain no credentials: those are withheld from templates, or, in a scan with the values as applied, nothing
/// is stored.
pub trait KeptRenderings: Send + Sync {
    /// The bytes stored under a key.
    fn read(&self, key: &RenderingKey) -> Option<Vec<u8>>;

    /// Stores bytes under a key. If that fails, the next scan renders again.
    fn write(&self, key: &RenderingKey, bytes: &[u8]);
}

/// A digest of everything that influences a rendered chart, except the version of this program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RenderingKey(pub(crate) [u8; 32]);

impl From<[u8; 32]> for RenderingKey {
    fn from(digest: [u8; 32]) -> Self {
        RenderingKey(digest)
    }
}

impl fmt::Display for RenderingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RenderingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
