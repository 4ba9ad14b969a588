//! Bounds that a hostile chart runs into.

/// Bounds for loading one chart with all its subcharts. The defaults for sizes are Helm's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChartLimits {
    /// Bytes of all files together, unpacked. 100 MiB unless it is set.
    pub bytes: u64,
    /// Bytes of the largest file, unpacked. 5 MiB unless it is set.
    pub file_bytes: u64,
    /// Most files. 20,000 unless it is set.
    pub files: usize,
    /// Most dependencies that one `Chart.yaml` names. 1,000 unless it is set.
    pub dependencies: usize,
    /// How deep charts may lie in charts. 32 unless it is set.
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
    /// The words for a chart that is too large.
    pub(super) fn too_large(&self) -> String {
        format!(
            "decompressed chart is larger than the maximum size {}",
            self.bytes
        )
    }

    /// The words for a chart of too many files.
    pub(super) fn too_many(&self) -> String {
        format!("chart has more than {} files", self.files)
    }
}
