//! The cluster of a repository that the live one is.

use cluster_status::Snapshot;
use infra_query::Facts;
use plain_text::Command;

use crate::answer_source::Source;
use crate::exit::Failure;
use crate::live_args::LiveArgs;
use crate::rwenv::Rwenv;
use crate::terminal::Terminal;

/// Keeps only the cluster whose entry the live one applies, or else the one with the name of the context. `question` is the
/// command and its argument.
///
/// # Errors
/// [`Failure`] with a command for each cluster if neither decides.
pub(crate) fn settle(
    source: &mut Source<'_>,
    snapshot: &Snapshot,
    live: &LiveArgs,
    rwenv: Option<&Rwenv>,
    question: (&'static str, Option<&str>),
    terminal: &Terminal,
) -> Result<(), Failure> {
    let clusters = source.own_clusters();
    if clusters.len() < 2 {
        return Ok(());
    }
    let entry = |facts: &dyn Facts| facts.metadata().cluster.to_string();
    let applied = only(&clusters, |(_, facts)| snapshot.applies(&entry(*facts)));
    let named = || {
        let context = live.context(rwenv)?;
        only(&clusters, |(title, facts)| {
            is_named(context, title, &entry(*facts))
        })
    };
    let (why, (title, facts)) = match (applied, named()) {
        (Some(cluster), _) => ("a Kustomization applies its entry", cluster),
        (None, Some(cluster)) => ("the context has its name", cluster),
        (None, None) => return Err(several(source, &clusters, live, rwenv, question)),
    };
    if !terminal.quiet {
        terminal.err(&format!(
            "note: of {} clusters it is {}: {why}\n",
            clusters.len(),
            plain_text::printable(title)
        ));
    }
    source.keep_only(*facts);
    Ok(())
}

type Cluster = (String, &'static dyn Facts);

/// The only cluster with a property.
fn only(clusters: &[Cluster], holds: impl Fn(&Cluster) -> bool) -> Option<&Cluster> {
    let mut found = clusters.iter().filter(|cluster| holds(cluster));
    found.next().filter(|_| found.next().is_none())
}

/// Whether a context is named after a cluster in the way of some tool: `prod`, `kind-prod`, `admin@prod`,
/// `gke_project_zone_prod`, `arn:aws:eks:region:account:cluster/prod`.
fn is_named(context: &str, title: &str, entry: &str) -> bool {
    let last = entry.rsplit('/').next().unwrap_or(entry);
    let after = context.rsplit(['/', '@', '_']).next().unwrap_or(context);
    let of_tool = ["kind-", "k3d-"]
        .iter()
        .find_map(|prefix| context.strip_prefix(prefix));
    [Some(context), Some(after), of_tool]
        .into_iter()
        .flatten()
        .any(|name| name == title || name == last)
}

/// The failure that a cluster has to be named, with commands.
fn several(
    source: &Source<'_>,
    clusters: &[Cluster],
    live: &LiveArgs,
    rwenv: Option<&Rwenv>,
    (command, name): (&'static str, Option<&str>),
) -> Failure {
    let names: Vec<&str> = clusters.iter().map(|(title, _)| title.as_str()).collect();
    let commands = names.iter().filter_map(|cluster| {
        let mut words = Command::new("flux-infra-guide").literal(command);
        if let Some(name) = name {
            words = words.text(name);
        }
        words = live.repeat(source.repeat(words.literal("--cluster").text(cluster)));
        if let Some(rwenv) = rwenv {
            words = words.literal("--rwenv").text(&rwenv.name);
        }
        Some(format!("`{}`", words.finish()?))
    });
    let commands: Vec<String> = commands.collect();
    Failure::usage(format!(
        "the repository has several clusters, and neither a Kustomization nor the context says which one this is: {}",
        names.join(", ")
    ))
    .hint(format!("name it: {}", commands.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_that_are_named_after_a_cluster() {
        for context in [
            "prod",
            "kind-prod",
            "k3d-prod",
            "admin@prod",
            "gke_acme_europe-west1_prod",
            "arn:aws:eks:eu-west-1:123456789012:cluster/prod",
        ] {
            assert!(is_named(context, "clusters/prod", "clusters/prod"), "{context}");
        }
        for context in ["nonprod", "prod-eu", "production", "admin@prod-eu", ""] {
            assert!(!is_named(context, "clusters/prod", "clusters/prod"), "{context}");
        }
        assert!(is_named("eu", "eu", "clusters/prod/eu-1"));
    }
}
