//! A copy of a repository that a test may change, with or without Git, and the program to run in it.

use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

/// The program, without environment variables of the caller.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"));
    command
        .env_remove("FLUX_INFRA_GUIDE_DATA")
        .env_remove("SOURCE_DATE_EPOCH")
        .env(
            "FLUX_INFRA_GUIDE_CACHE_DIR",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"),
        );
    command
}

/// Runs the program in a folder: exit code, standard output and standard error.
#[track_caller]
pub(crate) fn run(folder: &Utf8Path, arguments: &[&str]) -> (i32, String, String) {
    let output = program().args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// A copy in a temporary folder.
pub(crate) struct Copy {
    folder: Utf8PathBuf,
    _temporary: tempfile::TempDir,
}

impl Copy {
    /// Copies a folder; the copy keeps its name, which the catalogs contain.
    pub(crate) fn of(folder: &Utf8Path) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let copy = Utf8Path::from_path(temporary.path())
            .unwrap()
            .join(folder.file_name().unwrap());
        copy_folder(folder, &copy);
        Copy {
            folder: copy,
            _temporary: temporary,
        }
    }

    /// An empty folder of that name.
    pub(crate) fn empty(name: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temporary.path()).unwrap().join(name);
        fs::create_dir_all(&folder).unwrap();
        Copy {
            folder,
            _temporary: temporary,
        }
    }

    pub(crate) fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces a text in a file, which must contain it.
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.folder.join(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        self.write(file, &text.replace(from, to));
    }

    pub(crate) fn remove(&self, file: &str) {
        fs::remove_file(self.folder.join(file)).unwrap();
    }

    /// Runs Git in the copy, with an identity and without the machine's configuration.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.folder)
            .args(["-c", "user.name=test", "-c", "user.email=test@example.com"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits everything, except files that `regen` wrote.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all", "--", ".", ":!.claude"]);
        self.git(&["commit", "-q", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }
}

fn copy_folder(from: &Utf8Path, to: &Utf8Path) {
    fs::create_dir_all(to).unwrap();
    for entry in from.read_dir_utf8().unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy_folder(entry.path(), &to);
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(entry.path().read_link_utf8().unwrap(), to).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
