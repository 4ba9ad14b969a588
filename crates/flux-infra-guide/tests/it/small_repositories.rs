//! Small repositories, each written in one file with the expected output of commands.
//!
//! `fixtures/small/<subject>/<case>.txt` begins with a description of the right result. `=== file PATH` begins a file of
//! the repository (`=== file PATH utf-16le` and `utf-16be` in that encoding), `=== flux CLUSTER` adds the files that `flux
//! bootstrap` writes to a cluster's folder, `=== git URL BRANCH` makes the repository a clone of the remote with the branch
//! checked out, and `=== ask COMMAND` begins the output of a command. `UPDATE_EXPECT=1` rewrites the answers.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use pretty_assertions::assert_eq;

/// What `flux bootstrap` writes for the folder `CLUSTER`.
pub(crate) const SYNC: &str = "apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, ref: {branch: main}, url: 'https://git.example.com/acme/fleet'}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 10m, path: ./CLUSTER, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}
";

struct Section<'t> {
    head: &'t str,
    body: &'t str,
}

/// The text before the first section, and the sections.
fn sections(text: &str) -> (&str, Vec<Section<'_>>) {
    let mut starts: Vec<usize> = text.match_indices("\n=== ").map(|(at, _)| at + 1).collect();
    starts.push(text.len());
    let sections = starts.windows(2).map(|pair| {
        let section = &text[pair[0] + 4..pair[1]];
        let (head, body) = section.split_once('\n').unwrap();
        Section { head, body }
    });
    (&text[..starts[0]], sections.collect())
}

fn write(root: &Utf8Path, head: &str, body: &str) {
    let mut words = head.split(' ').skip(1);
    let path = root.join(words.next().unwrap());
    let units = |bytes: fn(u16) -> [u8; 2]| {
        let units = std::iter::once(0xFEFF).chain(body.encode_utf16());
        units.flat_map(bytes).collect::<Vec<u8>>()
    };
    let bytes = match words.next() {
        Some("utf-16le") => units(u16::to_le_bytes),
        Some("utf-16be") => units(u16::to_be_bytes),
        _ => body.as_bytes().to_vec(),
    };
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn run(folder: &Utf8Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// The output of a command. That of `regen` is cut to its lines about clusters and findings, and is followed by their
/// services.
fn answer(folder: &Utf8Path, command: &str) -> String {
    let words: Vec<&str> = command.split(' ').collect();
    if words[0] != "regen" {
        let repository: &[&str] = match words[0] {
            "test" | "render" => &["repo"],
            _ => &["--repo", "repo"],
        };
        let (code, stdout, stderr) = run(folder, &[&words[..], repository].concat());
        let code = if code == 0 {
            String::new()
        } else {
            format!("exit code {code}\n")
        };
        return format!("{code}{stderr}{}", stdout.replace("repo: ", ""));
    }
    let (code, stdout, stderr) = run(
        folder,
        &[&["regen", "repo", "--out", "out"], &words[1..]].concat(),
    );
    let mut text = if code == 0 {
        String::new()
    } else {
        format!("exit code {code}\n")
    };
    text.push_str(&stderr);
    let Some((_, understood)) = stdout.split_once("Understood:\n") else {
        return text;
    };
    text.push_str(understood);
    let data = folder.join("out/flux-infra-guide/data");
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
        let (_, services, _) = run(folder, &[&arguments[..], &cluster].concat());
        let services = services.split("next:").next().unwrap();
        let cluster = cluster.last().map_or(String::new(), |name| format!(" of {name}"));
        write!(text, "services{cluster}\n{services}").unwrap();
    }
    text
}

/// Writes the files of a case to a repository.
fn lay_out(sections: &[Section<'_>], repository: &Utf8Path) {
    fs::create_dir_all(repository).unwrap();
    for section in sections {
        if section.head.starts_with("file ") {
            write(repository, section.head, section.body);
        } else if let Some(cluster) = section.head.strip_prefix("flux ") {
            let path = repository.join(cluster).join("flux-system/gotk-sync.yaml");
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, SYNC.replace("CLUSTER", cluster)).unwrap();
        } else if let Some(clone) = section.head.strip_prefix("git ") {
            let (url, branch) = clone.split_once(' ').unwrap();
            let git = repository.join(".git");
            fs::create_dir_all(&git).unwrap();
            fs::write(git.join("HEAD"), format!("ref: refs/heads/{branch}\n")).unwrap();
            fs::write(
                git.join("config"),
                format!("[remote \"origin\"]\n\turl = {url}\n"),
            )
            .unwrap();
        }
    }
}

fn check(file: &Utf8Path) {
    let text = fs::read_to_string(file).unwrap();
    let (words, sections) = sections(&text);
    let temporary = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(temporary.path()).unwrap();
    lay_out(&sections, &folder.join("repo"));
    let mut actual = words.to_owned();
    for section in &sections {
        writeln!(actual, "=== {}", section.head).unwrap();
        match section.head.strip_prefix("ask ") {
            Some(command) => actual.push_str(&answer(folder, command)),
            None => actual.push_str(section.body),
        }
    }
    assert!(words.starts_with("# "), "{file} does not say what is right");
    assert!(actual.contains("=== ask "), "{file} asks nothing");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(file, &actual).unwrap();
    }
    let expected = fs::read_to_string(file).unwrap();
    assert_eq!(actual, expected, "{file}");
}

/// The catalogs of a case give the same answers as its repository.
fn check_catalogs(file: &Utf8Path) {
    let text = fs::read_to_string(file).unwrap();
    let (_, sections) = sections(&text);
    let temporary = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(temporary.path()).unwrap();
    lay_out(&sections, &folder.join("repo"));
    let (code, _, stderr) = run(folder, &["regen", "repo", "--out", "out", "-q"]);
    assert_eq!(code, 0, "{file}: {stderr}");
    for command in sections
        .iter()
        .filter_map(|section| section.head.strip_prefix("ask "))
    {
        let words: Vec<&str> = command.split(' ').collect();
        let scanned = run(folder, &[&words[..], &["--repo", "repo"]].concat());
        let data = ["--data", "out/flux-infra-guide/data"];
        let known = run(folder, &[&words[..], &data].concat());
        // Names that are only in files are not in the catalogs.
        let is_unknown =
            |line: &&str| line.starts_with("no match for") || line.starts_with("no object of kind");
        if let Some(first) = scanned.1.lines().next().filter(is_unknown) {
            assert_eq!(known.0, scanned.0, "{file}: {command}");
            assert!(known.2.contains(first), "{file}: {command}: {}", known.2);
            continue;
        }
        assert_eq!(known, scanned, "{file}: {command}");
    }
}

fn cases(subject: &str) -> Vec<Utf8PathBuf> {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/small")
        .join(subject);
    let mut files: Vec<Utf8PathBuf> = folder
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension() == Some("txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{folder}");
    files
}

/// Checks every file of a subject.
fn check_all(subject: &str) {
    cases(subject).iter().for_each(|file| check(file));
}

#[test]
fn first_run() {
    check_all("first-run");
}

#[test]
fn reports() {
    check_all("reports");
}

#[test]
fn answers_find_what_people_call_things() {
    check_all("answers");
}

#[test]
fn why_not() {
    check_all("why-not");
    cases("why-not").iter().for_each(|file| check_catalogs(file));
}
