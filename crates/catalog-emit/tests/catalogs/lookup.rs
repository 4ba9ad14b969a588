//! Whatever a term is, a part of the catalogs answers the same as all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{
    Ask, Form, ToJson, load, load_catalogs, load_grep, load_lint, load_list, load_part, write,
};
use infra_model::{Infrastructure, Severity};
use infra_query::lint::LintFilter;
use infra_query::list::ListKind;
use infra_query::next_steps::Answer;
use infra_query::{self as query, QueryError, Question, Subject};
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
    // Misses that have something to suggest.
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

/// What is asked with every term: each question, as it is and with `--next`.
fn asked(term: &str) -> impl Iterator<Item = Ask<'_>> {
    Question::ALL
        .into_iter()
        .flat_map(move |question| [false, true].map(|next| Ask { question, term, next }))
}

/// The answer as text and as JSON, a miss included.
fn answer(model: &Infrastructure, ask: Ask<'_>) -> (String, Value) {
    fn both<A: Display + ToJson + Answer>(
        model: &Infrastructure,
        ask: Ask<'_>,
        answer: Result<A, QueryError>,
    ) -> (String, Value) {
        match answer {
            Ok(answer) if ask.next => {
                let next = query::next(model, ask.term, &answer);
                (next.to_string(), next.to_json().unwrap())
            }
            Ok(answer) => (answer.to_string(), answer.to_json().unwrap()),
            Err(error) => (error.to_string(), error.to_json().unwrap()),
        }
    }
    let term = ask.term;
    match ask.question {
        Question::Where => both(model, ask, query::where_is(model, term)),
        Question::Trace => both(model, ask, query::trace(model, term)),
        Question::Secret => both(model, ask, query::secret(model, term)),
        Question::Config => both(model, ask, query::config(model, term)),
        Question::Flux => both(model, ask, query::flux(model, term)),
        Question::Impact => both(model, ask, query::impact(model, term)),
        Question::Image => both(model, ask, query::image(model, term, "1.2.3")),
    }
}

/// How many questions were asked, and how many of them the whole had to answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    asked: usize,
    whole: usize,
}

/// Asks with every term, or with one of so many.
fn check(folder: &Utf8Path, one_of: usize, counts: &mut BTreeMap<String, Count>) {
    let model = load(folder).unwrap();
    for term in terms(&model).into_iter().step_by(one_of) {
        for ask in asked(&term) {
            let count = counts.entry(format!("{:?}", ask.question)).or_default();
            count.asked += 1;
            let Some(part) = load_part(folder, None, ask).unwrap() else {
                count.whole += 1;
                continue;
            };
            assert_eq!(answer(&part, ask), answer(&model, ask), "{ask:?} in {folder}");
        }
    }
}

/// An answer about no name as text and as JSON, as it is and with `--next`.
fn told<A: Display + ToJson + Answer>(model: &Infrastructure, answer: &A) -> [(String, Value); 2] {
    let next = query::next(model, "", answer);
    [
        (answer.to_string(), answer.to_json().unwrap()),
        (next.to_string(), next.to_json().unwrap()),
    ]
}

/// Asks what is about no name: lists of every kind, what is wrong by several filters, and texts, of which one of so many.
fn check_all(folder: &Utf8Path, one_of: usize, counts: &mut BTreeMap<String, Count>) {
    let model = load(folder).unwrap();
    let mut count = |question: &str, part: Option<Infrastructure>| {
        let count = counts.entry(question.to_owned()).or_default();
        count.asked += 1;
        count.whole += usize::from(part.is_none());
        part
    };
    let namespace = model.services.values().last().map(|service| &*service.namespace);
    for (word, kind) in ListKind::ALL.iter().copied() {
        if let Some(part) = count("List", load_list(folder, None, kind).unwrap()) {
            for namespace in [None, namespace, Some("none")] {
                let [of_part, of_whole] =
                    [&part, &model].map(|model| told(model, &query::list(model, kind, namespace)));
                assert_eq!(of_part, of_whole, "{word} of {namespace:?} in {folder}");
            }
            assert_eq!(part.metadata, model.metadata);
        }
    }
    for filter in filters(&model) {
        if let Some(part) = count("Lint", load_lint(folder, None, &filter).unwrap()) {
            let [of_part, of_whole] = [&part, &model].map(|model| told(model, &query::lint(model, &filter)));
            assert_eq!(of_part, of_whole, "{filter:?} in {folder}");
            assert_eq!(part.diagnostics, model.diagnostics, "exit codes count them all");
            assert_eq!(part.metadata, model.metadata);
        }
    }
    for pattern in patterns(&model, one_of) {
        let regex = RegexBuilder::new(&pattern).case_insensitive(true).build();
        let regex = regex.unwrap();
        let accepts = |text: &str| regex.is_match(text);
        if let Some(part) = count("Grep", load_grep(folder, None, &pattern, accepts).unwrap()) {
            let [of_part, of_whole] = [&part, &model].map(|model| told(model, &query::grep(model, accepts)));
            assert_eq!(of_part, of_whole, "{pattern} in {folder}");
            assert_eq!(part.metadata, model.metadata);
        }
    }
}

/// Every way to look at what is wrong.
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

/// Every text that a pattern can be held against, as it is and with a gap, and every name.
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
    // An escape in upper case is another one.
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
fn a_part_answers_as_the_whole() {
    let top = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut counts = BTreeMap::new();
    let mut folders = data_folders(&top.join("fixtures/flux"));
    folders.push(top.join("skills/flux-infra-guide/data"));
    let read = folders.iter().map(|folder| load_catalogs(folder).unwrap());
    for catalogs in read.chain([expected::catalogs()]) {
        // Catalogs of fixtures are indented.
        let (_folder, data) = folder();
        write(&data, &[catalogs], None, Form::Lines).unwrap();
        // Every form comes up often enough in a part of all terms.
        check(&data, 29, &mut counts);
        check_all(&data, 29, &mut counts);
    }
    for (question, count) in counts {
        assert!(count.asked > 30, "{question}: {count:?}");
        assert!(count.whole * 3 < count.asked, "{question}: {count:?}");
    }
}

/// `DATA_FOLDERS=DIR ONE_OF=100 cargo test -p catalog-emit --test catalogs -- --ignored --nocapture` asks all catalogs
/// below a folder, such as those of the corpus or of a fleet, with one of so many terms.
#[test]
#[ignore = "needs catalogs"]
fn a_part_answers_as_the_whole_elsewhere() {
    let below = Utf8PathBuf::from(std::env::var("DATA_FOLDERS").unwrap());
    let one_of = std::env::var("ONE_OF").map_or(1, |text| text.parse().unwrap());
    let mut counts = BTreeMap::new();
    for folder in data_folders(&below) {
        check(&folder, one_of, &mut counts);
        check_all(&folder, one_of, &mut counts);
    }
    println!("{counts:#?}");
}

#[test]
fn indented_catalogs_have_no_parts() {
    let folder = tempfile::tempdir().unwrap();
    let data = Utf8Path::from_path(folder.path()).unwrap();
    let source = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../skills/flux-infra-guide/data");
    let catalogs = load_catalogs(&source).unwrap();
    write(data, &[catalogs], None, Form::Pretty).unwrap();
    for ask in asked("papi") {
        assert!(load_part(data, None, ask).unwrap().is_none());
        assert!(load_part(&source, None, ask).unwrap().is_some());
    }
    let list = |folder| load_list(folder, None, ListKind::Services).unwrap();
    assert!(list(data).is_none() && list(&source).is_some());
}
