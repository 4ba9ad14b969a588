//! Bounds for rendering hostile charts.

/// Bounds for rendering one chart with all its subcharts. The defaults are far above what the largest charts need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderLimits {
    /// Bounds for all templates together.
    pub templates: go_template::Limits,
    /// Subcharts, counted once per alias. 1,000 by default.
    pub subcharts: usize,
    /// Scalars, lists and maps in the default values of all subcharts. 2,000,000 by default.
    pub default_values: usize,
    /// Rendered documents. 20,000 by default.
    pub manifests: usize,
    /// Bytes of all documents. 64 MiB by default.
    pub manifest_bytes: usize,
    /// Scalars, lists and maps of documents that use anchors, with aliases expanded. 4,000,000 by default.
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
