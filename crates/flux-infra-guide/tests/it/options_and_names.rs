//! Options without effect are refused, and the message names the option to use; names and kinds are completed; values of
//! releases are found by their paths in catalogs and by a scan.

use pretty_assertions::assert_eq;

use crate::copy::{Copy, program, run};
use crate::small_repositories::SYNC;

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: logs, namespace: logs}
spec:
  interval: 1h
  chart: {spec: {chart: logs, version: 1.0.0, sourceRef: {kind: HelmRepository, name: charts}}}
  values:
    write: {replicas: 2, storage: {size: 5Gi}}
    read: {replicas: 1}
";

/// A repository with two clusters and its catalogs.
fn repository() -> Copy {
    let copy = Copy::empty("options");
    for (cluster, size) in [("prod", "5Gi"), ("stage", "1Gi")] {
        copy.write(
            &format!("clusters/{cluster}/flux-system/gotk-sync.yaml"),
            &SYNC.replace("CLUSTER", &format!("clusters/{cluster}")),
        );
        copy.write(
            &format!("clusters/{cluster}/logs.yaml"),
            &RELEASE.replace("5Gi", size),
        );
    }
    let (code, _, stderr) = run(copy.folder(), &["regen", "-q"]);
    assert_eq!(code, 0, "{stderr}");
    copy
}

#[test]
fn options_that_do_nothing_are_refused() {
    let copy = repository();
    for (arguments, use_instead) in [
        (&["where", "logs", "--charts", "charts"][..], "--repo"),
        (&["impact", "logs", "--strict"], "--repo"),
        (&["list", "services", "--kube-version", "1.30"], "--repo"),
        (&["secret", "logs", "--vars", "x.env"], "--repo"),
        (&["lint", "--jobs", "2"], "--repo"),
        (&["where", "logs", "--fail-on", "error"], "lint"),
        (&["where", "logs", "--repo", ".", "--fail-on", "error"], "lint"),
        (&["where", "logs", "--format", "sarif"], "lint"),
        (&["explain", "logs", "--data", "x"], "--repo"),
        (
            &["compare", "prod", "stage", "--cluster", "prod"],
            "compare ONE OTHER",
        ),
        (&["list", "variables", "--namespace", "logs"], "services"),
        (&["list", "externals", "--owner", "logs"], "services"),
        (&["list", "configmaps", "--where", "suspended"], "kustomizations"),
        (&["config", "logs", "--full"], "--full"),
    ] {
        let (code, stdout, stderr) = run(copy.folder(), arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(use_instead), "{arguments:?}: {stderr}");
    }
    for arguments in [
        &["lint", "--fail-on", "error"][..],
        &["where", "logs", "--repo", ".", "--strict"],
        &["list", "hosts", "--namespace", "logs"],
        &["config", "logs", "write.replicas", "--strict"],
    ] {
        let (code, _, stderr) = run(copy.folder(), arguments);
        assert_ne!(code, 2, "{arguments:?}: {stderr}");
    }
}

#[test]
fn values_are_found_by_their_paths() {
    let copy = repository();
    for (path, lines) in [
        ("write.replicas", &["write.replicas: 2 <- line 8"][..]),
        ("values.write.replicas", &["write.replicas: 2 <- line 8"]),
        ("spec.values.write.replicas", &["write.replicas: 2 <- line 8"]),
        (
            "replicas",
            &["read.replicas: 1 <- line 9", "write.replicas: 2 <- line 8"],
        ),
        (
            "storage.size",
            &[
                "write.storage.size: 5Gi <- line 8",
                "write.storage.size: 1Gi <- line 8",
            ],
        ),
        ("storage", &["write.storage.size: 5Gi <- line 8"]),
    ] {
        for repo in [&[][..], &["--repo", "."]] {
            let arguments = [&["config", "logs", path], repo].concat();
            let (code, stdout, stderr) = run(copy.folder(), &arguments);
            assert_eq!(code, 0, "{arguments:?}: {stderr}");
            for line in lines {
                assert!(stdout.lines().any(|own| own == *line), "{arguments:?}: {stdout}");
            }
        }
    }
}

#[test]
fn names_and_kinds_are_completed() {
    let copy = repository();
    let complete = |words: &[&str]| {
        let output = program()
            .env("COMPLETE", "fish")
            .args(["--", "flux-infra-guide"])
            .args(words)
            .current_dir(copy.folder())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for (words, expected) in [
        (&["where", "lo"][..], "logs\t"),
        (&["config", "lo"], "logs\t"),
        (&["impact", "flux"], "flux-system\tKustomization"),
        (&["compare", "st"], "stage"),
        (&["list", "serv"], "services"),
        (&["list", "helm"], "helmreleases"),
        (&["explain", "logs", "rep"], "replicas"),
    ] {
        let found = complete(words);
        assert!(found.contains(expected), "{words:?}: {found}");
    }
    assert_eq!(complete(&["where", "no-such"]).trim(), "");
}

#[test]
fn a_line_of_a_quoted_text_has_the_place_of_the_text() {
    let copy = Copy::empty("quoted");
    copy.write(
        "clusters/prod/flux-system/gotk-sync.yaml",
        &SYNC.replace("CLUSTER", "clusters/prod"),
    );
    copy.write(
        "clusters/prod/widget.yaml",
        "apiVersion: example.org/v1
kind: Widget
metadata: {name: web, namespace: web}
spec:
  quoted: \"a: 1\\nb: zebra\\n\"
  other: 4
  block: |
    a: 1
    b: giraffe
",
    );
    for (text, line) in [("zebra", "  5: b: zebra"), ("giraffe", "  9: b: giraffe")] {
        let (code, stdout, stderr) = run(copy.folder(), &["grep", text, "--repo", "."]);
        assert_eq!(code, 0, "{stderr}");
        assert!(
            stdout.contains("widget.yaml:\n") && stdout.contains(line),
            "{stdout}"
        );
    }
}
