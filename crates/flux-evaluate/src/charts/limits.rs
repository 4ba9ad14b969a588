//! Bounds of charts.

use helm_template::{ChartLimits, RenderLimits};
use source_tree::Limits;

/// Bounds for loading a chart.
pub fn chart_limits(limits: &Limits) -> ChartLimits {
    ChartLimits {
        bytes: limits.chart_bytes,
        file_bytes: limits.chart_file_bytes,
        files: limits.chart_files,
        ..ChartLimits::default()
    }
}

/// Bounds for rendering a chart.
pub fn render_limits(limits: &Limits) -> RenderLimits {
    let default = RenderLimits::default();
    RenderLimits {
        templates: go_template::Limits {
            steps: limits.chart_steps,
            total_bytes: limits.chart_text_bytes,
            ..default.templates
        },
        manifest_bytes: limits.chart_output_bytes,
        ..default
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_all_crates_agree() {
        let limits = Limits::default();
        assert_eq!(chart_limits(&limits), ChartLimits::default());
        assert_eq!(render_limits(&limits), RenderLimits::default());
    }
}
