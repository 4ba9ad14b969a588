//! A folder of charts, packed and unpacked, in any layout.
//!
//! Archives named `NAME-VERSION.tgz`, as by `helm package` and Helm's repository cache, archives with any other name, and
//! folders with a `Chart.yaml`. Name and version are those of the file name if it has them.

use std::sync::{Arc, OnceLock};

use helm_template::{Chart, ChartLimits, Error};
use masterminds_semver::Version;
use rayon::prelude::*;
use source_tree::{EntryKind, FileId, Limits, RepoPath, SourceTree};

use super::version;
use super::{ChartContent, GivenChart, LazyChart};

/// Depth of the deepest folder that is read.
const MAX_DEPTH: usize = 8;
/// Most files and folders that are visited.
const MAX_ENTRIES: usize = 50_000;
/// Extensions of packed charts; Helm 4 caches charts by their digest as `.chart`.
const PACKED: [&str; 3] = [".tgz", ".tar.gz", ".chart"];

/// A folder of charts.
pub(super) struct ChartFolder {
    tree: Arc<dyn SourceTree>,
    limits: ChartLimits,
    charts: OnceLock<Vec<FoundChart>>,
}

/// A chart in a folder.
struct FoundChart {
    name: String,
    version: String,
    path: RepoPath,
    is_packed: bool,
    chart: OnceLock<Result<LazyChart, Error>>,
}

impl ChartFolder {
    pub(super) fn new(tree: Arc<dyn SourceTree>, limits: ChartLimits) -> Self {
        ChartFolder {
            tree,
            limits,
            charts: OnceLock::new(),
        }
    }

    /// The chart with a name, in the version that matches best.
    pub(super) fn find(&self, name: &str, wanted: Option<&str>) -> Option<ChartContent> {
        let named: Vec<&FoundChart> = self.charts().iter().filter(|chart| chart.name == name).collect();
        self.choose(&named, wanted)
    }

    /// The only chart of the folder, whatever its name, or else that of [`ChartFolder::find`].
    pub(super) fn only(&self, name: &str, wanted: Option<&str>) -> Option<ChartContent> {
        match self.charts() {
            [only] => self.choose(&[only], wanted),
            _ => self.find(name, wanted),
        }
    }

    fn choose(&self, charts: &[&FoundChart], wanted: Option<&str>) -> Option<ChartContent> {
        let versions: Vec<&str> = charts.iter().map(|chart| chart.version.as_str()).collect();
        let choice = version::choose(&versions, wanted)?;
        let found = charts.get(choice.index)?;
        Some(match found.chart.get_or_init(|| self.load(found)) {
            Ok(chart) => ChartContent::Known(GivenChart {
                chart: chart.clone(),
                is_wanted_version: choice.is_wanted,
                digest: None,
            }),
            Err(error) => ChartContent::Broken(error.clone()),
        })
    }

    fn load(&self, found: &FoundChart) -> Result<LazyChart, Error> {
        load(&*self.tree, &found.path, found.is_packed, &self.limits)
    }

    fn charts(&self) -> &[FoundChart] {
        self.charts.get_or_init(|| {
            let mut walk = Walk {
                tree: &*self.tree,
                charts: Vec::new(),
                unnamed: Vec::new(),
                entries: 0,
            };
            walk.folder(&RepoPath::root(), 0);
            let mut charts = walk.charts;
            charts.par_extend(walk.unnamed.into_par_iter().filter_map(|path| self.unnamed(path)));
            charts.sort_by(|a, b| a.path.cmp(&b.path));
            charts
        })
    }

    /// A packed chart whose file name has neither name nor version.
    fn unnamed(&self, path: RepoPath) -> Option<FoundChart> {
        let lazy = load(&*self.tree, &path, true, &self.limits).ok()?;
        let metadata = &lazy.chart().ok()?.metadata;
        Some(FoundChart {
            name: metadata.name.clone(),
            version: metadata.version.clone(),
            path,
            is_packed: true,
            chart: OnceLock::from(Ok(lazy)),
        })
    }
}

fn load(
    tree: &dyn SourceTree,
    path: &RepoPath,
    is_packed: bool,
    limits: &ChartLimits,
) -> Result<LazyChart, Error> {
    if !is_packed {
        let chart = Chart::from_folder(tree, path, path.as_str(), limits)?;
        return Ok(Arc::new(chart).into());
    }
    let bytes = tree
        .read(path)
        .map_err(|error| Error::new(helm_template::Stage::Load, error.to_string()))?;
    Ok(LazyChart::packed(bytes, path.as_str(), *limits))
}

struct Walk<'a> {
    tree: &'a dyn SourceTree,
    charts: Vec<FoundChart>,
    /// Archives whose file names have neither name nor version.
    unnamed: Vec<RepoPath>,
    entries: usize,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &RepoPath, depth: usize) {
        if let Some(chart) = unpacked(self.tree, folder) {
            self.charts.push(chart);
            return;
        }
        if depth > MAX_DEPTH {
            return;
        }
        for (name, kind) in self.tree.list(folder).unwrap_or_default() {
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return;
            }
            let path = folder.join(&name);
            match kind {
                EntryKind::Directory => self.folder(&path, depth + 1),
                _ => self.file(&name, path),
            }
        }
    }

    fn file(&mut self, file: &str, path: RepoPath) {
        let Some(stem) = PACKED.iter().find_map(|ending| file.strip_suffix(ending)) else {
            return;
        };
        match name_and_version(stem) {
            Some((name, version)) => self.charts.push(FoundChart {
                name: name.to_owned(),
                version: version.to_owned(),
                path,
                is_packed: true,
                chart: OnceLock::new(),
            }),
            None => self.unnamed.push(path),
        }
    }
}

fn unpacked(tree: &dyn SourceTree, folder: &RepoPath) -> Option<FoundChart> {
    let text = tree.read(&folder.join("Chart.yaml")).ok()?;
    let text = String::from_utf8_lossy(&text);
    let metadata = yaml_node::read_yaml11(&text, FileId::NONE, &Limits::default()).ok()??;
    Some(FoundChart {
        name: metadata.text_at(&["name"])?.to_owned(),
        version: metadata.text_at(&["version"]).unwrap_or_default().to_owned(),
        path: folder.clone(),
        is_packed: false,
        chart: OnceLock::new(),
    })
}

/// `cert-manager` and `v1.2.3` of `cert-manager-v1.2.3`.
fn name_and_version(stem: &str) -> Option<(&str, &str)> {
    stem.match_indices('-').find_map(|(at, _)| {
        let (name, version) = (stem.get(..at)?, stem.get(at + 1..)?);
        let bare = version.strip_prefix('v').unwrap_or(version);
        (!name.is_empty() && Version::parse_strict(bare).is_ok()).then_some((name, version))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::MemoryTree;

    #[test]
    fn names_and_versions_of_archives() {
        for (stem, expected) in [
            ("loki-6.1.0", Some(("loki", "6.1.0"))),
            ("cert-manager-v1.21.1", Some(("cert-manager", "v1.21.1"))),
            (
                "gpu-operator-v1.0.0-devel",
                Some(("gpu-operator", "v1.0.0-devel")),
            ),
            ("x-2-1.0.0-rc.1+5", Some(("x-2", "1.0.0-rc.1+5"))),
            ("chart", None),
            ("web-1", None),
        ] {
            assert_eq!(name_and_version(stem), expected, "{stem}");
        }
    }

    #[test]
    fn unpacked_charts_are_found_in_any_folder() {
        let tree: MemoryTree = [
            ("a/web/Chart.yaml", "name: web\nversion: 1.0.0\napiVersion: v2\n"),
            (
                "a/web/charts/sub/Chart.yaml",
                "name: sub\nversion: 9.0.0\napiVersion: v2\n",
            ),
            ("b/web/Chart.yaml", "name: web\nversion: 2.0.0\napiVersion: v2\n"),
            ("b/readme.md", "x"),
        ]
        .into_iter()
        .collect();
        let folder = ChartFolder::new(Arc::new(tree), ChartLimits::default());
        let version = |name: &str, wanted| match folder.find(name, wanted) {
            Some(ChartContent::Known(given)) => {
                let chart = given.chart.chart().unwrap();
                Some((chart.metadata.version.clone(), given.is_wanted_version))
            }
            _ => None,
        };
        assert_eq!(version("web", Some("1.x")), Some(("1.0.0".to_owned(), true)));
        assert_eq!(version("web", None), Some(("2.0.0".to_owned(), true)));
        assert_eq!(version("web", Some("3.0.0")), Some(("2.0.0".to_owned(), false)));
        assert_eq!(version("sub", None), None);
    }
}
