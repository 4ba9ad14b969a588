//! The charts of one evaluation, each loaded once and prepared as source-controller hands it over.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use foldhash::HashMap;
use helm_template::{Chart, ChartLimits, Crd, Error, Stage};
use kustomize_build::Sources;
use masterminds_semver::Version;
use source_tree::{EntryKind, Limits, ObjectRef, RepoPath};
use yaml_node::Node;

use super::dependencies::Dependencies;
use super::fingerprint::Fingerprint;
use super::reference::{ChartOrigin, ChartReference};
use super::{values_files, withhold};
use crate::charts::{ChartContent, ChartRequest, GivenChart, LazyChart, chart_limits};
use crate::{RenderingKey, SourceContents, Unavailable};

/// The file that makes a folder a chart.
const CHART: &str = "Chart.yaml";
/// Hexadecimal digits of a digest in a version.
const DIGEST_DIGITS: usize = 12;

/// A chart as a release is rendered with it, unpacked by the first that needs its files.
pub(crate) struct PreparedChart {
    given: LazyChart,
    variant: Variant,
    /// The files that the paths of values files start in.
    sources: Option<Arc<Sources>>,
    withholds: bool,
    prepared: OnceLock<Result<Prepared, Error>>,
    fingerprint: OnceLock<Result<RenderingKey, Error>>,
}

/// A chart with the default values and the version that Flux gives it.
struct Prepared {
    chart: Arc<Chart>,
    /// The default values as they are stated.
    values: Node,
}

impl PreparedChart {
    /// The chart, which is unpacked for it.
    ///
    /// # Errors
    /// Where it is no chart, or its values files are none.
    pub(crate) fn chart(&self) -> Result<&Arc<Chart>, Error> {
        Ok(&self.prepared()?.chart)
    }

    /// Its default values where a file of the repository states them, with the lines.
    pub(crate) fn stated_values(&self) -> Option<Node> {
        self.sources.as_ref()?;
        Some(self.prepared().ok()?.values.clone())
    }

    /// Its folder or archive in the repository.
    pub(crate) fn path(&self) -> Option<&RepoPath> {
        self.variant.path.as_ref()
    }

    /// Whether its version is one that was asked for.
    pub(crate) fn is_wanted_version(&self) -> bool {
        self.variant.is_wanted_version
    }

    /// The documents of one of its `crds`.
    pub(super) fn crd_documents(&self, crd: &Crd, limits: &Limits) -> Arc<[Node]> {
        self.given.crd_documents(crd, limits)
    }

    /// A digest of all that it makes releases of.
    ///
    /// # Errors
    /// As [`PreparedChart::chart`].
    pub(super) fn fingerprint(&self) -> Result<RenderingKey, Error> {
        let digest = || {
            let mut fingerprint = Fingerprint::default();
            match self.given.digest().filter(|_| self.sources.is_none()) {
                Some(digest) => {
                    let Variant {
                        digest: of_artifact,
                        values_files,
                        ignore_missing_values_files,
                        ..
                    } = &self.variant;
                    fingerprint.bytes(digest);
                    fingerprint.fields(&(of_artifact, values_files, ignore_missing_values_files));
                    fingerprint.fields(&self.withholds);
                }
                None => fingerprint.chart(self.chart()?),
            }
            fingerprint.fields(&self.is_wanted_version());
            Ok(fingerprint.key())
        };
        self.fingerprint.get_or_init(digest).clone()
    }

    fn prepared(&self) -> Result<&Prepared, Error> {
        let prepared = self.prepared.get_or_init(|| self.prepare());
        prepared.as_ref().map_err(Clone::clone)
    }

    fn prepare(&self) -> Result<Prepared, Error> {
        let chart = self.given.chart()?;
        let variant = &self.variant;
        let sources = self.sources.as_deref();
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
        let digest = variant.digest.as_deref();
        if let Some(version) = digest.and_then(|digest| with_digest(&chart.metadata.version, digest)) {
            prepared = Arc::new(prepared.with_version(version));
        }
        Ok(Prepared {
            chart: prepared,
            values,
        })
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

type Loaded = Arc<OnceLock<Result<LazyChart, NoChart>>>;

/// What charts of one load differ in.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Variant {
    /// Address of the chart, which the prepared one keeps alive.
    chart: usize,
    /// What becomes part of the version.
    digest: Option<String>,
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
    prepared: Mutex<HashMap<Variant, Arc<PreparedChart>>>,
    /// What addresses in the keys of `loaded` belong to.
    kept: Mutex<Vec<Arc<Sources>>>,
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
            (ChartContent::Known(given), _) => Ok(self.prepare(given, reference, None)),
            (ChartContent::Broken(error), _) => Err(NoChart::Broken(error)),
            (ChartContent::Unavailable(_), Some(origin)) => {
                let own = GivenChart {
                    chart: self.load(origin, reference.release)?,
                    is_wanted_version: true,
                    digest: None,
                };
                Ok(self.prepare(own, reference, Some(origin)))
            }
            (ChartContent::Unavailable(why), None) => Err(NoChart::Unavailable(why)),
        }
    }

    fn load(&self, origin: &ChartOrigin, release: &ObjectRef) -> Result<LazyChart, NoChart> {
        let key = (Arc::as_ptr(&origin.sources).addr(), origin.path.clone());
        let cell = {
            let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(loaded.entry(key).or_default())
        };
        let loaded = cell.get_or_init(|| {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push(Arc::clone(&origin.sources));
            drop(kept);
            load(origin, &*self.contents, release, &self.limits)
        });
        loaded.clone()
    }

    /// The chart to which the values and the version are given that Flux gives it.
    fn prepare(
        &self,
        given: GivenChart,
        reference: &ChartReference<'_>,
        origin: Option<&ChartOrigin>,
    ) -> Arc<PreparedChart> {
        let GivenChart {
            chart,
            is_wanted_version,
            digest,
        } = given;
        let digest = reference
            .digest
            .as_deref()
            .filter(|_| is_wanted_version)
            .or(digest.as_deref());
        let in_repository = origin.and_then(|origin| Some((&origin.sources, origin.path.as_ref()?)));
        let variant = Variant {
            chart: chart.address(),
            digest: digest.map(str::to_owned),
            values_files: reference.values_files.clone(),
            ignore_missing_values_files: reference.ignore_missing_values_files,
            sources: in_repository.map(|(sources, _)| Arc::as_ptr(sources).addr()),
            path: in_repository.map(|(_, path)| path.clone()),
            is_wanted_version,
        };
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let prepared = prepared.entry(variant.clone()).or_insert_with(|| {
            Arc::new(PreparedChart {
                given: chart,
                variant,
                sources: in_repository.map(|(sources, _)| Arc::clone(sources)),
                withholds: self.withholds,
                prepared: OnceLock::new(),
                fingerprint: OnceLock::new(),
            })
        });
        Arc::clone(prepared)
    }
}

/// Loads the chart of a source: a folder, an archive, or what the source itself is.
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
