//! The files of a chart, with charts that it takes from elsewhere in the repository.

use std::collections::BTreeMap;
use std::sync::Arc;

use kustomize_build::Sources;
use source_tree::{EntryKind, FileId, RepoPath};
use yaml_node::{Node, read_documents};

/// The file that makes a folder a chart.
const CHART: &str = "Chart.yaml";
/// The file with a chart's own values.
pub(super) const VALUES: &str = "values.yaml";

/// Most files of a chart. Large ones have some hundred.
const MAX_FILES: usize = 5_000;
/// Most bytes of a chart. Helm itself stops at 1 MiB of a Secret for a release, compressed.
const MAX_BYTES: usize = 32 << 20;
/// Deepest folder, and deepest chart in a chart.
const MAX_DEPTH: usize = 32;

/// Files by path below the chart's folder.
pub(super) type Files = BTreeMap<RepoPath, Arc<[u8]>>;

/// The folder of the one chart at the top of an artifact, as Helm reads an archive.
pub(super) fn packed(sources: &Sources) -> Result<RepoPath, String> {
    let entries = sources
        .tree()
        .list(&RepoPath::root())
        .map_err(|error| error.to_string())?;
    let folders = entries.into_iter().map(|(name, _)| RepoPath::new(&name));
    let mut charts =
        folders.filter(|folder| sources.tree().kind(&folder.join(CHART)) == Some(EntryKind::File));
    match (charts.next(), charts.next()) {
        (Some(only), None) => Ok(only),
        _ => Err("its source has not one folder with a Chart.yaml at the top".to_owned()),
    }
}

/// The files of the chart at a path.
pub(super) fn collect(sources: &Sources, chart: &RepoPath) -> Result<Files, String> {
    let mut collector = Collector {
        sources,
        files: Files::new(),
        bytes: 0,
    };
    collector.chart(chart, &RepoPath::root(), 0)?;
    Ok(collector.files)
}

struct Collector<'a> {
    sources: &'a Sources,
    files: Files,
    bytes: usize,
}

impl Collector<'_> {
    fn chart(&mut self, from: &RepoPath, to: &RepoPath, depth: usize) -> Result<(), String> {
        match self.sources.tree().kind(from) {
            Some(EntryKind::Directory) => {}
            Some(EntryKind::File) => return Err(format!("{from} is a file, and only folders are rendered")),
            None => return Err(format!("{from} is not in its source")),
        }
        if self.sources.tree().kind(&from.join(CHART)) != Some(EntryKind::File) {
            return Err(format!("{from} has no {CHART}"));
        }
        self.folder(from, to, depth)?;
        for (name, path) in self.local_dependencies(from)? {
            let place = to.join("charts").join(&name);
            if !self.is_vendored(&to.join("charts"), &name) {
                self.chart(&path, &place, depth + 1)?;
            }
        }
        Ok(())
    }

    fn folder(&mut self, from: &RepoPath, to: &RepoPath, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("{from} is nested too deeply"));
        }
        let entries = self
            .sources
            .tree()
            .list(from)
            .map_err(|error| error.to_string())?;
        for (name, kind) in entries {
            let (from, to) = (from.join(&name), to.join(&name));
            if kind == EntryKind::Directory {
                self.folder(&from, &to, depth + 1)?;
                continue;
            }
            let bytes = self.sources.bytes(&from).map_err(|error| error.to_string())?;
            self.bytes += bytes.len();
            if self.bytes > MAX_BYTES || self.files.len() >= MAX_FILES {
                return Err(format!("it has more than {MAX_FILES} files or {MAX_BYTES} bytes"));
            }
            self.files.insert(to, bytes);
        }
        Ok(())
    }

    /// Names and folders of the charts that `Chart.yaml` takes by `file://`
    /// (<https://helm.sh/docs/topics/charts/#chart-dependencies>).
    fn local_dependencies(&self, chart: &RepoPath) -> Result<Vec<(String, RepoPath)>, String> {
        let path = chart.join(CHART);
        let text = self.sources.text(&path).map_err(|error| error.to_string())?;
        let documents = read_documents(&text, FileId::NONE, self.sources.limits())
            .map_err(|_| format!("{path} is no YAML"))?;
        let dependencies = documents.first().and_then(|chart| chart.get("dependencies"));
        let local = dependencies
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(|entry| {
                let folder = entry.text_at(&["repository"])?.strip_prefix("file://")?;
                let name = entry.text_at(&["name"])?;
                // A name is one part of a path.
                let is_name = !name.is_empty() && !name.contains('/') && !name.starts_with('.');
                is_name.then(|| (name.to_owned(), chart.join(folder)))
            });
        Ok(local.collect())
    }

    /// Whether a chart is in the `charts` folder already, unpacked or packed.
    fn is_vendored(&self, charts: &RepoPath, name: &str) -> bool {
        self.files.keys().any(|path| {
            let inside = path.strip_prefix(charts);
            let first = inside.as_ref().and_then(|inside| inside.parts().next());
            first.is_some_and(|first| {
                let packed = first
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with('-') && rest.ends_with(".tgz"));
                first == name || packed
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileTable, Limits, MemoryTree};

    fn collected(files: &[(&str, &str)], chart: &str) -> Result<Vec<String>, String> {
        let tree: MemoryTree = files.iter().copied().collect();
        let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
        let files = collect(&sources, &chart.into())?;
        Ok(files.keys().map(ToString::to_string).collect())
    }

    #[test]
    fn a_chart_is_its_folder_with_the_charts_it_takes_from_others() {
        let chart = "name: a\ndependencies:\n- {name: b, repository: 'file://../b'}\n\
                     - {name: c, repository: 'file://../../../c'}\n- {name: d, repository: 'https://d.example.com'}\n";
        let files = [
            ("charts/a/Chart.yaml", chart),
            ("charts/a/templates/x.yaml", ""),
            ("charts/a/charts/c-1.0.0.tgz", ""),
            ("charts/b/Chart.yaml", "name: b\n"),
            ("charts/b/values.yaml", ""),
            ("other", ""),
        ];
        assert_eq!(
            collected(&files, "charts/a").unwrap(),
            [
                "Chart.yaml",
                "charts/b/Chart.yaml",
                "charts/b/values.yaml",
                "charts/c-1.0.0.tgz",
                "templates/x.yaml"
            ]
        );
    }

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
        assert_eq!(check(&[("Chart.yaml", "")]), None);
        assert_eq!(check(&[("a/Chart.yaml", ""), ("b/Chart.yaml", "")]), None);
    }

    #[test]
    fn what_is_no_chart_says_so() {
        let circle = "name: a\ndependencies: [{name: a, repository: 'file://.'}]\n";
        let name = "dependencies: [{name: ../x, repository: 'file://.'}]\n";
        let files = [
            ("charts/a/x", ""),
            ("a.tgz", ""),
            ("circle/Chart.yaml", circle),
            ("name/Chart.yaml", name),
        ];
        for (chart, expected) in [
            ("charts/a", "charts/a has no Chart.yaml"),
            ("a.tgz", "a.tgz is a file, and only folders are rendered"),
            ("none", "none is not in its source"),
            ("circle", "circle is nested too deeply"),
        ] {
            assert_eq!(collected(&files, chart).unwrap_err(), expected);
        }
        assert_eq!(collected(&files, "name").unwrap(), ["Chart.yaml"]);
    }
}
