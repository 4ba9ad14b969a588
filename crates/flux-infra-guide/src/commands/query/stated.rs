//! Fields that no catalog has, found by a scan of the repository.

use std::collections::{BTreeMap, BTreeSet};

use flux_scan::{AskedFields, StatedLine};
use infra_model::object::OtherObject;
use infra_model::{Key, ObjectRef};
use infra_query::config::{ConfigFound, FoundFields};
use infra_query::explain::release_of_term;
use infra_query::{Facts, Matched, NotFound, QueryError, Subject};

use super::config::Arguments;
use crate::answer_source::{Evaluations, Source, title};
use crate::exit::{Exit, Failure};
use crate::model_args::{ModelArgs, leaked};
use crate::terminal::Terminal;

/// Most fields of a cluster that a text is searched in.
const MOST: usize = 60;

/// Most fields that a name and key are searched in, where each line of a text is a field.
const MOST_OF_TEXT: usize = 2000;

/// Most lines that are shown below one that opens a block.
const BELOW: usize = 8;

/// Whether to search an object, by its name and the Kustomization that applies it.
type IsSearched<'q> = dyn Fn(&ObjectRef, Option<&str>) -> bool + 'q;

/// Whether a line is part of the answer.
type IsAsked<'q> = dyn Fn(StatedLine<'_>) -> bool + 'q;

/// Objects by the title of their cluster.
pub(super) type Objects = BTreeMap<String, BTreeMap<Key, OtherObject>>;

/// The answer of `config` about the fields of an object of any kind, or of objects that belong to a service; `None` if there
/// are none. With `exact`, only fields with the name of the key.
pub(super) fn config(
    arguments: &Arguments,
    terminal: &Terminal,
    exact: bool,
) -> Option<Result<Exit, Failure>> {
    // The key may be written in one word with the name of the object.
    let (name, key) = (arguments.name.as_str(), arguments.key.as_deref());
    if !arguments.model.may_scan() || key.is_none() && !name.contains('/') {
        return None;
    }
    let (source, evaluations) = arguments.model.scanned(terminal).ok()?;
    let clusters: Vec<&'static dyn Facts> = source.all_facts().collect();
    let release = clusters.iter().find_map(|facts| release_of_term(*facts, name));
    let release =
        release.map(|(_, release)| ObjectRef::new("HelmRelease", &release.namespace, &release.name));
    let related: Vec<Related> = clusters.iter().map(|facts| Related::new(*facts, name)).collect();
    let own = |id: &ObjectRef, _: Option<&str>| is_called(id, name) || release.as_ref() == Some(id);
    let beside = |id: &ObjectRef, kustomization: Option<&str>| {
        let mut related = related.iter();
        related.any(|related| related.has(id, kustomization))
    };
    let word = key.map(str::to_ascii_lowercase).unwrap_or_default();
    let is_at = |line: StatedLine<'_>| match key {
        Some(key) => has_steps(line.path, key) || line.number.is_some() && states(line.text, key),
        None => is_informative(line.path),
    };
    let ends = |line: StatedLine<'_>| match key {
        // For a variable in a list, the field with the value is preferred to the one with the name.
        Some(key) if line.path.ends_with(".value") => line.key.eq_ignore_ascii_case(key),
        Some(key) => is_at(line) && (line.number.is_some() || ends_with(line.path, key)),
        None => is_at(line),
    };
    let contains = |line: StatedLine<'_>| {
        let last = line.path.rsplit('.').next().unwrap_or(line.path);
        word.len() > 2 && last.to_ascii_lowercase().contains(&word)
    };
    // For example `upstream` in an argument `--upstream=http://web`.
    let in_text = |line: StatedLine<'_>| word.len() > 3 && line.text.to_ascii_lowercase().contains(&word);
    let searches: [(&IsSearched<'_>, &IsAsked<'_>); 8] = [
        (&own, &ends),
        (&own, &is_at),
        (&beside, &ends),
        (&beside, &is_at),
        (&own, &contains),
        (&own, &in_text),
        (&beside, &contains),
        (&beside, &in_text),
    ];
    let searches = searches.into_iter().take(if exact { 4 } else { 8 });
    let searches = searches.map(|(of, is_asked)| AskedFields {
        of,
        is_asked,
        below: BELOW,
        most: MOST_OF_TEXT,
    });
    let searches: Vec<AskedFields<'_>> = searches.collect();
    let found = search(&clusters, &evaluations, &searches);
    if found.values().all(BTreeMap::is_empty) {
        return None;
    }
    let found = leaked(found);
    let term = key.map_or(name.to_owned(), |key| format!("{name} {key}"));
    Some(source.ask(&term, |facts, term| match found.get(&title(facts)) {
        Some(objects) if !objects.is_empty() => {
            Ok(infra_query::config_of_objects(facts, objects, arguments.full))
        }
        _ => Err(QueryError::NotFound(NotFound {
            term: term.to_owned(),
            ..NotFound::default()
        })),
    }))
}

/// Objects that belong to those with a name: objects of the same Kustomization, and ConfigMaps that they read.
#[derive(Default)]
struct Related {
    name: String,
    /// Keys of Kustomizations, each with whether it applies at most one service.
    kustomizations: BTreeMap<String, bool>,
    config_maps: BTreeSet<ObjectRef>,
}

impl Related {
    fn new(facts: &dyn Facts, name: &str) -> Self {
        let mut related = Related {
            name: name.rsplit('/').next().unwrap_or(name).to_owned(),
            ..Related::default()
        };
        let hits = infra_query::find(facts, name).unwrap_or_default();
        for hit in hits.iter().filter(|hit| hit.matched < Matched::Namespace) {
            let kustomization = match hit.subject {
                Subject::Service(_, service) => {
                    let maps = service.config_maps.iter();
                    let maps = maps.filter_map(|key| facts.config_maps().get(key));
                    related.config_maps.extend(maps.map(|map| {
                        let name = map.rendered_name.as_deref().unwrap_or(&map.name);
                        ObjectRef::new("ConfigMap", &map.namespace, name)
                    }));
                    service.kustomization.as_deref()
                }
                Subject::Kustomization(key, _) => Some(key),
                Subject::HelmRelease(_, release) => release.kustomization.as_deref(),
                Subject::Object(_, object) => object.kustomization.as_deref(),
                _ => None,
            };
            if let Some(key) = kustomization {
                let entry = facts.kustomizations().get(key);
                let is_alone = entry.is_some_and(|entry| entry.manages.len() < 2);
                related.kustomizations.insert(key.to_owned(), is_alone);
            }
        }
        related
    }

    fn has(&self, id: &ObjectRef, kustomization: Option<&str>) -> bool {
        let is_alone = kustomization.and_then(|key| self.kustomizations.get(key));
        let is_own = match is_alone {
            Some(true) => true,
            // If the Kustomization applies several services, each has the objects that begin with its name.
            Some(false) => id.name.starts_with(&self.name),
            None => false,
        };
        is_own || self.config_maps.contains(id)
    }
}

/// Whether a line of a text sets a key: `key: …`, `key = …`, `- key: …` or `key …`.
fn states(line: &str, key: &str) -> bool {
    let line = line.trim_start().trim_start_matches("- ").trim_start();
    let line = line.trim_start_matches(['"', '\'']);
    let own = line.get(..key.len()).filter(|own| own.eq_ignore_ascii_case(key));
    let rest = own.and_then(|_| line.get(key.len()..));
    rest.is_some_and(|rest| rest.starts_with([':', '=', ' ', '\t', '"', '\'']))
}

/// The answer of `config` about a service with the values of its release, which no catalog has if the chart was rendered.
/// `None` if the name is not such a service.
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
    let (source, evaluations) = arguments.model.scanned(terminal).ok()?;
    let clusters: Vec<&'static dyn Facts> = source.all_facts().collect();
    let asked = AskedFields {
        of: &|id, _| *id == release,
        is_asked: &|line| line.path.starts_with(VALUES),
        below: 0,
        most: 300,
    };
    let found = leaked(search(&clusters, &evaluations, &[asked]));
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

/// The path of a release's values.
const VALUES: &str = "spec.values.";

/// The accepted fields of every cluster; `None` if the repository cannot be scanned.
pub(super) fn grep(
    model: &ModelArgs,
    terminal: &Terminal,
    accepts: &dyn Fn(&str) -> bool,
) -> Option<Objects> {
    if !model.may_scan() {
        return None;
    }
    let (source, evaluations) = model.scanned(terminal).ok()?;
    let clusters: Vec<&'static dyn Facts> = source.all_facts().collect();
    let asked = AskedFields {
        of: &|_, _| true,
        is_asked: &|StatedLine {
                        title,
                        path,
                        text,
                        number,
                        ..
                    }| {
            // Labels matter only on Namespaces, which are selected by them.
            (!path.starts_with("metadata.labels.") || title.starts_with("Namespace/"))
                && is_informative(path)
                && (accepts(text)
                    || number.is_none_or(|number| number == 1) && accepts(last_key(path))
                    || is_accepted_together(title, path, text, accepts))
        },
        below: 0,
        most: MOST,
    };
    Some(search(&clusters, &evaluations, &[asked]))
}

/// Whether path and text are accepted together, as answers print them, but the path alone is not. Also if they are accepted
/// only with the title of their object, as for `HelmRelease.*suspend`.
fn is_accepted_together(title: &str, path: &str, text: &str, accepts: &dyn Fn(&str) -> bool) -> bool {
    let line = format!("{title} {path}: {text}");
    let without_title = line.get(title.len() + 1..).unwrap_or_default();
    match accepts(without_title) {
        true => !accepts(path),
        false => accepts(&line) && !accepts(title),
    }
}

/// The objects of the first search that finds any.
pub(super) fn search(
    clusters: &[&'static dyn Facts],
    evaluations: &Evaluations,
    searches: &[AskedFields<'_>],
) -> Objects {
    let evaluated = clusters
        .iter()
        .filter_map(|facts| Some((title(*facts), evaluations.of(*facts)?)));
    let (titles, evaluations): (Vec<String>, Vec<_>) = evaluated.unzip();
    titles
        .into_iter()
        .zip(flux_scan::first_stated(&evaluations, searches))
        .collect()
}

/// Whether a term means an object: `NAME`, `Kind/NAME`, `NAMESPACE/NAME` or `Kind/NAMESPACE/NAME`.
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

/// Whether a path contains the steps of another one, ignoring case.
fn has_steps(path: &str, key: &str) -> bool {
    let path = format!(".{}.", path.to_ascii_lowercase().replace('[', ".["));
    let key = key.trim_matches('.').to_ascii_lowercase().replace('[', ".[");
    // Keys that contain dots are written in brackets.
    path.contains(&format!(".{key}.")) || path.contains(&format!(".[{key}]."))
}

/// Whether a path, without its position in a list, ends with the steps of another one, ignoring case.
fn ends_with(path: &str, key: &str) -> bool {
    let path = match path.strip_suffix(']').and_then(|path| path.rsplit_once('[')) {
        Some((list, position)) if position.bytes().all(|byte| byte.is_ascii_digit()) => list,
        _ => path,
    };
    let path = format!(".{}", path.to_ascii_lowercase());
    let key = key.trim_matches('.').to_ascii_lowercase();
    path.ends_with(&format!(".{key}")) || path.ends_with(&format!(".[{key}]"))
}

/// Whether a field says more about an object than its name and namespace do.
fn is_informative(path: &str) -> bool {
    let shown = ["metadata.labels.", "metadata.annotations."];
    !path.starts_with("metadata.") || shown.iter().any(|start| path.starts_with(start))
}

/// The last key of a path, including one with dots, such as `example.org/gpu`.
fn last_key(path: &str) -> &str {
    let label = path.strip_suffix(']').and_then(|path| path.rsplit_once(".["));
    let last = label.map_or_else(|| path.rsplit('.').next(), |(_, label)| Some(label));
    last.unwrap_or(path)
}
