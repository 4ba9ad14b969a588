//! The questions about a name whose answers can say how it is in the cluster: `where`, `trace` and `flux`.

use std::fmt::Display;

use catalog_emit::ToJson;
use cluster_status::{Group, status};
use infra_query::{Answer, Facts, QueryError};

use super::{about, dead_end};
use crate::answer_source::Source;
use crate::exit::{Exit, Failure};
use crate::live_args::LiveArgs;
use crate::live_cluster;
use crate::report;
use crate::terminal::Terminal;

/// What is asked about, and where the cluster's state comes from.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    about: about::Arguments,
    /// Say in one line whether it is ready in the cluster, by kubectl or with --from-file.
    #[arg(long, help_heading = "Where the cluster's state comes from")]
    live: bool,
    #[command(flatten)]
    from: LiveArgs,
}

/// Answers one of the questions.
pub(crate) fn run<A: Answer + Display + ToJson>(
    arguments: &Arguments,
    terminal: &Terminal,
    question: fn(&'static dyn Facts, &str) -> Result<A, QueryError>,
) -> Result<Exit, Failure> {
    let mut source = arguments.about.model.open(terminal)?;
    if arguments.live || arguments.from.is_given() {
        source.live = readiness(&mut source, arguments, terminal);
    }
    let answered = about::ask(&source, &arguments.about.name, question);
    dead_end::told(answered, &arguments.about.model, terminal)
}

/// How it is in the cluster, which of several is the only one that is asked from then on. A cluster that does not answer is a
/// warning: the repository still does.
fn readiness(source: &mut Source<'_>, arguments: &Arguments, terminal: &Terminal) -> Option<String> {
    const GROUPS: [Group; 4] = [Group::Flux, Group::Workloads, Group::Pods, Group::Events];
    let name = arguments.about.name.as_str();
    let live = &arguments.from;
    let read = live.read(source, None, &GROUPS, None, terminal);
    let settled = read.and_then(|(snapshot, now)| {
        // The question itself is asked of all clusters.
        live_cluster::settle(source, &snapshot, live, None, ("status", Some(name)), terminal)?;
        Ok((snapshot, now))
    });
    match settled {
        Ok((snapshot, now)) => {
            let report = status(source.facts, &snapshot, Some(name), now);
            // What is not found is said of the question itself.
            report.ok().map(|report| report.one_line())
        }
        Err(failure) => {
            report::warning(
                terminal,
                &failure.message,
                failure
                    .hint
                    .as_deref()
                    .unwrap_or("the answer is the repository's"),
            );
            Some("not known".to_owned())
        }
    }
}
