//! Whatever a term is, a part of the catalogs answers the same as all of them.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{Form, ToJson as _, load, load_catalogs, load_part, write};
use infra_model::Infrastructure;
use infra_model::query::{Subject, where_is};
use pretty_assertions::assert_eq;

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
            Subject::ExternalSecret(_, secret) => {
                terms.extend(secret.data.iter().map(|data| data.key.value().to_owned()));
            }
            _ => {}
        }
    }
    terms.extend(["", " ", "/", "data", "no such thing", "\"", "ü", "{", "vault"].map(str::to_owned));
    terms
}

/// The number of terms that a part answered.
fn check(folder: &Utf8Path) -> usize {
    let model = load(folder).unwrap();
    let mut answered = 0;
    // Every form comes up often enough in a part of all terms.
    for term in terms(&model).into_iter().step_by(5) {
        let Some(part) = load_part(folder, None, &term).unwrap() else {
            continue;
        };
        // Where a part knows nothing, the whole model is asked.
        if let Ok(answer) = where_is(&part, &term) {
            let whole = where_is(&model, &term).unwrap_or_else(|_| panic!("{term:?} in {folder}"));
            assert_eq!(answer.to_string(), whole.to_string(), "{term:?} in {folder}");
            let (answer, whole) = (answer.to_json().unwrap(), whole.to_json().unwrap());
            assert_eq!(answer, whole, "{term:?} in {folder}");
            answered += 1;
        }
    }
    answered
}

#[test]
fn a_part_answers_as_the_whole() {
    let fixtures = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders: Vec<Utf8PathBuf> = vec![fixtures.join("skills/flux-infra-guide/data")];
    for case in fixtures.join("fixtures/flux").read_dir_utf8().unwrap() {
        let catalogs = case.unwrap().path().join("catalogs");
        if catalogs.join("services.json").is_file() {
            folders.push(catalogs);
        }
    }
    let answered: usize = folders.iter().map(|folder| check(folder)).sum();
    assert!(answered > 100, "{answered}");
}

#[test]
fn indented_catalogs_have_no_parts() {
    let folder = tempfile::tempdir().unwrap();
    let data = Utf8Path::from_path(folder.path()).unwrap();
    let source = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../skills/flux-infra-guide/data");
    let catalogs = load_catalogs(&source).unwrap();
    write(data, &[catalogs], None, Form::Pretty).unwrap();
    assert!(load_part(data, None, "papi").unwrap().is_none());
    assert!(load_part(&source, None, "papi").unwrap().is_some());
}
