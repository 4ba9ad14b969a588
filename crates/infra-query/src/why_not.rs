//! Objects that Flux does not apply, and why.

use std::fmt;

use infra_model::{NotApplied, NotAppliedReason};
use plain_text::{Lines, line, printable, printable_name};

use crate::text::{and_more, in_namespace, joined, names};

/// An object or value that Flux does not apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyNot {
    /// The object or value.
    pub entry: NotApplied,
    /// The Kustomizations that would apply it and are not applied, the nearest first; each with its own reason.
    pub because: Vec<NotApplied>,
}

/// Maximum number of entries.
const MOST: usize = 8;

/// Precedes the paths behind the name of a Kustomization.
pub(crate) const PATHS: &str = " (path ";

impl WhyNot {
    /// A sentence with its title, its place, and why it is not applied.
    pub fn sentence(&self) -> String {
        let all = std::iter::once(&self.entry).chain(&self.because);
        all.map(sentence).collect::<Vec<String>>().join("; ")
    }
}

/// Title and place of an entry, and why it is not applied.
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

/// Why an entry is not applied, with the place that shows it.
pub fn reason(entry: &NotApplied) -> String {
    let evidence = entry.evidence.as_ref().map(ToString::to_string);
    let evidence = evidence.as_deref().map(printable_name);
    let at = evidence.as_deref().unwrap_or("an unknown place");
    let detail = entry.detail.as_deref().unwrap_or_default();
    let by = printable_name(entry.by.as_deref().unwrap_or_default());
    let comment = |word: &str| match detail {
        "" => String::new(),
        comment => format!(", {word} the comment \"{}\"", printable(comment)),
    };
    match entry.reason {
        NotAppliedReason::Unlisted => {
            // Its folder may also be built by a Kustomization of its own.
            let folder = |place: &infra_model::Place| place.file.parent();
            let own = entry.source.as_ref().and_then(folder);
            let beside = entry.evidence.as_ref().and_then(folder);
            let is_file = detail.is_empty()
                || entry
                    .source
                    .as_ref()
                    .is_some_and(|source| source.file.as_str() == detail);
            let none = match is_file {
                true if beside.is_some() && beside != own => format!(
                    "no kustomization lists its file, and no Kustomization has the path {}",
                    printable_name(own.as_ref().map_or(".", |own| own.as_str()))
                ),
                true => "no kustomization lists its file".to_owned(),
                false => {
                    let path = printable_name(detail);
                    format!("no Kustomization has the path {path}, and no kustomization lists it")
                }
            };
            match evidence {
                Some(_) => format!("{none}; {at} could"),
                None => format!("{none}, and there is none beside or above it"),
            }
        }
        NotAppliedReason::CommentedOut if entry.evidence == entry.source => {
            format!("it is commented out{}", comment("below"))
        }
        NotAppliedReason::CommentedOut if !by.is_empty() => {
            let comment = comment("below");
            format!("{by}, which would apply it, is commented out: {at}{comment}")
        }
        NotAppliedReason::CommentedOut => {
            let would_fail = entry.would_fail.as_deref();
            let would_fail =
                would_fail.map(|why| format!("; without the comment it fails: {}", printable(why)));
            format!(
                "commented out at {at}{}{}",
                comment("beside"),
                would_fail.unwrap_or_default()
            )
        }
        NotAppliedReason::RemovedByPatch if by.is_empty() => format!("a patch removes it: {at}"),
        NotAppliedReason::RemovedByPatch => format!("a patch removes it from Kustomization {by}: {at}"),
        NotAppliedReason::KustomizationNotApplied if !detail.is_empty() => {
            let detail = printable(detail);
            format!("Kustomization {by} ({at}) states its folder, and {detail}")
        }
        NotAppliedReason::KustomizationNotApplied => {
            format!("Kustomization {by} ({at}) would apply it, and is not applied itself")
        }
        NotAppliedReason::KustomizationFailed => {
            let who = match by.is_empty() {
                true => "the folder of the cluster".to_owned(),
                false => format!("Kustomization {by} ({at})"),
            };
            format!("{who} cannot be built: {}", printable(detail))
        }
        NotAppliedReason::SwitchedOff => {
            let path = printable_name(detail);
            format!("switched off in the values of HelmRelease {by}: {path}.enabled is false at {at}")
        }
        NotAppliedReason::SourceIgnored => {
            let pattern = printable_name(detail);
            format!("the pattern {pattern} leaves its file out of what Flux fetches: {at}")
        }
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

/// The entries with those of other clusters merged: each once, with the clusters that have it.
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
                    // A Kustomization may have another path in each cluster.
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

/// Writes the lines of a name that only entries have which are not applied; `similar` are names of applied objects.
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
    and_more(f, all.len(), MOST)?;
    names(f, "applied under similar names", similar)
}
