//! `diff` between revisions of a Git repository: its output, its exit codes, and revisions that cannot be read.

use camino::{Utf8Path, Utf8PathBuf};
use pretty_assertions::assert_eq;

use crate::copy::{Copy, program};

const DEPLOYMENT: &str = "apps/ticker/deployment.yaml";

/// A copy with one commit.
fn repository() -> Copy {
    let root = Utf8PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../fixtures/changes/repo"
    ));
    let copy = Copy::of(&root);
    copy.git(&["init", "-q", "-b", "main"]);
    copy.commit("one");
    copy
}

fn run_in(folder: &Utf8Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = program().args(arguments).current_dir(folder).output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// Exit code and standard output, without the warnings of the scan.
fn diff(copy: &Copy, arguments: &[&str]) -> (Option<i32>, String) {
    let (code, out, _) = run_in(copy.folder(), &[&["diff"], arguments].concat());
    (code, out)
}

#[test]
fn changes_of_a_commit() {
    let copy = repository();
    assert_eq!(diff(&copy, &["HEAD"]), (Some(0), "no changes\n".to_owned()));
    copy.edit(DEPLOYMENT, "value: fast", "value: slow");
    let (code, dirty) = diff(&copy, &["HEAD"]);
    assert_eq!(code, Some(0));
    assert!(
        dirty.contains("env[MODE].value: fast -> slow  apps/ticker/deployment.yaml:27"),
        "{dirty}"
    );
    copy.commit("two");
    // Committed, in a subfolder, and in reverse.
    assert_eq!(diff(&copy, &["HEAD~1"]).1, dirty);
    assert_eq!(diff(&copy, &["HEAD~1", "HEAD"]).1, dirty);
    let backwards = diff(&copy, &["HEAD", "HEAD~1"]).1;
    assert!(backwards.contains("env[MODE].value: slow -> fast"), "{backwards}");
    let elsewhere = Copy::of(copy.folder());
    elsewhere.edit(DEPLOYMENT, "value: slow", "value: slower");
    let (_, out) = diff(&copy, &["HEAD", elsewhere.folder().as_str()]);
    assert!(out.contains("slow -> slower"), "{out}");
}

#[test]
fn exit_codes_are_those_of_git_diff() {
    let copy = repository();
    for (arguments, code) in [
        (&["HEAD", "--exit-code"][..], 0),
        (&["HEAD", "--fail-on", "danger"], 0),
        (&["HEAD", "--fail-on", "warning"], 0),
    ] {
        assert_eq!(diff(&copy, arguments).0, Some(code), "{arguments:?}");
    }
    copy.edit(DEPLOYMENT, "replicas: 2", "replicas: 3");
    for (arguments, code) in [
        (&["HEAD"][..], 0),
        (&["HEAD", "--exit-code"], 1),
        (&["HEAD", "--fail-on", "danger"], 0),
    ] {
        assert_eq!(diff(&copy, arguments).0, Some(code), "{arguments:?}");
    }
    copy.edit(DEPLOYMENT, "ticker:1.4.0", "ticker:latest");
    assert_eq!(diff(&copy, &["HEAD", "--fail-on", "danger"]).0, Some(1));
    assert_eq!(diff(&copy, &["HEAD", "--format", "rot13"]).0, Some(2));
}

#[test]
fn annotations_name_the_line() {
    let copy = repository();
    copy.edit(DEPLOYMENT, "ticker:1.4.0", "ticker:latest");
    let (_, out) = diff(&copy, &["HEAD", "--format", "github"]);
    assert_eq!(
        out,
        "::warning file=apps/ticker/deployment.yaml,line=21,title=change-image::Deployment/ticker/ticker: image \
         registry.example.org/ticker moves to latest: every pull may bring another one\n"
    );
    let (_, out) = diff(&copy, &["HEAD", "--format", "sarif"]);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    let result = &document["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "change-image");
    assert_eq!(
        result["locations"][0]["physicalLocation"]["region"]["startLine"],
        21
    );
}

#[test]
fn revisions_that_cannot_be_read() {
    let copy = repository();
    let (code, out, err) = run_in(copy.folder(), &["diff", "no-such-revision"]);
    assert_eq!((code, out.as_str()), (Some(3), ""));
    assert!(
        err.contains("no-such-revision is neither a folder nor a revision"),
        "{err}"
    );
    // A shallow clone has no earlier commit.
    copy.edit(DEPLOYMENT, "value: fast", "value: slow");
    copy.commit("two");
    let clone = Utf8PathBuf::from(format!("{}-shallow", copy.folder()));
    copy.git(&[
        "clone",
        "-q",
        "--depth",
        "1",
        &format!("file://{}", copy.folder()),
        clone.as_str(),
    ]);
    let (code, out, err) = run_in(&clone, &["diff", "HEAD~1"]);
    assert_eq!((code, out.as_str()), (Some(3), ""), "{err}");
    // Unrelated histories are compared like any two states.
    copy.git(&["checkout", "-q", "--orphan", "other"]);
    copy.edit(DEPLOYMENT, "value: slow", "value: other");
    copy.commit("unrelated");
    let (code, out) = diff(&copy, &["main", "other"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("slow -> other"), "{out}");
    // Not a repository.
    let bare = tempfile::tempdir().unwrap();
    let (code, out, err) = run_in(Utf8Path::from_path(bare.path()).unwrap(), &["diff", "HEAD"]);
    assert_eq!((code, out.as_str()), (Some(3), ""), "{err}");
}

/// A Kustomization that moves to another cluster applies everything there, and leaves its objects in the old one.
#[test]
fn a_kustomization_that_goes_to_another_cluster() {
    let copy = repository();
    let config = |name: &str| format!("  kubeConfig:\n    secretRef:\n      name: {name}\n");
    copy.edit(
        "clusters/main/kept.yaml",
        "  prune: true\n",
        &format!("  prune: true\n{}", config("east")),
    );
    copy.commit("east");
    let (_, out) = diff(&copy, &["HEAD~1"]);
    for wanted in [
        "remote/east:\nthe cluster is new\n5 objects added",
        "ConfigMap/kept/words stays: Kustomization flux-system/kept applies to another cluster now, and leaves what it made here",
    ] {
        assert!(out.contains(wanted), "{wanted}\n{out}");
    }
    copy.edit("clusters/main/kept.yaml", "name: east", "name: west");
    let (_, out) = diff(&copy, &["HEAD"]);
    for wanted in [
        "warning change-path clusters/main/kept.yaml:13 Kustomization/flux-system/kept: spec.kubeConfig changes",
        "cluster remote/east:\nnothing in the repository is applied to the cluster any more\n5 objects removed\n",
        "cluster remote/west:\nthe cluster is new\n5 objects added",
        "ConfigMap/kept/words stays: Kustomization flux-system/kept applies to another cluster now, and leaves what it made here",
    ] {
        assert!(out.contains(wanted), "{wanted}\n{out}");
    }
    copy.commit("west");
    copy.git(&["rm", "-q", "clusters/main/kept.yaml"]);
    let (_, out) = diff(&copy, &["HEAD"]);
    let wanted = "ConfigMap/kept/words stays: Kustomization flux-system/kept stays in the cluster: it is marked prune: disabled";
    assert!(out.contains(wanted), "{wanted}\n{out}");
}
