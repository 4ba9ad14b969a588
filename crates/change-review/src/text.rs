//! A review as text for a terminal.

use std::fmt::Write as _;

use plain_text::{Lines, line, printable};
use source_tree::Diagnostic;

use crate::counts::{Counts, plural};
use crate::review::{Change, ClusterReview, FieldChange, ObjectChange, Review, Which};

/// The review as lines: dangers first, then objects by owner, restarts, deletions, facts and findings.
///
/// With `noise`, fields that follow from a chart's version or from another change are shown too.
pub fn text(review: &Review, noise: bool) -> String {
    let mut text = String::new();
    for cluster in &review.clusters {
        let mut lines = Lines::new(&mut text);
        // Writing to a String cannot fail.
        let _ = write_cluster(&mut lines, cluster, review.clusters.len() > 1, noise);
    }
    if text.is_empty() {
        text.push_str("no changes\n");
    }
    text
}

fn write_cluster(
    text: &mut Lines<'_>,
    cluster: &ClusterReview,
    several: bool,
    noise: bool,
) -> std::fmt::Result {
    if several {
        line!(text, "cluster {}:", printable(&cluster.cluster))?;
    }
    match cluster.only {
        // The objects of a remote cluster have known fates; those of another cluster have none.
        Some(Which::Before) if !cluster.objects.is_empty() => {
            line!(
                text,
                "nothing in the repository is applied to the cluster any more"
            )?;
        }
        Some(Which::Before) => {
            line!(
                text,
                "the cluster is no longer in the repository: what applies it fails, and nothing is deleted"
            )?;
        }
        Some(Which::After) => line!(text, "the cluster is new")?,
        None => {}
    }
    line!(text, "{}", Counts::of(cluster).text())?;
    section(text, "dangers", &cluster.dangers, |text, danger| {
        line!(text, "  {}", finding(danger))
    })?;
    section(text, "not compared", &cluster.not_compared, |text, part| {
        let side = part.side.as_str();
        if part.objects == 0 {
            return line!(
                text,
                "  {}: {}, so what it makes is not known",
                printable(&part.owner),
                printable(&part.reason)
            );
        }
        write!(
            text,
            "  {} does not build {side} the change",
            printable(&part.owner)
        )?;
        if !cluster.is_explained(part) {
            write!(text, ": {}", printable(&part.reason))?;
        }
        line!(text, " ({} not shown)", plural(part.objects, "object"))
    })?;
    let mut owner = None;
    for object in &cluster.objects {
        if owner != Some(&object.owner) {
            line!(text, "{}:", printable(&object.owner))?;
            owner = Some(&object.owner);
        }
        write_object(text, object, noise)?;
    }
    if cluster.noise_only > 0 {
        line!(
            text,
            "{} only in chart labels and checksums",
            differ(cluster.noise_only)
        )?;
    }
    section(text, "restarts", &cluster.restarts, |text, restart| {
        line!(
            text,
            "  {} because of {}",
            object_name(&restart.kind, &restart.namespace, &restart.name),
            printable(&list(&restart.because))
        )
    })?;
    section(text, "not restarted", &cluster.stale, |text, stale| {
        line!(
            text,
            "  {} reads {} into its environment, and keeps the old values until it restarts",
            object_name(&stale.kind, &stale.namespace, &stale.name),
            printable(&list(&stale.reads))
        )
    })?;
    section(
        text,
        "leaves the repository",
        &cluster.deletions,
        |text, deletion| {
            let verb = if deletion.pruned { "deleted" } else { "stays" };
            line!(
                text,
                "  {} {verb}: {}",
                printable(&deletion.object),
                printable(&deletion.reason)
            )
        },
    )?;
    section(text, "facts", &cluster.facts, |text, fact| {
        line!(text, "  {fact}")
    })?;
    section(text, "new findings", &cluster.findings.new, |text, new| {
        line!(text, "  {}", finding(new))
    })?;
    section(text, "findings gone", &cluster.findings.gone, |text, gone| {
        line!(text, "  {}", finding(gone))
    })
}

fn section<T>(
    text: &mut Lines<'_>,
    title: &str,
    items: &[T],
    mut write: impl FnMut(&mut Lines<'_>, &T) -> std::fmt::Result,
) -> std::fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    line!(text, "{title}:")?;
    items.iter().try_for_each(|item| write(text, item))
}

fn write_object(text: &mut Lines<'_>, object: &ObjectChange, noise: bool) -> std::fmt::Result {
    let name = object_name(&object.kind, &object.namespace, &object.name);
    write!(text, "  {} {name}", sign(object.change))?;
    if let Some(previous) = &object.previous_name {
        write!(text, " (was {})", printable(previous))?;
    }
    if let Some(previous) = &object.previous_owner {
        write!(text, " from {}", printable(previous))?;
    }
    match &object.place {
        Some(place) if object.fields.is_empty() => line!(text, "  {}", printable(&place.to_string()))?,
        _ => line!(text)?,
    }
    for field in object.fields.iter().filter(|field| noise || !field.noise) {
        write_field(text, field)?;
    }
    match object.more_fields {
        0 => Ok(()),
        more => line!(text, "      … {} more", plural(more, "field")),
    }
}

fn write_field(text: &mut Lines<'_>, field: &FieldChange) -> std::fmt::Result {
    write!(text, "      {}", printable(&field.path))?;
    match (&field.before, &field.after) {
        (Some(before), Some(after)) => write!(text, ": {} -> {}", printable(before), printable(after))?,
        (None, Some(after)) => write!(text, ": + {}", printable(after))?,
        (Some(before), None) => write!(text, ": - {}", printable(before))?,
        (None, None) => write!(text, ":")?,
    }
    match &field.place {
        Some(place) => line!(text, "  {}", printable(&place.to_string()))?,
        None => line!(text)?,
    }
    field
        .lines
        .iter()
        .try_for_each(|line| line!(text, "        {}", printable(line)))
}

/// The sign before an object: `+` new, `-` gone, `~` changed, `>` moved.
pub(crate) fn sign(change: Change) -> char {
    match change {
        Change::Added => '+',
        Change::Removed => '-',
        Change::Changed => '~',
        Change::Moved => '>',
    }
}

fn differ(number: usize) -> String {
    match number {
        1 => "1 object differs".to_owned(),
        many => format!("{many} objects differ"),
    }
}

/// `Deployment web/papi`
pub(crate) fn object_name(kind: &str, namespace: &str, name: &str) -> String {
    let name = match namespace {
        "" => format!("{kind} {name}"),
        namespace => format!("{kind} {namespace}/{name}"),
    };
    printable(&name).into_owned()
}

/// The first of a list, and how many more there are.
pub(crate) fn list(items: &[String]) -> String {
    const MOST: usize = 3;
    let shown = items.iter().take(MOST).map(String::as_str);
    let shown = shown.collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A finding on one line.
pub(crate) fn finding(finding: &Diagnostic) -> String {
    let mut text = format!("{} {}", finding.severity, finding.code);
    if let Some(place) = &finding.place {
        let _ = write!(text, " {place}");
    }
    if let Some(object) = &finding.object {
        let _ = write!(text, " {object}");
    }
    let _ = write!(text, ": {}", finding.message);
    if let Some(hint) = &finding.hint {
        let _ = write!(text, " ({hint})");
    }
    printable(&text).into_owned()
}
