//! `index.yaml`: the versions of charts and their addresses.

use std::collections::BTreeMap;

use source_tree::{FileId, Limits};
use yaml_node::Node;

use crate::problem::Problem;
use crate::semver::newest;

/// Most YAML nodes of an index: the largest public ones have a million.
const NODES: usize = 8_000_000;

/// The charts of a repository.
pub(crate) struct Index {
    charts: BTreeMap<String, Vec<Entry>>,
}

/// One version of a chart.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) version: String,
    /// The first of its addresses.
    pub(crate) url: String,
    /// SHA-256 in hexadecimal digits.
    pub(crate) digest: Option<String>,
    /// A time as text. Texts of one time zone sort like their times.
    created: String,
}

impl Index {
    /// Parses an index in YAML or JSON. Entries without a version or an address are left out, as in source-controller.
    pub(crate) fn parse(bytes: &[u8], shown: &str) -> Result<Self, Problem> {
        let text = String::from_utf8_lossy(bytes);
        let limits = Limits {
            nodes: NODES,
            ..Limits::default()
        };
        let root = yaml_node::read_yaml11(&text, FileId::NONE, &limits)
            .map_err(|error| Problem::new(format!("{shown} is no index of a Helm repository: {error}")))?;
        let root = root.filter(|root| root.text_at(&["apiVersion"]).is_some());
        let root = root.ok_or_else(|| {
            Problem::new(format!(
                "{shown} is no index of a Helm repository: it states no apiVersion"
            ))
        })?;
        let mut charts: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for (name, versions) in root.get("entries").into_iter().flat_map(Node::iter) {
            let entries = versions.items().iter().filter_map(Entry::read);
            charts.entry(name.to_owned()).or_default().extend(entries);
        }
        Ok(Index { charts })
    }

    /// The version that a release gets: exactly the stated one, else the newest of the stated range.
    pub(crate) fn choose(&self, chart: &str, version: &str) -> Result<&Entry, Problem> {
        let entries = self.entries(chart)?;
        if let Some(exact) = entries.iter().find(|entry| entry.version == version) {
            return Ok(exact);
        }
        let candidates = entries.iter().map(|entry| (entry.version.as_str(), entry));
        let found = newest(version, candidates, |a, b| a.created > b.created)?;
        found.ok_or_else(|| {
            Problem::new(format!(
                "no '{chart}' chart with version matching '{version}' found"
            ))
            .hint("correct the version where it is declared")
        })
    }

    /// A version that the lock file states.
    pub(crate) fn exactly(&self, chart: &str, version: &str) -> Result<&Entry, Problem> {
        let found = self.entries(chart)?.iter().find(|entry| entry.version == version);
        found.ok_or_else(|| {
            Problem::new(format!(
                "the repository has no '{chart}' chart in the locked version {version} any more"
            ))
            .hint("choose anew: flux-infra-guide fetch --update")
        })
    }

    fn entries(&self, chart: &str) -> Result<&[Entry], Problem> {
        self.charts.get(chart).map(Vec::as_slice).ok_or_else(|| {
            Problem::new(format!("the repository has no '{chart}' chart")).hint("correct the chart's name")
        })
    }
}

impl Entry {
    fn read(node: &Node) -> Option<Self> {
        let text = |field: &str| node.text_at(&[field]).filter(|text| !text.is_empty());
        let url = node.get("urls").and_then(|urls| urls.items().first()?.text())?;
        let digest = text("digest").map(|digest| digest.strip_prefix("sha256:").unwrap_or(digest));
        Some(Entry {
            version: text("version")?.to_owned(),
            url: url.to_owned(),
            digest: digest.map(str::to_lowercase),
            created: text("created").unwrap_or_default().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "
apiVersion: v1
entries:
  web:
  - {version: 1.2.3, urls: [web-1.2.3.tgz], digest: AB}
  - {version: 1.3.0, urls: [web-1.3.0.tgz]}
  - {version: 2.0.0-rc.1, urls: [web-2.0.0-rc.1.tgz]}
  - {version: 1.3.0+5, urls: [old.tgz], created: '2020-01-01T00:00:00Z'}
  - {version: 1.3.0+6, urls: [new.tgz], created: '2021-01-01T00:00:00Z'}
  - {version: '1.4', urls: [two-parts.tgz]}
  - {urls: [none.tgz]}
  - {version: 9.0.0}
  - broken
";

    #[test]
    fn the_stated_version_then_the_newest_of_the_range() {
        let index = Index::parse(INDEX.as_bytes(), "x").unwrap();
        let url = |version: &str| index.choose("web", version).map(|entry| entry.url.clone());
        assert_eq!(url("1.2.3").unwrap(), "web-1.2.3.tgz");
        assert_eq!(url("1.4").unwrap(), "two-parts.tgz");
        assert_eq!(url("2.0.0-rc.1").unwrap(), "web-2.0.0-rc.1.tgz");
        assert_eq!(url("1.x").unwrap(), "new.tgz");
        assert_eq!(url("*").unwrap(), "new.tgz");
        assert_eq!(url(">=2.0.0-0").unwrap(), "web-2.0.0-rc.1.tgz");
        let reason = |chart: &str, version: &str| index.choose(chart, version).unwrap_err().reason;
        assert_eq!(
            reason("web", "3.x"),
            "no 'web' chart with version matching '3.x' found"
        );
        assert_eq!(reason("api", "*"), "the repository has no 'api' chart");
        assert_eq!(
            index.choose("web", "1.2.3").unwrap().digest.as_deref(),
            Some("ab")
        );
    }

    #[test]
    fn an_index_may_be_json_and_a_page_is_none() {
        let json = r#"{"apiVersion":"v1","entries":{"web":[{"version":"1.0.0","urls":["web.tgz"]}]}}"#;
        assert!(
            Index::parse(json.as_bytes(), "x")
                .unwrap()
                .choose("web", "*")
                .is_ok()
        );
        for text in ["<html>\n<body>", "", "entries: {}", "a: [", "\u{0}"] {
            assert!(Index::parse(text.as_bytes(), "x").is_err(), "{text}");
        }
    }
}
