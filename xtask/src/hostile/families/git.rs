//! Hostile files in `.git`.

use super::super::case::{Case, Content, each};

const FAMILY: &str = ".git";

fn case(name: &str) -> Case {
    Case::new(FAMILY, name)
        .file(".git/HEAD", "ref: refs/heads/main\n")
        .file(".git/config", "[core]\n\tbare = false\n")
        .file(".git/refs/heads/main", format!("{}\n", "0".repeat(40)))
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("HEAD that names itself").file(".git/HEAD", "ref: HEAD\n"),
        case("references in a circle")
            .file(".git/refs/heads/main", "ref: refs/heads/a\n")
            .file(".git/refs/heads/a", "ref: refs/heads/main\n"),
        case("HEAD that climbs out").file(".git/HEAD", "ref: ../../../../etc/passwd\n"),
        case("HEAD of 100 MB").repeated(".git/HEAD", "ref: ", "x", 100_000_000, "\n"),
        case("HEAD of nothing").file(".git/HEAD", ""),
        case("HEAD of null bytes").file(".git/HEAD", vec![0; 100]),
        case("HEAD that is a pipe").content(".git/HEAD", Content::Pipe),
        case("HEAD that is /dev/zero").content(".git/HEAD", Content::Link("/dev/zero".into())),
        case("config that is a pipe").content(".git/config", Content::Pipe),
        case("config of a terabyte").content(".git/config", Content::Sparse(1 << 40)),
        case("config of 30 MB").file(
            ".git/config",
            each(1_000_000, |i| format!("[remote \"r{i}\"]\nurl = u{i}\n")),
        ),
        case("config that includes itself").file(
            ".git/config",
            "[include]\n\tpath = config\n[include]\n\tpath = /dev/zero\n",
        ),
        case("config of one line of 20 MB")
            .file(".git/config", format!("[a \"{}\"]\n", "\\".repeat(20_000_000))),
        case("packed references of 50 MB")
            .file(".git/refs/heads/main", "")
            .repeated(
                ".git/packed-refs",
                "",
                format!("{} refs/heads/x\n", "1".repeat(40)),
                850_000,
                "",
            ),
        case("packed references that are a pipe")
            .content(".git/refs/heads/main", Content::Folder)
            .content(".git/packed-refs", Content::Pipe),
        case(".git that is a pipe")
            .without_git()
            .content(".git", Content::Pipe),
        case(".git that names itself")
            .without_git()
            .file(".git", "gitdir: .git\n"),
        case(".git that names a pipe")
            .without_git()
            .file(".git", "gitdir: g\n")
            .content("g", Content::Pipe),
        case(".git that leads away")
            .without_git()
            .content(".git", Content::Link("/proc/self".into())),
        case("alternates without end")
            .file(".git/objects/info/alternates", "../objects\n/proc/self/root\n")
            .file(".git/objects/pack/x.idx", vec![0xff; 1_000]),
        case("diff of objects that do not exist").run(&["diff", "REPO", "HEAD~1"]),
        case("diff where HEAD is a pipe")
            .content(".git/HEAD", Content::Pipe)
            .run(&["diff", "REPO", "HEAD~1"]),
        case("diff where a reference is a pipe")
            .content(".git/refs/heads/main", Content::Pipe)
            .run(&["diff", "REPO", "HEAD~1"]),
        case("diff where the list of shallow commits is a pipe")
            .content(".git/shallow", Content::Pipe)
            .run(&["diff", "REPO", "HEAD~1"]),
        case("check where nothing was written").run(&["check", "REPO"]),
    ]
}

impl Case {
    fn without_git(mut self) -> Self {
        self.files.retain(|path, _| !path.starts_with(".git/"));
        self
    }
}
