//! `fetch`: the repository of `fixtures/fetch` with servers on loopback, then without them.

use std::fs;
use std::process::{Command, Output, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use pretty_assertions::assert_eq;

#[allow(dead_code, reason = "the tests of `source-fetch` use the rest")]
#[path = "../../../source-fetch/tests/it/bucket.rs"]
mod bucket;
#[allow(dead_code, reason = "the tests of `source-fetch` use the rest")]
#[path = "../../../source-fetch/tests/it/git_daemon.rs"]
mod git_daemon;
#[path = "../../../source-fetch/tests/it/git_http.rs"]
mod git_http;
#[cfg(unix)]
mod logins;
mod real_registries;
#[allow(dead_code, reason = "the tests of `source-fetch` use the rest")]
#[path = "../../../source-fetch/tests/it/registry.rs"]
mod registry;
#[allow(dead_code, reason = "the tests of `source-fetch` use the rest")]
#[path = "../../../source-fetch/tests/it/server.rs"]
mod server;

use crate::fetch_support::{archive, chart};
use bucket::Bucket;
use git_daemon::{Daemon, git};
use registry::{Access, CHART, FLUX, Registry};
use server::{Answer, Server};

/// A copy of the fixture, its servers, and its own cache.
struct Setting {
    _temporary: tempfile::TempDir,
    folder: Utf8PathBuf,
    helm: Server,
    registry: Registry,
    git: Daemon,
    bucket: Bucket,
}

impl Setting {
    fn new() -> Self {
        let git_server = Daemon::start();
        git_server.commit("base/release.yaml", RELEASE);
        git_server.commit("kustomized/kustomization.yaml", "resources: [job.yaml]\n");
        git_server.commit("kustomized/job.yaml", &JOB.replace("migrate", "based"));
        git(&git_server.folder, &["tag", "v1.0.0"]);
        git(&git_server.folder, &["update-server-info"]);
        let objects = git_server.folder.join(".git");
        let helm = Server::start(move |request| match request.path() {
            "/charts/index.yaml" => Answer::ok(
                "apiVersion: v1\nentries:\n  web:\n  - {version: 1.0.0, urls: [web-1.0.0.tgz]}\n  \
                 - {version: 1.4.0, urls: [web-1.4.0.tgz]}\n  - {version: 2.0.0, urls: [web-2.0.0.tgz]}\n",
            ),
            "/charts/web-1.4.0.tgz" => Answer::ok(chart("web", "1.4.0")),
            "/files/extra.yaml" => Answer::ok(JOB.replace("migrate", "extra")),
            path => match path
                .strip_prefix("/git/infra.git/")
                .map(|path| fs::read(objects.join(path)))
            {
                Some(Ok(bytes)) => Answer::ok(bytes),
                _ => Answer::status(404),
            },
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
        let temporary = tempfile::tempdir().unwrap();
        let setting = Setting {
            folder: Utf8Path::from_path(temporary.path()).unwrap().to_owned(),
            _temporary: temporary,
            helm,
            registry,
            git: git_server,
            bucket: Bucket::start(&[
                ("apps/job.yaml", &JOB.replace("migrate", "bucketed")),
                ("docs/readme.md", "not fetched"),
                ("other.yaml", "not fetched"),
            ]),
        };
        let fixture = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fetch/repo");
        setting.copy(&fixture, &setting.repo());
        setting
    }

    /// Copies a folder, with the addresses of the servers filled in.
    fn copy(&self, from: &Utf8Path, to: &Utf8Path) {
        fs::create_dir_all(to).unwrap();
        for entry in from.read_dir_utf8().unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                self.copy(entry.path(), &target);
                continue;
            }
            let text = fs::read_to_string(entry.path()).unwrap();
            let text = text.replace("HELM", &self.helm.host());
            let text = text.replace("REGISTRY", &self.registry.server.host());
            let text = text.replace("BUCKET", &self.bucket.server.host());
            fs::write(target, text.replace("GIT/", &format!("{}/", self.git.host()))).unwrap();
        }
    }

    fn repo(&self) -> Utf8PathBuf {
        self.folder.join("repo")
    }

    fn lock(&self) -> String {
        fs::read_to_string(self.repo().join("flux-infra-guide.lock")).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"));
        command
            .args(arguments)
            .current_dir(self.repo())
            .env("FLUX_INFRA_GUIDE_CACHE_DIR", self.folder.join("cache"))
            .env("HOME", &self.folder)
            .env_remove("DOCKER_CONFIG")
            .env_remove("XDG_CONFIG_HOME")
            .env("NO_PROXY", "*")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The output of a command, followed by its error output.
    #[track_caller]
    fn text(&self, arguments: &[&str], exit: i32) -> String {
        let output = self.run(arguments);
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(exit), "{text}");
        text.replace(&self.helm.host(), "HELM")
            .replace(&self.registry.server.host(), "REGISTRY")
            .replace(&self.git.host(), "GIT")
            .replace(&self.bucket.server.host(), "BUCKET")
            .replace(self.folder.as_str(), "FOLDER")
    }
}

const JOB: &str = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  namespace: web\nspec:\n  template:\n    \
                   spec:\n      containers:\n      - name: main\n        image: example.org/migrate:1.0.0\n";

/// Fetched content declares more sources.
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
        "+ remote-base: ref v1.0.0 is v1.0.0@sha1:",
        "+ remote-file: the file is sha256:",
        "+ Bucket/web/bucket: bucket infra, ignore sha256:",
        "9 sources locked, 9 fetched: ",
        "flux-infra-guide.lock is written\n",
        "not verified: OCIRepository/web/api",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(
        !text.contains("flux-system") && !text.contains("is not fetched"),
        "the repository itself was fetched, or something that has no files: {text}"
    );
    let lock = setting.lock();
    assert_eq!(lock.lines().count(), 10, "{lock}");
    // From here on no request is sent.
    setting.helm.taken();
    setting.registry.server.taken();
    let asked = setting.bucket.server.taken();
    assert!(asked.iter().all(|request| !request.path().contains("docs")));
    let again = setting.text(&["fetch"], 0);
    assert!(again.contains("0 fetched: 0 bytes in 0 requests"), "{again}");
    assert_eq!(setting.lock(), lock);
    let rendered = setting.text(&["render", "--format", "yaml"], 0);
    for image in [
        "web:1.4.0",
        "worker:1.0.0",
        "api:2.1.0",
        "migrate:1.0.0",
        "based:1.0.0",
        "extra:1.0.0",
        "bucketed:1.0.0",
    ] {
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
    let place = setting.text(&["where", "based", "--repo", "."], 0);
    assert!(place.contains("HELM/git/infra.git@sha1:"), "{place}");
    assert!(place.contains(":kustomized/job.yaml:"), "{place}");
    let place = setting.text(&["where", "bucketed", "--repo", "."], 0);
    assert!(place.contains("Bucket/web/bucket@sha256:"), "{place}");
    let without = setting.text(&["render", "--format", "yaml", "--no-cache"], 0);
    assert_eq!(without, before);
    let asked = setting.helm.taken().len() + setting.registry.server.taken().len();
    let asked = asked + setting.bucket.server.taken().len();
    assert_eq!(asked, 0);
}

/// The result of the last fetch is valid until one of the files that decided it changes, or content is missing.
#[test]
fn an_unchanged_repository_is_not_scanned() {
    const UNCHANGED: &str = "the repository is as it was when everything was fetched\n";
    let setting = Setting::new();
    let file = |path: &str| setting.repo().join(path);
    let fetch = |is_scanned: bool| {
        // The result of a scan is not kept if a file may have changed during the scan.
        std::thread::sleep(std::time::Duration::from_millis(50));
        let text = setting.text(&["fetch"], 0);
        assert_eq!(text.contains(UNCHANGED), !is_scanned, "{text}");
        text
    };
    let first = fetch(true);
    let lock = setting.lock();
    let again = fetch(false);
    assert!(
        again.contains("9 sources locked, 0 fetched: 0 bytes in 0 requests"),
        "{again}"
    );
    let warnings = |text: &str| {
        let lines = text.lines().filter(|line| line.starts_with("warning: "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(warnings(&again), warnings(&first));
    assert!(!warnings(&again).is_empty());
    let offline = setting.text(&["fetch", "--offline"], 0);
    assert_eq!(offline, "everything is locked and in the cache\n");
    // Files that no build reads decide nothing, nor do the catalogs.
    fs::write(file("notes.md"), "notes\n").unwrap();
    setting.text(&["regen"], 0);
    fetch(false);
    // Other options need another scan.
    let text = setting.text(&["fetch", "--cluster", "clusters/test"], 0);
    assert!(!text.contains(UNCHANGED), "{text}");
    // A manifest declares another source.
    let charts = fs::read_to_string(file("clusters/test/charts.yaml")).unwrap();
    fs::write(file("clusters/test/charts.yaml"), charts.replace("1.x", "2.x")).unwrap();
    let text = setting.text(&["fetch"], 3);
    assert!(
        !text.contains(UNCHANGED) && text.contains("HelmRelease/web/web"),
        "{text}"
    );
    // Failures are tried again.
    let text = setting.text(&["fetch"], 3);
    assert!(!text.contains(UNCHANGED), "{text}");
    fs::write(file("clusters/test/charts.yaml"), charts).unwrap();
    fetch(true);
    fetch(false);
    assert_eq!(setting.lock(), lock);
    // The lock file is edited by hand: one line less, and another digest.
    let (line, _) = lock.split_once("{\"object\":\"HelmRelease/web/web\"").unwrap();
    fs::write(file("flux-infra-guide.lock"), line).unwrap();
    fetch(true);
    assert_eq!(setting.lock(), lock);
    fetch(false);
    // The cache loses a packed chart, then one byte of a file of a tree.
    let blob = |bytes: &[u8]| {
        let digest = source_cache::Digest::of(bytes);
        let hex = digest.hex();
        setting.folder.join("cache/sources").join(&hex[..2]).join(hex)
    };
    fs::remove_file(blob(&chart("web", "1.4.0"))).unwrap();
    let text = fetch(true);
    assert!(text.contains("1 fetched"), "{text}");
    fetch(false);
    let job = JOB.replace("migrate", "based");
    fs::remove_file(blob(job.as_bytes())).unwrap();
    fs::write(blob(job.as_bytes()), job.replace("batch", "botch")).unwrap();
    fetch(true);
    assert_eq!(setting.lock(), lock);
    fetch(false);
}

#[test]
fn another_machine_has_the_lock_file_alone() {
    let setting = Setting::new();
    setting.text(&["fetch"], 0);
    let (lock, rendered) = (setting.lock(), setting.text(&["render", "--format", "yaml"], 0));
    fs::rename(setting.folder.join("cache"), setting.folder.join("gone")).unwrap();
    let text = setting.text(&["render", "--format", "yaml"], 0);
    let warning = "http://HELM/git/infra.git//kustomized?ref=v1.0.0 is in the lock file, and not in the cache; and 7 more";
    assert!(text.contains(warning), "{text}");
    assert!(text.contains("apps/remote/kustomization.yaml:5"), "{text}");
    assert!(text.contains("get it with `flux-infra-guide fetch`"), "{text}");
    assert_eq!(text.matches("source-not-cached").count(), 1, "{text}");
    let text = setting.text(&["where", "flux-system", "--repo", "."], 0);
    assert!(text.contains(warning), "{text}");
    let found = setting.run(&["lint", "--repo", ".", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    let found = found["diagnostics"].as_array().unwrap();
    for (object, file) in [
        ("Bucket/web/bucket", "clusters/test/bucket.yaml"),
        ("HelmRelease/web/web", "clusters/test/charts.yaml"),
        ("OCIRepository/web/api", "clusters/test/charts.yaml"),
        ("OCIRepository/web/manifests", "clusters/test/manifests.yaml"),
        ("Kustomization/web/remote", "apps/remote/kustomization.yaml"),
    ] {
        let is_it = |one: &serde_json::Value| {
            one["code"] == "source-not-cached" && one["object"] == object && one["file"] == file
        };
        assert!(found.iter().any(is_it), "{object}\n{found:#?}");
    }
    // A newer version changes nothing for a repository with the lock file.
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
fn a_failure_leaves_the_rest() {
    let setting = Setting::new();
    let file = setting.repo().join("clusters/test/charts.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("version: 1.x", "version: 9.x")).unwrap();
    let text = setting.text(&["fetch"], 3);
    assert!(
        text.contains("error: HelmRelease/web/web: no 'web' chart with version matching '9.x' found (http://HELM/charts, web 9.x)"),
        "{text}"
    );
    assert!(text.contains("8 sources locked, 8 fetched, 1 failed"), "{text}");
    assert_eq!(setting.lock().lines().count(), 9);
    // Only one object; the lines of the others stay.
    fs::write(
        &file,
        fs::read_to_string(&file)
            .unwrap()
            .replace("version: 9.x", "version: 1.x"),
    )
    .unwrap();
    let text = setting.text(&["fetch", "--only", "HelmRelease/web/web"], 0);
    assert!(text.contains("9 sources locked, 1 fetched"), "{text}");
}

#[test]
fn a_folder_for_machines_without_a_network() {
    let setting = Setting::new();
    let text = setting.text(&["fetch", "--vendor", "../vendor"], 0);
    let copied = "4 charts, 3 sources and 2 bases and files of kustomizations copied; without network and cache:\n  \
                  flux-infra-guide regen --no-cache --source ../vendor\n";
    assert!(text.contains(copied), "{text}");
    let cached = setting.text(&["render", "--format", "yaml"], 0);
    fs::remove_dir_all(setting.folder.join("cache")).unwrap();
    let vendored = [
        "render",
        "--format",
        "yaml",
        "--no-cache",
        "--source",
        "../vendor",
    ];
    assert_eq!(setting.text(&vendored, 0), cached);
    assert!(
        cached.contains("example.org/based") && cached.contains("example.org/extra"),
        "{cached}"
    );
    // A part of it can be used alone.
    let rendered = setting.text(
        &[
            "render",
            "--format",
            "yaml",
            "--no-cache",
            "--charts",
            "../vendor/charts",
            "--source",
            "OCIRepository/web/manifests=../vendor/sources/OCIRepository/web/manifests",
            "--source",
            "GitRepository/web/platform=../vendor/sources/GitRepository/web/platform",
        ],
        0,
    );
    for image in ["web:1.4.0", "worker:1.0.0", "api:2.1.0", "migrate:1.0.0"] {
        assert!(
            rendered.contains(&format!("example.org/{image}")),
            "{image}\n{rendered}"
        );
    }
    setting.text(&["fetch", "--vendor", "../vendor"], 0);
    let text = setting.text(&["fetch", "--vendor", "."], 4);
    assert!(text.contains("flux-infra-guide did not write it"), "{text}");
    let text = setting.text(&["render", "--source", "apps"], 3);
    assert!(
        text.contains("`flux-infra-guide fetch --vendor` has written"),
        "{text}"
    );
}

#[test]
fn a_damaged_file_of_a_tree_is_fetched_again() {
    let setting = Setting::new();
    setting.text(&["fetch"], 0);
    let lock = setting.lock();
    let rendered = setting.text(&["render", "--format", "yaml"], 0);
    let digest = source_cache::Digest::of(JOB.replace("migrate", "based").as_bytes());
    let hex = digest.hex();
    let file = setting.folder.join("cache/sources").join(&hex[..2]).join(hex);
    let damaged = "x".repeat(fs::read(&file).unwrap().len());
    for content in [None, Some(damaged.as_str()), Some("short")] {
        fs::remove_file(&file).unwrap();
        if let Some(content) = content {
            fs::write(&file, content).unwrap();
        }
        let text = setting.text(&["fetch"], 0);
        assert!(text.contains("9 sources locked, "), "{text}");
        assert_eq!(setting.lock(), lock);
        assert_eq!(setting.text(&["render", "--format", "yaml"], 0), rendered);
    }
}

#[test]
fn a_lock_file_with_another_digest_is_not_believed() {
    let setting = Setting::new();
    setting.text(&["fetch"], 0);
    let lock = setting.lock();
    let (mine, other) = (chart("web", "1.4.0"), chart("web", "1.4.1"));
    let digest = |bytes: &[u8]| source_cache::Digest::of(bytes).to_string();
    let edited = lock.replace(&digest(&mine), &digest(&other));
    assert_ne!(edited, lock);
    fs::write(setting.repo().join("flux-infra-guide.lock"), &edited).unwrap();
    let text = setting.text(&["fetch"], 3);
    assert!(
        text.contains(
            "error: HelmRelease/web/web: http://HELM/charts/web-1.4.0.tgz has other bytes than it should"
        ),
        "{text}"
    );
    assert!(text.contains("flux-infra-guide fetch --update"), "{text}");
    assert_eq!(setting.lock(), edited);
    let rendered = setting.text(&["render", "--format", "yaml"], 0);
    assert!(
        !rendered.contains("example.org/web:") && rendered.contains("example.org/api:"),
        "{rendered}"
    );
    setting.text(&["fetch", "--update", "web"], 0);
    assert_eq!(setting.lock(), lock);
}

/// A cache on its own file system, which is first too small, then read-only.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_and_one_that_is_read_only() {
    let setting = Setting::new();
    let cache = setting.folder.join("cache");
    fs::create_dir(&cache).unwrap();
    for (options, words) in [
        ("size=16k", "No space left on device"),
        ("size=16k,ro", "Read-only file system"),
    ] {
        let mounted = format!("mount -t tmpfs -o {options} tmpfs '{cache}' || exit 99; exec \"$0\" fetch");
        let mut command = Command::new("unshare");
        command
            .args([
                "-rm",
                "sh",
                "-c",
                &mounted,
                env!("CARGO_BIN_EXE_flux-infra-guide"),
            ])
            .current_dir(setting.repo())
            .env("FLUX_INFRA_GUIDE_CACHE_DIR", &cache)
            .env("HOME", &setting.folder)
            .env("NO_PROXY", "*");
        let Ok(output) = command.output() else {
            println!("skipped: no unshare");
            return;
        };
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        match output.status.code() {
            Some(3) => {}
            Some(1 | 99) => {
                println!("skipped: no file system of one's own: {text}");
                return;
            }
            code => panic!("{code:?} {text}"),
        }
        assert!(text.contains(words), "{text}");
        // Which of them fits is random.
        assert!(text.contains(": cannot write the cache "), "{text}");
        assert!(text.contains("FLUX_INFRA_GUIDE_CACHE_DIR names it"), "{text}");
    }
    // The lock file names the fetched content, and the next run gets all of it.
    setting.text(&["fetch"], 0);
    assert_eq!(setting.lock().lines().count(), 10);
}

/// Kills `fetch` at moments spread over its run. `FETCH_KILLS` sets how many; a test run takes a few.
#[test]
fn whenever_it_is_ended_the_next_one_succeeds() {
    let kills: u32 = std::env::var("FETCH_KILLS").map_or(6, |kills| kills.parse().unwrap());
    let setting = Setting::new();
    let cache = setting.folder.join("cache");
    let began = std::time::Instant::now();
    setting.text(&["fetch"], 0);
    let whole = began.elapsed();
    let lock = setting.lock();
    for kill in 0..kills {
        let _ = fs::remove_dir_all(&cache);
        // Every second time the lock file exists already.
        if kill % 2 == 0 {
            let _ = fs::remove_file(setting.repo().join("flux-infra-guide.lock"));
        }
        let mut child = setting.command(&["fetch"]).spawn().unwrap();
        std::thread::sleep(whole * (kill + 1) / (kills + 1));
        child.kill().unwrap();
        child.wait().unwrap();
        check_blobs(&cache.join("sources"));
        setting.text(&["fetch"], 0);
        check_blobs(&cache.join("sources"));
        assert_eq!(setting.lock(), lock);
    }
}

#[test]
fn two_at_once() {
    let setting = Setting::new();
    let children: Vec<_> = (0..3)
        .map(|_| setting.command(&["fetch"]).spawn().unwrap())
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    check_blobs(&setting.folder.join("cache/sources"));
    assert_eq!(setting.lock().lines().count(), 10);
}

/// Every blob has the digest that is its name.
fn check_blobs(folder: &Utf8Path) {
    let Ok(entries) = folder.read_dir_utf8() else {
        return;
    };
    for folder in entries.map(|entry| entry.unwrap().into_path()) {
        if matches!(folder.file_name(), Some("unfinished" | "names")) {
            continue;
        }
        for entry in folder.read_dir_utf8().unwrap() {
            let file = entry.unwrap().into_path();
            let digest = source_cache::Digest::of(&fs::read(&file).unwrap());
            assert_eq!(Some(digest.hex()), file.file_name());
        }
    }
}
