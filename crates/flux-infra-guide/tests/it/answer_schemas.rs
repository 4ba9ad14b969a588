//! The JSON of every question matches its schema in `docs/schemas/`, for one cluster and for several.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use crate::copy::{Copy, program};
use crate::small_repositories::SYNC;

const QUESTIONS: [&str; 8] = [
    "where", "trace", "secret", "config", "flux", "impact", "image", "explain",
];

/// Validators by subcommand; `error` and `next` are for all of them.
struct Schemas(BTreeMap<String, jsonschema::Validator>);

impl Schemas {
    fn read() -> Self {
        let folder = fixture("../docs/schemas");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let validators = files.map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            let name = name.strip_suffix(".schema.json").unwrap().to_owned();
            let schema: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            (name, jsonschema::validator_for(&schema).unwrap())
        });
        Schemas(validators.collect())
    }

    /// Runs a command, and validates its output; returns it, and whether it is an answer.
    #[track_caller]
    fn check(&self, repo: &Utf8Path, arguments: &[&str]) -> (Value, bool) {
        let output = program()
            .args(arguments)
            .args(["--format", "json", "--repo", repo.as_str()])
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let value: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?} printed no JSON: {error}; {stderr}"));
        let is_answer = output.status.code() == Some(0);
        let name = match (is_answer, arguments.contains(&"--next")) {
            (true, true) => "next",
            (true, false) => arguments[0],
            (false, _) => "error",
        };
        let errors = self.0[name].iter_errors(&value);
        let errors: Vec<String> = errors
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{arguments:?}, {name}: {errors:#?}");
        (value, is_answer)
    }
}

fn fixture(path: &str) -> Utf8PathBuf {
    Utf8Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures")).join(path)
}

/// Asks every question about some names; returns how many had an answer.
#[track_caller]
fn ask_all(schemas: &Schemas, repo: &Utf8Path, names: &[&str]) -> usize {
    let mut answered = 0;
    for question in QUESTIONS {
        for name in names {
            answered += usize::from(schemas.check(repo, &[question, name]).1);
        }
        schemas.check(repo, &[question, names[0], "--next"]);
    }
    for kind in [
        "services",
        "images",
        "secrets",
        "variables",
        "namespaces",
        "kustomizations",
    ] {
        answered += usize::from(schemas.check(repo, &["list", kind]).1);
    }
    answered += usize::from(schemas.check(repo, &["grep", "a"]).1);
    answered += usize::from(schemas.check(repo, &["lint"]).1);
    answered
}

#[test]
fn json_of_one_cluster_matches_its_schema() {
    let schemas = Schemas::read();
    let copy = Copy::of(&fixture("infra-flux-nonprod-test"));
    let names = [
        "papi",
        "vault",
        "cluster-vars",
        "llm/common",
        "no-such-thing",
        "session-cache",
    ];
    let answered = ask_all(&schemas, copy.folder(), &names);
    assert!(answered >= 30, "only {answered} questions had an answer");
}

#[test]
fn json_of_several_clusters_matches_its_schema() {
    let schemas = Schemas::read();
    let copy = Copy::empty("two-clusters");
    for (cluster, tag) in [("prod", "1.0.0"), ("stage", "2.0.0")] {
        copy.write(
            &format!("clusters/{cluster}/flux-system/gotk-sync.yaml"),
            &SYNC.replace("CLUSTER", &format!("clusters/{cluster}")),
        );
        copy.write(&format!("clusters/{cluster}/app.yaml"), &APP.replace("TAG", tag));
    }
    copy.write(
        "clusters/stage/more.yaml",
        &APP.replace("TAG", "3").replace("papi", "only-stage"),
    );
    copy.write("clusters/left-over.yaml", &APP.replace("papi", "left-over"));
    let answered = ask_all(&schemas, copy.folder(), &["papi", "only-stage", "left-over"]);
    assert!(answered >= 15, "only {answered} questions had an answer");
    let (compared, _) = schemas.check(copy.folder(), &["compare", "prod", "stage"]);
    assert_eq!(
        compared["differences"][0]["values"],
        serde_json::json!(["1.0.0", "2.0.0"])
    );
    // The same text is not the same answer in both clusters.
    let (of_both, _) = schemas.check(copy.folder(), &["where", "papi"]);
    assert_eq!(of_both.as_array().unwrap().len(), 2);
}

const APP: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: papi, namespace: apps}
spec:
  selector: {matchLabels: {app: papi}}
  template:
    metadata: {labels: {app: papi}}
    spec: {containers: [{name: papi, image: 'ghcr.io/acme/papi:TAG', env: [{name: LEVEL, value: info}]}]}
";
