//! The charts of one evaluation, each loaded once and prepared as source-controller hands it over.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use foldhash::HashMap;
use helm_template::{Chart, ChartLimits, Error, Stage};
use kustomize_build::Sources;
use masterminds_semver::Version;
use source_tree::{EntryKind, Limits, ObjectRef, RepoPath};
use yaml_node::Node;

use super::dependencies::Dependencies;
use super::fingerprint::Fingerprint;
use super::reference::{ChartOrigin, ChartReference};
use super::{values_files, withhold};
use crate::charts::{ChartContent, ChartRequest, GivenChart, chart_limits};
use crate::{RenderingKey, SourceContents, Unavailable};

/// The file that makes a folder a chart.
const CHART: &str = "Chart.yaml";
/// Hexadecimal digits of a digest in a version.
const DIGEST_DIGITS: usize = 12;

/// A chart as a release is rendered with it.
#[derive(Debug)]
pub(crate) struct PreparedChart {
    pub(crate) chart: Arc<Chart>,
    /// Its default values where a file of the repository states them, with the lines.
    pub(crate) values: Option<Node>,
    /// Its folder or archive in the repository.
    pub(crate) path: Option<RepoPath>,
    /// Whether its version is one that was asked for.
    pub(crate) is_wanted_version: bool,
    fingerprint: OnceLock<RenderingKey>,
}

impl PreparedChart {
    /// A digest of all that it makes releases of.
    pub(super) fn fingerprint(&self) -> &[u8] {
        let key = self.fingerprint.get_or_init(|| {
            let mut fingerprint = Fingerprint::default();
            fingerprint.chart(&self.chart);
            fingerprint.fields(&self.is_wanted_version);
            fingerprint.key()
        });
        &key.0
    }
}

/// Why a release has no chart to be rendered with.
#[derive(Clone, Debug)]
pub(crate) enum NoChart {
    /// It cannot be had, and why.
    Unavailable(Unavailable),
    /// It is no chart, or its values files are none.
    Broken(Error),
}

type Loaded = Arc<OnceLock<Result<Arc<Chart>, NoChart>>>;
type Kept = (Arc<Chart>, Option<Arc<Sources>>);
type Prepared = Arc<OnceLock<Result<Arc<PreparedChart>, Error>>>;

/// What charts of one load differ in.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Variant {
    /// Address of the chart, which the prepared one keeps alive.
    chart: usize,
    version: Option<String>,
    values_files: Vec<String>,
    ignore_missing_values_files: bool,
    /// Address of the files that the paths of values files start in.
    sources: Option<usize>,
    path: Option<RepoPath>,
    is_wanted_version: bool,
}

/// Charts by where they are from.
pub(crate) struct ChartStore {
    contents: Arc<dyn SourceContents>,
    /// Whether credentials among default values are withheld.
    withholds: bool,
    limits: ChartLimits,
    loaded: Mutex<HashMap<(usize, Option<RepoPath>), Loaded>>,
    prepared: Mutex<HashMap<Variant, Prepared>>,
    /// What addresses in keys belong to.
    kept: Mutex<Vec<Kept>>,
}

impl ChartStore {
    pub(crate) fn new(contents: Arc<dyn SourceContents>, withholds: bool, limits: &Limits) -> Self {
        ChartStore {
            contents,
            withholds,
            limits: chart_limits(limits),
            loaded: Mutex::default(),
            prepared: Mutex::default(),
            kept: Mutex::default(),
        }
    }

    /// The chart that a reference leads to.
    pub(crate) fn get(&self, reference: &ChartReference<'_>) -> Result<Arc<PreparedChart>, NoChart> {
        let content = self.contents.chart(&ChartRequest {
            release: reference.release,
            helm_chart: reference.helm_chart.as_ref(),
            source: Some(&reference.source),
            spec: reference.source_spec,
            name: &reference.name,
            stated: &reference.stated,
            repository: None,
            version: reference.version.as_deref().or(reference.digest.as_deref()),
            is_at_hand: reference.origin.is_some(),
        });
        match (content, &reference.origin) {
            (ChartContent::Known(given), _) => self.prepare(&given, reference, None),
            (ChartContent::Broken(error), _) => Err(NoChart::Broken(error)),
            (ChartContent::Unavailable(_), Some(origin)) => {
                let chart = self.load(origin, reference.release)?;
                let own = GivenChart {
                    chart,
                    is_wanted_version: true,
                    digest: None,
                };
                self.prepare(&own, reference, Some(origin))
            }
            (ChartContent::Unavailable(why), None) => Err(NoChart::Unavailable(why)),
        }
    }

    fn load(&self, origin: &ChartOrigin, release: &ObjectRef) -> Result<Arc<Chart>, NoChart> {
        let key = (Arc::as_ptr(&origin.sources).addr(), origin.path.clone());
        let cell = {
            let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(loaded.entry(key).or_default())
        };
        let loaded = cell.get_or_init(|| {
            let chart = load(origin, &*self.contents, release, &self.limits)?;
            let chart = Arc::new(chart);
            self.keep(&chart, Some(&origin.sources));
            Ok(chart)
        });
        loaded.clone()
    }

    fn keep(&self, chart: &Arc<Chart>, sources: Option<&Arc<Sources>>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push((Arc::clone(chart), sources.cloned()));
    }

    /// Gives a chart the values and the version that Flux gives it.
    fn prepare(
        &self,
        given: &GivenChart,
        reference: &ChartReference<'_>,
        origin: Option<&ChartOrigin>,
    ) -> Result<Arc<PreparedChart>, NoChart> {
        let GivenChart {
            chart,
            is_wanted_version,
            digest,
        } = given;
        let is_wanted_version = *is_wanted_version;
        let digest = reference
            .digest
            .as_deref()
            .filter(|_| is_wanted_version)
            .or(digest.as_deref());
        let in_repository = origin.and_then(|origin| Some((&origin.sources, origin.path.as_ref()?)));
        let variant = Variant {
            chart: Arc::as_ptr(chart).addr(),
            version: digest.and_then(|digest| with_digest(&chart.metadata.version, digest)),
            values_files: reference.values_files.clone(),
            ignore_missing_values_files: reference.ignore_missing_values_files,
            sources: in_repository.map(|(sources, _)| Arc::as_ptr(sources).addr()),
            path: in_repository.map(|(_, path)| path.clone()),
            is_wanted_version,
        };
        let cell = {
            let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(prepared.entry(variant.clone()).or_default())
        };
        let prepared = cell.get_or_init(|| {
            self.keep(chart, in_repository.map(|(sources, _)| sources));
            self.prepared(chart, variant, in_repository.map(|(sources, _)| &**sources))
        });
        prepared.clone().map_err(NoChart::Broken)
    }

    fn prepared(
        &self,
        chart: &Arc<Chart>,
        variant: Variant,
        sources: Option<&Sources>,
    ) -> Result<Arc<PreparedChart>, Error> {
        let values = match (variant.values_files.as_slice(), sources, &variant.path) {
            ([], Some(sources), Some(path)) => {
                let file = path.join("values.yaml");
                let stated = values_files::in_files(sources, &file);
                stated
                    .and_then(Result::ok)
                    .unwrap_or_else(|| chart.values.clone())
            }
            ([], ..) => chart.values.clone(),
            (files, ..) => values_files::merged(chart, files, variant.ignore_missing_values_files, sources)?,
        };
        let mut defaults = values.clone();
        if self.withholds {
            withhold::in_node(&mut defaults);
        }
        let mut prepared = Arc::clone(chart);
        if defaults != chart.values {
            prepared = Arc::new(prepared.with_values(defaults));
        }
        if let Some(version) = variant.version {
            prepared = Arc::new(prepared.with_version(version));
        }
        Ok(Arc::new(PreparedChart {
            chart: prepared,
            values: sources.is_some().then_some(values),
            path: variant.path,
            is_wanted_version: variant.is_wanted_version,
            fingerprint: OnceLock::new(),
        }))
    }
}

/// Loads the chart of a source: a folder, an archive, or what the source itself is.
fn load(
    origin: &ChartOrigin,
    contents: &dyn SourceContents,
    release: &ObjectRef,
    limits: &ChartLimits,
) -> Result<Chart, NoChart> {
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
                None => Ok(chart),
                Some((name, why)) => Err(NoChart::Unavailable(Unavailable {
                    why: format!("here, and the chart {name} that it depends on is {why}").into(),
                    ..why
                })),
            }
        }
        Some(EntryKind::File) => {
            let bytes = sources.bytes(&path).map_err(|error| fail(error.to_string()))?;
            Chart::from_archive(&bytes, path.as_str(), limits).map_err(NoChart::Broken)
        }
        None => Err(fail(format!("no chart found at path '{path}' of its source"))),
    }
}

/// The one chart in an artifact: its top, a folder there, as Helm packs one, or an archive.
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

/// A version with the start of a digest behind `+`, so that Flux notices when a tag moves.
fn with_digest(version: &str, digest: &str) -> Option<String> {
    let digits = digest.split_once(':').map_or(digest, |(_, digits)| digits);
    let version = Version::parse(version).ok()?;
    let version = version.with_metadata(digits.get(..DIGEST_DIGITS)?).ok()?;
    Some(version.to_string())
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

    #[test]
    fn a_digest_becomes_part_of_the_version() {
        assert_eq!(
            with_digest("v4.1.1", "sha256:0123456789abcdef").as_deref(),
            Some("4.1.1+0123456789ab")
        );
        assert_eq!(with_digest("main", "sha256:0123456789abcdef"), None);
    }
}
