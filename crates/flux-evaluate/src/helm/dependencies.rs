//! Dependencies of a chart in a folder, which source-controller packs into it.
//!
//! <https://github.com/fluxcd/source-controller/blob/v1.9.0/internal/helm/chart/dependency_manager.go>

use std::sync::Arc;

use helm_template::{Chart, ChartLimits, Error, Stage};
use kustomize_build::Sources;
use source_tree::{ObjectRef, RepoPath};

use crate::charts::{AtHand, ChartContent, ChartRequest};
use crate::{SourceContents, Unavailable};

/// Deepest nesting of charts.
const MAX_DEPTH: usize = 16;
/// Most charts that are packed into one.
const MAX_CHARTS: usize = 200;

/// A loader of charts with their dependencies.
pub(super) struct Dependencies<'a> {
    pub(super) sources: &'a Sources,
    pub(super) contents: &'a dyn SourceContents,
    pub(super) release: &'a ObjectRef,
    pub(super) limits: &'a ChartLimits,
    pub(super) loaded: usize,
    /// The first dependency that is not available here, and why. source-controller downloads it.
    pub(super) missing: Option<(String, Unavailable)>,
}

impl Dependencies<'_> {
    /// Loads the chart in a folder, with the dependencies in `Chart.yaml` that are not in its `charts` folder: those with
    /// `file://` addresses, and other ones that are available.
    pub(super) fn load(&mut self, folder: &RepoPath, depth: usize) -> Result<Chart, Error> {
        let tree = self.sources.tree();
        let mut chart = Chart::from_folder(tree, folder, folder.as_str(), self.limits)?;
        let stated = chart.metadata.dependencies.clone().unwrap_or_default();
        for dependency in stated {
            let mut packed = chart.dependencies.iter();
            if packed.any(|other| other.metadata.name == dependency.name) {
                continue;
            }
            self.loaded += 1;
            if depth >= MAX_DEPTH || self.loaded > MAX_CHARTS {
                let message =
                    format!("the charts that {folder} depends on are too many, or nested too deeply");
                return Err(Error::new(Stage::Load, message));
            }
            if let Some(path) = dependency.repository.strip_prefix("file://") {
                let local = self.load(&folder.join(path), depth + 1)?;
                chart.dependencies.push(Arc::new(local));
                continue;
            }
            let version = Some(dependency.version.as_str()).filter(|version| !version.is_empty());
            let found = self.contents.chart(&ChartRequest {
                release: self.release,
                helm_chart: None,
                source: None,
                spec: None,
                name: &dependency.name,
                stated: &dependency.name,
                repository: Some(&dependency.repository),
                version,
                is_at_hand: AtHand::default(),
            });
            match found {
                ChartContent::Known(given) if given.is_wanted_version => {
                    chart.dependencies.push(Arc::clone(given.chart.chart()?));
                }
                ChartContent::Unavailable(why) if !dependency.repository.is_empty() => {
                    self.missing.get_or_insert((dependency.name, why));
                }
                _ => {}
            }
        }
        // Helm reads the folder `charts` in the order of names.
        let dependencies = &mut chart.dependencies;
        dependencies.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
        Ok(chart)
    }
}
