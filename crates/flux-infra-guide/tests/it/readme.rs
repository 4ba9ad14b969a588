//! The README is true: its commands run, and it has every command, exit code, kind of list and file that it should.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use pretty_assertions::assert_eq;

use crate::copy::{Copy, program};

fn root() -> Utf8PathBuf {
    Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The command lines of the README's shell blocks, without comments.
fn lines() -> Vec<String> {
    let readme = readme();
    let blocks = readme.split("```sh\n").skip(1);
    blocks
        .flat_map(|block| block.split_once("```").unwrap().0.lines())
        .map(|line| line.split(" #").next().unwrap().trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// The first words in the first column of the tables.
fn documented() -> Vec<String> {
    let readme = readme();
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split(['`', ' ']).next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_commands_run() {
    let mut ran = 0;
    let copy = Copy::of(&root().join("fixtures/infra-flux-nonprod-test"));
    for line in lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (folder, arguments) = match words.as_slice() {
            ["cargo", "run", "--quiet", "--", arguments @ ..] => (root(), arguments),
            ["flux-infra-guide", arguments @ ..] => (copy.folder().to_owned(), arguments),
            ["cargo", "install", "--path", package] => {
                assert!(root().join(package).join("src/main.rs").is_file(), "{line}");
                continue;
            }
            ["cargo", "xtask", task] => {
                let files = [format!("xtask/src/{task}.rs"), format!("xtask/src/{task}/mod.rs")];
                assert!(files.iter().any(|file| root().join(file).is_file()), "{line}");
                continue;
            }
            ["cargo", "test", "--workspace"] => {
                let gate = fs::read_to_string(root().join(".ci/run")).unwrap();
                assert!(gate.contains(&line), "the gate runs it");
                continue;
            }
            ["git", "clone", url, "&&", "cd", folder] => {
                assert_eq!(*url, env!("CARGO_PKG_REPOSITORY"));
                assert_eq!(url.rsplit('/').next(), Some(*folder));
                continue;
            }
            ["cd", _] => continue,
            _ => panic!("no test for the command {line}"),
        };
        let output = program().args(arguments).current_dir(folder).output().unwrap();
        assert!(
            output.status.success(),
            "{line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(!output.stdout.is_empty(), "{line}");
        ran += 1;
    }
    assert!(ran >= 4, "{ran}");
}

#[test]
fn two_commands_lead_from_clone_to_answer() {
    let lines = lines();
    assert!(lines[0].starts_with("git clone "), "{lines:?}");
    assert!(
        lines[1].starts_with("cargo run ") && lines[1].contains(" where papi "),
        "{lines:?}"
    );
}

#[test]
fn every_command_is_documented() {
    let help = program().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let commands = commands.lines().take_while(|line| !line.is_empty());
    let mut commands: Vec<String> = commands
        .filter_map(|line| {
            line.strip_prefix("  ")?
                .split_whitespace()
                .next()
                .map(str::to_owned)
        })
        .filter(|command| command != "help")
        .collect();
    // A long help text continues on indented lines below its command.
    commands.retain(|command| {
        program()
            .args([command, "--help"])
            .output()
            .unwrap()
            .status
            .success()
    });
    commands.sort();
    let mut documented = documented();
    documented.sort();
    assert_eq!(documented, commands);
}

#[test]
fn kinds_and_exit_codes_are_those_of_the_program() {
    let readme = readme();
    for (word, _) in infra_query::list::ListKind::ALL {
        assert!(readme.contains(&format!("`{word}`")), "{word}");
    }
    let help = String::from_utf8(program().arg("--help").output().unwrap().stdout).unwrap();
    let codes = |text: &str| -> String {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (_, codes) = text.split_once("Exit codes: ").unwrap();
        codes.split_once('.').unwrap().0.to_owned()
    };
    assert_eq!(codes(&readme), codes(&help));
}

#[test]
fn links_lead_somewhere() {
    for (file, folder) in [
        ("README.md", ""),
        ("CONTRIBUTING.md", ""),
        ("docs/tour.md", "docs"),
        ("docs/questions.md", "docs"),
        ("docs/rwenv.md", "docs"),
        ("docs/knowledge.md", "docs"),
    ] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        for link in text.split("](").skip(1) {
            let link = link.split([')', '#']).next().unwrap();
            if !link.is_empty() && !link.contains("://") {
                assert!(
                    Utf8Path::new(&root()).join(folder).join(link).exists(),
                    "{file}: {link}"
                );
            }
        }
    }
}

#[test]
fn files_that_the_architecture_names_exist() {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let quoted = text.split('`').skip(1).step_by(2);
    let paths: Vec<&str> = quoted.filter(|text| text.starts_with("crates/")).collect();
    for path in &paths {
        assert!(root().join(path).exists(), "{path}");
    }
    assert!(paths.len() > 15, "{paths:?}");
}
