//! Warnings that next to nothing is known about a cluster, with hints.

use std::collections::{BTreeMap, BTreeSet};

use flux_scan::{Coverage, Outcome, ScannedCluster};
use plain_text::printable;
use source_tree::{RepoPath, Severity, codes};

use super::{Understood, first_of};

/// Warnings and hints for clusters about which too little is known; equal ones once for several clusters.
pub(crate) fn warnings(clusters: &[Understood]) -> Vec<(String, String)> {
    let mut positions: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut groups: Vec<(Vec<&Understood>, Warning)> = Vec::new();
    for cluster in clusters {
        let Some(warning) = warning(cluster) else { continue };
        let key = (warning.message.clone(), warning.hint.clone());
        let position = *positions.entry(key).or_insert(groups.len());
        match groups.get_mut(position) {
            Some((equal, _)) => equal.push(cluster),
            None => groups.push((vec![cluster], warning)),
        }
    }
    let warnings = groups.into_iter().map(|(clusters, warning)| {
        let message = format!("{}: {}", names(&clusters), warning.message);
        (message, warning.hint)
    });
    warnings.collect()
}

/// A warning that next to nothing of a repository is applied although it has Kustomizations that somebody may apply by hand, and
/// a hint how to name their folders.
pub(crate) fn applied_by_hand(clusters: &[ScannedCluster], coverage: &Coverage) -> Option<(String, String)> {
    const MOST: usize = 5;
    let percent = (coverage.applied * 100).checked_div(coverage.manifests)?;
    let mut local = clusters.iter().filter(|cluster| cluster.reached_by.is_none());
    let (Some(cluster), None, 0..25) = (local.next(), local.next(), percent) else {
        return None;
    };
    let findings = cluster.infrastructure.diagnostics.iter();
    let orphans = findings.filter(|found| {
        let object = found.object.as_deref().unwrap_or_default();
        // Orphans that people left out on purpose have the severity `Info`.
        found.code == codes::ORPHAN
            && found.severity != Severity::Info
            && object.starts_with("Kustomization/")
    });
    let folders: BTreeSet<RepoPath> = orphans
        .filter_map(|found| found.place.as_ref()?.file.parent())
        .collect();
    if folders.len() < 2 {
        return None;
    }
    let all = std::iter::once(&cluster.entry)
        .chain(&cluster.joined)
        .chain(&folders);
    let mut shown: Vec<&str> = all.take(MOST).map(RepoPath::as_str).collect();
    if folders.len() + cluster.joined.len() + 1 > MOST {
        shown.push("...");
    }
    Some((
        format!(
            "only {} of {} manifests in the repository ({percent} %) are applied by what was found",
            coverage.applied, coverage.manifests
        ),
        format!(
            "Kustomizations in {} folders are listed nowhere; if somebody applies them by hand, name the folders: --cluster {}={}",
            folders.len(),
            printable(&cluster.name),
            printable(&shown.join(","))
        ),
    ))
}

struct Warning {
    message: String,
    hint: String,
}

/// `cluster prod (clusters/prod)`, `clusters dev, prod and 3 more`
fn names(clusters: &[&Understood]) -> String {
    if let [only] = clusters {
        return format!("cluster {} ({})", only.name, only.entry);
    }
    let names: Vec<&str> = clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    format!("clusters {}", first_of(&names, 4))
}

fn warning(cluster: &Understood) -> Option<Warning> {
    if cluster.is_remote {
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
        external_folder,
    } = &cluster.outcome;
    let known = built + partial;
    let try_source = external_source.as_ref().map(|source| {
        let give = match external_folder {
            Some(folder) => format!(
                "--source {source}={} (its paths are there)",
                printable(folder.as_str())
            ),
            None => format!("--source {source}=DIR (`.` if it is this very repository)"),
        };
        match cfg!(feature = "fetch") {
            true => format!("get the content of {source} with `flux-infra-guide fetch`, or give it: {give}"),
            false => format!("give the content of {source}: {give}"),
        }
    });
    if *external > known {
        let what = match cluster.outcome.all() {
            1 => "what the only Kustomization applies".to_owned(),
            all => format!("what {external} of {all} Kustomizations apply"),
        };
        let message = format!("{what} is not known from this repository");
        let hint = match *unknown_paths * 2 > *external {
            true => "give the values of the variables that paths hold, as the warnings below say".to_owned(),
            false => try_source.unwrap_or_else(other_entry),
        };
        return Some(Warning { message, hint });
    }
    if cluster.services > 0 || cluster.reaches_others {
        return None;
    }
    let is_broken = *entry_failed || *failed > known || (*failed > 0 && cluster.kinds.is_empty());
    let message = match cluster.is_nothing() {
        true => "it could not be built, so that nothing of it is known",
        false => "no services were found",
    };
    let hint = if is_broken {
        "fix the errors below, which keep it from being built".to_owned()
    } else if !cluster.kinds.is_empty() && *external == 0 {
        format!(
            "what it applies is not known to run anything: objects of kind {}",
            printable(&cluster.kinds.join(", "))
        )
    } else {
        try_source.unwrap_or_else(other_entry)
    };
    Some(Warning {
        message: message.to_owned(),
        hint,
    })
}

fn other_entry() -> String {
    "name the folder that Flux reconciles first with --cluster PATH, or the folder that its paths start from with --root DIR"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understood::tests::understood;

    #[track_caller]
    fn one(cluster: Understood) -> (String, String) {
        warnings(&[cluster]).remove(0)
    }

    #[test]
    fn what_little_is_known_of_says_why() {
        let good = Outcome {
            built: 3,
            partial: 1,
            ..Outcome::default()
        };
        assert!(warnings(&[understood(good, 2)]).is_empty());
        let elsewhere = Outcome {
            built: 1,
            external: 4,
            external_source: Some("GitRepository/flux-system/fleet".into()),
            ..Outcome::default()
        };
        let (message, hint) = one(understood(elsewhere, 1));
        assert!(message.contains("what 4 of 5 Kustomizations apply"), "{message}");
        assert!(
            hint.contains("--source GitRepository/flux-system/fleet=DIR"),
            "{hint}"
        );
        let mut claims = understood(
            Outcome {
                built: 7,
                failed: 2,
                ..Outcome::default()
            },
            0,
        );
        claims.kinds = vec!["App".into(), "Catalog".into()];
        let (message, hint) = one(claims);
        assert_eq!(message, "cluster prod (clusters/prod): no services were found");
        assert!(hint.contains("kind App, Catalog"), "{hint}");
    }

    #[test]
    fn the_same_is_said_once_of_several_clusters() {
        let named = |name: &str| Understood {
            name: name.into(),
            ..understood(Outcome::default(), 0)
        };
        let clusters: Vec<Understood> = ["a", "b", "c", "d", "e", "f"].map(named).into();
        let said = warnings(&clusters);
        assert_eq!(said.len(), 1);
        assert_eq!(
            said[0].0,
            "clusters a, b, c, d and 2 more: no services were found"
        );
    }
}
