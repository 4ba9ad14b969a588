//! What a scan has understood of each cluster, in words for a person.

use std::collections::{BTreeMap, BTreeSet};

use flux_scan::{Coverage, Outcome, ReleaseChart, ScannedCluster};
use source_tree::codes;

/// What is said of one cluster.
#[derive(Clone, Debug)]
pub(crate) struct Understood {
    name: String,
    entry: String,
    /// Whether Kustomizations of another cluster apply to it.
    is_remote: bool,
    /// Whether its Kustomizations apply to remote clusters.
    reaches_others: bool,
    outcome: Outcome,
    services: usize,
    /// The kinds of its objects that are none of Flux's own, most frequent first.
    kinds: Vec<String>,
    /// What is taken for granted of the cluster.
    assumed: Vec<String>,
    /// The releases whose charts are elsewhere.
    charts_elsewhere: BTreeSet<String>,
}

impl Understood {
    /// Of a scanned cluster.
    pub(crate) fn of(cluster: &ScannedCluster) -> Self {
        Understood {
            name: cluster.name.clone(),
            is_remote: cluster.reached_by.is_some(),
            reaches_others: cluster
                .infrastructure
                .kustomizations
                .values()
                .any(|one| one.kube_config.is_some()),
            entry: cluster.reached_by.clone().unwrap_or_else(|| folders(cluster)),
            outcome: cluster.outcome.clone(),
            services: cluster.infrastructure.services.len(),
            kinds: kinds(&cluster.evaluation),
            assumed: cluster
                .infrastructure
                .diagnostics
                .iter()
                .filter(|one| [codes::ENTRY_ASSUMED, codes::SOURCE_ASSUMED].contains(&one.code.as_ref()))
                .map(|one| match &one.hint {
                    Some(hint) => format!("{}; {hint}", one.message),
                    None => one.message.clone(),
                })
                .collect(),
            charts_elsewhere: cluster
                .evaluation
                .releases
                .iter()
                .filter(|(_, release)| matches!(release.chart, ReleaseChart::Unavailable(_)))
                .map(|(id, _)| id.to_string())
                .collect(),
        }
    }

    /// Why next to nothing of the cluster is known, and what to try; none where enough is.
    pub(crate) fn warning(&self) -> Option<(String, String)> {
        if self.is_remote {
            return None;
        }
        let Outcome {
            built,
            partial,
            failed,
            external,
            entry_failed,
            unknown_paths,
            external_source,
        } = &self.outcome;
        let known = built + partial;
        let try_source = external_source.as_ref().map(|source| {
            let give = format!("--source {source}=DIR (`.` for this repository)");
            match cfg!(feature = "fetch") {
                true => format!("get the content of the source that most of them name with `flux-infra-guide fetch`, or give it: {give}"),
                false => format!("give the content of the source that most of them name: {give}"),
            }
        });
        let cluster = format!("cluster {} ({})", self.name, self.entry);
        if *external > known {
            let message = format!(
                "{cluster}: what {external} of {} Kustomizations apply is not known from this repository",
                self.outcome.all()
            );
            let hint = match *unknown_paths * 2 > *external {
                true => {
                    "give the values of the variables that paths hold, as the warnings below say".to_owned()
                }
                false => try_source.unwrap_or_else(other_entry),
            };
            return Some((message, hint));
        }
        if self.services > 0 || self.reaches_others {
            return None;
        }
        let message = format!("{cluster}: no services were found");
        let hint = if *entry_failed || *failed > known || (*failed > 0 && self.kinds.is_empty()) {
            "mend the errors below, which keep it from being built".to_owned()
        } else if !self.kinds.is_empty() && *external == 0 {
            format!(
                "what it applies is not known to run anything: objects of kind {}",
                plain_text::printable(&self.kinds.join(", "))
            )
        } else {
            try_source.unwrap_or_else(other_entry)
        };
        Some((message, hint))
    }

    /// Whether nothing of the cluster is known, since its entry could not be built.
    pub(crate) fn is_nothing(&self) -> bool {
        self.outcome.entry_failed && self.outcome.all() == 0 && self.services == 0
    }

    /// One line: what became of its Kustomizations.
    pub(crate) fn line(&self) -> String {
        let Outcome {
            built,
            partial,
            failed,
            external,
            ..
        } = &self.outcome;
        let counts = [
            (*built, "built"),
            (*partial, "partial"),
            (*failed, "failed"),
            (*external, "external"),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(count, what)| *count > 0 || *what == "built")
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let mut line = format!(
            "  {} ({}): Kustomizations: {}; {} {}\n",
            plain_text::printable(&self.name),
            plain_text::printable(&self.entry),
            counts.join(", "),
            self.services,
            if self.services == 1 { "service" } else { "services" }
        );
        for assumed in &self.assumed {
            line.push_str(&format!("    {}\n", plain_text::printable(assumed)));
        }
        line
    }
}

/// The folders of a cluster; of many, the first.
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

/// The most frequent kinds of what a cluster applies, without what Flux reads itself.
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

fn other_entry() -> String {
    "name the folder that Flux reconciles first with --cluster PATH, or the folder that its paths start from with --root DIR"
        .to_owned()
}

/// The lines at the end of a report: one for each cluster, and how many of the manifests any of them applies.
pub(crate) fn report(clusters: &[Understood], coverage: Coverage) -> String {
    let mut text = "\nUnderstood:\n".to_owned();
    for cluster in clusters {
        text.push_str(&cluster.line());
    }
    text.push_str(&elsewhere(clusters));
    if let Some(percent) = (coverage.applied * 100).checked_div(coverage.manifests) {
        text.push_str(&format!(
            "  {} of {} manifests in the repository ({percent} %) are applied by {}\n",
            coverage.applied,
            coverage.manifests,
            if clusters.len() == 1 { "it" } else { "any of them" }
        ));
    }
    text
}

/// How much of the repository is declared elsewhere and not known here, and how to get it; nothing where all is known.
fn elsewhere(clusters: &[Understood]) -> String {
    let charts: BTreeSet<(&str, &String)> = clusters
        .iter()
        .flat_map(|cluster| {
            cluster
                .charts_elsewhere
                .iter()
                .map(|id| (cluster.name.as_str(), id))
        })
        .collect();
    // Paths that are not known are none that could be fetched.
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
        (charts.len(), "chart", "charts"),
        (
            external + partial,
            "Kustomization in full or in part",
            "Kustomizations in full or in part",
        ),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    if counts.is_empty() {
        return String::new();
    }
    let get = match cfg!(feature = "fetch") {
        true => "`flux-infra-guide fetch` gets what is public or what you have a login for, then regenerate",
        false => "give it with --charts and --source",
    };
    format!(
        "  declared elsewhere and not known here: {}; {get}\n",
        counts.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn understood(outcome: Outcome, services: usize) -> Understood {
        Understood {
            name: "prod".into(),
            entry: "clusters/prod".into(),
            is_remote: false,
            reaches_others: false,
            outcome,
            services,
            kinds: Vec::new(),
            assumed: Vec::new(),
            charts_elsewhere: BTreeSet::new(),
        }
    }

    #[test]
    fn what_is_elsewhere_is_counted() {
        assert_eq!(elsewhere(&[understood(Outcome::default(), 1)]), "");
        let mut cluster = understood(
            Outcome {
                external: 2,
                ..Outcome::default()
            },
            1,
        );
        cluster.charts_elsewhere.insert("HelmRelease/a/b".into());
        let text = elsewhere(&[cluster]);
        let expected =
            "  declared elsewhere and not known here: 1 chart, 2 Kustomizations in full or in part; ";
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn a_line_and_a_warning_where_little_is_known() {
        let good = Outcome {
            built: 3,
            partial: 1,
            ..Outcome::default()
        };
        let cluster = understood(good, 2);
        assert_eq!(
            cluster.line(),
            "  prod (clusters/prod): Kustomizations: 3 built, 1 partial; 2 services\n"
        );
        assert!(cluster.warning().is_none());
        let elsewhere = Outcome {
            built: 1,
            external: 4,
            external_source: Some("GitRepository/flux-system/fleet".into()),
            ..Outcome::default()
        };
        let (message, hint) = understood(elsewhere, 1).warning().unwrap();
        assert!(message.contains("what 4 of 5 Kustomizations apply"), "{message}");
        assert!(
            hint.contains("--source GitRepository/flux-system/fleet=DIR"),
            "{hint}"
        );
        assert!(understood(Outcome::default(), 0).warning().is_some());
        let mut claims = understood(
            Outcome {
                built: 7,
                failed: 2,
                ..Outcome::default()
            },
            0,
        );
        claims.kinds = vec!["App".into(), "Catalog".into()];
        let (_, hint) = claims.warning().unwrap();
        assert!(hint.contains("kind App, Catalog"), "{hint}");
    }
}
