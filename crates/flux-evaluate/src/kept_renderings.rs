//! What charts have made, kept from one scan to the next.

use std::fmt;

/// Keeps what charts have made, under keys that change with everything that decides it: the files of the chart, the release,
/// its values, what the cluster is said to be. So a scan renders only what has changed since the last one.
///
/// Credentials are withheld before a template sees them; a scan that applies values as they are, keeps nothing.
pub trait KeptRenderings: Send + Sync {
    /// What is kept under a key.
    fn read(&self, key: &RenderingKey) -> Option<Vec<u8>>;

    /// Keeps something under a key. Where that fails it is made again by the next scan.
    fn write(&self, key: &RenderingKey, bytes: &[u8]);
}

/// A digest of everything that decides what is kept under it, except of the program itself.
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
