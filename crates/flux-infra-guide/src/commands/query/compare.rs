//! `compare`: differences of two clusters, or of two services.

use clap_complete::ArgValueCompleter;
use infra_query::{Facts, Matched};

use super::dead_end;
use crate::answer_source::{Source, title};
use crate::exit::{Exit, Failure};
use crate::known_names;
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// What differs between two clusters, or two services of one: versions, replicas, values, secrets, hosts.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  flux-infra-guide compare staging production\n  flux-infra-guide compare staging production papi\n  flux-infra-guide compare papi web"
)]
pub(crate) struct Arguments {
    /// The one cluster, or service, by name.
    #[arg(add = ArgValueCompleter::new(known_names::clusters))]
    one: String,
    /// The other.
    #[arg(add = ArgValueCompleter::new(known_names::clusters))]
    other: String,
    /// Only this, and the ConfigMaps that it reads.
    name: Option<String>,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let source = arguments.model.open(terminal)?;
    let is_cluster = |name: &str| source.cluster(name).is_ok();
    let (one, other) = (arguments.one.as_str(), arguments.other.as_str());
    let is_known = |name: &str| {
        source
            .all_facts()
            .any(|facts| infra_query::find(facts, name).is_ok())
    };
    if arguments.name.is_none()
        && !is_cluster(one)
        && !is_cluster(other)
        && (is_known(one) || is_known(other))
    {
        let answered = match in_two_clusters(&source, [one, other]) {
            Some([left, right]) => {
                let names =
                    [(left, one), (right, other)].map(|(facts, name)| format!("{name} ({})", title(facts)));
                let names = [names[0].as_str(), names[1].as_str()];
                match infra_query::compare_things([(left, one), (right, other)], names) {
                    Ok(answer) => source.answer("", &answer),
                    Err(error) => source.miss(error),
                }
            }
            None => source.ask(one, |facts, _| {
                infra_query::compare_things([(facts, one), (facts, other)], [one, other])
            }),
        };
        return dead_end::or_lines(answered, &arguments.model, terminal);
    }
    if arguments.model.names_cluster() {
        let failure = Failure::usage("--cluster does nothing here: two clusters are compared");
        return Err(failure.hint("name them: `flux-infra-guide compare ONE OTHER [NAME]`"));
    }
    let one = source.cluster(&arguments.one)?;
    let other = source.cluster(&arguments.other)?;
    let name = arguments.name.as_deref();
    match infra_query::compare([(&arguments.one, one), (&arguments.other, other)], name) {
        Ok(answer) => source.answer("", &answer),
        Err(error) => source.miss(error),
    }
}

/// The clusters of two names, if no cluster has both.
fn in_two_clusters(source: &Source<'_>, names: [&str; 2]) -> Option<[&'static dyn Facts; 2]> {
    let has = |facts: &dyn Facts, name: &str| {
        infra_query::find(facts, name).is_ok_and(|hits| hits.iter().any(|hit| hit.matched == Matched::Name))
    };
    let [one, other] = names;
    if source
        .all_facts()
        .any(|facts| has(facts, one) && has(facts, other))
    {
        return None;
    }
    let first = |name| source.all_facts().find(|facts| has(*facts, name));
    Some([first(one)?, first(other)?])
}
