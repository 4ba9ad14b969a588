//! Bounds that a hostile chart runs into.

/// Bounds for loading one chart with all its subcharts. The sizes are Helm's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChartLimits {
    /// Bytes of all files together, unpacked.
    pub bytes: u64,
    /// Bytes of the largest file, unpacked.
    pub file_bytes: u64,
    /// Most files.
    pub files: usize,
    /// How deep charts may lie in charts.
    pub depth: usize,
}

impl Default for ChartLimits {
    fn default() -> Self {
        ChartLimits {
            bytes: 100 << 20,
            file_bytes: 5 << 20,
            files: 50_000,
            depth: 32,
        }
    }
}
