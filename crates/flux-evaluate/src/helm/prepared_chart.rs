//! The chart of a source turns into the chart of releases, with the version and default values that source-controller gives it.

use std::sync::{Arc, OnceLock};

use helm_template::{Chart, Crd, Error};
use kustomize_build::Sources;
use masterminds_semver::Version;
use source_tree::{Limits, RepoPath};
use yaml_node::Node;

use super::fingerprint::Fingerprint;
use super::{values_files, withhold};
use crate::RenderingKey;
use crate::charts::LazyChart;

/// Hexadecimal digits of a digest in a version.
const DIGEST_DIGITS: usize = 12;

/// The chart of a release, unpacked on first use of its files.
pub(crate) struct PreparedChart {
    given: LazyChart,
    variant: Variant,
    /// The files in which the paths of values files start.
    sources: Option<Arc<Sources>>,
    withholds: bool,
    prepared: OnceLock<Result<Prepared, Error>>,
    fingerprint: OnceLock<Result<RenderingKey, Error>>,
}

/// A chart with the default values and the version that Flux gives it.
struct Prepared {
    chart: Arc<Chart>,
    /// The default values before credentials are withheld.
    values: Node,
}

impl PreparedChart {
    /// `sources` are the files in which the paths of values files start.
    pub(super) fn new(
        given: LazyChart,
        variant: Variant,
        sources: Option<Arc<Sources>>,
        withholds: bool,
    ) -> Self {
        PreparedChart {
            given,
            variant,
            sources,
            withholds,
            prepared: OnceLock::new(),
            fingerprint: OnceLock::new(),
        }
    }

    /// Unpacks the chart.
    ///
    /// # Errors
    /// If it is not a valid chart, or has invalid values files.
    pub(crate) fn chart(&self) -> Result<&Arc<Chart>, Error> {
        Ok(&self.prepared()?.chart)
    }

    /// The default values with their lines, if a file of the repository contains them.
    pub(crate) fn stated_values(&self) -> Option<Node> {
        self.sources.as_ref()?;
        Some(self.prepared().ok()?.values.clone())
    }

    /// The chart's folder or archive in the repository.
    pub(crate) fn path(&self) -> Option<&RepoPath> {
        self.variant.path.as_ref()
    }

    /// Whether its version is the requested one, or in the requested range.
    pub(crate) fn is_wanted_version(&self) -> bool {
        self.variant.is_wanted_version
    }

    /// The documents of one of the chart's `crds`.
    pub(super) fn crd_documents(&self, crd: &Crd, limits: &Limits) -> Arc<[Node]> {
        self.given.crd_documents(crd, limits)
    }

    /// A digest of the chart as an input of renderings.
    ///
    /// # Errors
    /// As [`PreparedChart::chart`].
    pub(super) fn fingerprint(&self) -> Result<RenderingKey, Error> {
        let digest = || {
            let mut fingerprint = Fingerprint::default();
            match self.given.digest().filter(|_| self.sources.is_none()) {
                Some(digest) => {
                    let variant = &self.variant;
                    fingerprint.bytes(digest);
                    fingerprint.fields(&(
                        &variant.digest,
                        &variant.values_files,
                        &variant.ignore_missing_values_files,
                    ));
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
                let stated = values_files::in_files(sources, &path.join("values.yaml"));
                let stated = stated.and_then(Result::ok);
                stated.unwrap_or_else(|| chart.values.clone())
            }
            ([], ..) => chart.values.clone(),
            (files, ..) => values_files::merged(chart, files, variant.ignore_missing_values_files, sources)?,
        };
        let mut defaults = values.clone();
        if self.withholds {
            withhold::in_node(&mut defaults, "");
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

/// The differences between preparations of charts.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Variant {
    /// Address of the chart, which the prepared chart keeps alive.
    pub(super) chart: usize,
    /// The digest that becomes part of the version.
    pub(super) digest: Option<String>,
    pub(super) values_files: Vec<String>,
    pub(super) ignore_missing_values_files: bool,
    /// Address of the files in which the paths of values files start.
    pub(super) sources: Option<usize>,
    pub(super) path: Option<RepoPath>,
    pub(super) is_wanted_version: bool,
}

/// A version with the start of a digest as metadata, by which Flux notices when a tag moves.
fn with_digest(version: &str, digest: &str) -> Option<String> {
    let digits = digest.split_once(':').map_or(digest, |(_, digits)| digits);
    let version = Version::parse(version).ok()?;
    let version = version.with_metadata(digits.get(..DIGEST_DIGITS)?).ok()?;
    Some(version.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_becomes_part_of_the_version() {
        assert_eq!(
            with_digest("v4.1.1", "sha256:0123456789abcdef").as_deref(),
            Some("4.1.1+0123456789ab")
        );
        assert_eq!(with_digest("main", "sha256:0123456789abcdef"), None);
    }
}
