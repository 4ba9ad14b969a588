//! A hostile repository has commands in its `.git`; no command of the program ever runs them. Each trap is first shown to
//! work: an ordinary Git command triggers it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};

use crate::copy::{Copy, program};

/// Commands that read a repository, some of them its Git.
const COMMANDS: [&[&str]; 7] = [
    &["-q", "regen"],
    &["list", "services"],
    &["check"],
    &["lint", "--repo", "."],
    &["render"],
    &["diff", "HEAD", "HEAD"],
    &["diff", "HEAD"],
];

/// A repository with a trap.
struct Trap {
    copy: Copy,
    sprung: Utf8PathBuf,
}

impl Trap {
    fn new() -> Self {
        let root = Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        let copy = Copy::of(&root.join("fixtures/flux/gotk-sync/repo"));
        copy.write("README.md", "# Read me\n");
        copy.write(".gitattributes", "*.yaml filter=trap diff=trap\n");
        copy.git(&["init", "-q"]);
        copy.commit("one");
        let sprung = copy.folder().parent().unwrap().join("SPRUNG");
        Trap { copy, sprung }
    }

    /// A shell command that leaves a trace and copies its input to its output.
    fn command(&self) -> String {
        format!("touch {}; cat", self.sprung)
    }

    fn set(&self, name: &str, value: &str) {
        self.copy.git(&["config", name, value]);
    }

    fn script(&self, file: &str) {
        let path = self.copy.folder().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\ntouch {}\n", self.sprung)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Makes files look changed, so that Git would read them again.
    fn touch(&self) {
        let status = Command::new("find")
            .args([
                self.copy.folder().as_str(),
                "-name",
                "*.yaml",
                "-exec",
                "touch",
                "-d",
                "2001-01-01",
                "{}",
                "+",
            ])
            .status();
        assert!(status.unwrap().success());
    }

    /// Triggers the trap with Git, to show that it works.
    fn control(&self, arguments: &[&str]) {
        let _ = Command::new("git")
            .arg("-C")
            .arg(self.copy.folder())
            .args(["-c", "user.name=test", "-c", "user.email=test@example.com"])
            .args(arguments)
            .output();
        assert!(self.sprung.exists(), "git {arguments:?} springs nothing");
        fs::remove_file(&self.sprung).unwrap();
    }

    /// Checks that none of our commands triggers it, in this folder or its parents.
    #[track_caller]
    fn check(&self, folder: &Utf8Path) {
        for arguments in COMMANDS {
            self.touch();
            let start = Instant::now();
            let output = program().args(arguments).current_dir(folder).output().unwrap();
            assert!(!self.sprung.exists(), "{arguments:?} runs it");
            assert!(output.status.code().is_some(), "{arguments:?}");
            // A limit for hangs, not a measurement.
            assert!(start.elapsed().as_secs() < 60, "{arguments:?} hangs");
        }
    }
}

#[track_caller]
fn check(set: impl FnOnce(&Trap), control: &[&str]) {
    let trap = Trap::new();
    set(&trap);
    trap.touch();
    trap.control(control);
    trap.check(trap.copy.folder());
}

#[test]
fn a_clean_filter() {
    check(|trap| trap.set("filter.trap.clean", &trap.command()), &["status"]);
}

#[test]
fn a_smudge_filter() {
    check(
        |trap| trap.set("filter.trap.smudge", &trap.command()),
        &["archive", "HEAD"],
    );
}

#[test]
fn a_process_filter() {
    check(
        |trap| trap.set("filter.trap.process", &trap.command()),
        &["status"],
    );
}

#[test]
fn a_filter_in_an_included_file() {
    check(
        |trap| {
            trap.copy.write(
                ".git/more",
                &format!("[filter \"trap\"]\n\tclean = \"{}\"\n", trap.command()),
            );
            trap.set("includeIf.gitdir:/.path", "more");
        },
        &["status"],
    );
}

#[test]
fn a_monitor() {
    check(
        |trap| {
            trap.script(".git/monitor");
            trap.set("core.fsmonitor", ".git/monitor");
        },
        &["status"],
    );
}

#[test]
fn hooks() {
    check(
        |trap| {
            for hook in [
                "post-checkout",
                "post-index-change",
                "reference-transaction",
                "pre-auto-gc",
            ] {
                trap.script(&format!(".git/hooks/{hook}"));
            }
        },
        &["checkout", "-q", "-b", "other"],
    );
    check(
        |trap| {
            trap.script("hooks/post-checkout");
            trap.set("core.hooksPath", "hooks");
        },
        &["checkout", "-q", "-b", "other"],
    );
}

#[test]
fn a_text_conversion_and_a_program_for_differences() {
    check(
        |trap| trap.set("diff.trap.textconv", &trap.command()),
        &["show", "HEAD"],
    );
    check(
        |trap| {
            trap.set("diff.external", &trap.command());
            trap.copy.edit("README.md", "#", "# ");
        },
        &["diff"],
    );
}

/// A clone that lacks an object and names the remote to get it from.
fn lacks_an_object(trap: &Trap, url: &str) {
    let object = trap.copy.git(&["rev-parse", "HEAD:README.md"]);
    trap.set("core.repositoryformatversion", "1");
    trap.set("extensions.partialClone", "origin");
    trap.set("remote.origin.promisor", "true");
    trap.set("remote.origin.url", url);
    trap.set("protocol.allow", "always");
    let (folder, file) = object.split_at(2);
    trap.copy.remove(&format!(".git/objects/{folder}/{file}"));
}

#[test]
fn a_fetch_of_missing_objects() {
    let show = ["show", "HEAD:README.md"];
    check(
        |trap| lacks_an_object(trap, &format!("ext::sh -c touch% {}", trap.sprung)),
        &show,
    );
    check(
        |trap| {
            trap.set("core.sshCommand", &trap.command());
            lacks_an_object(trap, "ssh://example.invalid/x");
        },
        &show,
    );
    check(
        |trap| {
            trap.set("remote.origin.uploadpack", &format!("touch {};", trap.sprung));
            lacks_an_object(trap, trap.copy.folder().as_str());
        },
        &show,
    );
    check(
        |trap| {
            trap.script(".git/helper");
            trap.set("core.gitProxy", ".git/helper");
            lacks_an_object(trap, "git://example.invalid/x");
        },
        &show,
    );
}

#[test]
fn a_missing_object_is_said() {
    let trap = Trap::new();
    lacks_an_object(&trap, "https://example.invalid/x");
    // A file that nothing reads may be missing.
    let objects = trap
        .copy
        .git(&["ls-tree", "-r", "--format=%(objectname)", "HEAD"]);
    for object in objects.lines() {
        let (folder, file) = object.split_at(2);
        let _ = fs::remove_file(trap.copy.folder().join(".git/objects").join(folder).join(file));
    }
    let output = program()
        .args(["diff", "HEAD", "HEAD"])
        .current_dir(trap.copy.folder())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("cannot read the files of HEAD"), "{text}");
}

#[test]
fn a_git_folder_elsewhere() {
    let trap = Trap::new();
    trap.set("filter.trap.clean", &trap.command());
    trap.set("filter.trap.smudge", &trap.command());
    let folder = trap.copy.folder();
    fs::rename(folder.join(".git"), folder.join("data")).unwrap();
    fs::write(folder.join(".git"), "gitdir: data\n").unwrap();
    trap.control(&["archive", "HEAD"]);
    trap.check(folder);
}

#[test]
fn a_submodule_with_its_own_settings() {
    let trap = Trap::new();
    trap.copy.git(&["init", "-q", "below"]);
    let below = trap.copy.folder().join("below");
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(&below)
            .args(["-c", "user.name=test", "-c", "user.email=test@example.com"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    fs::write(below.join("x.yaml"), "a: b\n").unwrap();
    fs::write(below.join(".gitattributes"), "*.yaml filter=trap\n").unwrap();
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "one"]);
    trap.copy
        .git(&["-c", "advice.addEmbeddedRepo=false", "add", "below"]);
    trap.copy.git(&["commit", "-q", "-m", "two"]);
    git(&["config", "filter.trap.clean", &trap.command()]);
    trap.touch();
    trap.control(&["status"]);
    trap.check(trap.copy.folder());
}

#[test]
fn a_bare_repository_among_the_files() {
    let trap = Trap::new();
    let folder = trap.copy.folder();
    // An ordinary clone can contain such a folder.
    trap.copy.git(&["clone", "-q", "--bare", ".", "data"]);
    let data = folder.join("data");
    let mut config = fs::read_to_string(data.join("config")).unwrap();
    config = config.replace("bare = true", "bare = false\n\tworktree = .");
    config.push_str(&format!("[filter \"trap\"]\n\tsmudge = \"{}\"\n", trap.command()));
    fs::write(data.join("config"), config).unwrap();
    fs::create_dir_all(data.join("info")).unwrap();
    fs::write(data.join("info/attributes"), "* filter=trap\n").unwrap();
    trap.control(&["-C", "data", "archive", "HEAD"]);
    trap.check(&data);
    let output = program()
        .args(["diff", "HEAD", "HEAD", "--repo", "data"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(!trap.sprung.exists());
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn objects_of_another_repository_with_its_own_settings() {
    check(
        |trap| {
            let other = trap.copy.folder().parent().unwrap().join("other");
            trap.copy.git(&["clone", "-q", "--bare", ".", other.as_str()]);
            let config = fs::read_to_string(other.join("config")).unwrap();
            fs::write(
                other.join("config"),
                format!("{config}[core]\n\tfsmonitor = \"{}\"\n", trap.command()),
            )
            .unwrap();
            fs::remove_dir_all(trap.copy.folder().join(".git/objects")).unwrap();
            fs::create_dir_all(trap.copy.folder().join(".git/objects/info")).unwrap();
            fs::write(
                trap.copy.folder().join(".git/objects/info/alternates"),
                other.join("objects").as_str(),
            )
            .unwrap();
            trap.set("filter.trap.smudge", &trap.command());
        },
        &["archive", "HEAD"],
    );
}

#[test]
fn a_git_folder_of_odd_files_is_said_and_not_waited_for() {
    let trap = Trap::new();
    for file in ["HEAD", "config", "index", "packed-refs"] {
        let path = trap.copy.folder().join(".git").join(file);
        let before = fs::read(&path).ok();
        let _ = fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        for (arguments, code) in [(["lint", "--repo", "."], 0), (["diff", "HEAD", "HEAD"], 3)] {
            let start = Instant::now();
            let output = program()
                .args(arguments)
                .current_dir(trap.copy.folder())
                .output()
                .unwrap();
            assert!(start.elapsed().as_secs() < 30, "{file} {arguments:?} hangs");
            let text = String::from_utf8_lossy(&output.stderr);
            if arguments[0] == "lint" {
                assert_eq!(output.status.code(), Some(code), "{file}: {text}");
                let said = text.contains("Git of this folder is not read");
                assert_eq!(said, matches!(file, "HEAD" | "config"), "{file}: {text}");
            }
        }
        fs::remove_file(&path).unwrap();
        if let Some(before) = before {
            fs::write(&path, before).unwrap();
        }
    }
}
