//! `config`: values of configuration, as written and as applied.

use flux_scan::ConfigText;
use infra_model::ObjectRef;
use infra_model::flux::MOST_VALUES;
use infra_query::config::{ConfigAnswer, ConfigFound, FullText};
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
        // The files of the repository may have what the catalogs do not.
        Err(failure) if failure.exit == Exit::NotFound && arguments.path.is_none() => {
            stated::config(arguments, terminal, false)
                .unwrap_or_else(|| other_keys(arguments, failure, terminal))
        }
        other => other,
    };
    dead_end::or_lines(answered, &arguments.model, terminal)
}

/// The keys that the object has in place of the one that is missing; otherwise the failure.
fn other_keys(arguments: &Arguments, failure: Failure, terminal: &Terminal) -> Result<Exit, Failure> {
    let Some(key) = &arguments.key else {
        return Err(failure);
    };
    let term = format!("{}/{key}", arguments.name);
    let source = arguments.model.open(terminal)?;
    let has_others = |facts: &'static dyn Facts| {
        matches!(infra_query::config(facts, &term), Err(QueryError::NoKey { .. }))
    };
    match source.all_facts().any(has_others) {
        // The hint of the failure says where else the value may come from.
        true => source.ask(&term, infra_query::config).map_err(|others| Failure {
            hint: failure.hint,
            ..others
        }),
        false => Err(failure),
    }
}

fn of_catalogs(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let term = match &arguments.key {
        Some(key) => format!("{}/{key}", arguments.name),
        None => arguments.name.clone(),
    };
    if let (Some(key), true) = (&arguments.key, arguments.full || arguments.path.is_some()) {
        return match full_text(arguments, key, terminal) {
            // The catalogs may have objects of a chart that is not available now.
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
    // Only a scan knows charts and values that are given by options.
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
        // Catalogs have no values of charts, and of several layers only the result: the repository is scanned for them.
        match !releases.is_empty() && !source.all_facts().any(is_known) {
            true => {
                let like = |facts: &'static dyn Facts| infra_query::config_like(facts, &term).is_ok();
                let is_removed = |facts: &'static dyn Facts| match infra_query::config(facts, &term) {
                    Err(error) => error.is_not_applied(),
                    Ok(_) => false,
                };
                // If the catalogs have all values, a word means every key that contains it.
                let has_all = releases.iter().all(|(_, release)| release.is_chart_unknown());
                if has_all && !is_layered && source.all_facts().any(like) {
                    return stated::config(arguments, terminal, true)
                        .unwrap_or_else(|| source.ask(&term, infra_query::config_like));
                }
                return match values(arguments, path, terminal) {
                    Err(failure) if failure.exit == Exit::NotFound && source.all_facts().any(is_removed) => {
                        source.ask(&term, infra_query::config)
                    }
                    // Keys that contain the word help more than a failure.
                    Err(failure) if failure.exit == Exit::NotFound && source.all_facts().any(like) => {
                        // A field of exactly this name, in a text or beside the release, comes first.
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
        // The argument may be a path in a value that is YAML itself, without the key.
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
    // A short file is shown as a whole, which saves a second question.
    let is_short = |facts: &'static dyn Facts| {
        infra_query::config(facts, &term).is_ok_and(|answer| answer.is_short_file())
    };
    if let Some(key) = &arguments.key
        && arguments.model.is_text()
        && arguments.model.may_scan()
        && source.all_facts().any(is_short)
        && let Ok(exit) = full_text(arguments, key, terminal)
    {
        return Ok(exit);
    }
    let is_cut =
        |facts: &'static dyn Facts| infra_query::config(facts, &term).is_ok_and(|answer| answer.is_cut());
    // Of a long text the catalogs have only the number of lines.
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
    let answered = source.ask(&term, |facts, term| found(arguments, facts, term));
    // If a service reads only one short file, the file is its configuration.
    if answered.is_ok()
        && arguments.key.is_none()
        && arguments.model.is_text()
        && arguments.model.may_scan()
        && let Some(key) = source.all_facts().find_map(|facts| only_short_file(facts, &term))
    {
        // The answer is complete without it.
        let _ = full_text(arguments, &key, terminal);
    }
    answered
}

/// The only key of the only ConfigMap of a service, if its value is a short file.
fn only_short_file(facts: &'static dyn Facts, term: &str) -> Option<String> {
    match infra_query::config(facts, term).ok()?.found {
        ConfigFound::Service {
            maps, values: None, ..
        } => match maps.as_slice() {
            [only] if only.config_map.keys.len() == 1 => {
                let key = only.config_map.keys.keys().next()?;
                let asked = format!("{}/{key}", only.key);
                let answer = infra_query::config(facts, &asked).ok()?;
                answer.is_short_file().then(|| key.clone())
            }
            _ => None,
        },
        _ => None,
    }
}

/// The answer of the catalogs, with all lines if `--full` is given.
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

/// The text at a path in any value of a ConfigMap, by a scan.
fn in_a_text(arguments: &Arguments, path: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    let (source, evaluations) = arguments.model.scanned(terminal)?;
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
    let (source, evaluations) = arguments.model.scanned(terminal)?;
    let path = arguments.path.as_deref();
    source.ask(&arguments.name, |facts, name| {
        text_at(facts, &evaluations, name, key, path)
    })
}

/// The text of a value, or the part of it at a path.
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
    let (source, evaluations) = arguments.model.scanned(terminal)?;
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

/// The reason why a value may be unknown.
const DEFAULTS: &str = "values that a chart's defaults alone state are known where the chart is: `flux-infra-guide fetch` gets charts, \
                        --charts DIR names a folder of them";
