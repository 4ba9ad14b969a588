//! One hostile input: the files of a repository, and the command that reads them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use anyhow::{Context, Result};

/// A file, a folder, or a special file.
pub(crate) enum Content {
    Bytes(Vec<u8>),
    /// A text, a repeated unit, and a text after it, written without being held in memory.
    Repeated {
        head: String,
        unit: Vec<u8>,
        times: usize,
        tail: String,
    },
    /// A sparse file of this length.
    Sparse(u64),
    /// A symlink to this path.
    Link(String),
    /// A named pipe that nobody writes to.
    Pipe,
    /// A socket that nobody listens on.
    Socket,
    /// An empty folder.
    Folder,
}

/// One hostile input.
pub(crate) struct Case {
    pub(crate) family: &'static str,
    pub(crate) name: String,
    /// By path.
    pub(crate) files: BTreeMap<String, Content>,
    /// The arguments, with `REPO` and `OUT` in place of folders.
    pub(crate) command: Vec<String>,
    /// Whether the Deployment of the base repository has to be in the catalogs.
    pub(crate) rest: bool,
}

/// The arguments of `regen`.
const REGEN: [&str; 4] = ["regen", "REPO", "--out", "OUT"];

impl Case {
    /// A repository with one cluster and one Kustomization `apps` that applies a Deployment.
    pub(crate) fn new(family: &'static str, name: impl Into<String>) -> Self {
        let mut case = Case {
            family,
            name: name.into(),
            files: BTreeMap::new(),
            command: REGEN.map(str::to_owned).to_vec(),
            rest: true,
        };
        for (path, text) in BASE {
            case.put(path, Content::Bytes(text.as_bytes().to_vec()));
        }
        case
    }

    fn put(&mut self, path: &str, content: Content) {
        self.files.insert(path.to_owned(), content);
    }

    /// Adds a file.
    pub(crate) fn file(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.put(path, Content::Bytes(bytes.into()));
        self
    }

    /// Adds a file, folder or special file.
    pub(crate) fn content(mut self, path: &str, content: Content) -> Self {
        self.put(path, content);
        self
    }

    /// Adds a file that repeats a unit.
    pub(crate) fn repeated(
        self,
        path: &str,
        head: impl Into<String>,
        unit: impl Into<Vec<u8>>,
        times: usize,
        tail: &str,
    ) -> Self {
        self.content(
            path,
            Content::Repeated {
                head: head.into(),
                unit: unit.into(),
                times,
                tail: tail.to_owned(),
            },
        )
    }

    /// Adds something for every number below `count`.
    pub(crate) fn times(self, count: usize, add: impl Fn(Self, usize) -> Self) -> Self {
        (0..count).fold(self, add)
    }

    /// Adds a second Kustomization `evil` of the folder `evil`, with this kustomization file. `apps` stays as it is.
    pub(crate) fn evil(self, kustomization: impl Into<Vec<u8>>) -> Self {
        self.second().file("evil/kustomization.yaml", kustomization)
    }

    /// Adds a second Kustomization `evil` of the folder `evil`.
    pub(crate) fn second(self) -> Self {
        let text = kustomization("evil", "./evil", "");
        self.file("clusters/main/evil.yaml", text)
    }

    /// As [`Case::evil`], with one resource, `evil/x.yaml`.
    pub(crate) fn resource(self, kustomization: &str, objects: impl Into<Vec<u8>>) -> Self {
        self.evil(format!("resources: [x.yaml]\n{kustomization}"))
            .file("evil/x.yaml", objects)
    }

    /// Runs another command; `REPO` and `OUT` are replaced by folders.
    pub(crate) fn run(mut self, command: &[&str]) -> Self {
        self.command = command.iter().map(|&word| word.to_owned()).collect();
        self.rest = false;
        self
    }

    /// Runs `regen` with further arguments.
    pub(crate) fn regen(self, arguments: &[&str]) -> Self {
        self.run(&[&REGEN, arguments].concat())
    }

    /// Does not expect the base repository in the catalogs.
    pub(crate) fn alone(mut self) -> Self {
        self.rest = false;
        self
    }

    /// Writes the repository.
    ///
    /// # Errors
    /// If something cannot be written.
    pub(crate) fn write(&self, root: &Path) -> Result<()> {
        for (path, content) in &self.files {
            let path = root.join(path);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            write(&path, content).with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(())
    }
}

fn write(path: &Path, content: &Content) -> Result<()> {
    match content {
        Content::Bytes(bytes) => fs::write(path, bytes)?,
        Content::Repeated {
            head,
            unit,
            times,
            tail,
        } => {
            let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
            file.write_all(head.as_bytes())?;
            for _ in 0..*times {
                file.write_all(unit)?;
            }
            file.write_all(tail.as_bytes())?;
            file.flush()?;
        }
        Content::Sparse(bytes) => File::create(path)?.set_len(*bytes)?,
        Content::Link(target) => symlink(target, path)?,
        Content::Pipe => nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRUSR)?,
        Content::Socket => drop(UnixListener::bind(path)?),
        Content::Folder => fs::create_dir_all(path)?,
    }
    Ok(())
}

/// A Flux Kustomization; `more` is further lines of its `spec`, indented by two.
pub(crate) fn kustomization(name: &str, path: &str, more: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: \"{name}\", namespace: flux-system}}\n\
         spec:\n  interval: 1m\n  path: {path}\n  prune: true\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{more}"
    )
}

/// A ConfigMap with one value.
pub(crate) fn config_map(name: &str, value: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: default}}\ndata:\n  a: {value}\n"
    )
}

/// The concatenated texts of every number below `count`.
pub(crate) fn each(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

const BASE: [(&str, &str); 5] = [
    ("apps/kustomization.yaml", "resources: [sound.yaml]\n"),
    (
        "apps/sound.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: sound, namespace: default}\nspec:\n  \
         selector: {matchLabels: {app: sound}}\n  template:\n    metadata: {labels: {app: sound}}\n    spec:\n      \
         containers:\n      - {name: main, image: 'nginx:1.27.1'}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: sound, \
         namespace: default}\nspec: {selector: {app: sound}, ports: [{port: 80}]}\n",
    ),
    (
        "clusters/main/apps.yaml",
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\n\
         spec:\n  interval: 10m\n  path: ./apps\n  prune: true\n  sourceRef: {kind: GitRepository, name: flux-system}\n",
    ),
    (
        "clusters/main/flux-system/gotk-sync.yaml",
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system, namespace: flux-system}\n\
         spec: {interval: 1m, ref: {branch: main}, url: 'ssh://git@git.example.org/platform.git'}\n---\n\
         apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: flux-system, namespace: flux-system}\n\
         spec: {interval: 10m, path: ./clusters/main, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}\n",
    ),
    (
        "clusters/main/flux-system/kustomization.yaml",
        "resources: [gotk-sync.yaml]\n",
    ),
];
