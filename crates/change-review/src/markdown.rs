//! A review as Markdown, for a comment on a pull request.

use std::fmt::Write as _;

use plain_text::printable;
use source_tree::Severity;

use crate::counts::{Counts, plural};
use crate::review::{ClusterReview, FieldChange, ObjectChange, Review, Which};
use crate::text::{list, object_name, sign};

/// The longest comment, in bytes: GitHub takes 65,536 characters.
pub const LONGEST: usize = 60_000;

/// The most items of one list in the summary; a longer list is folded.
const MOST_OPEN: usize = 15;

/// The review as Markdown: counts and dangers first, objects folded by owner. Blocks at the end that do not fit into `longest` bytes
/// are left out, and the comment says how many.
pub fn markdown(review: &Review, longest: usize) -> String {
    let (from, to) = (code(&review.from), code(&review.to));
    if review.is_empty() {
        return format!("### Flux: no changes from {from} to {to}\n");
    }
    let mut head = String::new();
    let mut blocks = Vec::new();
    for cluster in &review.clusters {
        // Writing to a String cannot fail.
        let _ = writeln!(head, "### Flux: {} from {from} to {to}\n", code(&cluster.cluster));
        let _ = summary(&mut head, cluster);
        blocks.extend(details(cluster, review.clusters.len() > 1));
    }
    // Leaves room for the line that says what is left out.
    let room = longest.saturating_sub(200);
    let mut text = cut(&head, room);
    let mut left_out = 0;
    for block in &blocks {
        if left_out == 0 && text.len() + block.len() <= room {
            text.push_str(block);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        let _ = writeln!(
            text,
            "\n{} of {} left out, since a comment has room for {longest} bytes. `flux-infra-guide diff` shows all.",
            plural(left_out, "block"),
            blocks.len()
        );
    }
    text
}

fn summary(text: &mut String, cluster: &ClusterReview) -> std::fmt::Result {
    match cluster.only {
        Some(Which::Before) if !cluster.objects.is_empty() => writeln!(
            text,
            "Nothing in the repository is applied to the cluster any more.\n"
        )?,
        Some(Which::Before) => writeln!(
            text,
            "The cluster is no longer in the repository: what applies it fails, and nothing is deleted.\n"
        )?,
        Some(Which::After) => writeln!(text, "The cluster is new.\n")?,
        None => {}
    }
    writeln!(text, "**{}**\n", Counts::of(cluster).text())?;
    for danger in &cluster.dangers {
        let sign = match danger.severity {
            Severity::Error => ":stop_sign:",
            _ => ":warning:",
        };
        write!(text, "- {sign} **{}**", danger.code)?;
        if let Some(object) = &danger.object {
            write!(text, " {}", code(object))?;
        }
        if let Some(place) = &danger.place {
            write!(text, " {}", code(&place.to_string()))?;
        }
        writeln!(text, ": {}", prose(&danger.message))?;
    }
    for part in &cluster.not_compared {
        let (owner, reason, side) = (code(&part.owner), prose(&part.reason), part.side.as_str());
        if part.objects == 0 {
            writeln!(text, "- :x: {owner}: {reason}, so what it makes is not known")?;
            continue;
        }
        write!(text, "- :x: {owner} does not build {side} the change")?;
        if !cluster.is_explained(part) {
            write!(text, ": {reason}")?;
        }
        writeln!(text, " ({} not shown)", plural(part.objects, "object"))?;
    }
    for deletion in cluster.deletions.iter().take(MOST_OPEN) {
        let verb = if deletion.pruned { "deleted" } else { "stays" };
        let (object, reason) = (code(&deletion.object), prose(&deletion.reason));
        writeln!(text, "- {verb}: {object} ({reason})")?;
    }
    folded_below(text, cluster.deletions.len(), "that leave the repository")?;
    for restart in cluster.restarts.iter().take(MOST_OPEN) {
        let name = code(&object_name(&restart.kind, &restart.namespace, &restart.name));
        writeln!(
            text,
            "- restarts: {name} because of {}",
            code(&list(&restart.because))
        )?;
    }
    folded_below(text, cluster.restarts.len(), "that restart")?;
    for stale in cluster.stale.iter().take(MOST_OPEN) {
        let name = code(&object_name(&stale.kind, &stale.namespace, &stale.name));
        let reads = code(&list(&stale.reads));
        writeln!(
            text,
            "- not restarted: {name} reads {reads} into its environment, and keeps the old values until it restarts"
        )?;
    }
    folded_below(text, cluster.stale.len(), "that keep old values")?;
    writeln!(text)
}

/// Refers to the folded rest of a long list.
fn folded_below(text: &mut String, number: usize, what: &str) -> std::fmt::Result {
    match number.saturating_sub(MOST_OPEN) {
        0 => Ok(()),
        more => writeln!(text, "- … {more} more {what}, below"),
    }
}

/// The folded blocks of a cluster.
fn details(cluster: &ClusterReview, several: bool) -> Vec<String> {
    let prefix = match several {
        true => format!("{}: ", prose(&cluster.cluster)),
        false => String::new(),
    };
    let mut blocks = long_lists(cluster, &prefix);
    for objects in cluster.objects.chunk_by(|a, b| a.owner == b.owner) {
        let owner = objects.first().map_or("", |object| object.owner.as_str());
        let title = format!("{prefix}{} ({})", prose(owner), plural(objects.len(), "object"));
        let mut body = String::new();
        for object in objects {
            let _ = write_object(&mut body, object);
        }
        blocks.push(fold(&title, &body));
    }
    let mut lines = String::new();
    for fact in &cluster.facts {
        let _ = writeln!(lines, "{}", printable(&fact.to_string()));
    }
    if !lines.is_empty() {
        blocks.push(fold(&format!("{prefix}facts ({})", cluster.facts.len()), &lines));
    }
    let mut lines = String::new();
    let findings = [('+', &cluster.findings.new), ('-', &cluster.findings.gone)];
    for (sign, findings) in findings {
        for finding in findings {
            let _ = writeln!(lines, "{sign} {}", crate::text::finding(finding));
        }
    }
    if !lines.is_empty() {
        blocks.push(fold(
            &format!("{prefix}findings that come (+) and go (-)"),
            &lines,
        ));
    }
    if cluster.noise_only > 0 {
        blocks.push(format!(
            "\n{} more differ only in chart labels and checksums.\n",
            plural(cluster.noise_only, "object")
        ));
    }
    blocks
}

/// The lists of the summary that are longer than it shows.
fn long_lists(cluster: &ClusterReview, prefix: &str) -> Vec<String> {
    let deletions = cluster.deletions.iter().map(|deletion| {
        let sign = if deletion.pruned { '-' } else { ' ' };
        let (object, reason) = (printable(&deletion.object), printable(&deletion.reason));
        format!("{sign} {object} ({reason})")
    });
    let restarts = cluster.restarts.iter().map(|restart| {
        let name = object_name(&restart.kind, &restart.namespace, &restart.name);
        format!("  {name} because of {}", printable(&list(&restart.because)))
    });
    let stale = cluster.stale.iter().map(|stale| {
        let name = object_name(&stale.kind, &stale.namespace, &stale.name);
        format!("  {name} reads {}", printable(&list(&stale.reads)))
    });
    let lists: [(&str, Vec<String>); 3] = [
        ("leaves the repository", deletions.collect()),
        ("restarts", restarts.collect()),
        ("keeps old values", stale.collect()),
    ];
    let long = lists.into_iter().filter(|(_, lines)| lines.len() > MOST_OPEN);
    long.map(|(title, lines)| {
        let body = lines.iter().fold(String::new(), |body, line| body + line + "\n");
        fold(&format!("{prefix}{title} ({})", lines.len()), &body)
    })
    .collect()
}

fn write_object(text: &mut String, object: &ObjectChange) -> std::fmt::Result {
    let name = object_name(&object.kind, &object.namespace, &object.name);
    write!(text, "{} {name}", sign(object.change))?;
    if let Some(previous) = &object.previous_owner {
        write!(text, " from {}", printable(previous))?;
    }
    writeln!(text)?;
    for field in object.fields.iter().filter(|field| !field.noise) {
        write_field(text, field)?;
    }
    match object.more_fields {
        0 => Ok(()),
        more => writeln!(text, "    … {} more", plural(more, "field")),
    }
}

fn write_field(text: &mut String, field: &FieldChange) -> std::fmt::Result {
    write!(text, "    {}", printable(&field.path))?;
    if let Some(place) = &field.place {
        write!(text, "{}", printable(&format!("  # {place}")))?;
    }
    writeln!(text)?;
    for (sign, value) in [('-', &field.before), ('+', &field.after)] {
        if let Some(value) = value {
            writeln!(text, "{sign}     {}", printable(value))?;
        }
    }
    for line in &field.lines {
        let mut characters = line.chars();
        let sign = characters.next().unwrap_or(' ');
        writeln!(text, "{sign}     {}", printable(characters.as_str()))?;
    }
    Ok(())
}

/// A folded block. Its fence is longer than any in its text.
fn fold(title: &str, body: &str) -> String {
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("<details><summary>{title}</summary>\n\n{fence}diff\n{body}{fence}\n</details>\n\n")
}

/// Repository text as inline code, whatever it contains.
fn code(text: &str) -> String {
    let text = printable(text).replace('\n', " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    match text.starts_with('`') || text.ends_with('`') {
        true => format!("{fence} {text} {fence}"),
        false => format!("{fence}{text}{fence}"),
    }
}

/// Repository text inside a sentence: nothing in it is a link, a picture, a mention or HTML.
fn prose(text: &str) -> String {
    let mut escaped = String::new();
    for c in printable(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '@' => escaped.push_str("&#64;"),
            '\n' => escaped.push(' '),
            '[' | ']' | '!' | '*' | '_' | '`' | '|' | '~' | '#' | '\\' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

fn cut(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(longest);
    let (shown, rest) = text.split_at(text[..end].rfind('\n').map_or(0, |at| at + 1));
    let left_out = rest.lines().filter(|line| line.starts_with("- ")).count();
    format!("{shown}- … {left_out} more lines\n\n")
}
