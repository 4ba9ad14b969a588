//! `explain`: where the fields of a service come from.

use infra_model::explain::ServiceField;

use clap_complete::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};

use super::config;
use crate::exit::{Exit, Failure};
use crate::known_names;
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// Where a field of a service comes from: every place that states it, with lines, and the one that decides.
///
/// Chart default, values file, ConfigMap of valuesFrom, spec.values, patches, variables, post renderers. It reads the repository,
/// by default the one of this folder. Values of charts are proved by changing them and rendering again.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  flux-infra-guide explain papi image\n  flux-infra-guide explain grafana --charts ~/.cache/helm/repository"
)]
pub(crate) struct Arguments {
    /// A service, or another name for it.
    #[arg(add = ArgValueCompleter::new(known_names::names))]
    name: String,
    /// What to explain; another field of the object is configuration. Default: all of the first five.
    #[arg(value_name = "replicas|image|port|env|host|FIELD", add = ArgValueCandidates::new(fields))]
    field: Option<String>,
    #[command(flatten)]
    model: ModelArgs,
}

const FIELDS: [(&str, ServiceField); 5] = [
    ("replicas", ServiceField::Replicas),
    ("image", ServiceField::Image),
    ("port", ServiceField::Port),
    ("env", ServiceField::Env),
    ("host", ServiceField::Host),
];

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let field = arguments.field.as_deref().and_then(|word| {
        let mut fields = FIELDS.into_iter();
        fields.find(|(name, _)| name.eq_ignore_ascii_case(word))
    });
    let field = field.map(|(_, field)| field);
    // Another field of the object or its values is configuration.
    if field.is_none() && arguments.field.is_some() {
        let arguments = config::Arguments {
            name: arguments.name.clone(),
            key: arguments.field.clone(),
            path: None,
            full: false,
            model: arguments.model.clone(),
        };
        return config::run(&arguments, terminal);
    }
    let (source, evaluations) = arguments.model.scanned(terminal)?;
    source.ask(&arguments.name, |facts, name| {
        infra_query::explain(facts, name, field, &|service| {
            let evaluation = evaluations.of(facts);
            evaluation.map_or_else(Vec::new, |evaluation| {
                flux_scan::explain(evaluation, service, field)
            })
        })
    })
}

fn fields() -> Vec<CompletionCandidate> {
    FIELDS.map(|(name, _)| CompletionCandidate::new(name)).into()
}
