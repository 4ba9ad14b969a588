//! The chart that a HelmRelease references.

use std::sync::Arc;

use kustomize_build::Sources;
use source_tree::{ObjectRef, RepoPath};
use yaml_node::Node;

use crate::flux::{ChartSpec, HelmRelease, Source};

/// The chart that a HelmRelease references, with the facts of its source.
pub(crate) struct ChartReference<'a> {
    pub(crate) release: &'a ObjectRef,
    /// The HelmChart object in `spec.chartRef`.
    pub(crate) helm_chart: Option<ObjectRef>,
    pub(crate) source: ObjectRef,
    /// The `spec` of the source as applied.
    pub(crate) source_spec: Option<&'a Node>,
    /// The chart's name; empty if it is unknown.
    pub(crate) name: String,
    /// `spec.chart`; empty if the source is the chart.
    pub(crate) stated: String,
    /// Version or range.
    pub(crate) version: Option<String>,
    /// The digest that an OCIRepository sets: it becomes part of the chart's version.
    pub(crate) digest: Option<String>,
    pub(crate) values_files: Vec<String>,
    pub(crate) ignore_missing_values_files: bool,
    /// The source whose files contain the chart, and its path there; no path for a source that is the chart itself.
    files: Option<(ObjectRef, Option<RepoPath>)>,
}

/// The files of a source that contain a chart.
#[derive(Clone)]
pub(crate) struct ChartOrigin {
    pub(crate) sources: Arc<Sources>,
    /// The chart's folder or archive; `None` if the source is the chart itself.
    pub(crate) path: Option<RepoPath>,
}

/// Access to the sources of an evaluation.
pub(crate) trait ReferenceSources<'a> {
    /// A source, and its object as applied.
    fn source(&self, id: &ObjectRef) -> Option<(&'a Source, &'a Node)>;
    /// The files of a source.
    fn files(&self, id: &ObjectRef) -> Option<Arc<Sources>>;
}

impl<'a> ChartReference<'a> {
    /// The chart of a release; `None` if it references none, or a HelmChart that nothing defines.
    pub(crate) fn new(release: &'a HelmRelease, sources: &dyn ReferenceSources<'a>) -> Option<Self> {
        if let Some(spec) = &release.chart {
            return Self::from_spec(&release.id, None, spec, sources);
        }
        let id = &release.chart_ref.as_ref()?.id;
        if id.kind == "HelmChart" {
            let (_, chart) = sources.source(id)?;
            let spec = ChartSpec::of_helm_chart(chart)?;
            return Self::from_spec(&release.id, Some(id.clone()), &spec, sources);
        }
        let stated = sources.source(id);
        let source = stated.map(|(source, _)| source);
        let name = source.and_then(|source| last_part(source.url.as_deref()?));
        let reference = source.map(|source| &source.reference);
        let version = reference.and_then(|reference| match &reference.digest {
            Some(_) => reference.tag.clone(),
            None => reference.semver.clone().or_else(|| reference.tag.clone()),
        });
        Some(ChartReference {
            release: &release.id,
            helm_chart: None,
            source: id.clone(),
            source_spec: stated.and_then(|(_, node)| node.get("spec")),
            name: name.unwrap_or_default().to_owned(),
            stated: String::new(),
            version,
            digest: reference.and_then(|reference| reference.digest.clone()),
            values_files: Vec::new(),
            ignore_missing_values_files: false,
            files: Some((id.clone(), None)),
        })
    }

    /// The files that contain the chart, if they are available.
    pub(crate) fn origin(&self, sources: &dyn ReferenceSources<'_>) -> Option<ChartOrigin> {
        let (source, path) = self.files.as_ref()?;
        Some(ChartOrigin {
            sources: sources.files(source)?,
            path: path.clone(),
        })
    }

    fn from_spec(
        release: &'a ObjectRef,
        helm_chart: Option<ObjectRef>,
        spec: &ChartSpec,
        sources: &dyn ReferenceSources<'a>,
    ) -> Option<Self> {
        let id = spec.source.as_ref()?.id.clone();
        let chart = spec.chart.clone()?;
        let is_of_files = matches!(id.kind.as_str(), "GitRepository" | "Bucket");
        Some(ChartReference {
            release,
            helm_chart,
            source_spec: sources.source(&id).and_then(|(_, node)| node.get("spec")),
            name: last_part(&chart).unwrap_or_default().to_owned(),
            // Flux ignores the version of a chart in a GitRepository or Bucket.
            version: spec.version.clone().filter(|_| !is_of_files),
            digest: None,
            values_files: spec.values_files.clone(),
            ignore_missing_values_files: spec.ignore_missing_values_files,
            files: is_of_files.then(|| (id.clone(), Some(RepoPath::new(&chart)))),
            stated: chart,
            source: id,
        })
    }
}

fn last_part(path: &str) -> Option<&str> {
    let part = path.trim_end_matches('/').rsplit('/').next();
    part.filter(|part| !part.is_empty())
}
