//! What stands in the files of a repository and in no catalog: it is scanned.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use flux_scan::{AskedFields, StatedLine};
use infra_model::object::OtherObject;
use infra_model::{Key, ObjectRef};
use infra_query::config::{ConfigFound, FoundFields};
use infra_query::explain::release_of_term;
use infra_query::{Facts, Matched, NotFound, QueryError, Subject};

use super::config::Arguments;
use crate::answer_source::{Evaluations, Source, title};
use crate::exit::{Exit, Failure};
use crate::model_args::ModelArgs;
use crate::terminal::Terminal;

/// So many fields of a cluster at most are looked for by a text.
const MOST: usize = 60;

/// So many by a name and key, whose texts have a field for each line.
const MOST_OF_TEXT: usize = 2000;

/// So many lines at most are shown below one that opens a block.
const BELOW: usize = 8;

/// Whether an object is looked at, by its name and the Kustomization that applies it.
type IsOf<'q> = dyn Fn(&ObjectRef, Option<&str>) -> bool + 'q;

/// Whether a line is asked for.
type IsAsked<'q> = dyn Fn(StatedLine<'_>) -> bool + 'q;

/// Objects by the title of their cluster.
pub(super) type Objects = BTreeMap<String, BTreeMap<Key, OtherObject>>;

/// The answer of `config` about the fields of an object, whatever its kind, or of what belongs to a service; none where there are
/// none. With `exact`, only those that are called as the key is.
pub(super) fn config(
    arguments: &Arguments,
    terminal: &Terminal,
    exact: bool,
) -> Option<Result<Exit, Failure>> {
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
    let around: Vec<Around> = clusters.iter().map(|facts| Around::of(*facts, name)).collect();
    let own = |id: &ObjectRef, _: Option<&str>| is_called(id, name) || release.as_ref() == Some(id);
    let beside = |id: &ObjectRef, kustomization: Option<&str>| {
        let mut around = around.iter();
        around.any(|around| around.has(id, kustomization))
    };
    let word = key.map(str::to_ascii_lowercase).unwrap_or_default();
    let is_at = |line: StatedLine<'_>| match key {
        Some(key) => has_steps(line.path, key) || line.number.is_some() && states(line.text, key),
        None => is_told(line.path),
    };
    let ends = |line: StatedLine<'_>| match key {
        // The value of a variable comes before the name of it.
        Some(key) if line.path.ends_with(".value") => line.key.eq_ignore_ascii_case(key),
        Some(key) => is_at(line) && (line.number.is_some() || ends_with(line.path, key)),
        None => is_at(line),
    };
    let contains = |line: StatedLine<'_>| {
        let last = line.path.rsplit('.').next().unwrap_or(line.path);
        word.len() > 2 && last.to_ascii_lowercase().contains(&word)
    };
    // Such as `upstream` of an argument `--upstream=http://web`.
    let in_text = |line: StatedLine<'_>| word.len() > 3 && line.text.to_ascii_lowercase().contains(&word);
    let ways: [(&IsOf<'_>, &IsAsked<'_>); 8] = [
        (&own, &ends),
        (&own, &is_at),
        (&beside, &ends),
        (&beside, &is_at),
        (&own, &contains),
        (&own, &in_text),
        (&beside, &contains),
        (&beside, &in_text),
    ];
    let ways = ways.into_iter().take(if exact { 4 } else { ways.len() });
    let ways = ways.map(|(of, is_asked)| AskedFields {
        of,
        is_asked,
        below: BELOW,
        most: MOST_OF_TEXT,
    });
    let ways: Vec<AskedFields<'_>> = ways.collect();
    let found = search(&clusters, &evaluations, &ways);
    if found.values().all(BTreeMap::is_empty) {
        return None;
    }
    // The process exits next.
    let found: &'static Objects = Box::leak(Box::new(found));
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

/// What belongs to the things of a name beside themselves: what their Kustomization applies, and the ConfigMaps that they read.
#[derive(Default)]
struct Around {
    name: String,
    /// Keys of Kustomizations, each with whether it applies one service at most.
    kustomizations: BTreeMap<String, bool>,
    config_maps: BTreeSet<ObjectRef>,
}

impl Around {
    fn of(facts: &dyn Facts, name: &str) -> Self {
        let mut around = Around {
            name: name.rsplit('/').next().unwrap_or(name).to_owned(),
            ..Around::default()
        };
        let hits = infra_query::find(facts, name).unwrap_or_default();
        for hit in hits.iter().filter(|hit| hit.matched < Matched::Namespace) {
            let kustomization = match hit.subject {
                Subject::Service(_, service) => {
                    let maps = service.config_maps.iter();
                    let maps = maps.filter_map(|key| facts.config_maps().get(key));
                    around.config_maps.extend(maps.map(|map| {
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
                around.kustomizations.insert(key.to_owned(), is_alone);
            }
        }
        around
    }

    fn has(&self, id: &ObjectRef, kustomization: Option<&str>) -> bool {
        let is_alone = kustomization.and_then(|key| self.kustomizations.get(key));
        let is_own = match is_alone {
            Some(true) => true,
            // Of many services each has the objects that bear its name.
            Some(false) => id.name.starts_with(&self.name),
            None => false,
        };
        is_own || self.config_maps.contains(id)
    }
}

/// Whether a line of a text states a key: `key: …`, `key = …`, `- key: …` or `key …`.
fn states(line: &str, key: &str) -> bool {
    let line = line.trim_start().trim_start_matches("- ").trim_start();
    let line = line.trim_start_matches(['"', '\'']);
    let own = line.get(..key.len()).filter(|own| own.eq_ignore_ascii_case(key));
    let rest = own.and_then(|_| line.get(key.len()..));
    rest.is_some_and(|rest| rest.starts_with([':', '=', ' ', '\t', '"', '\'']))
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
        of: &|id, _| *id == release,
        is_asked: &|line| line.path.starts_with(VALUES),
        below: 0,
        most: 300,
    };
    let found = search(&clusters, &evaluations, &[asked]);
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
        of: &|_, _| true,
        is_asked: &|StatedLine {
                        title,
                        path,
                        text,
                        number,
                        ..
                    }| {
            // What selects namespaces names their labels.
            (!path.starts_with("metadata.labels.") || title.starts_with("Namespace/"))
                && is_told(path)
                && (accepts(text)
                    || number.is_none_or(|number| number == 1) && accepts(last_key(path))
                    || is_accepted_together(title, path, text, accepts))
        },
        below: 0,
        most: MOST,
    };
    Some(search(&clusters, &evaluations, &[asked]))
}

/// Whether path and text are accepted as one line, as answers write it, and the path alone is not; or with the title of their object,
/// as in `HelmRelease.*suspend`.
fn is_accepted_together(title: &str, path: &str, text: &str, accepts: &dyn Fn(&str) -> bool) -> bool {
    let line = format!("{title} {path}: {text}");
    let without_title = line.get(title.len() + 1..).unwrap_or_default();
    match accepts(without_title) {
        true => !accepts(path),
        false => accepts(&line) && !accepts(title),
    }
}

/// What is found in the first of some ways in which anything is.
pub(super) fn search(
    clusters: &[&'static dyn Facts],
    evaluations: &Evaluations,
    ways: &[AskedFields<'_>],
) -> Objects {
    let evaluated = clusters
        .iter()
        .filter_map(|facts| Some((title(*facts), evaluations.of(*facts)?)));
    let (titles, evaluations): (Vec<String>, Vec<_>) = evaluated.unzip();
    titles
        .into_iter()
        .zip(flux_scan::first_stated(&evaluations, ways))
        .collect()
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
    // A key with dots in it stands in brackets.
    path.contains(&format!(".{key}.")) || path.contains(&format!(".[{key}]."))
}

/// Whether the last steps of a path, without a position, are those of another one, whatever the case.
fn ends_with(path: &str, key: &str) -> bool {
    let path = match path.strip_suffix(']').and_then(|path| path.rsplit_once('[')) {
        Some((list, position)) if position.bytes().all(|byte| byte.is_ascii_digit()) => list,
        _ => path,
    };
    let path = format!(".{}", path.to_ascii_lowercase());
    let key = key.trim_matches('.').to_ascii_lowercase();
    path.ends_with(&format!(".{key}")) || path.ends_with(&format!(".[{key}]"))
}

/// Whether a field says more of an object than its name does.
fn is_told(path: &str) -> bool {
    let said = ["metadata.labels.", "metadata.annotations."];
    !path.starts_with("metadata.") || said.iter().any(|start| path.starts_with(start))
}

/// The key that a path ends with, one with dots in it, such as `example.org/gpu`, as a whole.
fn last_key(path: &str) -> &str {
    let label = path.strip_suffix(']').and_then(|path| path.rsplit_once(".["));
    let last = label.map_or_else(|| path.rsplit('.').next(), |(_, label)| Some(label));
    last.unwrap_or(path)
}
