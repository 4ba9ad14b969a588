//! Answers of queries as JSON are as `tests/expected/answers/` has them.

use catalog_emit::ToJson;
use infra_query::lint::{LintFilter, lint};
use infra_query::list::{ListKind, list};
use infra_query::{config, flux, grep, image, impact, secret, trace, where_is};

use crate::expected::check;
use crate::model;

/// Checks an answer, and that it is as the schema of its question says: `name` begins with it.
#[track_caller]
fn answer(name: &str, answer: &impl ToJson) {
    let question = match name {
        "not-found" | "ambiguous" => "error",
        name => name.split('-').next().unwrap(),
    };
    let schemas = catalog_emit::answers::schemas().unwrap();
    let wanted = catalog_emit::schema::file_name(question);
    let (_, schema) = schemas.iter().find(|(file, _)| *file == wanted).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&answer.to_json().unwrap())
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
    let text = serde_json::to_string_pretty(&answer.to_json().unwrap()).unwrap();
    check(&format!("answers/{name}.json"), &format!("{text}\n"));
}

#[test]
fn every_question_has_an_answer_in_json() {
    let model = model::infrastructure();
    answer("where-papi", &where_is(&model, "papi").unwrap());
    answer("where-github", &where_is(&model, "api.github.com").unwrap());
    answer("trace-papi", &trace(&model, "papi").unwrap());
    answer("secret-papi", &secret(&model, "papi").unwrap());
    answer("secret-path", &secret(&model, "llm/common").unwrap());
    answer("config-value", &config(&model, "GIT_SERVICE_URL").unwrap());
    answer("config-map", &config(&model, "cluster-vars").unwrap());
    answer("config-variable", &config(&model, "${depot_region}").unwrap());
    answer("config-service", &config(&model, "papi").unwrap());
    answer("flux-papi", &flux(&model, "papi").unwrap());
    answer("impact-vault", &impact(&model, "vault").unwrap());
    answer("image-papi", &image(&model, "papi", "NEW_TAG").unwrap());
    answer(
        "list-images",
        &list(&model, ListKind::Images, &Default::default()),
    );
    answer(
        "list-services",
        &list(&model, ListKind::Services, &Default::default()),
    );
    answer("lint", &lint(&model, &LintFilter::default()));
    answer("grep", &grep(&model, |text| text.contains("shared")));
    answer("not-found", &where_is(&model, "papii").unwrap_err());
    answer("ambiguous", &trace(&model, "session-cache").unwrap_err());
}
