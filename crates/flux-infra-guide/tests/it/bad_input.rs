//! Bad input gives a clear error with the place and a hint, a documented exit code, and leaves the previous output
//! unchanged.

use std::fs;
use std::process::{Command, Output};

use camino::{Utf8Path, Utf8PathBuf};
use pretty_assertions::assert_eq;

struct Folder {
    _temp: tempfile::TempDir,
    path: Utf8PathBuf,
}

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(temp.path()).unwrap().to_owned();
        for (name, text) in files {
            let file = path.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        Folder { _temp: temp, path }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"))
            .args(arguments)
            .current_dir(&self.path)
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    }

    /// Runs, and checks the exit code and that standard error contains all of `words`.
    #[track_caller]
    fn check(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let output = self.run(arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        for word in words {
            assert!(stderr.contains(word), "no {word:?} in:\n{stderr}");
        }
    }
}

const SYNC: &str = "\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: https://git.example.com/infra, ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec:
  interval: 10m
  path: ./clusters/main
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
";

const APPS: &str = "\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  interval: 10m
  path: ./apps
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
";

fn repository(more: &[(&str, &str)]) -> Folder {
    let mut files = vec![
        ("clusters/main/flux-system/gotk-sync.yaml", SYNC),
        (
            "clusters/main/flux-system/kustomization.yaml",
            "resources: [gotk-sync.yaml]\n",
        ),
        ("clusters/main/apps.yaml", APPS),
    ];
    files.extend(more);
    Folder::with(&files)
}

#[test]
fn a_missing_repository_is_an_input_error() {
    Folder::with(&[]).check(
        &["regen", "nowhere"],
        3,
        &["nowhere", "no such file or directory", "help:"],
    );
}

#[test]
fn a_folder_without_a_cluster_says_what_was_looked_for() {
    Folder::with(&[("readme.yaml", "a: 1\n")]).check(
        &["regen"],
        3,
        &["gotk-sync.yaml", "FluxInstance", "--cluster"],
    );
}

#[test]
fn a_cluster_that_is_not_there_is_an_input_error() {
    repository(&[]).check(
        &["regen", "--cluster", "clusters/prod"],
        3,
        &["clusters/prod", "help:"],
    );
}

#[test]
fn a_cluster_outside_of_the_repository_is_a_usage_error() {
    repository(&[]).check(
        &["regen", "--cluster", "../elsewhere"],
        2,
        &["../elsewhere", "leaves the repository"],
    );
}

#[test]
fn a_yaml_error_costs_one_diagnostic_with_file_and_line() {
    let folder = repository(&[
        ("apps/kustomization.yaml", "resources: [broken.yaml]\n"),
        (
            "apps/broken.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n bad: [\n",
        ),
    ]);
    folder.check(
        &["regen"],
        0,
        &[
            "error[yaml-invalid]",
            "apps/broken.yaml:",
            "Kustomization flux-system/apps",
        ],
    );
    assert!(
        folder
            .path
            .join(".claude/skills/flux-infra-guide/data/services.json")
            .is_file()
    );
}

#[test]
fn a_cycle_of_bases_costs_one_diagnostic() {
    let folder = repository(&[
        ("apps/kustomization.yaml", "resources: [../base]\n"),
        ("base/kustomization.yaml", "resources: [../apps]\n"),
    ]);
    folder.check(
        &["regen"],
        0,
        &["error[build-failed]", "cycle", "base/kustomization.yaml:1"],
    );
}

#[test]
fn a_path_that_leaves_the_repository_harms_nothing() {
    let folder = repository(&[
        (
            "apps/kustomization.yaml",
            "resources: [../../../../../../../../etc/passwd]\n",
        ),
        ("outside.yaml", "a: 1\n"),
    ]);
    folder.check(&["regen"], 0, &["error[build-failed]", "apps/kustomization.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_symlink_that_leaves_the_repository_is_not_followed() {
    let folder = repository(&[("apps/kustomization.yaml", "resources: [secret.yaml]\n")]);
    std::os::unix::fs::symlink("/etc/hostname", folder.path.join("apps/secret.yaml")).unwrap();
    folder.check(&["regen"], 0, &["error[build-failed]", "secret.yaml"]);
}

#[test]
fn a_missing_path_has_its_own_code() {
    repository(&[]).check(
        &["regen"],
        0,
        &["error[path-missing]", "clusters/main/apps.yaml:", "help:"],
    );
}

#[test]
fn fail_on_turns_diagnostics_into_exit_code_1() {
    repository(&[]).check(&["regen", "--fail-on", "error"], 1, &["path-missing"]);
}

#[test]
fn an_output_folder_that_cannot_be_written_is_an_output_error_and_leaves_what_was_there() {
    let folder = repository(&[("apps/kustomization.yaml", "resources: []\n")]);
    folder.check(&["regen"], 0, &[]);
    let data = folder
        .path
        .join(".claude/skills/flux-infra-guide/data/services.json");
    let before = fs::read(&data).unwrap();
    // A file in the place of a folder is refused for root too, for whom permissions are not checked.
    fs::write(folder.path.join("taken"), "").unwrap();
    folder.check(&["regen", "--out", "taken"], 4, &["taken", "help:"]);
    fs::create_dir_all(folder.path.join("half/flux-infra-guide")).unwrap();
    fs::write(folder.path.join("half/flux-infra-guide/references"), "in the way").unwrap();
    folder.check(&["regen", "--out", "half"], 4, &["references"]);
    assert!(
        !folder
            .path
            .join("half/flux-infra-guide/data/services.json")
            .exists()
    );
    assert_eq!(fs::read(&data).unwrap(), before);
}

#[test]
fn a_second_run_changes_no_byte_and_check_says_so() {
    let folder = repository(&[("apps/kustomization.yaml", "resources: []\n")]);
    folder.check(&["regen"], 0, &[]);
    let file = folder
        .path
        .join(".claude/skills/flux-infra-guide/data/flux-resources.json");
    let before = (
        fs::read(&file).unwrap(),
        fs::metadata(&file).unwrap().modified().unwrap(),
    );
    folder.check(&["regen", "--check"], 0, &[]);
    folder.check(&["regen"], 0, &[]);
    assert_eq!(
        (
            fs::read(&file).unwrap(),
            fs::metadata(&file).unwrap().modified().unwrap()
        ),
        before
    );
    fs::write(
        folder.path.join("clusters/main/apps.yaml"),
        APPS.replace("10m", "5m"),
    )
    .unwrap();
    let output = folder.run(&["regen", "--check"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("\"interval\":\"5m\"")
    );
    assert_eq!(fs::read(&file).unwrap(), before.0);
}

#[test]
fn wrong_arguments_are_a_usage_error_with_a_suggestion() {
    Folder::with(&[]).check(&["regne"], 2, &["regen"]);
    Folder::with(&[]).check(&["build", "--reorder", "sideways"], 2, &["legacy", "none"]);
}

#[test]
fn a_build_of_nothing_is_an_input_error() {
    Folder::with(&[("x.yaml", "a: 1\n")]).check(&["build", "."], 3, &["kustomization.yaml"]);
    Folder::with(&[]).check(&["build", "gone"], 3, &["gone", "help:"]);
}

#[test]
fn help_and_version_are_answers() {
    let folder = Folder::with(&[]);
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["regen", "--help"],
        &["completions", "bash"],
        &["man"],
    ] {
        let output = folder.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(!output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn catalogs_above_a_clone_are_of_another_repository() {
    let mut folder = Folder::with(&[
        (".claude/skills/flux-infra-guide/data/services.json", "{}"),
        ("clone/.git/HEAD", "ref: refs/heads/main\n"),
        ("clone/apps/web.yaml", ""),
    ]);
    folder.path = folder.path.join("clone/apps");
    folder.check(
        &["where", "web"],
        3,
        &[
            "no catalogs of this repository",
            "run `flux-infra-guide regen` first",
            "with --data",
        ],
    );
}
