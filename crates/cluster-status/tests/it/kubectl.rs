//! kubectl as a back end: a fake script answers, hangs, denies, or gives half of an answer.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cluster_status::{Kubectl, Snapshot, status};
use infra_query::Facts;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::scenario::{MARKER, check, data, facts, folders, objects};
use crate::scenarios::{ALL, answers};

/// The resources of each list that the script has.
const LISTS: [(&str, &[(&str, &str)]); 5] = [
    (
        "flux",
        &[
            ("Kustomization", "kustomizations.kustomize.toolkit.fluxcd.io"),
            ("HelmRelease", "helmreleases.helm.toolkit.fluxcd.io"),
            ("GitRepository", "gitrepositories.source.toolkit.fluxcd.io"),
            ("HelmRepository", "helmrepositories.source.toolkit.fluxcd.io"),
            ("HelmChart", "helmcharts.source.toolkit.fluxcd.io"),
        ],
    ),
    (
        "workloads",
        &[
            ("Deployment", "deployments.apps"),
            ("StatefulSet", "statefulsets.apps"),
            ("DaemonSet", "daemonsets.apps"),
            ("Job", "jobs.batch"),
            ("CronJob", "cronjobs.batch"),
            ("PersistentVolumeClaim", "persistentvolumeclaims"),
            ("ExternalSecret", "externalsecrets.external-secrets.io"),
            ("SecretStore", "secretstores.external-secrets.io"),
            (
                "SecretProviderClass",
                "secretproviderclasses.secrets-store.csi.x-k8s.io",
            ),
        ],
    ),
    ("pods", &[("Pod", "pods")]),
    ("events", &[("Event", "events")]),
    (
        "config",
        &[
            ("ConfigMap", "configmaps"),
            ("HorizontalPodAutoscaler", "horizontalpodautoscalers.autoscaling"),
        ],
    ),
];

/// A folder with the script and what it answers for a scenario.
struct Fake(tempfile::TempDir);

impl Fake {
    fn new(script: &str, scenario: &Path) -> Self {
        let fake = Fake(tempfile::tempdir().unwrap());
        let objects = objects(scenario);
        let kind = |object: &Value| object["kind"].as_str().unwrap().to_owned();
        let mut resources = String::from("secrets\nbindings\n");
        for (name, kinds) in LISTS {
            let items: Vec<&Value> = objects
                .iter()
                .filter(|object| kinds.iter().any(|(of, _)| *of == kind(object)))
                .collect();
            let list = json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}});
            fake.write(&format!("{name}.json"), &format!("{list:#}\n"));
            for (_, resource) in kinds {
                writeln!(resources, "{resource}").unwrap();
            }
        }
        // The output of the template for Secrets.
        let mut secrets = String::new();
        for object in objects.iter().filter(|object| kind(object) == "Secret") {
            let metadata = &object["metadata"];
            let keys = object["data"].as_object().unwrap().keys();
            let keys: String = keys.map(|key| format!("\"{key}\":\"\",")).collect();
            writeln!(
                secrets,
                r#"{{"apiVersion":"v1","kind":"Secret","metadata":{{"name":{},"namespace":{},"labels":{{ "":""}}}},"data":{{ {keys}"":""}}}}"#,
                metadata["name"], metadata["namespace"]
            )
            .unwrap();
        }
        fake.write("secrets.json", &secrets);
        fake.write("resources.txt", &resources);
        let program = fake.path("kubectl");
        fs::copy(data().join("kubectl").join(format!("{script}.sh")), &program).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fake
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn kubectl(&self) -> Kubectl {
        let namespaces = ["backend", "data", "flux-system", "portal", "shop", "storage"];
        Kubectl {
            program: self.path("kubectl").to_str().unwrap().into(),
            known_namespaces: namespaces.map(str::to_owned).into(),
            timeout: Duration::from_secs(1),
            ..Kubectl::default()
        }
    }

    fn asked(&self) -> String {
        fs::read_to_string(self.path("asked.txt")).unwrap_or_default()
    }
}

/// Compares the remarks and the answer to one question with the text beside the script.
#[track_caller]
fn check_script(script: &str, scenario: &str, ask: Option<&str>) {
    let scenario = data().join("scenarios").join(scenario);
    let fake = Fake::new(script, &scenario);
    let text = answer(&scenario, &mut fake.kubectl(), ask);
    assert!(!text.contains(MARKER), "{text}");
    check(&data().join("kubectl").join(format!("{script}.txt")), &text);
}

fn answer(scenario: &Path, kubectl: &mut Kubectl, ask: Option<&str>) -> String {
    let facts = facts(scenario);
    let facts: &dyn Facts = &facts;
    let snapshot = Snapshot::read(kubectl, &ALL[..4], &mut |_| {});
    let mut text = String::new();
    for remark in &snapshot.remarks {
        let message = plain_text::printable(&remark.message);
        writeln!(
            text,
            "remark: {message}\n  help: {}",
            remark.hint.as_deref().unwrap_or("none")
        )
        .unwrap();
    }
    let now = humantime::parse_rfc3339("2026-11-20T10:00:00Z").unwrap();
    let report = status(facts, &snapshot, ask, now).unwrap();
    write!(text, "{report}").unwrap();
    text
}

#[test]
fn every_scenario_is_answered_as_from_a_record() {
    for scenario in folders() {
        let fake = Fake::new("answers", &scenario);
        let text = answers(&facts(&scenario), &mut fake.kubectl(), &scenario);
        let expected = fs::read_to_string(scenario.join("expected.txt")).unwrap();
        let without_remarks = |text: &str| {
            let lines = text.lines().filter(|line| !line.starts_with("remark: "));
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        assert_eq!(
            without_remarks(&text),
            without_remarks(&expected),
            "{}",
            scenario.display()
        );
    }
}

#[test]
fn it_is_asked_to_list_and_nothing_else() {
    let scenario = data().join("scenarios/all-in-sync");
    let fake = Fake::new("answers", &scenario);
    let mut kubectl = fake.kubectl();
    kubectl.context = Some("nonprod".to_owned());
    kubectl.kubeconfig = Some("/etc/kube config".into());
    Snapshot::read(&mut kubectl, &ALL, &mut |_| {});
    kubectl.namespaces = vec!["backend".to_owned(), "--all".to_owned()];
    Snapshot::read(&mut kubectl, &ALL[2..3], &mut |_| {});
    check(&data().join("kubectl/asked.txt"), &fake.asked());
}

#[test]
fn what_it_lacks_is_said_and_the_rest_is_answered() {
    check_script("pods-hang", "image-pull", Some("papi"));
    check_script("denies-one-namespace", "image-pull", Some("papi"));
    check_script("stops-in-mid-run", "three-levels-up", Some("portal"));
    check_script("no-flux", "all-in-sync", Some("papi"));
    check_script("says-secrets", "all-in-sync", None);
}

#[test]
fn without_a_server_there_is_a_reason() {
    check_script("hangs", "all-in-sync", None);
    check_script("unreachable", "all-in-sync", None);
    check_script("no-such-context", "all-in-sync", None);
    let mut kubectl = Kubectl {
        program: "no-such-program-as-kubectl".into(),
        ..Kubectl::default()
    };
    let text = answer(&data().join("scenarios/all-in-sync"), &mut kubectl, None);
    check(&data().join("kubectl/absent.txt"), &text);
}
