//! `status`, `verify` and `--live`: the sources of the cluster's state, formats and exit codes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use crate::copy::{Copy, program};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../cluster-status/tests/data");

fn run(folder: &Utf8Path, arguments: &[&str]) -> Output {
    program()
        .args(arguments)
        .current_dir(folder)
        .env("RWENV_CONFIG_DIR", folder)
        .env("PATH", format!("{folder}/bin:/usr/bin:/bin"))
        .output()
        .unwrap()
}

fn text(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn repository() -> Copy {
    Copy::of(Utf8Path::new(&format!("{DATA}/repo")))
}

fn in_sync() -> String {
    format!("{DATA}/in-sync.json")
}

/// A cluster in which the image of papi cannot be pulled, as a folder of two files: the later one overrides the earlier.
fn broken(copy: &Copy) -> Utf8PathBuf {
    let folder = copy.folder().join("record");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(in_sync(), folder.join("1.json")).unwrap();
    fs::copy(
        format!("{DATA}/scenarios/image-pull/cluster.json"),
        folder.join("2.json"),
    )
    .unwrap();
    folder
}

/// A kubectl that answers every list with a file, and records its arguments.
fn kubectl(copy: &Copy, record: &str) {
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> asked.txt\ncase \"$1\" in\napi-resources) printf 'pods\\nkustomizations.kustomize.toolkit.fluxcd.io\\ngitrepositories.source.toolkit.fluxcd.io\\n' ;;\nget) case \"$2\" in kustomizations*) cat '{record}' ;; *) echo '{{\"apiVersion\":\"v1\",\"items\":[],\"kind\":\"List\"}}' ;; esac ;;\nesac\n"
    );
    copy.write("bin/kubectl", &script);
    fs::set_permissions(
        copy.folder().join("bin/kubectl"),
        fs::Permissions::from_mode(0o755),
    )
    .unwrap();
}

#[test]
fn exit_codes_say_whether_it_is_ready() {
    let copy = repository();
    let (code, out, _) = text(&run(
        copy.folder(),
        &["status", "papi", "--repo", ".", "--from-file", &in_sync()],
    ));
    assert_eq!(code, Some(0), "{out}");
    assert!(out.starts_with("ready: Deployment/backend/papi"), "{out}");
    let record = broken(&copy);
    let ask = |arguments: &[&str]| {
        let mut all = arguments.to_vec();
        all.extend(["--repo", ".", "--from-file", record.as_str()]);
        text(&run(copy.folder(), &all))
    };
    let (code, out, err) = ask(&["status", "papi"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(
        out.starts_with("broken: Pod/backend/papi-5c6d7e8f9a-zzzzz: ImagePullBackOff"),
        "{out}"
    );
    assert!(
        out.contains("\nedit: apps/backend/kustomization.yaml:15, "),
        "{out}"
    );
    assert_eq!(ask(&["status"]).0, Some(1));
    assert_eq!(ask(&["status", "storage"]).0, Some(0));
    assert_eq!(ask(&["status", "nosuch"]).0, Some(5));
    assert_eq!(ask(&["verify"]).0, Some(0));
    let (code, out, _) = ask(&["status", "papi", "--next"]);
    assert_eq!(
        (code, out.as_str()),
        (Some(1), "kubectl describe pod papi-5c6d7e8f9a-zzzzz -n backend\n")
    );
    let (_, out, _) = ask(&["status", "papi", "--format", "json"]);
    let value: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(value["problems"][0]["state"], "broken");
    assert_eq!(value["problems"][0]["edit"]["place"]["line"], 15);
    copy.edit("apps/backend/kustomization.yaml", "1.4.2", "1.4.3");
    let (code, out, _) = ask(&["verify", "--format", "json"]);
    assert_eq!(code, Some(1));
    let value: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(value["drifted"][0]["fields"][0]["field"], "image");
}

#[test]
fn answers_of_the_repository_gain_a_line() {
    let copy = repository();
    let record = broken(&copy);
    let plain = text(&run(copy.folder(), &["where", "papi", "--repo", "."])).1;
    for question in ["where", "trace", "flux"] {
        let arguments = [question, "papi", "--repo", ".", "--from-file", record.as_str()];
        let (code, out, err) = text(&run(copy.folder(), &arguments));
        assert_eq!(code, Some(0), "{err}");
        let (first, rest) = out.split_once('\n').unwrap();
        assert!(
            first.starts_with("live: broken: Pod/backend/papi-5c6d7e8f9a-zzzzz: "),
            "{out}"
        );
        if question == "where" {
            assert_eq!(rest, plain);
        }
        let mut arguments = arguments.to_vec();
        arguments.extend(["--format", "json"]);
        let value: Value = serde_json::from_str(&text(&run(copy.folder(), &arguments)).1).unwrap();
        assert!(value["live"].as_str().unwrap().starts_with("broken: "), "{value}");
    }
    // The repository's answer is printed even without a cluster.
    kubectl(&copy, "/dev/null");
    copy.write("bin/kubectl", "#!/bin/sh\necho no server >&2\nexit 1\n");
    let (code, out, err) = text(&run(copy.folder(), &["where", "papi", "--repo", ".", "--live"]));
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.starts_with("live: not known\n") && err.contains("no server"),
        "{out}{err}"
    );
}

#[test]
fn a_record_is_written_and_read_again() {
    let copy = repository();
    kubectl(&copy, &in_sync());
    let (code, _, err) = text(&run(
        copy.folder(),
        &["status", "--repo", ".", "--record", "cluster.json"],
    ));
    assert_eq!(code, Some(0), "{err}");
    let record = fs::read_to_string(copy.folder().join("cluster.json")).unwrap();
    assert!(!record.contains("PLANTED-SECRET-MARKER"));
    let mode = fs::metadata(copy.folder().join("cluster.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0, "others may not read it");
    let again = ["status", "apps", "--repo", ".", "--from-file", "cluster.json"];
    let (code, out, _) = text(&run(copy.folder(), &again));
    assert_eq!(code, Some(0), "{out}");
    let (code, _, err) = text(&run(
        copy.folder(),
        &["status", "--repo", ".", "--from-file", "nosuch.json"],
    ));
    assert_eq!(code, Some(3), "{err}");
}

#[test]
fn an_rwenv_chooses_cluster_and_repository() {
    let copy = repository();
    kubectl(&copy, &in_sync());
    let root = copy.folder().join("flux-repos/nonprod");
    fs::create_dir_all(&root).unwrap();
    fs::remove_dir(&root).unwrap();
    let source = Copy::of(Utf8Path::new(&format!("{DATA}/repo")));
    fs::rename(source.folder(), &root).unwrap();
    copy.write(
        "envs.json",
        r#"{"rwenvs": {"nonprod": {"type": "main", "kubeconfigPath": "kube/config", "kubernetesContext": "np", "readOnly": true}}}"#,
    );
    let (code, out, err) = text(&run(copy.folder(), &["status", "apps", "--rwenv", "nonprod"]));
    assert_eq!(code, Some(0), "{out}{err}");
    let asked = fs::read_to_string(copy.folder().join("asked.txt")).unwrap();
    let kubeconfig = format!("--kubeconfig={}/kube/config", copy.folder());
    for line in asked.lines() {
        assert!(
            line.contains("--context=np") && line.contains(&kubeconfig),
            "{line}"
        );
        assert!(
            line.starts_with("get ") || line.starts_with("api-resources "),
            "{line}"
        );
    }
}

/// A repository with another cluster beside that of the records.
fn of_two_clusters() -> Copy {
    let copy = repository();
    let sync = fs::read_to_string(copy.folder().join("clusters/main/flux-system/gotk-sync.yaml")).unwrap();
    copy.write(
        "clusters/other/flux-system/gotk-sync.yaml",
        &sync.replace("clusters/main", "clusters/other"),
    );
    copy.write(
        "clusters/other/flux-system/kustomization.yaml",
        "resources: [gotk-sync.yaml]\n",
    );
    copy
}

#[test]
fn the_cluster_is_the_one_whose_entry_is_applied() {
    let copy = of_two_clusters();
    let ask = |arguments: &[&str]| {
        let mut all = arguments.to_vec();
        let record = in_sync();
        all.extend(["--repo", ".", "--from-file", record.as_str()]);
        text(&run(copy.folder(), &all))
    };
    let (code, out, err) = ask(&["status", "papi"]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.starts_with("ready: Deployment/backend/papi"), "{out}");
    assert!(
        err.contains("note: of 2 clusters it is main: a Kustomization applies its entry"),
        "{err}"
    );
    let (code, out, err) = ask(&["verify"]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("21 as in Git"), "{out}");
    let (code, out, err) = ask(&["where", "papi"]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.starts_with("live: ready, "), "{out}");
    // `--cluster` decides.
    let (code, out, _) = ask(&["verify", "--cluster", "clusters/other"]);
    assert_eq!(code, Some(1), "{out}");
}

#[test]
fn similar_clusters_have_to_be_named() {
    let copy = of_two_clusters();
    // A cluster that applies neither entry.
    copy.write(
        "record.json",
        r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}}"#,
    );
    for (question, command) in [
        (&["status", "papi"][..], "flux-infra-guide status papi"),
        (&["verify"], "flux-infra-guide verify"),
    ] {
        let mut all = question.to_vec();
        all.extend(["--repo", ".", "--from-file", "record.json"]);
        let (code, out, err) = text(&run(copy.folder(), &all));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        for cluster in ["main", "other"] {
            let whole = format!("`{command} --cluster {cluster} --repo . --from-file record.json`");
            assert!(err.contains(&whole), "{err}");
        }
    }
    kubectl(&copy, "record.json");
    let (_, _, err) = text(&run(
        copy.folder(),
        &["verify", "--repo", ".", "--context", "kind-other"],
    ));
    assert!(
        err.contains("note: of 2 clusters it is other: the context has its name"),
        "{err}"
    );
}

#[test]
fn commands_ask_the_cluster_that_was_asked() {
    let copy = repository();
    kubectl(&copy, "record/1.json");
    broken(&copy);
    fs::copy(
        format!("{DATA}/scenarios/suspended-kustomization/cluster.json"),
        copy.folder().join("record/1.json"),
    )
    .unwrap();
    let ask = |context: &str| {
        let arguments = ["status", "apps", "--repo", ".", "--next", "--context", context];
        text(&run(copy.folder(), &arguments)).1
    };
    assert_eq!(
        ask("prod eu"),
        "flux get kustomization apps -n flux-system --context 'prod eu'\n\
         flux events --for Kustomization/apps -n flux-system --context 'prod eu'\n"
    );
    assert_eq!(ask("prod\u{1b}[2J"), "");
}
