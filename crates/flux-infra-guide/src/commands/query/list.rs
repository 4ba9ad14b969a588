//! `list`: everything of one kind.

use std::ffi::OsStr;
use std::str::FromStr;

use clap::builder::{PossibleValue, TypedValueParser};
use infra_query::list::{ListFilter, ListKind, Narrowing, state_of};

use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// Everything of one kind, or of every kind in a state or namespace.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  flux-infra-guide list services --namespace backend-services\n  flux-infra-guide list --where suspended\n  flux-infra-guide list images --format json"
)]
pub(crate) struct Arguments {
    /// What to list. Default: all kinds, with --where, --namespace or --owner.
    #[arg(value_parser = Kinds, required_unless_present_any = ["state", "namespace", "owner"])]
    kind: Option<Listed>,
    /// Only in this namespace.
    #[arg(short, long)]
    namespace: Option<String>,
    /// Only what this HelmRelease or Kustomization owns.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Only what is in this state: suspended, failed, partial, external, unused, or for secrets a provider, encrypted or "plain text".
    #[arg(long = "where", value_name = "STATE")]
    state: Option<String>,
    #[command(flatten)]
    model: ModelArgs,
}

/// The first argument.
#[derive(Clone, Debug)]
enum Listed {
    Kind(ListKind),
    /// Everything in a state, whatever its kind.
    InState(String),
}

/// Parser of every word for a kind or state, which completes the kinds that the help lists.
#[derive(Clone)]
struct Kinds;

impl TypedValueParser for Kinds {
    type Value = Listed;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Listed, clap::Error> {
        match ListKind::from_str.parse_ref(command, argument, value) {
            Ok(kind) => Ok(Listed::Kind(kind)),
            Err(error) => match value.to_str().filter(|word| state_of(word).is_some()) {
                Some(word) => Ok(Listed::InState(word.to_owned())),
                None => Err(error),
            },
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let words = ListKind::ALL.iter().map(|(word, _)| PossibleValue::new(*word));
        Some(Box::new(words))
    }
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let (kind, state) = match (arguments.kind.clone(), arguments.state.clone()) {
        (Some(Listed::Kind(kind)), state) => (kind, state),
        (Some(Listed::InState(state)), None) => (ListKind::All, Some(state)),
        (Some(Listed::InState(state)), Some(other)) => {
            let failure = Failure::usage(format!("{state} and {other} are two states"));
            return Err(failure.hint("name one, and a kind beside it"));
        }
        (None, state) => (ListKind::All, state),
    };
    for (is_given, narrowing, option) in [
        (arguments.namespace.is_some(), Narrowing::Namespace, "--namespace"),
        (arguments.owner.is_some(), Narrowing::Owner, "--owner"),
        (arguments.state.is_some(), Narrowing::State, "--where"),
    ] {
        if is_given && !kind.can(narrowing) {
            let word = kind.as_str();
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
        state,
    };
    source.answer_all(|facts| infra_query::list(facts, kind, &filter))
}
