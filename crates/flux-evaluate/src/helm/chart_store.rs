//! The charts of one evaluation. Each is loaded once, and prepared as source-controller does.

use std::cell::OnceCell;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use foldhash::HashMap;
use helm_template::{ChartLimits, Error, Stage};
use kustomize_build::Sources;
use source_tree::{EntryKind, Limits, ObjectRef, RepoPath};

use super::dependencies::Dependencies;
use super::prepared_chart::{PreparedChart, Variant};
use super::reference::{ChartOrigin, ChartReference, ReferenceSources};
use crate::charts::{AtHand, ChartContent, ChartRequest, GivenChart, LazyChart, chart_limits};
use crate::{SourceContents, Unavailable};

/// The file that makes a folder a chart.
const CHART: &str = "Chart.yaml";

/// Why a release has no chart to render.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NoChart {
    Unavailable(Unavailable),
    /// It is not a valid chart, or has invalid values files.
    Broken(Error),
}

type Loaded = Arc<OnceLock<Result<LazyChart, NoChart>>>;

/// Charts by their origin.
pub(crate) struct ChartStore {
    contents: Arc<dyn SourceContents>,
    /// Whether credentials among default values are withheld.
    withholds: bool,
    limits: ChartLimits,
    loaded: Mutex<HashMap<(usize, Option<RepoPath>), Loaded>>,
    prepared: Mutex<HashMap<Variant, Arc<PreparedChart>>>,
    /// Keeps the sources alive whose addresses are keys of `loaded`.
    sources: Mutex<Vec<Arc<Sources>>>,
}

impl ChartStore {
    pub(crate) fn new(contents: Arc<dyn SourceContents>, withholds: bool, limits: &Limits) -> Self {
        ChartStore {
            contents,
            withholds,
            limits: chart_limits(limits),
            loaded: Mutex::default(),
            prepared: Mutex::default(),
            sources: Mutex::default(),
        }
    }

    /// The chart of a reference.
    pub(crate) fn get(
        &self,
        reference: &ChartReference<'_>,
        sources: &dyn ReferenceSources<'_>,
    ) -> Result<Arc<PreparedChart>, NoChart> {
        let found = OnceCell::new();
        let origin = || found.get_or_init(|| reference.origin(sources)).as_ref();
        let content = self.contents.chart(&ChartRequest {
            release: reference.release,
            helm_chart: reference.helm_chart.as_ref(),
            source: Some(&reference.source),
            spec: reference.source_spec,
            name: &reference.name,
            stated: &reference.stated,
            repository: None,
            version: reference.version.as_deref().or(reference.digest.as_deref()),
            is_at_hand: AtHand::when(&|| origin().is_some()),
        });
        match content {
            ChartContent::Known(given) => Ok(self.prepare(given, reference, None)),
            ChartContent::Broken(error) => Err(NoChart::Broken(error)),
            ChartContent::Unavailable(why) => {
                let origin = origin().ok_or(NoChart::Unavailable(why))?;
                let own = GivenChart {
                    chart: self.load(origin, reference.release)?,
                    is_wanted_version: true,
                    digest: None,
                };
                Ok(self.prepare(own, reference, Some(origin)))
            }
        }
    }

    fn load(&self, origin: &ChartOrigin, release: &ObjectRef) -> Result<LazyChart, NoChart> {
        let key = (Arc::as_ptr(&origin.sources).addr(), origin.path.clone());
        let cell = {
            let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(loaded.entry(key).or_default())
        };
        let loaded = cell.get_or_init(|| {
            let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
            sources.push(Arc::clone(&origin.sources));
            drop(sources);
            load(origin, &*self.contents, release, &self.limits)
        });
        loaded.clone()
    }

    /// The chart with the values and the version that Flux gives it.
    fn prepare(
        &self,
        given: GivenChart,
        reference: &ChartReference<'_>,
        origin: Option<&ChartOrigin>,
    ) -> Arc<PreparedChart> {
        let stated = reference.digest.as_deref().filter(|_| given.is_wanted_version);
        let digest = stated.or(given.digest.as_deref());
        let origin = origin.filter(|origin| origin.path.is_some());
        let variant = Variant {
            chart: given.chart.address(),
            digest: digest.map(str::to_owned),
            values_files: reference.values_files.clone(),
            ignore_missing_values_files: reference.ignore_missing_values_files,
            sources: origin.map(|origin| Arc::as_ptr(&origin.sources).addr()),
            path: origin.and_then(|origin| origin.path.clone()),
            is_wanted_version: given.is_wanted_version,
        };
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let prepared = prepared.entry(variant.clone()).or_insert_with(|| {
            let sources = origin.map(|origin| Arc::clone(&origin.sources));
            Arc::new(PreparedChart::new(given.chart, variant, sources, self.withholds))
        });
        Arc::clone(prepared)
    }
}

/// Loads the chart of a source: a folder, an archive, or the chart in an OCI artifact.
fn load(
    origin: &ChartOrigin,
    contents: &dyn SourceContents,
    release: &ObjectRef,
    limits: &ChartLimits,
) -> Result<LazyChart, NoChart> {
    let sources = &*origin.sources;
    let fail = |message: String| NoChart::Broken(Error::new(Stage::Load, message));
    let path = match &origin.path {
        Some(path) => path.clone(),
        None => packed(sources).map_err(fail)?,
    };
    match sources.tree().kind(&path) {
        Some(EntryKind::Directory) => {
            let mut dependencies = Dependencies {
                sources,
                contents,
                release,
                limits,
                loaded: 0,
                missing: None,
            };
            let chart = dependencies.load(&path, 0).map_err(NoChart::Broken)?;
            match dependencies.missing {
                None => Ok(Arc::new(chart).into()),
                Some((name, why)) => Err(NoChart::Unavailable(Unavailable {
                    why: format!("here, and the chart {name} that it depends on is {why}").into(),
                    ..why
                })),
            }
        }
        Some(EntryKind::File) => {
            let bytes = sources.bytes(&path).map_err(|error| fail(error.to_string()))?;
            Ok(LazyChart::packed(bytes, path.as_str(), *limits))
        }
        None => Err(fail(format!("no chart found at path '{path}' of its source"))),
    }
}

/// The path of the only chart in an artifact: its top, a folder there, as Helm packs one, or an archive.
fn packed(sources: &Sources) -> Result<RepoPath, String> {
    let tree = sources.tree();
    let is_chart = |folder: &RepoPath| tree.kind(&folder.join(CHART)) == Some(EntryKind::File);
    if is_chart(&RepoPath::root()) {
        return Ok(RepoPath::root());
    }
    let entries = tree.list(&RepoPath::root()).map_err(|error| error.to_string())?;
    let mut charts = entries
        .into_iter()
        .map(|(name, _)| RepoPath::new(&name))
        .filter(|path| is_chart(path) || path.as_str().ends_with(".tgz"));
    match (charts.next(), charts.next()) {
        (Some(only), None) => Ok(only),
        _ => Err("its source has not one folder with a Chart.yaml at the top".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileTable, MemoryTree};

    #[test]
    fn an_artifact_holds_one_chart() {
        let check = |files: &[(&str, &str)]| {
            let tree: MemoryTree = files.iter().copied().collect();
            let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
            packed(&sources).ok().map(|path| path.to_string())
        };
        assert_eq!(
            check(&[("web/Chart.yaml", ""), ("more/x", "")]).as_deref(),
            Some("web")
        );
        assert_eq!(check(&[("web-1.0.0.tgz", "")]).as_deref(), Some("web-1.0.0.tgz"));
        assert!(check(&[("Chart.yaml", "")]).is_some());
        assert_eq!(check(&[("a/Chart.yaml", ""), ("b/Chart.yaml", "")]), None);
    }
}
