//! Charts that the caller gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use source_tree::{Limits, ObjectRef, SourceTree};

use super::folder::ChartFolder;
use super::{ChartContent, ChartRequest, chart_limits};

/// Folders of charts, as by `--charts`, and the charts of single objects, as by `--chart`.
///
/// A folder identifies charts by name, not by their repository.
#[derive(Clone, Default)]
pub struct GivenCharts {
    limits: Limits,
    folders: Vec<Arc<ChartFolder>>,
    objects: BTreeMap<ObjectRef, Arc<ChartFolder>>,
}

impl GivenCharts {
    /// No charts yet, with other bounds than the default ones.
    pub fn with_limits(limits: Limits) -> Self {
        GivenCharts {
            limits,
            ..GivenCharts::default()
        }
    }

    /// Adds a folder of charts, packed or not, in any layout.
    pub fn add_folder(&mut self, tree: Arc<dyn SourceTree>) {
        self.folders
            .push(Arc::new(ChartFolder::new(tree, chart_limits(&self.limits))));
    }

    /// Sets the chart of a HelmRelease, HelmChart, OCIRepository, GitRepository, Bucket or ExternalArtifact, or the charts
    /// of a HelmRepository.
    pub fn insert(&mut self, id: ObjectRef, tree: Arc<dyn SourceTree>) {
        self.objects
            .insert(id, Arc::new(ChartFolder::new(tree, chart_limits(&self.limits))));
    }

    pub(crate) fn find(&self, request: &ChartRequest<'_>) -> ChartContent {
        let (name, version) = (request.name, request.version);
        let ids = [Some(request.release), request.helm_chart, request.source];
        // A dependency is not the chart of an object.
        let ids = ids.into_iter().flatten().filter(|_| request.source.is_some());
        let named = ids.filter_map(|id| Some((id, self.objects.get(id)?)));
        for (id, folder) in named {
            let found = match id.kind.as_str() {
                "HelmRepository" => folder.find(name, version),
                _ => folder.only(name, version),
            };
            if let Some(found) = found {
                return found;
            }
        }
        if !self.folders.is_empty() && !request.is_at_hand.get() {
            let found = self
                .folders
                .iter()
                .filter_map(|folder| folder.find(name, version));
            let found: Vec<ChartContent> = found.collect();
            let is_wanted = |content: &&ChartContent| matches!(content, ChartContent::Known(given) if given.is_wanted_version);
            if let Some(best) = found.iter().find(is_wanted).or(found.first()) {
                return best.clone();
            }
        }
        ChartContent::Unavailable("not available".into())
    }
}
