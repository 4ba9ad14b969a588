//! Files for agents beside the skills of Claude Code: a plugin, skills of other agents, lines in `AGENTS.md`.

use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use pretty_assertions::assert_eq;

use crate::copy::{Copy, run};

fn fixture() -> Copy {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../fixtures/infra-flux-nonprod-test"
    );
    Copy::of(Utf8Path::new(folder))
}

/// Every file below a folder, by path.
fn files(folder: &Utf8Path) -> Vec<(Utf8PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(current) = open.pop() {
        for entry in current.read_dir_utf8().unwrap() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap().is_dir() {
                true => open.push(entry.path().to_owned()),
                false => found.push((
                    entry.path().strip_prefix(folder).unwrap().to_owned(),
                    fs::read(entry.path()).unwrap(),
                )),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_plugin_holds_the_skills_and_a_hook_that_says_nothing_without_the_program() {
    let copy = fixture();
    let (code, _, stderr) = run(copy.folder(), &["regen", "--plugin", "--out", "plugin/skills"]);
    assert_eq!(code, 0, "{stderr}");
    let plugin = copy.folder().join("plugin");
    let names: Vec<String> = files(&plugin).iter().map(|(path, _)| path.to_string()).collect();
    for name in [
        ".claude-plugin/marketplace.json",
        ".claude-plugin/plugin.json",
        "README.md",
        "hooks/check-freshness.sh",
        "hooks/hooks.json",
        "skills/flux-infra-guide/SKILL.md",
        "skills/flux-infra-guide/data/services.json",
        "skills/flux-infra-guide-regenerate/SKILL.md",
    ] {
        assert!(names.contains(&name.to_owned()), "{name} is missing in {names:?}");
    }
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(plugin.join(".claude-plugin/plugin.json")).unwrap()).unwrap();
    assert_eq!(manifest["name"], "flux-infra-guide-infra-flux-nonprod-test");
    let hook = Command::new("sh")
        .arg(plugin.join("hooks/check-freshness.sh"))
        .current_dir(copy.folder())
        .env("CLAUDE_PLUGIN_ROOT", &plugin)
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    assert!(hook.status.success(), "{hook:?}");
    assert!(hook.stdout.is_empty() && hook.stderr.is_empty(), "{hook:?}");
    let before = files(&plugin);
    let (code, _, stderr) = run(copy.folder(), &["regen", "--plugin", "--out", "plugin/skills"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(files(&plugin), before);
    let (code, ..) = run(
        copy.folder(),
        &["regen", "--plugin", "--out", "plugin/skills", "--check"],
    );
    assert_eq!(code, 0);
}

#[test]
fn skills_of_other_agents_are_the_same_and_are_found() {
    let copy = fixture();
    let (code, _, stderr) = run(copy.folder(), &["regen", "--agents"]);
    assert_eq!(code, 0, "{stderr}");
    let skills = |folder: &str| files(&copy.folder().join(folder).join("skills"));
    assert_eq!(skills(".claude"), skills(".agents"));
    let (code, ..) = run(copy.folder(), &["regen", "--agents", "--check"]);
    assert_eq!(code, 0);
    fs::remove_dir_all(copy.folder().join(".claude")).unwrap();
    let (code, stdout, stderr) = run(copy.folder(), &["where", "papi"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.starts_with("papi: Deployment in backend-services"),
        "{stdout}"
    );
    let (code, _, stderr) = run(copy.folder(), &["regen", "--agents", "--check"]);
    assert_eq!(code, 1, "{stderr}");
}

#[test]
fn lines_for_agents_are_between_markers() {
    let copy = fixture();
    let (code, ..) = run(copy.folder(), &["agents-md", "--check"]);
    assert_eq!(code, 1);
    let (code, stdout, stderr) = run(copy.folder(), &["agents-md"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.ends_with("AGENTS.md: written\n"), "{stdout}");
    let file = copy.folder().join("AGENTS.md");
    let block = fs::read_to_string(&file).unwrap();
    assert!(block.lines().count() <= 30, "{block}");
    assert!(block.contains("`flux-infra-guide where papi`"), "{block}");
    copy.write("AGENTS.md", &format!("# Ours\n\n{block}\nThe end.\n"));
    let (code, stdout, _) = run(copy.folder(), &["agents-md"]);
    assert!(code == 0 && stdout.ends_with("is current\n"), "{stdout}");
    copy.edit("AGENTS.md", "services", "servants");
    let (code, stdout, _) = run(copy.folder(), &["agents-md", "--check"]);
    assert!(code == 1 && stdout.contains("servants"), "{stdout}");
    let (code, ..) = run(copy.folder(), &["agents-md"]);
    assert_eq!(code, 0);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text, format!("# Ours\n\n{block}\nThe end.\n"));
    copy.edit("AGENTS.md", "<!-- flux-infra-guide: end -->\n", "");
    let (code, _, stderr) = run(copy.folder(), &["agents-md"]);
    assert!(code == 3 && stderr.contains("see line 3"), "{stderr}");
}

#[test]
fn lines_for_agents_are_not_written_through_a_link_that_leads_out() {
    let copy = fixture();
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("notes.md");
    fs::write(&target, "mine\n").unwrap();
    std::os::unix::fs::symlink(&target, copy.folder().join("AGENTS.md")).unwrap();
    let (code, ..) = run(copy.folder(), &["agents-md"]);
    assert_ne!(code, 0);
    assert_eq!(fs::read_to_string(&target).unwrap(), "mine\n");
    // A link that stays inside is followed.
    copy.remove("AGENTS.md");
    copy.write("CLAUDE.md", "# Ours\n");
    std::os::unix::fs::symlink("CLAUDE.md", copy.folder().join("AGENTS.md")).unwrap();
    let (code, _, stderr) = run(copy.folder(), &["agents-md"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(copy.folder().join("AGENTS.md").is_symlink());
    let text = fs::read_to_string(copy.folder().join("CLAUDE.md")).unwrap();
    assert!(
        text.starts_with("# Ours\n\n<!-- flux-infra-guide: begin"),
        "{text}"
    );
}
