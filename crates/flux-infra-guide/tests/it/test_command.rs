//! `test`: verdicts as text and as JUnit.

use camino::Utf8PathBuf;
use pretty_assertions::assert_eq;

use crate::copy::{Copy, program};

fn repository() -> Copy {
    let root = Utf8PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../fixtures/changes/repo"
    ));
    Copy::of(&root)
}

fn run(copy: &Copy, arguments: &[&str]) -> (Option<i32>, String) {
    let output = program()
        .args(arguments)
        .current_dir(copy.folder())
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn valid_repositories_pass() {
    let (code, out) = run(&repository(), &["test"]);
    assert_eq!(
        out,
        "\
PASS Kustomization/flux-system/flux-system  clusters/main/flux-system/gotk-sync.yaml:12
PASS Kustomization/flux-system/apps  clusters/main/apps.yaml:1
PASS Kustomization/flux-system/archive  clusters/main/archive.yaml:1
PASS HelmRelease/archive/site  archive/site.yaml:1
PASS Kustomization/flux-system/frozen  clusters/main/frozen.yaml:1
PASS Kustomization/flux-system/infrastructure  clusters/main/infrastructure.yaml:1
PASS HelmRelease/logs/web  infrastructure/web.yaml:10
PASS Kustomization/flux-system/kept  clusters/main/kept.yaml:2
PASS Kustomization/flux-system/below  kept/below.yaml:1
SKIP HelmRelease/logs/loki: its chart is not available  infrastructure/loki.yaml:10
SKIP HelmRelease/logs/tempo: its chart is not available  infrastructure/loki.yaml:32
9 passed, 0 failed, 0 blocked, 2 skipped
"
    );
    assert_eq!(code, Some(0));
}

#[test]
fn waiting_objects_are_below_their_failure() {
    let copy = repository();
    copy.edit(
        "infrastructure/kustomization.yaml",
        "- crd.yaml",
        "- \"<crd>.yaml\"",
    );
    let (code, out) = run(&copy, &["test", "--junit", "report.xml"]);
    assert_eq!(code, Some(1));
    let lines: Vec<&str> = out.lines().collect();
    assert!(
        lines[0].starts_with("FAIL Kustomization/flux-system/infrastructure: "),
        "{out}"
    );
    assert!(
        lines[0].ends_with("  infrastructure/kustomization.yaml:6"),
        "{out}"
    );
    assert_eq!(lines[1], "     blocks Kustomization/flux-system/apps");
    assert_eq!(lines.last(), Some(&"6 passed, 1 failed, 1 blocked, 0 skipped"));
    let report = std::fs::read_to_string(copy.folder().join("report.xml")).unwrap();
    assert_eq!(
        run(&copy, &["test", "--format", "junit"]),
        (Some(1), report.clone())
    );
    for part in [
        "<testsuite name=\"main\" tests=\"8\" failures=\"1\" skipped=\"1\">",
        "&lt;crd&gt;.yaml",
        "<skipped message=\"waits for Kustomization/flux-system/infrastructure\"/>",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
}

#[test]
fn an_entry_that_does_not_build_fails() {
    let copy = repository();
    copy.write("clusters/main/broken.yaml", "kind: [\n");
    let (code, out) = run(&copy, &["test"]);
    assert_eq!(code, Some(1));
    assert!(
        out.starts_with("FAIL Kustomization/flux-system/flux-system: "),
        "{out}"
    );
}
