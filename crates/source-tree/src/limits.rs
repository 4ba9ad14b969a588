//! Bounds that hostile input runs into.

/// Bounds for reading one repository. The defaults are far above any real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest file that is read, in bytes.
    pub file_bytes: u64,
    /// Deepest nesting of a YAML document.
    pub depth: usize,
    /// Most YAML nodes of one file after aliases are expanded.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file_bytes: 32 * 1024 * 1024,
            depth: 192,
            nodes: 4_000_000,
        }
    }
}
