//! The program as its users meet it: names in every form, misses, typing mistakes, pipes that close, wrong folders,
//! clusters.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use camino::Utf8PathBuf;
use pretty_assertions::assert_eq;

const COMMANDS: [&str; 19] = [
    "regen",
    "build",
    "render",
    "template",
    "where",
    "trace",
    "secret",
    "config",
    "flux",
    "impact",
    "image",
    "list",
    "lint",
    "grep",
    "check",
    "diff",
    "init",
    "completions",
    "man",
];

fn root() -> Utf8PathBuf {
    Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"));
    command.env_remove("FLUX_INFRA_GUIDE_DATA");
    command
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

/// Asks the catalogs of the fixture.
fn ask(arguments: &[&str]) -> (Option<i32>, String, String) {
    let data = root().join("skills/flux-infra-guide/data");
    let output = program()
        .args(arguments)
        .args(["--data", data.as_str()])
        .output()
        .unwrap();
    texts(&output)
}

fn texts(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_service_is_known_by_every_form_of_its_names() {
    for name in [
        "papi",
        "PAPI",
        "deploy/papi",
        "backend-services/papi",
        "papi.backend-services",
        "papi.backend-services.svc",
        "papi.backend-services.svc.cluster.local",
        "http://papi.backend-services.svc.cluster.local:8000/health",
        "papi.nonprod.runwhen.com",
        "https://PAPI.nonprod.runwhen.com/login",
        "apps/backend-services/papi-deployment.yaml",
        "./apps/backend-services/papi-deployment.yaml:1",
        "busybox:1.37.0",
        "platform-api",
    ] {
        let (code, out, err) = ask(&["where", name]);
        assert!(
            out.lines()
                .next()
                .unwrap_or_default()
                .starts_with("papi: Deployment in backend-services"),
            "{name}: {code:?} {out}{err}"
        );
    }
}

#[test]
fn an_image_is_known_with_and_without_tag() {
    for name in [
        "gcr.io/runwhen-nonprod/backend-services",
        "gcr.io/runwhen-nonprod/backend-services:main-2026-01-30.4",
        "GCR.io/runwhen-nonprod/backend-services",
    ] {
        let (code, out, _) = ask(&["image", name]);
        assert_eq!(code, Some(0), "{name}");
        assert!(
            out.contains("services: activities, celery-beat, celery-worker, papi"),
            "{out}"
        );
    }
}

#[test]
fn a_secret_is_known_by_its_path_and_key() {
    for name in [
        "shared/data/secrets",
        "/shared/data/secrets/",
        "shared/data/secrets#secrets.py",
        "vault-papi",
    ] {
        let (code, out, _) = ask(&["secret", name]);
        assert_eq!(code, Some(0), "{name}");
        assert!(
            out.starts_with("SecretProviderClass vault-papi in backend-services"),
            "{name}: {out}"
        );
    }
    let (code, ..) = ask(&["secret", "shared/data/secrets#no-such-key"]);
    assert_eq!(code, Some(0), "the path is known, whatever the key");
}

#[test]
fn a_miss_suggests_and_exits_with_5() {
    for command in ["where", "trace", "secret", "config", "flux", "impact", "image"] {
        let (code, out, err) = ask(&[command, "papii"]);
        assert_eq!((code, out.as_str()), (Some(5), ""), "{command}");
        assert!(err.contains("did you mean papi?"), "{command}: {err}");
    }
    let (code, out, _) = ask(&["where", "papii", "--format", "json"]);
    assert_eq!(code, Some(5));
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["suggestions"][0], "papi");
    let (code, _, err) = ask(&["grep", "no such text anywhere"]);
    assert_eq!(code, Some(5), "{err}");
}

#[test]
fn typing_mistakes_are_named() {
    for (arguments, hint) in [
        (vec!["whre", "papi"], "'where'"),
        (vec!["list", "servces"], "did you mean services?"),
        (vec!["list", "nothing-of-that-kind"], "kustomizations"),
        (vec!["where", "papi", "--fromat", "json"], "'--format'"),
    ] {
        let (code, out, err) = texts(&run(&arguments));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(err.contains(hint), "{arguments:?}: {err}");
    }
    for (said, meant) in [
        ("svc", "services"),
        ("ks", "kustomizations"),
        ("HelmRelease", "helmreleases"),
        ("cm", "configmaps"),
    ] {
        assert_eq!(ask(&["list", said]), ask(&["list", meant]), "{said}");
    }
}

#[test]
fn every_help_has_an_example() {
    for command in COMMANDS {
        let (code, out, _) = texts(&run(&[command, "--help"]));
        assert_eq!(code, Some(0), "{command}");
        assert!(
            out.contains(&format!("  flux-infra-guide {command}")),
            "{command}: {out}"
        );
    }
    let (_, out, _) = texts(&run(&["--help"]));
    for command in COMMANDS {
        assert!(
            out.lines()
                .any(|line| line.trim_start().starts_with(&format!("{command} "))),
            "{command}: {out}"
        );
    }
}

#[test]
fn the_help_of_a_question_leaves_out_how_to_scan() {
    for command in [
        "where", "trace", "secret", "config", "flux", "impact", "image", "list", "lint", "grep",
    ] {
        let (_, out, _) = texts(&run(&[command, "--help"]));
        for shown in ["--data", "--repo", "--format", "--cluster"] {
            assert!(out.contains(shown), "{command}: {out}");
        }
        for hidden in ["--vars", "--source ", "--max-file-size", "--jobs"] {
            assert!(!out.contains(hidden), "{command} {hidden}: {out}");
        }
    }
    let (_, out, _) = texts(&run(&["regen", "--help"]));
    assert!(out.contains("--vars") && out.contains("--max-file-size"), "{out}");
}

#[test]
fn a_reader_that_stops_ends_the_program_quietly() {
    let repository = root().join("fixtures/infra-flux-nonprod-test");
    let data = root().join("skills/flux-infra-guide/data");
    for arguments in [
        vec!["grep", ".", "--data", data.as_str()],
        vec!["render", repository.as_str()],
        vec!["list", "services", "--repo", repository.as_str()],
        vec!["--help"],
    ] {
        let mut child = program()
            .args(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut reader = BufReader::with_capacity(16, child.stdout.take().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        drop(reader);
        let output = child.wait_with_output().unwrap();
        let (code, _, err) = texts(&output);
        assert!(!line.is_empty(), "{arguments:?}");
        assert_eq!((code, err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let miss = ["where", "papii"];
    let escape = '\u{1b}';
    assert!(!ask(&miss).2.contains(escape), "a pipe is no terminal");
    assert!(ask(&["--color", "always", "where", "papii"]).2.contains(escape));
    // `script` gives the program a terminal.
    let data = root().join("skills/flux-infra-guide/data");
    let line = format!(
        "{} where papii --data {data}",
        env!("CARGO_BIN_EXE_flux-infra-guide")
    );
    let on_terminal = |no_color: Option<&str>| {
        let mut command = Command::new("script");
        command
            .args(["-qec", &line, "/dev/null"])
            .env_remove("NO_COLOR")
            .stdin(Stdio::null());
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        command.output().map(|output| texts(&output).1)
    };
    let Ok(coloured) = on_terminal(None) else {
        println!("skipped: no `script`");
        return;
    };
    assert!(coloured.contains(escape), "{coloured}");
    assert!(!on_terminal(Some("1")).unwrap().contains(escape));
    assert!(
        on_terminal(Some("")).unwrap().contains(escape),
        "the empty value switches nothing off"
    );
}

#[test]
fn a_folder_without_catalogs_is_named_with_a_way_out() {
    let (code, _, err) = texts(&run(&["where", "papi", "--data", "/no/such/folder"]));
    assert_eq!(code, Some(3));
    assert!(
        err.contains("no catalogs in /no/such/folder") && err.contains("flux-infra-guide regen"),
        "{err}"
    );
    // Catalogs are searched in folders near the current one, not in a whole project.
    for near in ["skills", "skills/flux-infra-guide"] {
        let (code, ..) = texts(&run(&["where", "papi", "--data", root().join(near).as_str()]));
        assert_eq!(code, Some(0), "{near}");
    }
    let project = tempfile::tempdir().unwrap();
    let folder = Utf8PathBuf::from_path_buf(project.path().to_owned()).unwrap();
    std::fs::create_dir_all(folder.join(".claude/skills/flux-infra-guide/data")).unwrap();
    let (code, _, err) = texts(&run(&["where", "papi", "--data", folder.as_str()]));
    assert_eq!(code, Some(3));
    assert!(
        err.contains(&format!(
            "did you mean --data {folder}/.claude/skills/flux-infra-guide/data?"
        )),
        "{err}"
    );
    let output = program()
        .args(["where", "papi"])
        .env("FLUX_INFRA_GUIDE_DATA", "/no/such/folder")
        .output()
        .unwrap();
    assert!(texts(&output).2.contains("/no/such/folder"));
    let empty = tempfile::tempdir().unwrap();
    let output = program()
        .args(["where", "papi"])
        .current_dir(empty.path())
        .output()
        .unwrap();
    let (code, _, err) = texts(&output);
    assert_eq!(code, Some(3));
    assert!(err.contains("--repo"), "{err}");
}

#[test]
fn one_of_several_clusters_is_asked_for_by_name() {
    let repository = root().join("fixtures/flux/several-clusters/repo");
    let out = tempfile::tempdir().unwrap();
    let out = Utf8PathBuf::from_path_buf(out.path().to_owned()).unwrap();
    let written = run(&["-q", "regen", repository.as_str(), "--out", out.as_str()]);
    assert_eq!(written.status.code(), Some(0), "{written:?}");
    let data = out.join("flux-infra-guide/data");
    let names: Vec<String> = data
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_owned())
        .collect();
    assert!(names.len() > 1, "{names:?}");
    for source in [["--data", data.as_str()], ["--repo", repository.as_str()]] {
        let (code, listed, _) = texts(&run(&[&["list", "kustomizations"], &source[..]].concat()));
        assert_eq!(code, Some(0));
        // Without a name the question is about all of them.
        let (code, all, err) = texts(&run(&[&["flux", "flux-system"], &source[..]].concat()));
        assert_eq!(code, Some(0), "{err}");
        for name in &names {
            assert!(all.contains(name.as_str()), "{all}");
            assert!(listed.contains(&format!("cluster {name}:\n")), "{listed}");
            let asked = [&["list", "kustomizations", "--cluster", name], &source[..]].concat();
            let (code, _, err) = texts(&run(&asked));
            assert_eq!(code, Some(0), "{asked:?}: {err}");
        }
        let (code, _, err) = texts(&run(&[
            &["list", "services", "--cluster", "no-such"],
            &source[..],
        ]
        .concat()));
        assert_eq!(code, Some(3), "{err}");
        assert!(err.contains(names[0].as_str()), "{err}");
    }
}
