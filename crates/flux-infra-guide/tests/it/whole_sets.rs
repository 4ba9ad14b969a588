//! Catalogs and skills are one set: with several readers and writers, and with killed runs, it is either the old or the new
//! one.
//!
//! `KILLS=1000 READS=5000 cargo test -p flux-infra-guide --test it whole_sets` runs longer.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::{Child, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use pretty_assertions::assert_eq;

use crate::copy::program;

/// A repository in two generations whose catalogs have few lines in common, and a folder to write to.
struct Place {
    _temporary: tempfile::TempDir,
    folder: Utf8PathBuf,
}

const GENERATIONS: [&str; 2] = ["before", "after"];
const APPS: usize = 40;

fn place() -> Place {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(temporary.path())
        .unwrap()
        .canonicalize_utf8()
        .unwrap();
    for generation in GENERATIONS {
        let repository = folder.join(generation);
        write(
            &repository.join("clusters/main/flux-system/gotk-sync.yaml"),
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system, namespace: flux-system}\n\
             spec: {interval: 1m, ref: {branch: main}, url: https://example.com/infra.git}\n---\n\
             apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: flux-system, namespace: flux-system}\n\
             spec: {interval: 1m, path: ./clusters/main, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}\n",
        );
        for app in 0..APPS {
            let name = format!("{generation}-{app}");
            write(
                &repository.join(format!("clusters/main/apps/{name}.yaml")),
                &format!(
                    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {generation}}}\nspec:\n  \
                     selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    \
                     spec:\n      containers:\n      - name: main\n        image: example.com/{name}:1\n        envFrom:\n        \
                     - configMapRef: {{name: {name}}}\n        - secretRef: {{name: {name}}}\n---\napiVersion: v1\n\
                     kind: ConfigMap\nmetadata: {{name: {name}, namespace: {generation}}}\ndata: {{key: {generation}}}\n"
                ),
            );
        }
        let written = regen(&folder, generation, &format!("set-{generation}"));
        assert!(written.status.success(), "{written:?}");
    }
    Place {
        _temporary: temporary,
        folder,
    }
}

fn write(path: &Utf8Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn command(folder: &Utf8Path, repository: &str, out: &str) -> std::process::Command {
    let mut command = program();
    command
        .args(["-q", "regen", repository, "--out", out])
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

fn regen(folder: &Utf8Path, repository: &str, out: &str) -> Output {
    command(folder, repository, out).output().unwrap()
}

fn start(folder: &Utf8Path, repository: &str, out: &str) -> Child {
    command(folder, repository, out)
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// All files below a folder, with their contents.
fn files(folder: &Utf8Path) -> BTreeMap<String, Vec<u8>> {
    fn collect(folder: &Utf8Path, below: &str, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in folder.read_dir_utf8().unwrap() {
            let entry = entry.unwrap();
            let path = format!("{below}{}", entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                collect(entry.path(), &format!("{path}/"), found);
            } else {
                found.insert(path, fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(folder, "", &mut found);
    found
}

/// The files of the set, without leftovers of a killed run.
fn set(folder: &Utf8Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(folder);
    files.retain(|path, _| !path.starts_with('.'));
    files
}

fn count(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// Pseudo-random numbers with a fixed seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

#[test]
fn a_killed_run_leaves_the_old_set_or_the_new_one() {
    let Place { folder, _temporary } = place();
    let [old, new] = GENERATIONS.map(|generation| set(&folder.join(format!("set-{generation}"))));
    assert_ne!(old, new);
    let out = folder.join("out");
    let began = Instant::now();
    assert!(regen(&folder, "before", "out").status.success());
    let whole_run = u64::try_from(began.elapsed().as_micros()).unwrap();
    let mut numbers = Numbers(7);
    let mut seen = [0; 2];
    let mut in_writing = 0;
    for round in 0..count("KILLS", 60) {
        assert!(regen(&folder, "before", "out").status.success());
        assert_eq!(files(&out), old, "the next run removes what was left");
        let mut child = start(&folder, "after", "out");
        if round % 2 == 0 {
            thread::sleep(Duration::from_micros(numbers.below(whole_run)));
        } else {
            // Until the next state is being written.
            while child.try_wait().unwrap().is_none() {
                let is_writing = out
                    .read_dir_utf8()
                    .unwrap()
                    .any(|entry| entry.is_ok_and(|entry| entry.file_name().starts_with('.')));
                if is_writing {
                    in_writing += 1;
                    break;
                }
            }
            thread::sleep(Duration::from_micros(numbers.below(4_000)));
        }
        let _ = child.kill();
        child.wait().unwrap();
        let left = set(&out);
        let which = [&old, &new].iter().position(|set| **set == left);
        match which {
            Some(which) => seen[which] += 1,
            None => panic!("round {round}: neither of both"),
        }
    }
    assert!(in_writing > 0, "no kill while writing");
    println!(
        "old {}, new {}, killed while writing {in_writing}",
        seen[0], seen[1]
    );
}

#[test]
fn a_reader_beside_a_writer_sees_one_generation() {
    let Place { folder, _temporary } = place();
    assert!(regen(&folder, "before", "out").status.success());
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut runs = 0;
            while !stop.load(Ordering::Relaxed) {
                assert!(
                    regen(&folder, GENERATIONS[(runs + 1) % 2], "out")
                        .status
                        .success()
                );
                runs += 1;
            }
            runs
        });
        let read = || {
            let output = program()
                .args(["grep", "(before|after)-1", "--data", "out/flux-infra-guide/data"])
                .current_dir(&folder)
                .output()
                .unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(0), "{:?}", output.stderr);
            let [old, new] = GENERATIONS.map(|generation| text.contains(&format!("{generation}-1")));
            assert!(old != new, "{text}");
        };
        let result = std::panic::catch_unwind(|| (0..count("READS", 100)).for_each(|_| read()));
        stop.store(true, Ordering::Relaxed);
        let runs = writer.join().unwrap();
        assert!(runs > 1);
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
    });
}

#[test]
fn of_two_writers_one_wins() {
    let Place { folder, _temporary } = place();
    let sets = GENERATIONS.map(|generation| set(&folder.join(format!("set-{generation}"))));
    for round in 0..count("WRITERS", 10) {
        let _ = fs::remove_dir_all(folder.join("out"));
        let children = GENERATIONS.map(|generation| start(&folder, generation, "out"));
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        assert!(sets.contains(&files(&folder.join("out"))), "round {round}");
    }
}

#[test]
fn unchanged_files_and_files_of_others_stay() {
    let Place { folder, _temporary } = place();
    assert!(regen(&folder, "before", "out").status.success());
    let guide = folder.join("out/flux-infra-guide");
    write(&guide.join("notes/mine.md"), "mine");
    symlink("notes/mine.md", guide.join("link")).unwrap();
    fs::set_permissions(guide.join("SKILL.md"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(guide.join("data"), fs::Permissions::from_mode(0o750)).unwrap();
    let place = |path: &str| {
        let metadata = fs::metadata(guide.join(path)).unwrap();
        (metadata.ino(), metadata.mtime_nsec())
    };
    let kept = ["notes/mine.md", "SKILL.md", "data/services.json"];
    let before = kept.map(place);
    assert!(regen(&folder, "before", "out").status.success());
    assert_eq!(kept.map(place), before, "nothing changed");
    assert!(regen(&folder, "after", "out").status.success());
    assert_eq!(place(kept[0]), before[0], "what others keep is not touched");
    assert_ne!(place(kept[2]), before[2]);
    assert_eq!(
        fs::read_link(guide.join("link")).unwrap().to_str(),
        Some("notes/mine.md")
    );
    let mode = |path: &str| fs::metadata(guide.join(path)).unwrap().mode() & 0o777;
    assert_eq!((mode("SKILL.md"), mode("data")), (0o600, 0o750));
}

#[test]
fn a_link_that_leads_out_is_refused() {
    let Place { folder, _temporary } = place();
    let home = folder.join("home");
    fs::create_dir(&home).unwrap();
    let repository = folder.join("before");
    symlink(&home, repository.join(".claude")).unwrap();
    let output = program()
        .args(["-q", "regen"])
        .current_dir(&repository)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{text}");
    assert!(
        text.contains("will not write through the symbolic link"),
        "{text}"
    );
    assert_eq!(home.read_dir_utf8().unwrap().count(), 0);
    // From another folder, too.
    let out = repository.join(".claude/skills");
    assert_eq!(regen(&folder, "before", out.as_str()).status.code(), Some(4));
    assert_eq!(home.read_dir_utf8().unwrap().count(), 0);
    // Works if the folder is named.
    assert!(regen(&folder, "before", home.as_str()).status.success());
}

#[test]
fn a_skill_of_somebody_else_is_not_replaced() {
    let Place { folder, _temporary } = place();
    let skill = folder.join("out/flux-infra-guide/SKILL.md");
    write(&skill, "---\nname: flux-infra-guide\n---\nWritten by hand.\n");
    let output = regen(&folder, "before", "out");
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{text}");
    assert!(
        text.contains("did not write") && text.contains("--force"),
        "{text}"
    );
    assert!(fs::read_to_string(&skill).unwrap().contains("by hand"));
    let forced = command(&folder, "before", "out").arg("--force").output().unwrap();
    assert!(forced.status.success());
    // From then on it is a generated file, even after edits.
    write(&skill, "edited\n");
    assert!(regen(&folder, "before", "out").status.success());
    assert!(
        fs::read_to_string(&skill)
            .unwrap()
            .contains("name: \"flux-infra-guide\"")
    );
}

#[test]
fn odd_output_folders_are_said() {
    let Place { folder, _temporary } = place();
    let refused = |out: &str, code: i32, words: &str| {
        let output = regen(&folder, "before", out);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{out}: {text}");
        assert!(text.contains(words), "{out}: {text}");
    };
    refused("", 2, "names no folder");
    write(&folder.join("file"), "");
    refused("file", 4, "file");
    write(&folder.join("in-the-way/flux-infra-guide"), "");
    refused("in-the-way", 4, "flux-infra-guide");
    fs::create_dir_all(folder.join("folder/flux-infra-guide/data/services.json")).unwrap();
    refused("folder", 4, "services.json");
    for (out, file) in [("pipe", "data/services.json"), ("skill", "SKILL.md")] {
        let path = folder.join(out).join("flux-infra-guide").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        refused(out, 4, "is a pipe, not a regular file");
    }
}
