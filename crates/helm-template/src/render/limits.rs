//! Bounds that a hostile chart runs into while it is rendered.

/// Bounds for rendering one chart with all its subcharts. The defaults are far above what the largest charts need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderLimits {
    /// What all templates together may do.
    pub templates: go_template::Limits,
    /// Subcharts that are used, one under several aliases once for each. 1,000 unless it is set.
    pub subcharts: usize,
    /// Default values of all charts that are used, counted as scalars, lists and maps. 2,000,000 unless it is set.
    pub default_values: usize,
    /// Documents that templates make. 20,000 unless it is set.
    pub manifests: usize,
    /// Bytes of all documents. 64 MiB unless it is set.
    pub manifest_bytes: usize,
    /// Scalars, lists and maps of documents that use anchors, aliases expanded. 4,000,000 unless it is set.
    pub manifest_nodes: usize,
}

impl Default for RenderLimits {
    fn default() -> Self {
        RenderLimits {
            templates: go_template::Limits::default(),
            subcharts: 1_000,
            default_values: 2_000_000,
            manifests: 20_000,
            manifest_bytes: 64 << 20,
            manifest_nodes: 4_000_000,
        }
    }
}
