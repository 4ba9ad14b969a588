//! `fetch`: the repository of `fixtures/fetch` with servers on loopback, then without them.

use std::fs;
use std::process::{Command, Output};

use camino::{Utf8Path, Utf8PathBuf};
use pretty_assertions::assert_eq;

#[allow(dead_code, reason = "the tests of `source-fetch` use the rest")]
#[path = "../../../source-fetch/tests/it/git_daemon.rs"]
mod git_daemon;
#[allow(dead_code, reason = "the tests of `source-fetch` use the rest")]
#[path = "../../../source-fetch/tests/it/registry.rs"]
mod registry;
#[allow(dead_code, reason = "the tests of `source-fetch` use the rest")]
#[path = "../../../source-fetch/tests/it/server.rs"]
mod server;

use crate::fetch_support::{archive, chart};
use git_daemon::{Daemon, git};
use registry::{Access, CHART, FLUX, Registry};
use server::{Answer, Server};

/// A copy of the fixture, the servers that it names, and a cache of its own.
struct Setting {
    _temporary: tempfile::TempDir,
    folder: Utf8PathBuf,
    helm: Server,
    registry: Registry,
    git: Daemon,
}

impl Setting {
    fn new() -> Self {
        let helm = Server::start(|request| match request.path() {
            "/charts/index.yaml" => Answer::ok(
                "apiVersion: v1\nentries:\n  web:\n  - {version: 1.0.0, urls: [web-1.0.0.tgz]}\n  \
                 - {version: 1.4.0, urls: [web-1.4.0.tgz]}\n  - {version: 2.0.0, urls: [web-2.0.0.tgz]}\n",
            ),
            "/charts/web-1.4.0.tgz" => Answer::ok(chart("web", "1.4.0")),
            _ => Answer::status(404),
        });
        let registry = Registry::start(Access::Token);
        registry.push(
            "charts/worker",
            "1.0.0_build.5",
            &[(CHART, chart("worker", "1.0.0+build.5"))],
        );
        registry.push("charts/api", "2.1.0", &[(CHART, chart("api", "2.1.0"))]);
        registry.push(
            "manifests",
            "stable",
            &[(FLUX, archive(&[("./deploy/job.yaml", JOB)]))],
        );
        let git_server = Daemon::start();
        git_server.commit("base/release.yaml", RELEASE);
        git(&git_server.folder, &["tag", "v1.0.0"]);
        let temporary = tempfile::tempdir().unwrap();
        let setting = Setting {
            folder: Utf8Path::from_path(temporary.path()).unwrap().to_owned(),
            _temporary: temporary,
            helm,
            registry,
            git: git_server,
        };
        let fixture =
            Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fetch/repo/clusters/test");
        let target = setting.repo().join("clusters/test");
        fs::create_dir_all(&target).unwrap();
        for entry in fixture.read_dir_utf8().unwrap() {
            let entry = entry.unwrap();
            let text = fs::read_to_string(entry.path()).unwrap();
            let text = text.replace("HELM", &setting.helm.host());
            let text = text.replace("REGISTRY", &setting.registry.server.host());
            let text = text.replace("GIT/", &format!("{}/", setting.git.host()));
            fs::write(target.join(entry.file_name()), text).unwrap();
        }
        setting
    }

    fn repo(&self) -> Utf8PathBuf {
        self.folder.join("repo")
    }

    fn lock(&self) -> String {
        fs::read_to_string(self.repo().join("flux-infra-guide.lock")).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"));
        command
            .args(arguments)
            .current_dir(self.repo())
            .env("FLUX_INFRA_GUIDE_CACHE_DIR", self.folder.join("cache"))
            .env("HOME", &self.folder)
            .env_remove("DOCKER_CONFIG")
            .env_remove("XDG_CONFIG_HOME")
            .env("NO_PROXY", "*");
        command.output().unwrap()
    }

    /// What a command prints, its error output after that.
    #[track_caller]
    fn text(&self, arguments: &[&str], exit: i32) -> String {
        let output = self.run(arguments);
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(exit), "{text}");
        text.replace(&self.helm.host(), "HELM")
            .replace(&self.registry.server.host(), "REGISTRY")
            .replace(&self.git.host(), "GIT")
            .replace(self.folder.as_str(), "FOLDER")
    }
}

const JOB: &str = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  namespace: web\nspec:\n  template:\n    \
                   spec:\n      containers:\n      - name: main\n        image: example.org/migrate:1.0.0\n";

/// What is fetched declares more.
const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: inner\n  namespace: web\nspec:\n  \
                       interval: 1h\n  chart:\n    spec:\n      chart: worker\n      version: 1.x\n      sourceRef:\n        \
                       kind: HelmRepository\n        name: registry\n";

#[test]
fn fetched_once_locked_and_offline_ever_after() {
    let setting = Setting::new();
    let before = setting.text(&["render", "--format", "yaml"], 0);
    assert!(!before.contains("example.org/web"), "{before}");
    let text = setting.text(&["fetch"], 0);
    for line in [
        "+ HelmRelease/web/web: web 1.x is 1.4.0\n",
        "+ HelmRelease/web/worker: 1.0.0+build.5 is 1.0.0+build.5@sha256:",
        "+ OCIRepository/web/api: semver 2.x, layer application/vnd.cncf.helm.chart.content.v1.tar+gzip is 2.1.0@sha256:",
        "+ OCIRepository/web/manifests: tag stable is stable@sha256:",
        "+ GitRepository/web/platform: semver 1.x is v1.0.0@sha1:",
        "+ HelmRelease/web/inner: 1.x is 1.0.0+build.5@sha256:",
        "6 sources locked, 6 fetched: ",
        "flux-infra-guide.lock is written\n",
        "not verified: OCIRepository/web/api",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(
        !text.contains("flux-system"),
        "the repository itself was fetched: {text}"
    );
    let lock = setting.lock();
    assert_eq!(lock.lines().count(), 7, "{lock}");
    // Nothing is asked of anybody from here on.
    setting.helm.taken();
    setting.registry.server.taken();
    let again = setting.text(&["fetch"], 0);
    assert!(again.contains("0 fetched: 0 bytes in 0 requests"), "{again}");
    assert_eq!(setting.lock(), lock);
    let rendered = setting.text(&["render", "--format", "yaml"], 0);
    for image in ["web:1.4.0", "worker:1.0.0", "api:2.1.0", "migrate:1.0.0"] {
        assert!(
            rendered.contains(&format!("example.org/{image}")),
            "{image}\n{rendered}"
        );
    }
    let place = setting.text(&["where", "migrate", "--repo", "."], 0);
    assert!(place.contains("OCIRepository/web/manifests@sha256:"), "{place}");
    assert!(place.contains(":deploy/job.yaml:"), "{place}");
    let place = setting.text(&["flux", "inner", "--repo", "."], 0);
    assert!(place.contains("GitRepository/web/platform@sha1:"), "{place}");
    let without = setting.text(&["render", "--format", "yaml", "--no-cache"], 0);
    assert_eq!(without, before);
    let asked = setting.helm.taken().len() + setting.registry.server.taken().len();
    assert_eq!(asked, 0);
}

#[test]
fn another_machine_has_the_lock_file_alone() {
    let setting = Setting::new();
    setting.text(&["fetch"], 0);
    let (lock, rendered) = (setting.lock(), setting.text(&["render", "--format", "yaml"], 0));
    fs::rename(setting.folder.join("cache"), setting.folder.join("gone")).unwrap();
    let text = setting.text(&["render", "--format", "yaml"], 0);
    let warning = "warning: flux-infra-guide.lock names content that the cache lacks";
    assert!(text.contains(warning), "{text}");
    assert!(text.contains("get it with: flux-infra-guide fetch"), "{text}");
    // A newer version changes nothing for who has the lock file.
    setting
        .registry
        .push("charts/api", "2.2.0", &[(CHART, chart("api", "2.2.0"))]);
    let offline = setting.text(&["fetch", "--offline"], 1);
    assert!(
        offline.contains("HelmRelease/web/web: web 1.x of http://HELM/charts\n"),
        "{offline}"
    );
    setting.text(&["fetch"], 0);
    assert_eq!(setting.lock(), lock);
    assert_eq!(setting.text(&["render", "--format", "yaml"], 0), rendered);
    let check = setting.text(&["fetch", "--check"], 1);
    assert!(check.starts_with("OCIRepository/web/api: semver 2.x"), "{check}");
    let updated = setting.text(&["fetch", "--update", "api"], 0);
    assert!(updated.contains("~ OCIRepository/web/api"), "{updated}");
    setting.text(&["fetch", "--check"], 0);
    assert!(
        setting
            .text(&["render", "--format", "yaml"], 0)
            .contains("api:2.2.0")
    );
}

#[test]
fn the_lock_file_makes_catalogs_stale() {
    let setting = Setting::new();
    setting.text(&["regen"], 0);
    setting.text(&["fetch"], 0);
    let text = setting.text(&["where", "flux-system"], 0);
    assert!(text.contains("the repository has changed"), "{text}");
    setting.text(&["regen"], 0);
    let text = setting.text(&["where", "migrate"], 0);
    assert!(!text.contains("has changed"), "{text}");
}

#[test]
fn a_broken_lock_file_is_said_with_its_line() {
    let setting = Setting::new();
    setting.text(&["fetch"], 0);
    let lock = setting.lock().replace("\"url\"", "\"uri\"");
    fs::write(setting.repo().join("flux-infra-guide.lock"), &lock).unwrap();
    for command in [&["render"][..], &["fetch"], &["list", "services", "--repo", "."]] {
        let text = setting.text(command, 3);
        assert!(text.contains("flux-infra-guide.lock:2: column "), "{text}");
        assert!(text.contains("restore the file from Git"), "{text}");
    }
    setting.text(&["render", "--no-cache"], 0);
    assert_eq!(setting.lock(), lock);
}

#[test]
fn what_fails_leaves_the_rest() {
    let setting = Setting::new();
    let file = setting.repo().join("clusters/test/charts.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("version: 1.x", "version: 9.x")).unwrap();
    let text = setting.text(&["fetch"], 3);
    assert!(
        text.contains("error: HelmRelease/web/web: no 'web' chart with version matching '9.x' found (http://HELM/charts, web 9.x)"),
        "{text}"
    );
    assert!(text.contains("5 sources locked, 5 fetched, 1 failed"), "{text}");
    assert_eq!(setting.lock().lines().count(), 6);
    // One object alone, which leaves the others' lines.
    fs::write(
        &file,
        fs::read_to_string(&file)
            .unwrap()
            .replace("version: 9.x", "version: 1.x"),
    )
    .unwrap();
    let text = setting.text(&["fetch", "--only", "HelmRelease/web/web"], 0);
    assert!(text.contains("6 sources locked, 1 fetched"), "{text}");
}
