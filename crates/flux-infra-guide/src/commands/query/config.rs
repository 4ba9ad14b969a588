//! `config`: values of configuration, as written and as applied.

use camino::Utf8PathBuf;
use flux_scan::ConfigText;
use infra_model::ObjectRef;
use infra_model::flux::MOST_VALUES;
use infra_query::config::{ConfigAnswer, FullText};
use infra_query::explain::release_of_term;
use infra_query::{Facts, QueryError};

use clap_complete::ArgValueCompleter;

use super::{dead_end, stated};
use crate::answer_source::Evaluations;
use crate::exit::{Exit, Failure};
use crate::known_names;
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// What a configuration value is, where it is defined, and who uses it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  flux-infra-guide config papi-env-vars-cm\n  flux-infra-guide config papi-env-vars-cm GIT_SERVICE_URL\n  flux-infra-guide config variable/cluster_name\n  flux-infra-guide config grafana ingress.hosts\n  flux-infra-guide config papi-config application.yaml server.port\n  flux-infra-guide config loki singleBinary.replicas --charts ~/charts   # a default of the chart, where it was not fetched"
)]
pub(crate) struct Arguments {
    /// A ConfigMap, service, key or substitution variable.
    #[arg(add = ArgValueCompleter::new(known_names::names))]
    pub(super) name: String,
    /// A key of the ConfigMap, an environment variable of the service, or a path among the values of a HelmRelease.
    pub(super) key: Option<String>,
    /// A path in a value that is YAML or JSON itself, such as server.port; it is read from the repository.
    #[arg(requires = "key")]
    pub(super) path: Option<String>,
    /// The whole text of a value of several lines, read from the repository; of other answers all lines.
    #[arg(long, requires = "key")]
    pub(super) full: bool,
    #[command(flatten)]
    pub(super) model: ModelArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let answered = match of_catalogs(arguments, terminal) {
        // What no catalog has may stand in the files all the same.
        Err(failure) if failure.exit == Exit::NotFound && arguments.path.is_none() => {
            stated::config(arguments, terminal, false).unwrap_or(Err(failure))
        }
        other => other,
    };
    dead_end::told(answered, &arguments.model, terminal)
}

fn of_catalogs(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let term = match &arguments.key {
        Some(key) => format!("{}/{key}", arguments.name),
        None => arguments.name.clone(),
    };
    if let (Some(key), true) = (&arguments.key, arguments.full || arguments.path.is_some()) {
        return match full_text(arguments, key, terminal) {
            // What a chart makes that is not at hand now, the catalogs may have.
            Err(failure) if failure.exit == Exit::NotFound && arguments.path.is_none() => {
                if let Some(stated) = stated::config(arguments, terminal, true) {
                    return stated;
                }
                let source = arguments.model.open(terminal)?;
                match source
                    .all_facts()
                    .any(|facts| infra_query::config(facts, &term).is_ok())
                {
                    true => source.ask(&term, |facts, term| found(arguments, facts, term)),
                    false => Err(failure),
                }
            }
            other => other,
        };
    }
    // Charts and values that are given by options are known to a scan.
    let model = arguments.model.scanning_if_asked();
    let source = model.open(terminal)?;
    if let Some(path) = &arguments.key {
        let releases = source.all_facts();
        let releases = releases.filter_map(|facts| release_of_term(facts, &arguments.name));
        let releases: Vec<_> = releases.collect();
        let is_known = |facts: &'static dyn Facts| infra_query::config(facts, &term).is_ok();
        let is_layered = releases
            .iter()
            .any(|(_, release)| !release.values_from.is_empty() || release.values.len() >= MOST_VALUES);
        // Values of a chart stand in no catalog, and of several layers only what comes of them: the repository is read.
        match !releases.is_empty() && !source.all_facts().any(is_known) {
            true => {
                let like = |facts: &'static dyn Facts| infra_query::config_like(facts, &term).is_ok();
                let is_removed = |facts: &'static dyn Facts| match infra_query::config(facts, &term) {
                    Err(error) => error.is_not_applied(),
                    Ok(_) => false,
                };
                return match values(arguments, path, terminal) {
                    Err(failure) if failure.exit == Exit::NotFound && source.all_facts().any(is_removed) => {
                        source.ask(&term, infra_query::config)
                    }
                    // Keys that have the word in them say more than that there is none of the name.
                    Err(failure) if failure.exit == Exit::NotFound && source.all_facts().any(like) => {
                        // Before those, what is called so in a text, or beside the release.
                        stated::config(arguments, terminal, true)
                            .unwrap_or_else(|| source.ask(&term, infra_query::config_like))
                    }
                    other => other,
                };
            }
            false if is_layered => {
                if let Ok(exit) = values(arguments, path, terminal) {
                    return Ok(exit);
                }
            }
            false => {}
        }
        // A path in a value that is YAML itself, whose key is not said.
        let may_hold = |facts: &'static dyn Facts| match infra_query::config(facts, &term) {
            Err(error) if !error.is_not_applied() => {
                !infra_query::config::keys_with_text(facts, &arguments.name).is_empty()
            }
            _ => false,
        };
        if source.all_facts().all(may_hold)
            && let Ok(exit) = in_a_text(arguments, path, terminal)
        {
            return Ok(exit);
        }
    }
    let is_cut =
        |facts: &'static dyn Facts| infra_query::config(facts, &term).is_ok_and(|answer| answer.is_cut());
    // Of a long text the catalogs keep how many lines it has.
    if arguments.key.is_some()
        && arguments.model.is_text()
        && source.all_facts().any(is_cut)
        && let Some(stated) = stated::config(arguments, terminal, true)
    {
        return stated;
    }
    if arguments.key.is_none()
        && let Some(exit) = stated::service(arguments, &source, terminal)
    {
        return exit;
    }
    source.ask(&term, |facts, term| found(arguments, facts, term))
}

/// The answer of the catalogs, in full where that is asked for.
fn found<'a>(
    arguments: &Arguments,
    facts: &'a dyn Facts,
    term: &str,
) -> Result<ConfigAnswer<'a>, QueryError> {
    let answer = infra_query::config(facts, term)?;
    Ok(ConfigAnswer {
        full: arguments.full,
        ..answer
    })
}

/// What stands at a path in any value of a ConfigMap, by a scan.
fn in_a_text(arguments: &Arguments, path: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    let (source, evaluations) = arguments.model.scanned(&Utf8PathBuf::from("."), terminal)?;
    source.ask(&arguments.name, |facts, name| {
        let keys = infra_query::config::keys_with_text(facts, name);
        let found = keys
            .iter()
            .find_map(|key| text_at(facts, &evaluations, name, key, Some(path)).ok());
        found.map_or_else(|| text_at(facts, &evaluations, name, path, None), Ok)
    })
}

/// The text of a value, by a scan.
fn full_text(arguments: &Arguments, key: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    let (source, evaluations) = arguments.model.scanned(&Utf8PathBuf::from("."), terminal)?;
    let path = arguments.path.as_deref();
    source.ask(&arguments.name, |facts, name| {
        text_at(facts, &evaluations, name, key, path)
    })
}

/// The text of a value, or of what stands in it at a path.
fn text_at<'a>(
    facts: &'a dyn Facts,
    evaluations: &Evaluations,
    name: &str,
    key: &str,
    path: Option<&str>,
) -> Result<FullText<'a>, QueryError> {
    infra_query::config::full_text(facts, name, key, path, |map| {
        let name = map.rendered_name.as_deref().unwrap_or(&map.name);
        let id = ObjectRef::new("ConfigMap", &map.namespace, name);
        let ConfigText { text, place, is_cut } =
            flux_scan::config_text(evaluations.of(facts)?, &id, key, path)?;
        Some((text, place, is_cut))
    })
}

/// The values of a HelmRelease at a path, by a scan.
fn values(arguments: &Arguments, path: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    let (source, evaluations) = arguments.model.scanned(&Utf8PathBuf::from("."), terminal)?;
    let answered = source.ask(&arguments.name, |facts, name| {
        infra_query::explain::values(facts, name, path, &|release| {
            let evaluation = evaluations.of(facts);
            evaluation.map_or_else(Vec::new, |evaluation| {
                flux_scan::explain_values(evaluation, release, path)
            })
        })
    });
    answered.map_err(|failure| match failure.exit {
        Exit::NotFound => failure.hint(DEFAULTS),
        _ => failure,
    })
}

/// Why a value may be unknown.
const DEFAULTS: &str = "values that a chart's defaults alone state are known where the chart is: `flux-infra-guide fetch` gets charts, \
                        --charts DIR names a folder of them";
