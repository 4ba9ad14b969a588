//! Summary of a scan for people: what was understood of each cluster.

mod warnings;

use std::collections::{BTreeMap, BTreeSet};

use flux_scan::{Became, Coverage, Evaluated, Outcome, ReleaseChart, ScannedCluster};
use infra_model::flux::ChartStatus;
use plain_text::{printable, printable_name, shell_word};
use source_tree::codes;

pub(crate) use warnings::{applied_by_hand, warnings};

/// The summary of one cluster.
#[derive(Clone, Debug)]
pub(crate) struct Understood {
    name: String,
    entry: String,
    /// Whether Kustomizations of another cluster apply to it.
    is_remote: bool,
    /// Whether its Kustomizations or HelmReleases apply to remote clusters.
    reaches_others: bool,
    outcome: Outcome,
    /// The Kustomizations that are not built completely, by outcome.
    named: BTreeMap<Became, Vec<String>>,
    services: usize,
    /// The kinds of its objects, most frequent first, without Flux's own kinds.
    kinds: Vec<String>,
    /// Assumptions about the cluster.
    assumed: Vec<String>,
    /// The releases whose charts are elsewhere.
    charts_elsewhere: BTreeSet<String>,
    /// The number of releases whose charts are not rendered, since they are installed in this remote cluster.
    not_rendered: usize,
}

impl Understood {
    pub(crate) fn new(cluster: &ScannedCluster) -> Self {
        Understood {
            name: cluster.name.clone(),
            is_remote: cluster.reached_by.is_some(),
            reaches_others: reaches_others(cluster),
            entry: cluster.reached_by.clone().unwrap_or_else(|| folders(cluster)),
            outcome: cluster.outcome.clone(),
            named: named(&cluster.evaluation.kustomizations),
            services: cluster.infrastructure.services.len(),
            kinds: kinds(&cluster.evaluation),
            assumed: cluster
                .infrastructure
                .diagnostics
                .iter()
                .filter(|found| [codes::ENTRY_ASSUMED, codes::SOURCE_ASSUMED].contains(&found.code.as_ref()))
                .map(|found| match &found.hint {
                    Some(hint) => format!("{}; {hint}", found.message),
                    None => found.message.clone(),
                })
                .collect(),
            charts_elsewhere: cluster
                .evaluation
                .releases
                .iter()
                .filter(|(_, release)| matches!(release.chart, ReleaseChart::Unavailable(_)))
                .map(|(id, _)| id.to_string())
                .collect(),
            not_rendered: {
                let releases = cluster.infrastructure.helm_releases.values();
                let status = releases.map(|release| release.chart_status);
                status
                    .filter(|status| *status == Some(ChartStatus::OtherCluster))
                    .count()
            },
        }
    }

    /// Whether nothing is known about the cluster because its entry could not be built.
    pub(crate) fn is_nothing(&self) -> bool {
        self.outcome.entry_failed && self.outcome.all() == self.outcome.failed && self.services == 0
    }

    /// A line with the outcomes of its Kustomizations, followed by assumptions.
    pub(crate) fn line(&self) -> String {
        let Outcome {
            built,
            partial,
            failed,
            external,
            ..
        } = &self.outcome;
        let counts = [
            (*built, "built", Became::Built),
            (*partial, "partial", Became::Partial),
            (*failed, "failed", Became::Failed),
            (*external, "external", Became::External),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(count, _, became)| *count > 0 || *became == Became::Built)
            .map(|(count, what, became)| match self.named.get(became) {
                Some(names) => format!("{count} {what} ({})", first_of(names, 3)),
                None => format!("{count} {what}"),
            })
            .collect();
        let without_chart = match (self.charts_elsewhere.len() + self.not_rendered).min(self.services) {
            0 => String::new(),
            1 if self.services == 1 => ", a HelmRelease without its chart".to_owned(),
            1 => ", 1 of them a HelmRelease without its chart".to_owned(),
            count if count == self.services => ", all of them HelmReleases without their charts".to_owned(),
            count => format!(", {count} of them HelmReleases without their charts"),
        };
        let mut line = format!(
            "  {} ({}): Kustomizations: {}; {} {}{without_chart}\n",
            printable(&self.name),
            printable(&self.entry),
            counts.join(", "),
            self.services,
            if self.services == 1 { "service" } else { "services" }
        );
        for assumed in &self.assumed {
            line.push_str(&format!("    {}\n", printable(assumed)));
        }
        line
    }
}

/// Whether Kustomizations or HelmReleases of a cluster apply to remote ones.
fn reaches_others(cluster: &ScannedCluster) -> bool {
    let model = &cluster.infrastructure;
    let mut kustomizations = model.kustomizations.values();
    let mut releases = model.helm_releases.values();
    kustomizations.any(|kustomization| kustomization.kube_config.is_some())
        || releases.any(|release| release.kube_config.is_some())
}

/// The folders of a cluster; only the first ones if there are many.
fn folders(cluster: &ScannedCluster) -> String {
    const MOST: usize = 4;
    let folders = std::iter::once(&cluster.entry).chain(&cluster.joined);
    let folders: Vec<&str> = folders
        .map(|folder| match folder.as_str() {
            "" => ".",
            folder => folder,
        })
        .collect();
    match folders.len().checked_sub(MOST) {
        None | Some(0) => folders.join(","),
        Some(more) => format!(
            "{} and {} more",
            folders.get(..MOST - 1).unwrap_or_default().join(","),
            more + 1
        ),
    }
}

/// The most frequent kinds that a cluster applies, without Flux's own kinds and Namespaces.
fn kinds(evaluation: &flux_scan::Evaluation) -> Vec<String> {
    const MOST: usize = 5;
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for object in evaluation.evaluated().flat_map(|evaluated| &evaluated.objects) {
        let text = |field: &str| object.node.text_at(&[field]).unwrap_or_default();
        if !text("apiVersion").contains(".fluxcd.io/") && text("kind") != "Namespace" {
            *count.entry(text("kind")).or_default() += 1;
        }
    }
    let mut kinds: Vec<(&str, usize)> = count.into_iter().collect();
    kinds.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    kinds
        .into_iter()
        .take(MOST)
        .map(|(kind, _)| kind.to_owned())
        .collect()
}

/// The Kustomizations that are not built completely, by outcome.
fn named(kustomizations: &[Evaluated]) -> BTreeMap<Became, Vec<String>> {
    let mut named: BTreeMap<Became, Vec<String>> = BTreeMap::new();
    for evaluated in kustomizations {
        let became = Became::of(evaluated);
        if became != Became::Built {
            let name = evaluated
                .id
                .as_ref()
                .map_or_else(String::new, |id| id.name.to_string());
            named.entry(became).or_default().push(name);
        }
    }
    named
}

/// The first `most` names, and the number of the others.
pub(crate) fn first_of(names: &[impl AsRef<str>], most: usize) -> String {
    let shown = names.iter().take(most);
    let shown: Vec<_> = shown.map(|name| printable_name(name.as_ref())).collect();
    match names.len().checked_sub(most) {
        None | Some(0) => shown.join(", "),
        Some(more) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The end of a report: a line per cluster, and the share of applied manifests. `repository` is the user's argument.
pub(crate) fn report(clusters: &[Understood], coverage: &Coverage, repository: &str) -> String {
    let mut text = "\nUnderstood:\n".to_owned();
    for cluster in clusters {
        text.push_str(&cluster.line());
    }
    text.push_str(&elsewhere(clusters, repository));
    text.push_str(&not_rendered(clusters));
    if let Some(percent) = (coverage.applied * 100).checked_div(coverage.manifests) {
        text.push_str(&format!(
            "  {} of {} manifests in the repository ({percent} %) are applied{}\n",
            coverage.applied,
            coverage.manifests,
            not_applied(coverage)
        ));
    }
    text
}

/// The folders of manifests that nothing applies, by the first two parts of their paths.
fn not_applied(coverage: &Coverage) -> String {
    const MOST: usize = 3;
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    for (folder, count) in &coverage.not_applied {
        let first: Vec<&str> = folder.as_str().split('/').take(2).collect();
        let first = match first.join("/") {
            top if top.is_empty() => ".".to_owned(),
            first => first,
        };
        *folders.entry(first).or_default() += count;
    }
    let mut folders: Vec<(String, usize)> = folders.into_iter().collect();
    folders.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let shown = folders.iter().take(MOST);
    let mut shown: Vec<String> = shown
        .map(|(folder, count)| format!("{count} in {}", printable(folder)))
        .collect();
    let more: usize = folders.iter().skip(MOST).map(|(_, count)| count).sum();
    if more > 0 {
        shown.push(format!("{more} elsewhere"));
    }
    match shown.is_empty() {
        true => String::new(),
        false => format!("; not applied: {}", shown.join(", ")),
    }
}

/// The number of charts and Kustomizations that are declared elsewhere and not known here, and how to get them; empty if all
/// are known.
fn elsewhere(clusters: &[Understood], repository: &str) -> String {
    let charts: usize = clusters
        .iter()
        .map(|cluster| cluster.charts_elsewhere.len())
        .sum();
    // Kustomizations with unknown paths cannot be fetched.
    let external: usize = clusters
        .iter()
        .map(|cluster| {
            let Outcome {
                external,
                unknown_paths,
                ..
            } = &cluster.outcome;
            external.saturating_sub(*unknown_paths)
        })
        .sum();
    let partial: usize = clusters.iter().map(|cluster| cluster.outcome.partial).sum();
    let counts = [
        (
            charts,
            "the chart of 1 HelmRelease",
            "the charts of",
            "HelmReleases",
        ),
        (
            external,
            "all that 1 Kustomization applies",
            "all that",
            "Kustomizations apply",
        ),
        (partial, "parts of 1 Kustomization", "parts of", "Kustomizations"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, singular, before, after)| match count {
            1 => (*singular).to_owned(),
            count => format!("{before} {count} {after}"),
        })
        .collect();
    if counts.is_empty() {
        return String::new();
    }
    let get = match cfg!(feature = "fetch") {
        true => format!(
            "`flux-infra-guide fetch{}` downloads what is public or what you have a login for, then regenerate",
            argument(repository)
        ),
        false => "give it with --charts and --source".to_owned(),
    };
    format!(
        "  not known here, since it is declared elsewhere: {}; {get}\n",
        counts.join(", ")
    )
}

/// The number of charts that are not rendered, since their releases are installed in remote clusters; empty if there is none.
fn not_rendered(clusters: &[Understood]) -> String {
    match clusters.iter().map(|cluster| cluster.not_rendered).sum() {
        0_usize => String::new(),
        1 => "  not known here, since it is installed in a remote cluster: what the chart of 1 HelmRelease makes\n".to_owned(),
        count => format!(
            "  not known here, since they are installed in remote clusters: what the charts of {count} HelmReleases make\n"
        ),
    }
}

/// The argument that names the repository in a command; empty for the current folder.
fn argument(repository: &str) -> String {
    match repository {
        "." => String::new(),
        repository => format!(" {}", shell_word(repository)),
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use source_tree::RepoPath;

    use super::*;

    pub(super) fn understood(outcome: Outcome, services: usize) -> Understood {
        Understood {
            name: "prod".into(),
            entry: "clusters/prod".into(),
            is_remote: false,
            reaches_others: false,
            outcome,
            named: BTreeMap::new(),
            services,
            kinds: Vec::new(),
            assumed: Vec::new(),
            charts_elsewhere: BTreeSet::new(),
            not_rendered: 0,
        }
    }

    #[test]
    fn what_is_elsewhere_is_counted() {
        assert_eq!(elsewhere(&[understood(Outcome::default(), 1)], "."), "");
        let mut cluster = understood(
            Outcome {
                external: 2,
                ..Outcome::default()
            },
            1,
        );
        cluster.charts_elsewhere.insert("HelmRelease/a/b".into());
        let text = elsewhere(&[cluster], "my repo");
        let expected = "  not known here, since it is declared elsewhere: the chart of 1 HelmRelease, all that 2 \
                        Kustomizations apply; ";
        assert!(text.starts_with(expected), "{text}");
        assert!(
            !cfg!(feature = "fetch") || text.contains("`flux-infra-guide fetch 'my repo'`"),
            "{text}"
        );
    }

    #[test]
    fn a_line_names_what_is_not_whole() {
        let outcome = Outcome {
            built: 3,
            partial: 1,
            ..Outcome::default()
        };
        let mut cluster = understood(outcome, 2);
        cluster.named.insert(Became::Partial, vec!["apps".into()]);
        cluster.charts_elsewhere.insert("HelmRelease/a/b".into());
        assert_eq!(
            cluster.line(),
            "  prod (clusters/prod): Kustomizations: 3 built, 1 partial (apps); 2 services, 1 of them a HelmRelease without its chart\n"
        );
        assert_eq!(first_of(&["a", "b", "c", "d", "e"], 3), "a, b, c and 2 more");
    }

    #[test]
    fn what_is_not_applied_is_named_by_folder() {
        let not_applied_in = |folders: &[(&str, usize)]| {
            let folders = folders
                .iter()
                .map(|(folder, count)| (RepoPath::new(folder), *count));
            not_applied(&Coverage {
                not_applied: folders.collect(),
                ..Coverage::default()
            })
        };
        assert_eq!(not_applied_in(&[]), "");
        assert_eq!(
            not_applied_in(&[
                ("", 1),
                ("a/b", 2),
                ("a/b/c", 3),
                ("d", 4),
                ("e/f/g", 1),
                ("h", 1)
            ]),
            "; not applied: 5 in a/b, 4 in d, 1 in ., 2 elsewhere"
        );
    }
}
