//! `secret`: where credentials come from. The paths of secrets of a service, to a Secret, or from a path in a store.

mod maker;
mod path;
mod push;
mod text;
mod through;

use crate::answer::{MOST_STEPS, display_answer};
use crate::config::read_in;
use crate::find::{Hit, Matched, QueryError, find_for, find_service};
use crate::graph::links::release_of;
use crate::next_steps::{self, Answer, Step};
use crate::{Facts, Keyed, Question, Subject};
use infra_model::Place;
use infra_model::config::{Usage, Variable};
use infra_model::flux::ChartStatus;
use infra_model::secrets::SecretStore;
use infra_model::service::Service;

pub use path::{Filled, SecretPath};
pub(crate) use path::{paths, paths_of_service, reader};
pub use push::Pushed;
pub(crate) use text::{Reader, path_lines};
pub(crate) use through::paths_through;

/// The paths of secrets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecretAnswer<'a> {
    /// Key of the service that was asked for, if it was one.
    pub service: Option<&'a str>,
    /// The variable that was asked for, if it was one.
    pub variable: Option<Keyed<'a, Variable>>,
    /// The paths, by carrier.
    pub paths: Vec<SecretPath<'a>>,
    /// The path in a store that was asked for.
    pub asked_path: Option<String>,
    /// The stores that were asked for.
    pub stores: Vec<StoreAnswer<'a>>,
    /// The PushSecrets that were asked for.
    pub pushes: Vec<Pushed<'a>>,
    /// The paths of the secrets that the service keeps for others.
    pub through: Vec<SecretPath<'a>>,
    /// The paths of others that begin at the name of the service in a store.
    pub shared: Vec<SecretPath<'a>>,
    /// The places of the Secret in files that Flux does not apply, if nothing here makes it.
    pub stated_at: Vec<Place>,
    /// Whether the service has several containers, so that each use names one.
    pub several_containers: bool,
    /// The values of its HelmRelease that are credentials or encrypted, each with its line.
    pub in_values: Vec<(&'a str, Option<Place>)>,
    /// Why not all secrets of the service are known: the chart of its HelmRelease fails or is not available.
    pub chart_unknown: Option<ChartStatus>,
    /// Commands that show where a secret got stuck, in the order in which to run them.
    pub check: Vec<Step>,
}

/// A store.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreAnswer<'a> {
    /// Its key.
    pub key: &'a str,
    /// The store.
    pub store: &'a SecretStore,
    /// The variables in its fields, each with the line of its value.
    pub variables: Vec<(&'a str, Place)>,
}

impl SecretAnswer<'_> {
    /// The name of its only Secret, if nothing that is known makes it.
    pub fn made_elsewhere(&self) -> Option<&str> {
        let is_made = |path: &SecretPath<'_>| {
            path.carrier.is_some() || path.origin.is_some() || path.maker.is_some() || path.copy.is_some()
        };
        match self.paths.as_slice() {
            [first, rest @ ..] if self.service.is_none() && !is_made(first) => {
                let (_, name) = first.secret?;
                let is_one = rest.iter().all(|path| path.secret == first.secret);
                is_one.then_some(name)
            }
            _ => None,
        }
    }
}

impl Answer for SecretAnswer<'_> {
    fn steps(&self) -> &[Step] {
        &self.check
    }

    fn shown(&self) -> usize {
        // Secrets in the repository need no command. Others are fetched or made in the cluster.
        let is_held = |path: &SecretPath<'_>| {
            let carrier = path.carrier;
            matches!(carrier, Some(Subject::Secret(..) | Subject::SealedSecret(..)))
        };
        match self.paths.iter().all(is_held) {
            true => 0,
            false => MOST_STEPS,
        }
    }
}

display_answer!(SecretAnswer<'_>);

/// The withheld values of a service's HelmRelease.
fn in_values<'a>(facts: &'a dyn Facts, service: &Service) -> Vec<(&'a str, Option<Place>)> {
    let Some((_, release)) = release_of(facts, service) else {
        return Vec::new();
    };
    let withheld = release.values.iter().filter(|(_, field)| field.value == WITHHELD);
    withheld
        .map(|(path, field)| (path.as_str(), field.place(release.source.as_ref())))
        .collect()
}

/// Replaces credentials in catalogs.
const WITHHELD: &str = "<redacted>";

/// Follows secrets from their store to their readers. `term` is a service, the name of a Secret or of an object that
/// makes one, a store or its provider, a path in Vault, or an environment variable.
///
/// # Errors
/// [`QueryError`]
pub fn secret<'a>(facts: &'a dyn Facts, term: &str) -> Result<SecretAnswer<'a>, QueryError> {
    let hits = find_for(facts, term, Question::Secret);
    let is_part = |hits: &Vec<Hit<'_>>| hits.iter().all(|hit| hit.matched == Matched::Part);
    let is_found = hits.as_ref().is_ok_and(|hits| !is_part(hits));
    let pushes = push::pushes(facts, term);
    if !is_found && !pushes.is_empty() {
        let pushed: Vec<_> = pushes
            .iter()
            .filter_map(|pushed| Some((pushed.object.namespace.as_str(), pushed.secret()?)))
            .collect();
        let mut read = paths(facts);
        read.retain(|path| path.secret.is_some_and(|secret| pushed.contains(&secret)));
        let answer = of_paths(facts, read, Vec::new());
        return Ok(SecretAnswer { pushes, ..answer });
    }
    if !is_found && let Some(variable) = asked_variable(facts, term) {
        return Ok(of_variable(facts, variable));
    }
    let hits = match hits {
        Ok(hits) if !is_part(&hits) => hits,
        other => match by_env_or_store(facts, term) {
            paths if !paths.is_empty() => return Ok(of_paths(facts, paths, Vec::new())),
            _ => other?,
        },
    };
    let services = hits.iter().filter_map(|hit| hit.subject.service()).count();
    let is_namespace = hits.iter().all(|hit| hit.matched == Matched::Namespace);
    // An alias of a service may be a path in a store.
    let is_other_name = hits.iter().all(|hit| hit.matched > Matched::Name);
    let is_path = || is_other_name && paths(facts).iter().any(|path| path.is_from(term));
    if services > 0
        && !is_namespace
        && (services == hits.len() || hits.iter().all(|hit| hit.matched < Matched::Part))
        && !is_path()
    {
        let (key, service) = find_service(facts, term)?;
        let paths = paths_of_service(facts, key);
        let check = match paths.first() {
            Some(first) => next_steps::for_secret(facts, first.carrier, first.secret, Some(service)),
            None => Vec::new(),
        };
        let mut through = paths_through(facts, service);
        // A store of the same name is meant too.
        let stores = hits.iter().filter_map(|hit| match hit.subject {
            Subject::SecretStore(key, _) => Some(key),
            _ => None,
        });
        let stores: Vec<&str> = stores.collect();
        if !stores.is_empty() {
            let mut of_stores = self::paths(facts);
            of_stores.retain(|path| {
                path.store.is_some_and(|(store, _)| stores.contains(&store)) && !through.contains(path)
            });
            through.extend(of_stores);
        }
        // Other readers of a path in a store with the name of the service.
        let mut shared = self::paths(facts);
        shared.retain(|path| path.is_from(term) && !paths.iter().any(|own| own.carrier == path.carrier));
        return Ok(SecretAnswer {
            shared,
            service: Some(key),
            // Values of a chart may be those of several containers.
            several_containers: service.containers.len() > 1 || service.workload.is_none(),
            in_values: in_values(facts, service),
            chart_unknown: release_of(facts, service)
                .filter(|(_, release)| release.is_chart_unknown())
                .and_then(|(_, release)| release.chart_status),
            paths,
            through,
            check,
            ..SecretAnswer::default()
        });
    }
    let is_meant = |path: &SecretPath<'_>| {
        hits.iter().any(|hit| match hit.subject {
            Subject::SecretReference(_, reference) => path.is_of(reference),
            Subject::SecretStore(key, _) => path.store.is_some_and(|(store, _)| store == key),
            subject if hit.matched == Matched::SecretPath => {
                path.carrier == Some(subject) && path.is_from(term)
            }
            subject => path.carrier == Some(subject),
        })
    };
    // A path in a store with that name is meant too, whatever else has it; of a part of names, paths that contain it.
    let is_name = hits.iter().all(|hit| hit.matched < Matched::Part);
    let is_kept = |path: &SecretPath<'_>| match is_name {
        true => path.is_from(term),
        false => path.is_from_word(term),
    };
    let all = paths(facts);
    let meant: Vec<&SecretPath<'a>> = all
        .iter()
        .filter(|path| is_meant(path) || is_kept(path))
        .collect();
    // Copies of these Secrets, and their originals.
    let is_copied = |origin: &SecretPath<'_>, copy: &SecretPath<'_>| {
        let stated = match copy.carrier {
            Some(Subject::Secret(_, copy)) => copy.copy_of.as_deref(),
            _ => copy.copy.map(|(origin, _)| origin),
        };
        let (Some((namespace, name)), Some(stated)) = (origin.secret, stated) else {
            return false;
        };
        // A ClusterExternalSecret makes Secrets in several namespaces.
        let copied = stated.split_once('/');
        copied.is_some_and(|copied| copied == (namespace, name) || ("", copied.1) == (namespace, name))
    };
    let is_beside = |path: &SecretPath<'_>| {
        let is_other = |other: &&SecretPath<'_>| is_copied(path, other) || is_copied(other, path);
        is_name && !meant.contains(&path) && meant.iter().any(is_other)
    };
    let beside = all.iter().filter(|path| is_beside(path));
    let paths: Vec<SecretPath<'a>> = meant.iter().copied().chain(beside).cloned().collect();
    let stores = hits.iter().filter_map(|hit| match hit.subject {
        Subject::SecretStore(key, store) if hit.matched < Matched::Part => Some(StoreAnswer {
            key,
            store,
            variables: variables_of(facts, store),
        }),
        _ => None,
    });
    let mut answer = of_paths(facts, paths, stores.collect());
    answer.pushes = pushes;
    if hits.iter().all(|hit| hit.matched == Matched::SecretPath) {
        answer.asked_path = Some(term.trim().trim_matches('/').to_owned());
    }
    Ok(answer)
}

/// The variable that a term names, as `NAME` or `${NAME}`.
fn asked_variable<'a>(facts: &'a dyn Facts, term: &str) -> Option<Keyed<'a, Variable>> {
    let term = term.trim();
    let name = term.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    facts.variables().get_key_value(name.unwrap_or(term))
}

/// The Secrets that define a variable.
fn of_variable<'a>(facts: &'a dyn Facts, (name, variable): Keyed<'a, Variable>) -> SecretAnswer<'a> {
    let secrets = variable.defined_in.iter().filter_map(|by| {
        let (namespace, name) = by.strip_prefix("Secret/")?.split_once('/')?;
        Some((namespace, name))
    });
    let secrets: Vec<(&str, &str)> = secrets.collect();
    let is_defining = |path: &SecretPath<'_>| path.secret.is_some_and(|secret| secrets.contains(&secret));
    let mut defining: Vec<SecretPath<'a>> = paths(facts).into_iter().filter(is_defining).collect();
    for path in &mut defining {
        // Only the uses of the variable's key are meant.
        path.usage.retain(|usage| usage.key.as_deref() == Some(name));
        path.mounts.clear();
    }
    SecretAnswer {
        variable: Some((name, variable)),
        ..of_paths(facts, defining, Vec::new())
    }
}

/// The variables in the fields of a store, with the lines of their values.
fn variables_of<'a>(facts: &'a dyn Facts, store: &SecretStore) -> Vec<(&'a str, Place)> {
    let fields = [&store.server, &store.path, &store.auth_mount, &store.role];
    let written = fields
        .into_iter()
        .flatten()
        .filter(|text| text.resolved.is_some());
    let by = store.kustomization.as_deref();
    let read = written.flat_map(|text| read_in(facts, by, &text.written));
    let mut found: Vec<(&str, Place)> = read
        .filter_map(|read| Some((read.name, read.definitions.first()?.source.clone()?)))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The answer for paths that are not those of one service.
fn of_paths<'a>(
    facts: &'a dyn Facts,
    paths: Vec<SecretPath<'a>>,
    stores: Vec<StoreAnswer<'a>>,
) -> SecretAnswer<'a> {
    let check = match paths.first() {
        None => Vec::new(),
        Some(path) => {
            let mut readers = path.readers().into_iter();
            let reader = readers.find_map(|reader| facts.services().get(reader));
            next_steps::for_secret(facts, path.carrier, path.secret, reader)
        }
    };
    SecretAnswer {
        stores,
        paths,
        check,
        ..SecretAnswer::default()
    }
}

/// The paths to an environment variable or a key, or from the stores of a provider, a host or a Key Vault.
fn by_env_or_store<'a>(facts: &'a dyn Facts, term: &str) -> Vec<SecretPath<'a>> {
    let term = term.trim();
    if term.is_empty() {
        return Vec::new();
    }
    let all = paths(facts);
    let of_usage = |is_meant: &dyn Fn(&Usage) -> bool| -> Vec<SecretPath<'a>> {
        let mut found = all.clone();
        for path in &mut found {
            path.mounts.clear();
            path.usage.retain(|usage| is_meant(usage));
        }
        found.retain(|path| !path.usage.is_empty());
        found
    };
    let is_term = |text: &Option<String>| text.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(term));
    let mut found = of_usage(&|usage| usage.env.as_deref() == Some(term));
    if found.is_empty() {
        found = all.clone();
        for path in &mut found {
            path.fills.retain(|filled| filled.key.eq_ignore_ascii_case(term));
        }
        found.retain(|path| !path.fills.is_empty());
    }
    if found.is_empty() {
        found = of_usage(&|usage| is_term(&usage.env));
    }
    // A key that is read, whatever makes the Secret.
    if found.is_empty() {
        found = of_usage(&|usage| is_term(&usage.key));
    }
    if found.is_empty() {
        found = all;
        found.retain(|path| path.is_of_store(term));
    }
    found
}
