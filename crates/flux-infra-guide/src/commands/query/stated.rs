//! What stands in the files of a repository and in no catalog: it is scanned.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use flux_scan::AskedFields;
use infra_model::object::OtherObject;
use infra_model::{Key, ObjectRef};
use infra_query::config::{ConfigFound, FoundFields};
use infra_query::explain::release_of_term;
use infra_query::{Facts, NotFound, QueryError, Subject};

use super::config::Arguments;
use crate::exit::{Exit, Failure};
use crate::model_args::{Evaluations, ModelArgs, Source, title};
use crate::terminal::Terminal;

/// So many fields of a cluster at most are looked for.
const MOST: usize = 60;

/// Whether a field is asked for, by its path and text.
type IsAsked<'q> = dyn Fn(&str, &str) -> bool + 'q;

/// Objects by the title of their cluster.
pub(super) type Objects = BTreeMap<String, BTreeMap<Key, OtherObject>>;

/// The answer of `config` about the fields of an object, whatever its kind; none where there are none.
pub(super) fn config(arguments: &Arguments, terminal: &Terminal) -> Option<Result<Exit, Failure>> {
    // A key behind the name of an object may be written as one word with it.
    let (name, key) = (arguments.name.as_str(), arguments.key.as_deref());
    if !arguments.model.may_scan() || key.is_none() && !name.contains('/') {
        return None;
    }
    let (source, evaluations) = arguments.model.scanned(&Utf8PathBuf::from("."), terminal).ok()?;
    let clusters: Vec<&'static dyn Facts> = source.all_facts().collect();
    let release = clusters.iter().find_map(|facts| release_of_term(*facts, name));
    let release =
        release.map(|(_, release)| ObjectRef::new("HelmRelease", &release.namespace, &release.name));
    let of = |id: &ObjectRef| is_called(id, name) || release.as_ref() == Some(id);
    let is_at = |path: &str, _: &str| match key {
        Some(key) => has_steps(path, key),
        None => is_told(path),
    };
    let contains = |path: &str, _: &str| {
        let last = path.rsplit('.').next().unwrap_or(path).to_ascii_lowercase();
        key.is_some_and(|key| key.len() > 2 && last.contains(&key.to_ascii_lowercase()))
    };
    // Such as `upstream` of an argument `--upstream=http://web`.
    let states = |_: &str, text: &str| {
        key.is_some_and(|key| key.len() > 3 && text.to_ascii_lowercase().contains(&key.to_ascii_lowercase()))
    };
    let fields: [&IsAsked<'_>; 3] = [&is_at, &contains, &states];
    let found = fields.into_iter().find_map(|is_asked| {
        let asked = AskedFields {
            of: &of,
            is_asked,
            most: MOST,
        };
        let found = search(&clusters, &evaluations, &asked);
        found.values().any(|objects| !objects.is_empty()).then_some(found)
    });
    // The process exits next.
    let found: &'static Objects = Box::leak(Box::new(found?));
    let term = key.map_or(name.to_owned(), |key| format!("{name} {key}"));
    Some(source.ask(&term, |facts, term| match found.get(&title(facts)) {
        Some(objects) if !objects.is_empty() => Ok(infra_query::config_of_objects(facts, objects)),
        _ => Err(QueryError::NotFound(NotFound {
            term: term.to_owned(),
            ..NotFound::default()
        })),
    }))
}

/// The answer of `config` about a service with the values of its release: of one whose chart was rendered no catalog has them.
/// None where nothing is asked about such a service.
pub(super) fn service(
    arguments: &Arguments,
    catalogs: &Source<'_>,
    terminal: &Terminal,
) -> Option<Result<Exit, Failure>> {
    if !arguments.model.may_scan() {
        return None;
    }
    let name = arguments.name.as_str();
    let release = |facts: &'static dyn Facts| match infra_query::config(facts, name).ok()?.found {
        ConfigFound::Service {
            service,
            values: None,
            ..
        } if service.helm_release.is_some() => release_of_term(facts, name),
        _ => None,
    };
    let (_, release) = catalogs.all_facts().find_map(release)?;
    let release = ObjectRef::new("HelmRelease", &release.namespace, &release.name);
    let (source, evaluations) = arguments.model.scanned(&Utf8PathBuf::from("."), terminal).ok()?;
    let clusters: Vec<&'static dyn Facts> = source.all_facts().collect();
    let asked = AskedFields {
        of: &|id| *id == release,
        is_asked: &|path, _| path.starts_with(VALUES),
        most: 300,
    };
    let found = search(&clusters, &evaluations, &asked);
    // The process exits next.
    let found: &'static Objects = Box::leak(Box::new(found));
    Some(catalogs.ask(name, |facts, name| {
        let mut answer = infra_query::config(facts, name)?;
        let own = found.get(&title(facts)).and_then(|objects| objects.iter().next());
        if let (ConfigFound::Service { values, .. }, Some((key, object))) = (&mut answer.found, own) {
            let fields = object.fields.iter();
            let fields = fields.filter_map(|(path, field)| Some((path.strip_prefix(VALUES)?, field)));
            *values = Some(FoundFields {
                subject: Subject::Object(key, object),
                fields: fields.collect(),
            });
        }
        Ok(answer)
    }))
}

/// Where the values of a release stand in it.
const VALUES: &str = "spec.values.";

/// The fields whose text is accepted, of every cluster; none where the repository cannot be read.
pub(super) fn grep(
    model: &ModelArgs,
    terminal: &Terminal,
    accepts: &dyn Fn(&str) -> bool,
) -> Option<Objects> {
    if !model.may_scan() {
        return None;
    }
    let (source, evaluations) = model.scanned(&Utf8PathBuf::from("."), terminal).ok()?;
    let clusters: Vec<&'static dyn Facts> = source.all_facts().collect();
    let asked = AskedFields {
        of: &|_| true,
        is_asked: &|path, text| {
            !path.starts_with("metadata.labels.")
                && is_told(path)
                && (accepts(text)
                    || label(path).is_some_and(accepts)
                    || accepts(&format!("{path}: {text}")) && !accepts(path))
        },
        most: MOST,
    };
    Some(search(&clusters, &evaluations, &asked))
}

fn search(clusters: &[&'static dyn Facts], evaluations: &Evaluations, asked: &AskedFields<'_>) -> Objects {
    let of_cluster = |facts: &&'static dyn Facts| {
        let evaluation = evaluations.of(*facts)?;
        Some((title(*facts), flux_scan::stated_fields(evaluation, asked)))
    };
    clusters.iter().filter_map(of_cluster).collect()
}

/// Whether an object is called so: `NAME`, `Kind/NAME`, `NAMESPACE/NAME` or `Kind/NAMESPACE/NAME`.
fn is_called(id: &ObjectRef, term: &str) -> bool {
    let parts: Vec<&str> = term.trim().split('/').collect();
    match parts.as_slice() {
        [name] => id.name == *name,
        [first, name] => id.name == *name && (id.kind.eq_ignore_ascii_case(first) || id.namespace == *first),
        [kind, namespace, name] => {
            id.kind.eq_ignore_ascii_case(kind) && id.namespace == *namespace && id.name == *name
        }
        _ => false,
    }
}

/// Whether a path has the steps of another one in it, whatever the case.
fn has_steps(path: &str, key: &str) -> bool {
    let path = format!(".{}.", path.to_ascii_lowercase().replace('[', ".["));
    let key = key.trim_matches('.').to_ascii_lowercase().replace('[', ".[");
    path.contains(&format!(".{key}."))
}

/// Whether a field says more of an object than its name does.
fn is_told(path: &str) -> bool {
    let said = ["metadata.labels.", "metadata.annotations."];
    !path.starts_with("metadata.") || said.iter().any(|start| path.starts_with(start))
}

/// The label, resource or annotation that a path ends with: a key with dots in it, such as `example.org/gpu`.
fn label(path: &str) -> Option<&str> {
    let (_, last) = path.strip_suffix(']')?.rsplit_once(".[")?;
    (!path.starts_with("metadata.")).then_some(last)
}
