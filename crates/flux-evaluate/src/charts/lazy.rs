//! A chart that is unpacked on first use of its files.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use foldhash::HashMap;
use helm_template::{Chart, ChartLimits, Crd, Error};
use sha2::{Digest as _, Sha256};
use source_tree::{FileId, Limits};
use yaml_node::{Node, read_documents};

/// A chart that is available. A packed one is unpacked on first use of its files: if all of its renderings are cached, never.
/// Copies share the chart.
#[derive(Clone)]
pub struct LazyChart(Arc<Inner>);

struct Inner {
    files: Files,
    /// The documents of files in `crds`, by their text.
    crds: Mutex<HashMap<String, Arc<[Node]>>>,
}

enum Files {
    Loaded(Arc<Chart>),
    Packed {
        bytes: Arc<[u8]>,
        name: String,
        limits: ChartLimits,
        digest: OnceLock<[u8; 32]>,
        chart: OnceLock<Result<Arc<Chart>, Error>>,
    },
}

impl LazyChart {
    /// The chart in a `.tgz` archive. `name` is that of the file in messages.
    pub fn packed(bytes: impl Into<Arc<[u8]>>, name: &str, limits: ChartLimits) -> Self {
        LazyChart::new(Files::Packed {
            bytes: bytes.into(),
            name: name.to_owned(),
            limits,
            digest: OnceLock::new(),
            chart: OnceLock::new(),
        })
    }

    fn new(files: Files) -> Self {
        LazyChart(Arc::new(Inner {
            files,
            crds: Mutex::default(),
        }))
    }

    /// The chart with its files.
    ///
    /// # Errors
    /// Those of [`Chart::from_archive`].
    pub fn chart(&self) -> Result<&Arc<Chart>, Error> {
        match &self.0.files {
            Files::Loaded(chart) => Ok(chart),
            Files::Packed {
                bytes,
                name,
                limits,
                chart,
                ..
            } => {
                let unpack = || Chart::from_archive(bytes, name, limits).map(Arc::new);
                chart.get_or_init(unpack).as_ref().map_err(Clone::clone)
            }
        }
    }

    /// A digest of the chart and its bounds, if it is known without unpacking.
    pub(crate) fn digest(&self) -> Option<&[u8; 32]> {
        match &self.0.files {
            Files::Loaded(_) => None,
            Files::Packed {
                bytes,
                limits,
                digest,
                ..
            } => Some(digest.get_or_init(|| {
                let digest = Sha256::new().chain_update(format!("{limits:?}"));
                digest.chain_update(bytes).finalize().into()
            })),
        }
    }

    /// The documents of a file in `crds/`, parsed once for all releases of the chart; empty for invalid YAML.
    pub(crate) fn crd_documents(&self, crd: &Crd, limits: &Limits) -> Arc<[Node]> {
        let mut crds = self.0.crds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = crds.get(&crd.content) {
            return Arc::clone(known);
        }
        let documents = read_documents(&crd.content, FileId::NONE, limits).unwrap_or_default();
        let documents: Arc<[Node]> = documents.into();
        crds.insert(crd.content.clone(), Arc::clone(&documents));
        documents
    }

    /// Identifies the chart and its copies, as long as one of them exists.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl From<Arc<Chart>> for LazyChart {
    fn from(chart: Arc<Chart>) -> Self {
        LazyChart::new(Files::Loaded(chart))
    }
}

impl fmt::Debug for LazyChart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyChart").finish_non_exhaustive()
    }
}
