//! The design's four success criteria, one test each, over the committed skill and the fixture that it was made from.

use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use pretty_assertions::assert_eq;
use serde_json::Value;

use crate::copy::{Copy, program};

fn root() -> Utf8PathBuf {
    Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The skill alone, in a project without access to a Flux repository.
fn installed() -> Copy {
    let copy = Copy::of(&root().join("skills"));
    let place = copy.folder().join(".claude/skills");
    fs::create_dir_all(&place).unwrap();
    for skill in ["flux-infra-guide", "flux-infra-guide-regenerate"] {
        fs::rename(copy.folder().join(skill), place.join(skill)).unwrap();
    }
    copy
}

fn ask(folder: &Utf8Path, arguments: &[&str]) -> String {
    let output = program().args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_criteria_are_those_of_the_design() {
    let text = fs::read_to_string(root().join("fixtures/seed/guidance.json")).unwrap();
    let items: Value = serde_json::from_str(&text).unwrap();
    let criteria = items
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["kind"] == "criterion");
    let criteria: Vec<&str> = criteria.map(|item| item["text"].as_str().unwrap()).collect();
    assert_eq!(
        criteria,
        [
            "Claude can answer \"where does papi run?\" without exploring the Flux repo",
            "Claude can trace secret flow from Vault to pod without manual exploration",
            "Claude checks Helm upgrade status before debugging config issues",
            "Regeneration skill can update data files when Flux repo changes",
        ]
    );
    // The documentation answers each, and names its test.
    let questions = fs::read_to_string(root().join("docs/questions.md")).unwrap();
    for criterion in criteria {
        assert!(questions.contains(criterion), "{criterion}");
    }
}

#[test]
fn one_where_papi_runs_without_the_repository() {
    let project = installed();
    let answer = ask(project.folder(), &["where", "papi"]);
    assert_eq!(
        answer.lines().next(),
        Some("papi: Deployment in backend-services - Platform API - core backend service")
    );
    // Without the program, by the line that SKILL.md says to search for.
    let skill = project.folder().join(".claude/skills/flux-infra-guide");
    let text = fs::read_to_string(skill.join("SKILL.md")).unwrap();
    assert!(text.contains("grep") && text.contains("data/services.json"));
    let grep = Command::new("grep")
        .args(["^ *\"papi\":", "data/services.json"])
        .current_dir(&skill)
        .output()
        .unwrap();
    let line = String::from_utf8(grep.stdout).unwrap();
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.contains("\"namespace\":\"backend-services\""), "{line}");
}

#[test]
fn two_the_secret_flow_from_vault_to_pod_in_one_answer() {
    let project = installed();
    let flow = [
        "shared/data/secrets#secrets.py",
        "vault-papi",
        "shared_secrets",
        "kubernetes-platform-cluster-01",
        "/secrets/secrets.py",
    ];
    let answer = ask(project.folder(), &["secret", "papi"]);
    for step in flow {
        assert!(answer.contains(step), "{step}: {answer}");
    }
    // In the other direction, from the path in Vault to all its readers.
    let answer = ask(project.folder(), &["secret", "shared/data/secrets"]);
    for reader in ["papi", "celery-worker", "celery-beat"] {
        assert!(answer.contains(reader), "{reader}: {answer}");
    }
}

#[test]
fn three_the_helm_release_is_checked_before_configuration() {
    let project = installed();
    // For everything that a HelmRelease owns, its status is the first command. Answers about running things end with it.
    const FIRST: &str = "flux get helmrelease grafana -n grafana";
    for question in ["where", "trace", "flux"] {
        let answer = ask(project.folder(), &[question, "grafana"]);
        let commands = answer
            .split_once("next:\n")
            .map(|(_, commands)| commands.trim_start());
        assert!(
            commands.is_some_and(|commands| commands.starts_with(FIRST)),
            "{question}: {answer}"
        );
    }
    for question in ["where", "trace", "flux", "impact", "config", "secret"] {
        let commands = ask(project.folder(), &[question, "grafana", "--next"]);
        let first = commands.lines().find(|line| !line.starts_with('#'));
        assert_eq!(first, Some(FIRST), "{question}: {commands}");
    }
    // The skill says so too, before any other order of checks.
    let skill = project.folder().join(".claude/skills/flux-infra-guide/SKILL.md");
    let text = fs::read_to_string(skill).unwrap();
    let helm = text.find("`flux get helmrelease <name> -n <namespace>` before reading any configuration");
    let config = text.find("kubectl get cm <name>");
    assert!(helm.is_some() && helm < config, "{helm:?} {config:?}");
}

#[test]
fn four_the_regeneration_skill_updates_the_data() {
    let repository = Copy::of(&root().join("fixtures/infra-flux-nonprod-test"));
    let project = installed();
    let skill = project
        .folder()
        .join(".claude/skills/flux-infra-guide-regenerate/SKILL.md");
    let text = fs::read_to_string(skill).unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("flux-infra-guide regen \""))
        .unwrap();
    // The command of the skill, with the repository instead of rwenv's clone.
    let (words, clone) = line.split_once('"').unwrap();
    assert!(clone.contains("flux-repos/<rwenv-name>"), "{line}");
    let words: Vec<&str> = words.split_whitespace().skip(1).collect();
    let regen = || {
        ask(
            project.folder(),
            &[&words[..], &[repository.folder().as_str()]].concat(),
        )
    };

    assert!(regen().starts_with("Regenerated flux-infra-guide data files:"));
    assert!(ask(project.folder(), &["where", "papi"]).contains(" 80 -> 8000"));
    let check = || {
        program()
            .args(["check", repository.folder().as_str()])
            .current_dir(project.folder())
            .output()
            .unwrap()
    };
    assert!(check().status.success());
    repository.edit("apps/backend-services/papi-deployment.yaml", "8000", "8001");
    assert_eq!(check().status.code(), Some(1));
    regen();
    assert!(check().status.success());
    assert!(ask(project.folder(), &["where", "papi"]).contains(" 80 -> 8001"));
}
