//! The tour shows real output: every command of `docs/tour.md` is run in a copy of the fixture.

use std::fs;

use camino::Utf8PathBuf;
use pretty_assertions::assert_eq;

use crate::copy::{Copy, program};

#[test]
fn the_program_prints_what_the_tour_shows() {
    let root = Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tour = fs::read_to_string(root.join("docs/tour.md")).unwrap();
    let copy = Copy::of(&root.join("fixtures/infra-flux-nonprod-test"));
    assert!(
        program()
            .args(["-q", "regen"])
            .current_dir(copy.folder())
            .status()
            .unwrap()
            .success()
    );
    let mut asked = Vec::new();
    for block in tour.split("```console\n").skip(1) {
        let (transcript, _) = block.split_once("```\n").unwrap();
        let (line, expected) = transcript.split_once('\n').unwrap();
        let arguments: Vec<&str> = line
            .strip_prefix("$ flux-infra-guide ")
            .unwrap()
            .split(' ')
            .collect();
        let output = program()
            .args(&arguments)
            .current_dir(copy.folder())
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            expected,
            "{line}: run `cargo xtask tour`"
        );
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{line}");
        asked.push(arguments[0].to_owned());
    }
    assert_eq!(asked, ["where", "trace", "secret", "impact", "image"]);
    for machine in ["/home/", "/root/", "/tmp/", "/work/"] {
        assert!(!tour.contains(machine), "{machine}");
    }
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains("(docs/tour.md)"), "the README leads to the tour");
}
