//! Bounds for loading hostile charts.

/// Bounds for loading one chart with all its subcharts. The defaults for sizes are Helm's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChartLimits {
    /// Bytes of all files together, unpacked. 100 MiB by default.
    pub bytes: u64,
    /// Bytes of the largest file, unpacked. 5 MiB by default.
    pub file_bytes: u64,
    /// Number of files. 20,000 by default.
    pub files: usize,
    /// Dependencies in one `Chart.yaml`. 1,000 by default.
    pub dependencies: usize,
    /// Nesting of charts in charts. 32 by default.
    pub depth: usize,
}

impl Default for ChartLimits {
    fn default() -> Self {
        ChartLimits {
            bytes: 100 << 20,
            file_bytes: 5 << 20,
            files: 20_000,
            dependencies: 1_000,
            depth: 32,
        }
    }
}

impl ChartLimits {
    /// The message for a chart that is too large.
    pub(super) fn too_large(&self) -> String {
        format!(
            "decompressed chart is larger than the maximum size {}",
            self.bytes
        )
    }

    /// The message for a chart with too many files.
    pub(super) fn too_many(&self) -> String {
        format!("chart has more than {} files", self.files)
    }
}
