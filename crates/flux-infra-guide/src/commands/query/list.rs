//! `list`: everything of one kind.

use std::ffi::OsStr;
use std::str::FromStr;

use clap::builder::{PossibleValue, TypedValueParser};
use infra_query::list::{ListFilter, ListKind, Narrowing};

use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// Everything of one kind.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  flux-infra-guide list services --namespace backend-services\n  flux-infra-guide list images --format json"
)]
pub(crate) struct Arguments {
    /// What to list.
    #[arg(value_parser = kinds())]
    kind: ListKind,
    /// Only in this namespace.
    #[arg(short, long)]
    namespace: Option<String>,
    /// Only what this HelmRelease or Kustomization owns.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Only what is in this state: suspended, failed, partial, external, or for secrets a provider, sops or "plain text".
    #[arg(long = "where", value_name = "STATE")]
    state: Option<String>,
    #[command(flatten)]
    model: ModelArgs,
}

/// Reads every word for a kind, and completes those that the help lists.
fn kinds() -> impl TypedValueParser<Value = ListKind> {
    Kinds
}

#[derive(Clone)]
struct Kinds;

impl TypedValueParser for Kinds {
    type Value = ListKind;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<ListKind, clap::Error> {
        ListKind::from_str.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let words = ListKind::ALL.iter().map(|(word, _)| PossibleValue::new(*word));
        Some(Box::new(words))
    }
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    for (is_given, narrowing, option) in [
        (arguments.namespace.is_some(), Narrowing::Namespace, "--namespace"),
        (arguments.owner.is_some(), Narrowing::Owner, "--owner"),
        (arguments.state.is_some(), Narrowing::State, "--where"),
    ] {
        if is_given && !arguments.kind.can(narrowing) {
            let word = arguments.kind.as_str();
            let lists = ListKind::ALL.iter().filter(|(_, kind)| kind.can(narrowing));
            let lists: Vec<&str> = lists.map(|(word, _)| *word).collect();
            return Err(Failure::usage(format!("{option} does nothing for {word}"))
                .hint(format!("it is for {}", lists.join(", "))));
        }
    }
    let source = arguments.model.open(terminal)?;
    let filter = ListFilter {
        namespace: arguments.namespace.clone(),
        owner: arguments.owner.clone(),
        state: arguments.state.clone(),
    };
    source.answer_all(|facts| infra_query::list(facts, arguments.kind, &filter))
}
