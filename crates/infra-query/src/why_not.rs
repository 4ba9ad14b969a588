//! Why does it not run? What a name means that Flux does not apply, and what keeps it from being applied.

use std::fmt;

use infra_model::{NotApplied, NotAppliedReason};
use plain_text::{Lines, line, printable, printable_name};

use crate::text::{in_namespace, joined};

/// A thing that Flux does not apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyNot {
    /// The thing.
    pub entry: NotApplied,
    /// The Kustomizations that would apply it and are not applied, the nearest first; each with its own reason.
    pub because: Vec<NotApplied>,
}

/// How many things are written.
const MOST: usize = 8;

/// How a path begins behind the name of a Kustomization.
pub(crate) const PATHS: &str = " (path ";

impl WhyNot {
    /// One sentence: what it is, where it stands, and why it is not applied.
    pub fn sentence(&self) -> String {
        let all = std::iter::once(&self.entry).chain(&self.because);
        all.map(sentence).collect::<Vec<String>>().join("; ")
    }
}

/// What something is, where it stands, and why it is not applied.
pub(crate) fn sentence(entry: &NotApplied) -> String {
    format!("{}: {}", title(entry), reason(entry))
}

/// Kind, name, namespace and place, such as `Deployment papi in backend, apps/papi.yaml:3`.
fn title(entry: &NotApplied) -> String {
    let mut text = printable_name(&format!("{} {}", entry.kind, entry.name)).into_owned();
    match &entry.part_of {
        Some(object) => text.push_str(&format!(" of {}", printable_name(&object.to_string()))),
        None => text.push_str(&in_namespace(&entry.namespace)),
    }
    if let Some(source) = &entry.source {
        text.push_str(&format!(", {}", printable_name(&source.to_string())));
    }
    text
}

/// Why it is not applied, with the place that says so.
pub fn reason(entry: &NotApplied) -> String {
    let evidence = entry.evidence.as_ref().map(ToString::to_string);
    let at = |evidence: &Option<String>| match evidence {
        Some(evidence) => printable_name(evidence).into_owned(),
        None => "an unknown place".to_owned(),
    };
    let detail = entry.detail.as_deref().unwrap_or_default();
    let by = printable_name(entry.by.as_deref().unwrap_or_default());
    match entry.reason {
        NotAppliedReason::Unlisted => {
            let path = match detail {
                "" => "its file".to_owned(),
                path if entry
                    .source
                    .as_ref()
                    .is_some_and(|source| source.file.as_str() == path) =>
                {
                    "its file".to_owned()
                }
                path => printable_name(path).into_owned(),
            };
            // A folder may be built by a Kustomization of its own as well.
            let folder = |place: &infra_model::Place| place.file.parent();
            let own = entry.source.as_ref().and_then(folder);
            let beside = entry.evidence.as_ref().and_then(folder);
            let none = match path == "its file" {
                true if beside.is_some() && beside != own => format!(
                    "no kustomization lists {path}, and no Kustomization has the path {}",
                    printable_name(own.as_ref().map_or(".", |own| own.as_str()))
                ),
                true => format!("no kustomization lists {path}"),
                false => format!("no Kustomization has the path {path}, and no kustomization lists it"),
            };
            match &evidence {
                Some(evidence) => format!("{none}; {} could", printable_name(evidence)),
                None => format!("{none}, and there is none beside or above it"),
            }
        }
        NotAppliedReason::CommentedOut if entry.evidence == entry.source && detail.is_empty() => {
            "it is commented out".to_owned()
        }
        NotAppliedReason::CommentedOut if entry.evidence == entry.source => {
            format!("it is commented out, below the comment \"{}\"", printable(detail))
        }
        NotAppliedReason::CommentedOut if !by.is_empty() => {
            let comment = match detail {
                "" => String::new(),
                comment => format!(", below the comment \"{}\"", printable(comment)),
            };
            format!(
                "{by}, which would apply it, is commented out: {}{comment}",
                at(&evidence)
            )
        }
        NotAppliedReason::CommentedOut => {
            let comment = match detail {
                "" => String::new(),
                comment => format!(", beside the comment \"{}\"", printable(comment)),
            };
            let would_fail = entry.would_fail.as_deref();
            let would_fail =
                would_fail.map(|why| format!("; without the comment it fails: {}", printable(why)));
            format!(
                "commented out at {}{comment}{}",
                at(&evidence),
                would_fail.unwrap_or_default()
            )
        }
        NotAppliedReason::RemovedByPatch if by.is_empty() => {
            format!("a patch removes it: {}", at(&evidence))
        }
        NotAppliedReason::RemovedByPatch => {
            format!("a patch removes it from Kustomization {by}: {}", at(&evidence))
        }
        NotAppliedReason::KustomizationNotApplied if !detail.is_empty() => {
            format!(
                "Kustomization {by} ({}) states its folder, and {}",
                at(&evidence),
                printable(detail)
            )
        }
        NotAppliedReason::KustomizationNotApplied => {
            format!(
                "Kustomization {by} ({}) would apply it, and is not applied itself",
                at(&evidence)
            )
        }
        NotAppliedReason::KustomizationFailed => {
            let who = match by.is_empty() {
                true => "the folder of the cluster".to_owned(),
                false => format!("Kustomization {by} ({})", at(&evidence)),
            };
            format!("{who} cannot be built: {}", printable(detail))
        }
        NotAppliedReason::SwitchedOff => format!(
            "switched off in the values of HelmRelease {by}: {}.enabled is false at {}",
            printable_name(detail),
            at(&evidence)
        ),
        NotAppliedReason::SourceIgnored => format!(
            "the pattern {} leaves its file out of what Flux fetches: {}",
            printable_name(detail),
            at(&evidence)
        ),
        NotAppliedReason::OtherCluster => {
            let who = match by.contains(", ") {
                true => format!("only the clusters {by} have it"),
                false => format!("only cluster {by} has it"),
            };
            match detail {
                "" => who,
                kustomization => format!("{who}, by Kustomization {}", printable_name(kustomization)),
            }
        }
    }
}

/// What only other clusters have, each thing once with the clusters that have it; the rest as it is.
pub(crate) fn by_cluster(all: &[WhyNot]) -> Vec<WhyNot> {
    let mut found: Vec<(WhyNot, Vec<&str>)> = Vec::new();
    for why in all {
        let entry = &why.entry;
        let is_other = entry.reason == NotAppliedReason::OtherCluster;
        let cluster = entry.by.as_deref().filter(|_| is_other);
        let is_same = |known: &NotApplied| {
            known.reason == entry.reason
                && known.part_of == entry.part_of
                && (&known.kind, &known.namespace, &known.name)
                    == (&entry.kind, &entry.namespace, &entry.name)
        };
        let known = found
            .iter_mut()
            .find(|(known, _)| is_other && is_same(&known.entry));
        match known {
            Some((known, clusters)) => {
                clusters.extend(cluster.filter(|cluster| !clusters.contains(cluster)));
                if known.entry.detail != entry.detail {
                    // One Kustomization has another path in each.
                    let plain = |detail: Option<&str>| Some(detail?.split(PATHS).next()?.to_owned());
                    let one = plain(known.entry.detail.as_deref());
                    known.entry.detail =
                        one.filter(|one| plain(entry.detail.as_deref()).as_ref() == Some(one));
                }
            }
            None => found.push((why.clone(), cluster.into_iter().collect())),
        }
    }
    let merged = found.into_iter().map(|(mut why, clusters)| {
        if clusters.len() > 1 {
            why.entry.by = Some(joined(&clusters));
        }
        why
    });
    merged.collect()
}

/// What is known of a name that Flux applies nothing of, in lines; `similar` are names of what it applies.
pub(crate) fn lines(
    term: &str,
    not_applied: &[WhyNot],
    similar: &[String],
    f: &mut Lines<'_>,
) -> fmt::Result {
    line!(f, "{} is not applied", printable(term.trim()))?;
    let all = by_cluster(not_applied);
    for why in all.iter().take(MOST) {
        line!(f, "{}", title(&why.entry))?;
        line!(f, "  why: {}", reason(&why.entry))?;
        for next in &why.because {
            line!(f, "  {}: {}", title(next), reason(next))?;
        }
    }
    if all.len() > MOST {
        line!(f, "and {} more", all.len() - MOST)?;
    }
    if !similar.is_empty() {
        line!(f, "applied under similar names: {}", joined(similar))?;
    }
    Ok(())
}
