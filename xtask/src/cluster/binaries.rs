//! kube-apiserver, kubectl and Flux's CustomResourceDefinitions, built and fetched as Go modules once and kept in the user's
//! cache; etcd is the system's.

use std::env;
use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::workspace;

/// The path in the workspace of the Go module that requires Kubernetes.
const MODULE: &str = "xtask/kubernetes";
/// The module whose version names the cache's folder.
const KUBERNETES: &str = "k8s.io/kubernetes";
/// The modules with Flux's CustomResourceDefinitions: those of Flux 2.9.
const FLUX: [&str; 3] = [
    "github.com/fluxcd/source-controller@v1.9.1",
    "github.com/fluxcd/kustomize-controller@v1.9.4",
    "github.com/fluxcd/helm-controller@v1.6.3",
];
/// The programs to build.
const PROGRAMS: [&str; 2] = ["kube-apiserver", "kubectl"];
/// Exit code of `timeout` when the time is over.
const TIMED_OUT: i32 = 124;

/// Programs and files of a server.
#[derive(Debug)]
pub(super) struct Binaries {
    /// Holds `kube-apiserver`, `kubectl` and nothing else.
    pub(super) programs: Utf8PathBuf,
    /// Holds Flux's CustomResourceDefinitions.
    pub(super) definitions: Utf8PathBuf,
    /// The version of Kubernetes.
    pub(super) version: String,
}

/// The result of a search.
pub(super) enum Found {
    Ready(Binaries),
    /// The reason.
    Missing(String),
}

/// Finds the programs; with a time limit, builds missing ones.
pub(super) fn find(build: Option<Duration>) -> Result<Found> {
    let module = workspace::root().join(MODULE);
    let text = fs::read_to_string(module.join("go.mod"))?;
    let version = word_after(&text, KUBERNETES).context("go.mod requires no Kubernetes")?;
    let toolchain = word_after(&text, "toolchain").context("go.mod names no toolchain")?;
    let Some(cache) = cache() else {
        return Ok(Found::Missing(
            "there is neither $XDG_CACHE_HOME nor $HOME".to_owned(),
        ));
    };
    let folder = cache.join(format!("kubernetes-{version}-{toolchain}"));
    let binaries = Binaries {
        programs: folder.join("bin"),
        definitions: folder.join("definitions"),
        version: version.to_owned(),
    };
    if !answers("etcd", "--version") {
        return Ok(Found::Missing(
            "there is no etcd: Debian's package is etcd-server".to_owned(),
        ));
    }
    if folder.is_dir() {
        return Ok(Found::Ready(binaries));
    }
    let Some(limit) = build else {
        return Ok(Found::Missing(format!(
            "kube-apiserver {version} was not built yet: `cargo xtask cluster` builds it"
        )));
    };
    if !answers("go", "version") {
        return Ok(Found::Missing("there is no Go".to_owned()));
    }
    fs::create_dir_all(&cache)?;
    // Renamed at the end, so that an interrupted build is not found by the next run.
    let partial = tempfile::Builder::new().prefix("partial-").tempdir_in(&cache)?;
    let partial_path = Utf8Path::from_path(partial.path()).context("the cache's path is no UTF-8")?;
    fetch_definitions(&partial_path.join("definitions"), toolchain)?;
    println!("building kube-apiserver and kubectl {version}: some minutes, once");
    if !build_programs(&module, &partial_path.join("bin"), version, toolchain, limit)? {
        return Ok(Found::Missing(format!(
            "kube-apiserver was not built within {} minutes; the next build goes on from there",
            limit.as_secs() / 60
        )));
    }
    fs::rename(partial.keep(), &folder)?;
    Ok(Found::Ready(binaries))
}

/// The folder for developers' tools, outside of the repository.
fn cache() -> Option<Utf8PathBuf> {
    let variable = |name: &str| {
        let path = Utf8PathBuf::from(env::var(name).ok()?);
        path.is_absolute().then_some(path)
    };
    let caches = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))?;
    Some(caches.join("flux-infra-guide-dev"))
}

/// Whether a program is there and runs.
fn answers(program: &str, argument: &str) -> bool {
    let output = Command::new(program).arg(argument).output();
    output.is_ok_and(|output| output.status.success())
}

/// Builds the programs; false if the time was over.
fn build_programs(
    module: &Utf8Path,
    folder: &Utf8Path,
    version: &str,
    toolchain: &str,
    limit: Duration,
) -> Result<bool> {
    // Without a version, kubectl and kube-apiserver call themselves 0.0.0.
    let stamps: String = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]
        .iter()
        .map(|package| format!(" -X {package}.gitVersion={version}"))
        .collect();
    // `timeout` ends the compilers too.
    let mut command = Command::new("timeout");
    command
        .args(["--kill-after=10", &limit.as_secs().max(1).to_string()])
        .args(["nice", "-n", "5", "go", "build", "-trimpath"])
        .args(["-ldflags".to_owned(), format!("-s -w{stamps}")])
        .args(["-o".to_owned(), format!("{folder}/")])
        .args(PROGRAMS.map(|program| format!("{KUBERNETES}/cmd/{program}")))
        .envs([("GOTOOLCHAIN", toolchain), ("GOFLAGS", "-mod=readonly")])
        .current_dir(module);
    let status = command.status().context("starting `timeout`")?;
    if status.code() == Some(TIMED_OUT) {
        return Ok(false);
    }
    ensure!(status.success(), "go build failed");
    Ok(true)
}

/// Fetches Flux's controllers as Go modules, which Go checks against its checksum database, and copies their
/// CustomResourceDefinitions.
fn fetch_definitions(folder: &Utf8Path, toolchain: &str) -> Result<()> {
    fs::create_dir_all(folder)?;
    let output = Command::new("go")
        .args(["mod", "download", "-json"])
        .args(FLUX)
        .envs([("GOTOOLCHAIN", toolchain), ("GOFLAGS", ""), ("GOWORK", "off")])
        // Outside of any module, whose requirements could change their versions.
        .current_dir(folder)
        .output()
        .context("starting go")?;
    ensure!(
        output.status.success(),
        "go mod download failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Module {
        dir: Utf8PathBuf,
    }
    for module in serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Module>() {
        for entry in module?.dir.join("config/crd/bases").read_dir_utf8()? {
            let entry = entry?;
            fs::write(folder.join(entry.file_name()), fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// The word after another one at the beginning of a line, or after `require` and that.
fn word_after<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip_while(|it| *it == "require");
        words.next().filter(|first| *first == word)?;
        words.next()
    })
}
