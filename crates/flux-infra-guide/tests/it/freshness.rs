//! Catalogs that are older than their repository: every command that reads them says so in one line, `check` lists the
//! facts that differ.

use camino::Utf8PathBuf;
use pretty_assertions::assert_eq;

use crate::copy::{Copy, program};

const NOTE: &str =
    "note: the repository has changed since these catalogs were written: `flux-infra-guide regen`\n";

/// Every command that reads catalogs.
const QUESTIONS: [&[&str]; 10] = [
    &["where", "papi"],
    &["trace", "papi"],
    &["secret", "papi"],
    &["config", "papi"],
    &["flux", "papi"],
    &["impact", "papi"],
    &["image", "papi"],
    &["list", "services"],
    &["lint"],
    &["grep", "papi"],
];

const DEPLOYMENT: &str = "apps/backend-services/papi-deployment.yaml";

/// The large fixture with its catalogs, with or without Git.
fn fixture(with_git: bool) -> Copy {
    let root = Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let copy = Copy::of(&root.join("fixtures/infra-flux-nonprod-test"));
    if with_git {
        copy.git(&["init", "-q"]);
        copy.commit("one");
    }
    regen(&copy);
    copy
}

fn run(copy: &Copy, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = program()
        .args(arguments)
        .current_dir(copy.folder())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn regen(copy: &Copy) {
    assert_eq!(
        run(copy, &["-q", "regen"]),
        (Some(0), String::new(), String::new())
    );
}

/// Every question is answered; standard error has one line if the catalogs are stale, and is empty otherwise.
#[track_caller]
fn check(copy: &Copy, stale: bool) {
    let expected = if stale { NOTE } else { "" };
    // Standard output is for programs: it stays JSON, and `--quiet` prints no note.
    let (code, out, err) = run(copy, &["where", "papi", "--format", "json", "--quiet"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok());
    let questions = if stale { &QUESTIONS[..] } else { &QUESTIONS[..2] };
    for question in questions {
        let (code, out, err) = run(copy, question);
        assert_eq!((code, err.as_str()), (Some(0), expected), "{question:?}");
        assert!(!out.is_empty(), "{question:?}");
    }
}

/// What happens to a repository after its catalogs were written.
#[track_caller]
fn check_change(change: impl Fn(&Copy)) {
    for with_git in [true, false] {
        let copy = fixture(with_git);
        check(&copy, false);
        change(&copy);
        check(&copy, true);
        // From a subfolder, too.
        let below = program()
            .args(["where", "papi"])
            .current_dir(copy.folder().join("clusters"))
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(below.stderr).unwrap(), NOTE);
        regen(&copy);
        check(&copy, false);
    }
}

#[test]
fn an_edited_file() {
    check_change(|copy| copy.edit(DEPLOYMENT, "8000", "8001"));
}

/// A file of the repository that no build reads may change, come and go.
#[track_caller]
fn check_no_change(change: impl Fn(&Copy)) {
    for with_git in [true, false] {
        let copy = fixture(with_git);
        change(&copy);
        // The second question uses the record of the first one.
        check(&copy, false);
        check(&copy, false);
        assert_eq!(
            run(&copy, &["check"]),
            (Some(0), "the catalogs are current\n".to_owned(), String::new())
        );
    }
}

#[test]
fn a_file_that_no_build_reads() {
    check_no_change(|copy| copy.edit("README.md", "#", "# "));
    check_no_change(|copy| copy.remove("README.md"));
    check_no_change(|copy| copy.write("docs/more.md", "# More\n"));
    check_no_change(|copy| copy.write(".github/workflows/ci.yaml", "on: push\n"));
    // A manifest that no kustomization file lists.
    check_no_change(|copy| copy.write("apps/backend-services/more.yaml", "a: b\n"));
    check_no_change(|copy| copy.write("new-folder/new.yaml", "a: b\n"));
}

#[test]
fn a_file_that_is_as_it_was_but_for_its_times() {
    check_no_change(|copy| copy.edit(DEPLOYMENT, "8000", "8000"));
}

#[test]
fn an_added_file() {
    // One with a Flux object counts: nothing applies it, which is a finding.
    check_change(|copy| {
        copy.write(
            "apps/backend-services/more.yaml",
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: more, namespace: flux-system}\n\
             spec: {interval: 1m, path: ./apps, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}\n",
        );
    });
}

const LATE: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
    metadata: {name: late, namespace: flux-system}\n\
    spec: {interval: 1m, path: ./apps/late, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}\n";

const LATE_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: late, namespace: flux-system}\n";

#[test]
fn a_manifest_in_a_folder_without_a_kustomization_file() {
    check_change(|copy| copy.write("clusters/nonprod-test/late.yaml", LATE_MAP));
}

#[test]
fn a_file_where_something_was_looked_for() {
    check_change(|copy| {
        copy.write("clusters/nonprod-test/late.yaml", LATE);
        assert_eq!(run(copy, &["-q", "regen"]).0, Some(0));
        check(copy, false);
        copy.write("apps/late/x.yaml", LATE_MAP);
    });
}

/// Lists a file that a test adds.
fn list_late(copy: &Copy) {
    copy.edit(
        "apps/backend-services/kustomization.yaml",
        "resources:",
        "resources:\n  - late.yaml",
    );
}

#[test]
fn a_removed_file() {
    check_change(|copy| {
        list_late(copy);
        copy.write(
            "apps/backend-services/late.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: late}\n",
        );
        regen(copy);
        check(copy, false);
        copy.remove("apps/backend-services/late.yaml");
        copy.edit(
            "apps/backend-services/kustomization.yaml",
            "resources:\n  - late.yaml",
            "resources:",
        );
    });
}

/// Objects that Terraform makes are not missing, so its files decide a finding.
#[test]
fn a_file_of_terraform() {
    let needed = |copy: &Copy| {
        list_late(copy);
        copy.write(
            "apps/backend-services/late.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: late}\nspec: {containers: [{name: late, image: late, envFrom: [{secretRef: {name: made}}]}]}\n",
        );
        copy.write(
            "infra/main.tf",
            "resource \"kubernetes_secret\" \"made\" {\n  metadata {\n    name = \"made\"\n  }\n}\n",
        );
        regen(copy);
        check(copy, false);
    };
    check_change(|copy| {
        needed(copy);
        copy.edit("infra/main.tf", "name = \"made\"", "name = \"other\"");
    });
    check_change(|copy| {
        needed(copy);
        copy.write("infra/more.tf", "locals {}\n");
    });
}

#[test]
fn a_commit_of_the_catalogs() {
    let copy = fixture(true);
    copy.git(&["add", "--all"]);
    copy.git(&["commit", "-q", "-m", "with catalogs"]);
    check(&copy, false);
    // A clone has other file times and no record of its own.
    let clone = copy
        .folder()
        .parent()
        .unwrap()
        .join("clone/infra-flux-nonprod-test");
    copy.git(&["clone", "-q", ".", clone.as_str()]);
    for _ in 0..2 {
        let output = program()
            .args(["where", "papi"])
            .current_dir(&clone)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    }
    copy.edit(DEPLOYMENT, "8000", "8001");
    check(&copy, true);
}

#[test]
fn without_a_cache_answers_are_the_same() {
    let copy = fixture(true);
    let ask = || {
        let output = program()
            .args(["where", "papi"])
            .env("FLUX_INFRA_GUIDE_CACHE_DIR", "/proc/none")
            .current_dir(copy.folder())
            .output()
            .unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(ask(), "");
    copy.edit(DEPLOYMENT, "8000", "8001");
    assert_eq!(ask(), NOTE);
}

#[test]
fn another_commit() {
    let copy = fixture(true);
    copy.edit(DEPLOYMENT, "8000", "8001");
    copy.commit("two");
    check(&copy, true);
    // At the first commit again everything is as before.
    copy.git(&["checkout", "-q", "HEAD~1"]);
    check(&copy, false);
    // A commit that changes no file makes nothing stale.
    copy.git(&["commit", "-q", "--allow-empty", "-m", "three"]);
    check(&copy, false);
}

#[test]
fn catalogs_away_from_their_repository_are_not_compared() {
    let copy = fixture(false);
    let elsewhere = tempfile::tempdir().unwrap();
    let out = elsewhere.path().to_str().unwrap();
    assert_eq!(run(&copy, &["-q", "regen", "--out", out]).0, Some(0));
    copy.edit(DEPLOYMENT, "8000", "8001");
    let data = format!("{out}/flux-infra-guide/data");
    assert_eq!(run(&copy, &["where", "papi", "--data", &data]).2, "");
}

#[test]
fn check_says_which_facts_differ() {
    for with_git in [true, false] {
        let copy = fixture(with_git);
        assert_eq!(
            run(&copy, &["check"]),
            (Some(0), "the catalogs are current\n".to_owned(), String::new())
        );
        // A comment is not a fact, but the file differs.
        copy.edit(
            DEPLOYMENT,
            "apiVersion: apps/v1",
            "# The platform's API.\napiVersion: apps/v1",
        );
        let (code, out, err) = run(&copy, &["check"]);
        assert_eq!((code, out.as_str()), (Some(0), "the catalogs are current\n"));
        assert_eq!(
            err,
            format!("note: {DEPLOYMENT:?} changed, but no fact did: `flux-infra-guide regen` notes that\n")
        );
        copy.edit(DEPLOYMENT, "8000", "8001");
        let (code, out, err) = run(&copy, &["check"]);
        assert_eq!(code, Some(1));
        assert!(out.contains("papi") && out.contains("8001"), "{out}");
        assert_eq!(err, "the catalogs are stale: run `flux-infra-guide regen`\n");
        // Nothing is written.
        assert_eq!(run(&copy, &["check"]).0, Some(1));
        regen(&copy);
        assert_eq!(run(&copy, &["check"]).0, Some(0));
    }
}

#[test]
fn init_keeps_what_people_wrote() {
    let copy = fixture(false);
    copy.remove("flux-infra-guide.yaml");
    copy.write(
        "old.json",
        r#"{"services": {"papi": {"description": "The API"}, "gone": {"description": "Was: here"}}}"#,
    );
    let (code, out, _) = run(&copy, &["init", "--from", "old.json"]);
    assert_eq!(code, Some(0));
    for line in [
        "  papi:\n    description: \"The API\"\n",
        "  gone:\n    description: \"Was: here\"\n",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
}
