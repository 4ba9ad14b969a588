//! The output of `regen` without options for repositories that it has never seen.
//!
//! `fixtures/first-run/<case>/repo` is the repository; `expected.txt` has the exit code, standard error, the summary, and
//! the services of each cluster. `UPDATE_EXPECT=1` rewrites it.

use std::fs;
use std::process::Command;

use camino::Utf8Path;
use pretty_assertions::assert_eq;

fn check(case: &str) {
    let case = Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/first-run")
        .join(case);
    let temporary = tempfile::tempdir().unwrap();
    let out = Utf8Path::from_path(temporary.path()).unwrap().join("skills");
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"))
            .args(arguments)
            .current_dir(temporary.path())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (
            output.status.code().unwrap(),
            text(&output.stdout),
            text(&output.stderr),
        )
    };
    let repository = case.join("repo");
    let (code, stdout, stderr) = run(&["regen", repository.as_str(), "--out", out.as_str()]);
    let understood = stdout.split_once("Understood:\n").map_or("", |(_, rest)| rest);
    let mut actual = format!("exit code {code}\n");
    actual.push_str(&stderr.replace(repository.as_str(), "REPO"));
    if !understood.is_empty() {
        actual.push_str("Understood:\n");
        actual.push_str(&understood.replace(repository.as_str(), "REPO"));
        let data = out.join("flux-infra-guide/data");
        let mut clusters: Vec<String> = data
            .read_dir_utf8()
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_type().unwrap().is_dir())
            .map(|entry| entry.file_name().to_owned())
            .collect();
        clusters.sort();
        let asked: Vec<Vec<&str>> = match clusters.is_empty() {
            true => vec![Vec::new()],
            false => clusters.iter().map(|name| vec!["--cluster", name]).collect(),
        };
        for cluster in asked {
            let arguments = ["list", "services", "--data", data.as_str()];
            let (_, services, _) = run(&[&arguments[..], &cluster].concat());
            let services = services.split("next:").next().unwrap();
            actual.push_str(&format!("services {}\n{services}", cluster.join(" ")));
        }
    }
    let file = case.join("expected.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, &actual).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(actual, expected, "{case}");
}

macro_rules! cases {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                check(&stringify!($name).replace('_', "-"));
            }
        )*
    };
}

cases! {
    another_tool applied_by_hand applied_folder applied_twice archived_folders assumed_beside_known bootstrap_applied
    clusters_and_a_file_beside clusters_beside_environments elsewhere_by_environment empty_sync_file file_for_each_cluster
    left_over_sync library lists named_by_terraform namespace_of_sync not_yet_bootstrapped nothing_to_build
    numbered_clusters one_path_for_each only_external overlays_by_environment overlays_of_a_base
    part_that_points_at_itself releases_by_environment remote_lines self_pointing sub_folder_root switched_off_instance
    sync_file_as_template sync_files_of_one_folder unknown_variables utf_16
}
