//! Confinement of a folder on disk: nothing outside of it exists, even by symlink.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail loudly"
)]

use std::fs;
use std::os::unix::fs::symlink;

use camino::{Utf8Path, Utf8PathBuf};
use pretty_assertions::assert_eq;
use source_tree::{DiskTree, EntryKind, Limits, RepoPath, SourceTree, TreeError};

struct Folder {
    _temp: tempfile::TempDir,
    root: Utf8PathBuf,
}

fn folder() -> Folder {
    let temp = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(temp.path()).unwrap().join("repo");
    fs::create_dir_all(root.join("apps/base")).unwrap();
    fs::write(root.join("apps/base/a.yaml"), "a: 1\n").unwrap();
    fs::write(root.parent().unwrap().join("outside.yaml"), "secret: 1\n").unwrap();
    Folder { _temp: temp, root }
}

#[test]
fn files_and_folders_are_read_and_listed_in_order() {
    let folder = folder();
    fs::write(folder.root.join("apps/base/B.yaml"), "").unwrap();
    let tree = DiskTree::open(&folder.root).unwrap();
    assert_eq!(&*tree.read(&"apps/base/a.yaml".into()).unwrap(), b"a: 1\n");
    assert_eq!(
        tree.list(&"apps/base".into()).unwrap(),
        [
            ("B.yaml".to_owned(), EntryKind::File),
            ("a.yaml".to_owned(), EntryKind::File)
        ]
    );
    assert_eq!(tree.kind(&"apps".into()), Some(EntryKind::Directory));
    assert_eq!(tree.kind(&"nothing".into()), None);
    assert!(matches!(
        tree.read(&"apps".into()),
        Err(TreeError::IsDirectory { .. })
    ));
    assert!(matches!(
        tree.read(&"nothing".into()),
        Err(TreeError::NotFound { .. })
    ));
    assert!(matches!(
        tree.list(&"apps/base/a.yaml".into()),
        Err(TreeError::NotDirectory { .. })
    ));
}

#[test]
fn symlinks_inside_are_followed_and_those_that_leave_are_refused() {
    let folder = folder();
    symlink("base", folder.root.join("apps/linked")).unwrap();
    symlink("../../outside.yaml", folder.root.join("apps/out.yaml")).unwrap();
    symlink("/etc", folder.root.join("etc")).unwrap();
    let tree = DiskTree::open(&folder.root).unwrap();
    assert_eq!(
        tree.canonicalize(&"apps/linked/a.yaml".into()).unwrap(),
        RepoPath::new("apps/base/a.yaml")
    );
    assert!(tree.read(&"apps/linked/a.yaml".into()).is_ok());
    assert!(matches!(
        tree.read(&"apps/out.yaml".into()),
        Err(TreeError::Escapes { .. })
    ));
    assert!(tree.read(&"etc/passwd".into()).is_err());
    assert_eq!(tree.kind(&"etc".into()), None);
    assert!(
        tree.list(&"".into())
            .unwrap()
            .contains(&("etc".to_owned(), EntryKind::File))
    );
}

#[test]
fn a_symlink_loop_ends() {
    let folder = folder();
    symlink("loop-b", folder.root.join("loop-a")).unwrap();
    symlink("loop-a", folder.root.join("loop-b")).unwrap();
    symlink(".", folder.root.join("apps/self")).unwrap();
    let tree = DiskTree::open(&folder.root).unwrap();
    assert!(tree.read(&"loop-a".into()).is_err());
    assert!(tree.read(&"loop-a/x".into()).is_err());
    assert_eq!(
        tree.canonicalize(&"apps/self/self/base/a.yaml".into()).unwrap(),
        RepoPath::new("apps/base/a.yaml")
    );
}

#[test]
fn a_file_over_the_limit_is_refused() {
    let folder = folder();
    let limits = Limits {
        file_bytes: 3,
        ..Limits::default()
    };
    let tree = DiskTree::with_limits(&folder.root, limits).unwrap();
    assert!(matches!(
        tree.read(&"apps/base/a.yaml".into()),
        Err(TreeError::TooLarge { bytes: 5, .. })
    ));
}

#[test]
fn a_root_that_is_no_folder_is_refused() {
    let folder = folder();
    assert!(matches!(
        DiskTree::open(&folder.root.join("gone")),
        Err(TreeError::NotFound { .. })
    ));
    assert!(matches!(
        DiskTree::open(&folder.root.join("apps/base/a.yaml")),
        Err(TreeError::NotDirectory { .. })
    ));
}

#[test]
fn reading_other_kinds_of_files_names_the_kind() {
    let folder = folder();
    let pipe = folder.root.join("apps/pipe.yaml");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        pipe.as_std_path(),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.root.join("apps/socket.yaml")).unwrap();
    symlink("/dev/zero", folder.root.join("apps/zero.yaml")).unwrap();
    symlink("pipe.yaml", folder.root.join("apps/link.yaml")).unwrap();
    fs::File::create(folder.root.join("apps/sparse.yaml"))
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    // Whether a folder was listed before makes no difference.
    for listed in [false, true] {
        let tree = DiskTree::open(&folder.root).unwrap();
        if listed {
            assert_eq!(tree.list(&"apps".into()).unwrap().len(), 6);
        }
        for (name, message) in [
            ("pipe", "is a pipe, not a regular file"),
            ("link", "is a pipe, not a regular file"),
            ("socket", "is a socket, not a regular file"),
            ("zero", "leaves the repository"),
            (
                "sparse",
                "1099511627776 bytes is over the limit of 33554432 bytes",
            ),
        ] {
            let path = RepoPath::new(&format!("apps/{name}.yaml"));
            let error = tree.read(&path).unwrap_err();
            assert_eq!(error.to_string(), format!("{path}: {message}"));
        }
    }
}

#[test]
fn a_file_or_folder_that_becomes_a_link_is_not_followed() {
    let folder = folder();
    let tree = DiskTree::open(&folder.root).unwrap();
    tree.list(&"apps".into()).unwrap();
    tree.list(&"apps/base".into()).unwrap();
    let outside = folder.root.parent().unwrap().to_owned();
    fs::remove_file(folder.root.join("apps/base/a.yaml")).unwrap();
    symlink(outside.join("outside.yaml"), folder.root.join("apps/base/a.yaml")).unwrap();
    let error = tree.read(&"apps/base/a.yaml".into()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "apps/base/a.yaml: is a symbolic link, not a regular file"
    );
    fs::remove_dir_all(folder.root.join("apps/base")).unwrap();
    fs::write(outside.join("a.yaml"), "secret: 1").unwrap();
    symlink(&outside, folder.root.join("apps/base")).unwrap();
    assert!(tree.read(&"apps/base/a.yaml".into()).is_err());
}
