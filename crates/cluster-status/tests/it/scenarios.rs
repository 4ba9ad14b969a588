//! Each scenario is answered as its `expected.txt` says.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use cluster_status::{Cluster, Group, Recorded, Snapshot, status, verify, write_record};
use infra_model::Infrastructure;
use infra_query::Facts;

use crate::scenario::{MARKER, MARKER_BASE64, check, facts, folders, objects, record};

/// The time of the questions.
const NOW: &str = "2026-11-20T10:00:00Z";

pub(crate) const ALL: [Group; 6] = [
    Group::Flux,
    Group::Workloads,
    Group::Pods,
    Group::Events,
    Group::Config,
    Group::Secrets,
];

/// The answers to the questions of a scenario, as one text.
pub(crate) fn answers(facts: &Infrastructure, cluster: &mut dyn Cluster, scenario: &Path) -> String {
    let now = humantime::parse_rfc3339(NOW).unwrap();
    let facts: &dyn Facts = facts;
    let snapshot = Snapshot::read(cluster, &ALL, &mut |_| {});
    let mut text = String::new();
    for remark in &snapshot.remarks {
        // The path of the record differs.
        let (_, message) = remark.message.split_once(": ").unwrap();
        writeln!(text, "remark: {message}").unwrap();
    }
    for question in fs::read_to_string(scenario.join("ask.txt")).unwrap().lines() {
        let mut words = question.split(' ');
        let answer = match words.next() {
            Some("status") => match status(facts, &snapshot, words.next(), now) {
                Ok(report) => format!("{report}exit code {}\n", if report.ready { 0 } else { 1 }),
                Err(error) => format!("error: {error}\n"),
            },
            Some("verify") => {
                let report = verify(facts, &snapshot);
                format!("{report}exit code {}\n", if report.as_in_git { 0 } else { 1 })
            }
            _ => panic!("{question}"),
        };
        writeln!(text, "$ {question}\n{answer}").unwrap();
    }
    text
}

#[test]
fn recorded_clusters() {
    for scenario in folders() {
        let record = record(&objects(&scenario));
        let mut cluster = Recorded::new(record.path().to_str().unwrap());
        let text = answers(&facts(&scenario), &mut cluster, &scenario);
        check(&scenario.join("expected.txt"), &text);
        assert!(
            !text.contains(MARKER) && !text.contains(MARKER_BASE64),
            "{}",
            scenario.display()
        );
    }
}

#[test]
fn a_record_has_no_secret_and_is_answered_in_the_same_way() {
    for scenario in folders() {
        let facts = facts(&scenario);
        let file = record(&objects(&scenario));
        let mut kept = Vec::new();
        let mut cluster = Recorded::new(file.path().to_str().unwrap());
        let snapshot = Snapshot::read(&mut cluster, &ALL, &mut |object| kept.push(object.clone()));
        let mut written = Vec::new();
        write_record(&kept, snapshot.coverage(), &mut written).unwrap();
        let text = String::from_utf8(written).unwrap();
        assert!(
            !text.contains(MARKER) && !text.contains(MARKER_BASE64),
            "{}",
            scenario.display()
        );
        let again = tempfile::NamedTempFile::new().unwrap();
        fs::write(again.path(), &text).unwrap();
        let answer = |path: &Path| answers(&facts, &mut Recorded::new(path.to_str().unwrap()), &scenario);
        let without_remarks = |text: String| {
            let lines = text.lines().filter(|line| !line.starts_with("remark: "));
            lines.collect::<Vec<_>>().join("\n")
        };
        let (before, after) = (answer(file.path()), answer(again.path()));
        assert_eq!(
            without_remarks(before),
            without_remarks(after),
            "{}",
            scenario.display()
        );
    }
}

#[test]
fn a_record_of_one_namespace_says_nothing_of_others() {
    let scenario = crate::scenario::data().join("scenarios/all-in-sync");
    let mut objects = objects(&scenario);
    objects.retain(|object| {
        object["metadata"]["namespace"] == "backend" && object["metadata"]["name"] != "worker"
    });
    let file = record(&objects);
    let mut cluster = Recorded::new(file.path().to_str().unwrap());
    let snapshot = Snapshot::read(&mut cluster, &ALL, &mut |_| {});
    let facts = facts(&scenario);
    let now = humantime::parse_rfc3339(NOW).unwrap();
    let report = status(&facts, &snapshot, None, now).unwrap();
    let missing: Vec<String> = report
        .problems
        .iter()
        .map(|problem| problem.object.to_string())
        .collect();
    assert_eq!(missing, ["Deployment/backend/worker"]);
}
