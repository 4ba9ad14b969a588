//! Scan options turn into options of the scanner, except those that Git decides.

use std::sync::Arc;

use camino::Utf8Path;
use flux_scan::{
    Capabilities, ChartMode, GivenCharts, GivenSources, KubeVersion, ScanOptions, SourceContents,
};
use source_cache::LockedSources;
use source_tree::{DiskTree, Limits};

use super::ScanOptionArgs;
use super::values::{chart, cluster, repo_path, source, text, vars, vendored_folder};
use crate::exit::Failure;

impl ScanOptionArgs {
    /// The limits of files and work.
    pub(super) fn limits(&self) -> Result<Limits, Failure> {
        let limits = Limits {
            file_bytes: self.max_file_size,
            ..Limits::default()
        };
        with_limits(limits, &self.limit)
    }

    /// The scanner's options, except those that Git decides.
    pub(super) fn resolve(&self, root: &Utf8Path, limits: Limits) -> Result<ScanOptions, Failure> {
        let clusters = self
            .cluster
            .iter()
            .map(|text| cluster(root, text))
            .collect::<Result<_, _>>()?;
        let sources = match self.shared.given.get() {
            Some(known) => Arc::clone(known),
            None => {
                let sources = self.sources(limits)?;
                Arc::clone(self.shared.given.get_or_init(|| sources))
            }
        };
        let vars = self
            .vars
            .iter()
            .map(|text| vars(text))
            .collect::<Result<_, _>>()?;
        let knowledge = self
            .knowledge
            .as_deref()
            .map(|file| Ok((file.to_string(), text(file)?)))
            .transpose()?;
        let folder = root.file_name().unwrap_or("repository");
        let given = self.root.as_ref().map(|folder| {
            let option = format!("--root {folder}");
            repo_path(root, folder.as_str(), &option)
        });
        Ok(ScanOptions {
            clusters,
            root: given.transpose()?,
            sources: Some(sources),
            vars,
            knowledge,
            trust_knowledge: self.trust_knowledge,
            strict: self.strict,
            charts: ChartMode::default(),
            capabilities: self.capabilities()?,
            renderings: None,
            handed_over: None,
            jobs: self.jobs,
            limits,
            remotes: Vec::new(),
            branches: Vec::new(),
            generated_from: folder.to_owned(),
            revision: None,
            can_fetch: cfg!(feature = "fetch"),
            detail: self.detail,
            reads: None,
            remains: Arc::default(),
            parsed: Arc::default(),
        })
    }

    /// The sources and charts that the options name.
    fn sources(&self, limits: Limits) -> Result<Arc<dyn SourceContents>, Failure> {
        let (vendored, named): (Vec<&String>, Vec<&String>) =
            self.source.iter().partition(|text| !text.contains('='));
        let mut sources = named
            .into_iter()
            .map(|text| source(text, limits))
            .collect::<Result<GivenSources, _>>()?;
        sources.charts = GivenCharts::with_limits(limits);
        for folder in &self.charts {
            let tree = DiskTree::with_limits(folder, Limits::default())
                .map_err(|error| Failure::input(format!("--charts {folder}: {error}")))?;
            sources.charts.add_folder(Arc::new(tree));
        }
        for text in &self.chart {
            let (id, tree) = chart(text)?;
            sources.charts.insert(id, tree);
        }
        let mut sources: Arc<dyn SourceContents> = Arc::new(sources);
        for folder in vendored {
            sources = Arc::new(LockedSources::vendored(sources, vendored_folder(folder)?, limits));
        }
        Ok(sources)
    }

    /// The capabilities of the cluster for charts.
    fn capabilities(&self) -> Result<Capabilities, Failure> {
        let mut capabilities = Capabilities::default();
        if let Some(version) = &self.kube_version {
            capabilities.kube_version = KubeVersion::parse(version)
                .map_err(|error| Failure::usage(format!("--kube-version {version}: {error}")))?;
        }
        capabilities
            .api_versions
            .extend(self.api_versions.iter().cloned());
        Ok(capabilities)
    }
}

/// The limits, changed by values of `--limit`.
pub(crate) fn with_limits(mut limits: Limits, stated: &[String]) -> Result<Limits, Failure> {
    for text in stated {
        let fail = |reason: &str| {
            Failure::usage(format!("--limit {text}: {reason}"))
                .hint(format!("the names are {}", Limits::NAMES.join(", ")))
        };
        let (name, number) = text.split_once('=').unwrap_or((text, ""));
        let number = number.parse().map_err(|_| fail("expected NAME=NUMBER"))?;
        if !limits.set(name, number) {
            return Err(fail(&format!("there is no limit `{name}`")));
        }
    }
    Ok(limits)
}
