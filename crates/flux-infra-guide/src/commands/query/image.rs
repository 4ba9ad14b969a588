//! `image`: the place that decides the tag of an image.

use clap_complete::ArgValueCompleter;

use super::dead_end;
use crate::exit::{Exit, Failure};
use crate::known_names;
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// What decides an image: file, command that changes it, services affected.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  flux-infra-guide image papi --tag 1.4.2")]
pub(crate) struct Arguments {
    /// A service, image or image group.
    #[arg(add = ArgValueCompleter::new(known_names::names))]
    name: String,
    /// The tag in the commands.
    #[arg(long, value_name = "TAG", default_value = "NEW_TAG")]
    tag: String,
    #[command(flatten)]
    model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let source = arguments.model.open(terminal)?;
    let answered = source.ask(&arguments.name, |facts, name| {
        let mut answer = infra_query::image(facts, name, &arguments.tag)?;
        if answer.lacks_policy() {
            // One cluster may update the repository for all.
            source.each_cluster(|title, facts| answer.add_policies(title, facts));
        }
        Ok(answer)
    });
    dead_end::or_lines(answered, &arguments.model, terminal)
}
