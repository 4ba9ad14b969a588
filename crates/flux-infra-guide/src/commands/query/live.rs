//! Questions about a name whose answers can include its readiness in the cluster: `where`, `trace` and `flux`.

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

/// The name, and where the cluster's state comes from.
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
    dead_end::or_lines(answered, &arguments.about.model, terminal)
}

/// The readiness in the cluster, in one line. Of several clusters, only the live one is asked from then on. A cluster that
/// does not answer is only a warning, because the repository can still answer.
fn readiness(source: &mut Source<'_>, arguments: &Arguments, terminal: &Terminal) -> Option<String> {
    const GROUPS: [Group; 4] = [Group::Flux, Group::Workloads, Group::Pods, Group::Events];
    let name = arguments.about.name.as_str();
    let live = &arguments.from;
    let read = live.read(source, None, &GROUPS, None, terminal);
    let settled = read.and_then(|(snapshot, now)| {
        // The hint names `status`, because the question itself goes on for all clusters.
        live_cluster::settle(source, &snapshot, live, None, ("status", Some(name)), terminal)?;
        Ok((snapshot, now))
    });
    match settled {
        Ok((snapshot, now)) => {
            let report = status(source.facts, &snapshot, Some(name), now);
            // The question itself reports a name that is not found.
            report.ok().map(|report| report.one_line())
        }
        Err(failure) => {
            let hint = failure.hint.as_deref();
            let hint = hint.unwrap_or("the answer is the repository's");
            report::warning(terminal, &failure.message, hint);
            Some("not known".to_owned())
        }
    }
}
