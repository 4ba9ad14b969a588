//! A store of catalogs answers as the model does, whatever is asked.

use std::collections::BTreeSet;
use std::fmt::Display;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{CatalogStore, Form, ToJson, load, load_catalogs, write};
use infra_model::{Infrastructure, Severity};
use infra_query::Answer;
use infra_query::lint::LintFilter;
use infra_query::list::ListKind;
use infra_query::{self as query, Facts, QueryError, Question, Subject};
use pretty_assertions::assert_eq;
use regex::RegexBuilder;
use serde_json::Value;

use crate::expected;
use crate::read::folder;

/// Every name that a model has, in the forms in which people ask for it, and parts of them.
fn terms(model: &Infrastructure) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for subject in Subject::all(model) {
        let (kind, namespace, name) = (subject.kind(), subject.namespace(), subject.name());
        terms.extend([
            subject.key().to_owned(),
            name.to_owned(),
            name.to_uppercase(),
            namespace.to_owned(),
            format!("{namespace}/{name}"),
            format!("{kind}/{name}"),
            format!("{kind}/{namespace}/{name}"),
            name.chars().take(name.len() / 2).collect(),
            name.chars().skip(name.len() / 2).collect(),
        ]);
        if let Some(place) = subject.place() {
            terms.extend([
                place.to_string(),
                place.file.to_string(),
                format!("./{}", place.file),
            ]);
            terms.extend(place.file.file_name().map(str::to_owned));
        }
        match subject {
            Subject::Service(_, service) => {
                terms.extend(service.aliases.iter().chain(&service.flux_path).cloned());
                for host in service.dns.iter().chain(&service.hosts) {
                    let short = host.split('.').take(2).collect::<Vec<_>>().join(".");
                    terms.extend([host.clone(), short, format!("https://{host}:8443/path?query")]);
                }
                for image in &service.images {
                    let last = image.rsplit('/').next().unwrap();
                    let plain = last.split([':', '@']).next().unwrap();
                    terms.extend([image.clone(), last.to_owned(), plain.to_owned()]);
                }
            }
            Subject::SecretProviderClass(_, class) => {
                for path in class
                    .secrets
                    .iter()
                    .filter_map(|secret| secret.vault_path.as_ref())
                {
                    terms.extend([
                        path.value().to_owned(),
                        path.written.clone(),
                        format!("{}#key", path.value()),
                    ]);
                }
            }
            Subject::VaultSecret(_, secret) => {
                if let (Some(mount), Some(path)) = (&secret.mount, &secret.path) {
                    terms.insert(format!("{}/data/{}", mount.value(), path.value()));
                    terms.insert(format!("{}/da", mount.value()));
                }
            }
            Subject::ConfigMap(key, config_map) => {
                for value in config_map.keys.keys() {
                    let (upper, half) = (
                        value.to_uppercase(),
                        value.chars().skip(value.len() / 2).collect(),
                    );
                    terms.extend([
                        value.clone(),
                        upper,
                        half,
                        format!("{key}.{value}"),
                        format!("{name}/{value}"),
                    ]);
                }
            }
            Subject::Variable(name, _) => {
                terms.extend([format!("${{{name}}}"), format!("${{{name}:=default}}")])
            }
            Subject::ExternalSecret(_, secret) => {
                terms.extend(secret.data.iter().map(|data| data.key.value().to_owned()));
            }
            _ => {}
        }
    }
    // Misses with suggestions.
    let mistaken: Vec<String> = terms.iter().step_by(7).map(|term| mistaken(term)).collect();
    terms.extend(mistaken);
    terms.extend(
        [
            "",
            " ",
            "/",
            "data",
            "no such thing",
            "\"",
            "ü",
            "{",
            "vault",
            "helmrelease/",
            "apps/",
        ]
        .map(str::to_owned),
    );
    terms
}

/// A term with two neighbours swapped, and one more character.
fn mistaken(term: &str) -> String {
    let mut chars: Vec<char> = term.chars().collect();
    let middle = chars.len() / 2;
    if middle > 0 {
        chars.swap(middle - 1, middle);
    }
    chars.insert(middle, 'z');
    chars.into_iter().collect()
}

/// An answer as text and as JSON, a miss included; with the commands for it.
fn shown<A: Display + ToJson + Answer>(
    facts: &dyn Facts,
    term: &str,
    answer: Result<A, QueryError>,
) -> Vec<(String, Value)> {
    match answer {
        Ok(answer) => {
            let next = query::next(facts, term, &answer);
            vec![
                (answer.to_string(), answer.to_json().unwrap()),
                (next.to_string(), next.to_json().unwrap()),
            ]
        }
        Err(error) => vec![(error.to_string(), error.to_json().unwrap())],
    }
}

fn about_name(facts: &dyn Facts, question: Question, term: &str) -> Vec<(String, Value)> {
    match question {
        Question::Where => shown(facts, term, query::where_is(facts, term)),
        Question::Trace => shown(facts, term, query::trace(facts, term)),
        Question::Secret => shown(facts, term, query::secret(facts, term)),
        Question::Config => shown(facts, term, query::config(facts, term)),
        Question::Flux => shown(facts, term, query::flux(facts, term)),
        Question::Impact => shown(facts, term, query::impact(facts, term)),
        Question::Image => shown(facts, term, query::image(facts, term, "1.2.3")),
    }
}

/// Asks a store and the model.
#[track_caller]
fn ask<A: PartialEq + std::fmt::Debug>(
    (store, model): (&CatalogStore, &Infrastructure),
    question: impl Fn(&dyn Facts) -> A,
    what: impl Fn() -> String,
) {
    let answer = question(store);
    assert!(store.check().is_ok());
    assert_eq!(answer, question(model), "{}", what());
}

/// Asks a folder every n-th generated question; returns how many there were.
fn check(folder: &Utf8Path, one_of: usize) -> usize {
    let model = load(folder).unwrap();
    let store = CatalogStore::open(folder, None).unwrap();
    let both = (&store, &model);
    let mut count = 0;
    let questions = terms(&model).into_iter();
    let questions = questions.flat_map(|term| Question::ALL.map(|question| (question, term.clone())));
    for (question, term) in questions.step_by(one_of) {
        let about = |facts: &dyn Facts| about_name(facts, question, &term);
        count += 1;
        ask(both, about, || format!("{question:?} {term}"));
    }
    let namespace = model.services.values().last().map(|service| &*service.namespace);
    for (word, kind) in ListKind::ALL.iter().copied() {
        for namespace in [None, namespace, Some("none")] {
            let list = |facts: &dyn Facts| {
                shown(
                    facts,
                    "",
                    Ok(query::list(
                        facts,
                        kind,
                        &query::list::ListFilter {
                            namespace: namespace.map(str::to_owned),
                            ..Default::default()
                        },
                    )),
                )
            };
            count += 1;
            ask(both, list, || format!("list {word} of {namespace:?}"));
        }
    }
    for filter in filters(&model) {
        let lint = |facts: &dyn Facts| shown(facts, "", Ok(query::lint(facts, &filter)));
        count += 1;
        ask(both, lint, || format!("{filter:?}"));
    }
    for pattern in patterns(&model, 8 * one_of) {
        let regex = RegexBuilder::new(&pattern).case_insensitive(true).build();
        let regex = regex.unwrap();
        let grep = |facts: &dyn Facts| shown(facts, "", Ok(query::grep(facts, |text| regex.is_match(text))));
        count += 1;
        ask(both, grep, || format!("grep {pattern}"));
    }
    count
}

/// Every filter of findings.
fn filters(model: &Infrastructure) -> Vec<LintFilter> {
    let mut filters = vec![LintFilter::default()];
    filters.extend([Severity::Warning, Severity::Error].map(|least| LintFilter {
        least: Some(least),
        ..LintFilter::default()
    }));
    let codes: BTreeSet<&str> = model.diagnostics.iter().map(|found| &*found.code).collect();
    filters.extend(codes.into_iter().map(|code| LintFilter {
        codes: vec![code.to_owned()],
        ..LintFilter::default()
    }));
    if let Some(found) = model.diagnostics.last() {
        filters.push(LintFilter {
            below: found.place.as_ref().map(|place| place.file.clone()),
            ..LintFilter::default()
        });
    }
    let objects = model.diagnostics.iter().filter_map(|found| found.object.clone());
    filters.extend(objects.take(3).map(|object| LintFilter {
        object: Some(object),
        ..LintFilter::default()
    }));
    filters
}

/// Every text that a pattern can match, as it is and with a gap, and every name.
fn patterns(model: &Infrastructure, one_of: usize) -> Vec<String> {
    let every = query::grep(model, |_| true);
    let texts: BTreeSet<String> = every.matches.into_iter().map(|found| found.text).collect();
    let texts = texts.into_iter().chain(terms(model)).step_by(one_of);
    let mut patterns: Vec<String> = texts
        .flat_map(|text| {
            let middle = text.chars().count() / 2;
            let start: String = text.chars().take(middle).collect();
            let end: String = text.chars().skip(middle + 1).collect();
            let gap = format!("{}.*{}", regex::escape(&start), regex::escape(&end));
            [regex::escape(&text).to_uppercase(), regex::escape(&text), gap]
        })
        .collect();
    // An escape in upper case means something else.
    patterns.retain(|pattern| RegexBuilder::new(pattern).build().is_ok());
    patterns.extend(
        [
            "postgres.*5432",
            "^vault|redis$",
            "(sync)+ed",
            "[a-c]papi",
            "no such thing",
        ]
        .map(str::to_owned),
    );
    patterns
}

/// The folders with catalogs below a folder.
fn data_folders(below: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut folders = Vec::new();
    for entry in below.read_dir_utf8().into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            folders.extend(data_folders(entry.path()));
        }
    }
    if below.join("services.json").is_file() && below.join("configmaps.json").is_file() {
        folders.push(below.to_owned());
    }
    folders.sort();
    folders
}

#[test]
fn a_store_answers_as_the_model_does() {
    let top = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders = data_folders(&top.join("fixtures/flux"));
    folders.push(top.join("skills/flux-infra-guide/data"));
    let read = folders.iter().map(|folder| load_catalogs(folder).unwrap());
    let mut count = 0;
    for catalogs in read.chain([expected::catalogs()]) {
        // Catalogs of fixtures are indented.
        let (_folder, data) = folder();
        write(&data, &[catalogs], None, Form::Lines).unwrap();
        count += check(&data, 13);
    }
    assert!(count > 2_000, "{count}");
}

/// `DATA_FOLDERS=DIR ONE_OF=100 cargo test -p catalog-emit --test catalogs -- --ignored --nocapture` asks all catalogs
/// below a folder, such as those of the corpus or of a fleet, every 100th question.
#[test]
#[ignore = "needs catalogs"]
fn a_store_answers_as_the_model_does_elsewhere() {
    let below = Utf8PathBuf::from(std::env::var("DATA_FOLDERS").unwrap());
    let one_of = std::env::var("ONE_OF").map_or(1, |text| text.parse().unwrap());
    for folder in data_folders(&below) {
        println!("{folder}: {} questions", check(&folder, one_of));
    }
}

#[test]
fn indented_catalogs_answer_as_those_of_one_entry_a_line() {
    let (_folder, data) = folder();
    let source = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../skills/flux-infra-guide/data");
    write(&data, &[load_catalogs(&source).unwrap()], None, Form::Pretty).unwrap();
    let model = load(&source).unwrap();
    let store = CatalogStore::open(&data, None).unwrap();
    for question in Question::ALL {
        let about = |facts: &dyn Facts| about_name(facts, question, "papi");
        ask((&store, &model), about, || format!("{question:?}"));
    }
}
