//! Whatever a term is, a part of the catalogs answers the same as all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{Ask, Form, ToJson, load, load_catalogs, load_part, write};
use infra_model::Infrastructure;
use infra_model::query::next_steps::Answer;
use infra_model::query::{self, QueryError, Question, Subject};
use pretty_assertions::assert_eq;
use serde_json::Value;

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
    // Every form comes up often enough in a part of all terms.
    for folder in data_folders(&top.join("fixtures/flux")) {
        check(&folder, 29, &mut counts);
    }
    check(&top.join("skills/flux-infra-guide/data"), 29, &mut counts);
    for (question, count) in counts {
        assert!(count.asked > 60, "{question}: {count:?}");
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
}
