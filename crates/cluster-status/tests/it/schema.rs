//! Answers as JSON are as their schemas say.

use cluster_status::{Recorded, Snapshot, StatusReport, VerifyReport, status, verify};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::scenario::{MARKER, check, data, facts, folders, objects, record};
use crate::scenarios::ALL;

struct Validator(jsonschema::Validator);

impl Validator {
    fn new<T: JsonSchema>(name: &str) -> Self {
        let schema = catalog_emit::schema::written::<T>(name, name).unwrap();
        let schema = serde_json::from_str(&schema).unwrap();
        Validator(jsonschema::validator_for(&schema).unwrap())
    }

    #[track_caller]
    fn check(&self, answer: &impl Serialize) {
        let value = json!(answer);
        let errors: Vec<String> = self
            .0
            .iter_errors(&value)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}: {value:#}");
        assert!(!value.to_string().contains(MARKER));
    }
}

#[test]
fn every_answer_has_the_form_of_its_schema() {
    let statuses = Validator::new::<StatusReport>("status");
    let verifications = Validator::new::<VerifyReport>("verify");
    let now = humantime::parse_rfc3339("2026-11-20T10:00:00Z").unwrap();
    for scenario in folders() {
        let facts = facts(&scenario);
        let file = record(&objects(&scenario));
        let mut cluster = Recorded::new(file.path().to_str().unwrap());
        let snapshot = Snapshot::read(&mut cluster, &ALL, &mut |_| {});
        statuses.check(&status(&facts, &snapshot, None, now).unwrap());
        let report = status(&facts, &snapshot, Some("papi"), now).unwrap();
        statuses.check(&report);
        let verification = verify(&facts, &snapshot);
        verifications.check(&verification);
        match scenario.file_name().unwrap().to_str().unwrap() {
            "image-pull" => check(&data().join("status.json"), &format!("{:#}\n", json!(report))),
            "config-drift" => check(
                &data().join("verify.json"),
                &format!("{:#}\n", json!(verification)),
            ),
            _ => {}
        }
    }
}
