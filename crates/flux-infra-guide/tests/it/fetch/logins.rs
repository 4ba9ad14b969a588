//! Logins and proxies as users have them: Docker's configuration and its helpers, `.netrc`, Git's own helpers, and proxies
//! of the environment.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use super::git_daemon::Daemon;
use super::registry::{Access, CHART, Registry};
use super::server::{Answer, Server};
use super::{archive, chart, git_http};

/// A user's home, with a repository in it.
pub(super) struct Home {
    _temporary: tempfile::TempDir,
    pub(super) folder: Utf8PathBuf,
}

impl Home {
    /// Writes these objects to the repository.
    pub(super) fn new(objects: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temporary.path()).unwrap().to_owned();
        let home = Home {
            _temporary: temporary,
            folder,
        };
        let sync = Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../fixtures/fetch/repo/clusters/test/flux-system.yaml");
        home.write(
            "repo/clusters/test/flux-system.yaml",
            &fs::read_to_string(sync).unwrap(),
        );
        home.write("repo/clusters/test/objects.yaml", objects);
        home
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn program(&self, name: &str, text: &str) {
        let path = format!("bin/{name}");
        self.write(&path, text);
        fs::set_permissions(self.folder.join(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(super) fn lock(&self) -> String {
        fs::read_to_string(self.folder.join("repo/flux-infra-guide.lock")).unwrap_or_default()
    }

    /// The output of a command, with its exit code; none of it has the password.
    pub(super) fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
        let path = format!("{}/bin:{}", self.folder, std::env::var("PATH").unwrap());
        let mut command = Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"));
        command
            .args(arguments)
            .current_dir(self.folder.join("repo"))
            .env("HOME", &self.folder)
            .env("PATH", path)
            .env("FLUX_INFRA_GUIDE_CACHE_DIR", self.folder.join("cache"));
        for name in [
            "DOCKER_CONFIG",
            "HELM_REGISTRY_CONFIG",
            "XDG_CONFIG_HOME",
            "NETRC",
            "GIT_CONFIG_GLOBAL",
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "ALL_PROXY",
            "all_proxy",
            "NO_PROXY",
            "no_proxy",
        ] {
            command.env_remove(name);
        }
        let output = command.envs(environment.iter().copied()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(!text.contains("hunter2"), "{text}");
        assert!(!self.lock().contains("hunter2"));
        (output.status.code().unwrap(), text)
    }

    #[track_caller]
    pub(super) fn fetch(&self, exit: i32) -> String {
        let (code, text) = self.run(&["fetch"], &[]);
        assert_eq!(code, exit, "{text}");
        text
    }
}

/// A release of a chart in a Helm repository, of type `oci` if the address is one.
pub(super) fn release(url: &str, name: &str, version: &str) -> String {
    let kind = if url.starts_with("oci://") {
        "  type: oci\n  insecure: true\n"
    } else {
        ""
    };
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata:\n  name: {name}\n  namespace: web\nspec:\n\
         {kind}  url: {url}\n---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: {name}\n  \
         namespace: web\nspec:\n  interval: 1h\n  chart:\n    spec:\n      chart: {name}\n      version: {version}\n      \
         sourceRef:\n        kind: HelmRepository\n        name: {name}\n"
    )
}

fn git_repository(url: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: base\n  namespace: web\nspec:\n  \
         interval: 1h\n  url: {url}\n  ref:\n    branch: main\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\n\
         kind: Kustomization\nmetadata:\n  name: base\n  namespace: web\nspec:\n  interval: 10m\n  path: ./\n  prune: true\n  \
         sourceRef:\n    kind: GitRepository\n    name: base\n"
    )
}

/// Answers as `docker-credential-test get` does, and records the request.
const HELPER: &str =
    "#!/bin/sh\ncat > \"$HOME/asked\"\necho '{\"Username\":\"user\",\"Secret\":\"hunter2\"}'\n";

#[test]
fn a_helper_of_docker() {
    for field in ["credHelpers", "credsStore"] {
        let registry = Registry::start(Access::BasicFor("user".into(), "hunter2".into()));
        registry.push("charts/web", "1.0.0", &[(CHART, chart("web", "1.0.0"))]);
        let host = registry.server.host();
        let home = Home::new(&release(&format!("oci://{host}/charts"), "web", "1.0.0"));
        let text = home.fetch(3);
        assert!(text.contains("HelmRelease/web/web: "), "{text}");
        assert!(text.contains("401") && text.contains("docker login"), "{text}");
        let config = match field {
            "credHelpers" => format!("{{\"credHelpers\":{{\"{host}\":\"test\"}}}}"),
            _ => "{\"credsStore\":\"test\"}".to_owned(),
        };
        home.write(".docker/config.json", &config);
        // The program does not exist.
        home.fetch(3);
        home.program("docker-credential-test", HELPER);
        home.fetch(0);
        assert_eq!(fs::read_to_string(home.folder.join("asked")).unwrap(), host);
    }
}

#[test]
fn a_netrc_for_a_helm_repository() {
    let server = Server::start(|request| {
        // `user:hunter2`
        if request.headers.get("authorization").map(String::as_str) != Some("Basic dXNlcjpodW50ZXIy") {
            return Answer::status(401);
        }
        match request.path() {
            "/index.yaml" => {
                Answer::ok("apiVersion: v1\nentries:\n  web:\n  - {version: 1.0.0, urls: [web-1.0.0.tgz]}\n")
            }
            _ => Answer::ok(chart("web", "1.0.0")),
        }
    });
    let home = Home::new(&release(&server.url(), "web", "1.0.0"));
    let text = home.fetch(3);
    assert!(text.contains("answers 401") && text.contains(".netrc"), "{text}");
    home.write(".netrc", "machine 127.0.0.1 login user password hunter2\n");
    home.fetch(0);
}

#[test]
fn logins_of_git() {
    let daemon = Daemon::start();
    daemon.commit("job.yaml", super::JOB);
    let server = git_http::serve(daemon.folder.parent().unwrap(), Some(("user", "hunter2")));
    let url = format!("{}/infra", server.url());
    let helper = "[credential]\n\thelper = \"!f() { echo username=user; echo password=hunter2; }; f\"\n";
    for (file, text) in [
        (".netrc", "machine 127.0.0.1 login user password hunter2\n"),
        (".gitconfig", helper),
    ] {
        let home = Home::new(&git_repository(&url));
        let refused = home.fetch(3);
        assert!(refused.contains("GitRepository/web/base: "), "{refused}");
        assert!(refused.contains("a credential helper"), "{refused}");
        home.write(file, text);
        home.fetch(0);
        let (_, rendered) = home.run(&["render"], &[]);
        assert!(rendered.contains("example.org/migrate"), "{rendered}");
    }
}

#[test]
fn proxies_of_the_environment() {
    let proxy = Server::start(|request| match request.target.as_str() {
        "http://charts.example.test/index.yaml" => {
            Answer::ok("apiVersion: v1\nentries:\n  web:\n  - {version: 1.0.0, urls: [web-1.0.0.tgz]}\n")
        }
        "http://charts.example.test/web-1.0.0.tgz" => Answer::ok(chart("web", "1.0.0")),
        _ => Answer::status(502),
    });
    let direct = Server::start(|request| match request.path() {
        "/index.yaml" => {
            Answer::ok("apiVersion: v1\nentries:\n  api:\n  - {version: 1.0.0, urls: [api-1.0.0.tgz]}\n")
        }
        _ => Answer::ok(chart("api", "1.0.0")),
    });
    let objects = [
        release("http://charts.example.test", "web", "1.0.0"),
        release(&direct.url(), "api", "1.0.0"),
        release("https://secure.example.test", "worker", "1.0.0"),
    ];
    let home = Home::new(&objects.join("---\n"));
    let environment = [
        ("HTTP_PROXY", proxy.url()),
        ("HTTPS_PROXY", proxy.url()),
        ("NO_PROXY", "127.0.0.1,.example.org".to_owned()),
    ];
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let (code, text) = home.run(&["fetch"], &environment);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("2 sources locked, 2 fetched, 1 failed"), "{text}");
    assert!(
        text.contains("HelmRelease/web/worker: ") && text.contains("https://secure.example.test"),
        "{text}"
    );
    let asked = proxy.taken();
    // A proxy of https sees only the host.
    let tunnels: Vec<&str> = asked
        .iter()
        .filter(|request| request.method == "CONNECT")
        .map(|request| request.target.as_str())
        .collect();
    assert!(
        !tunnels.is_empty() && tunnels.iter().all(|target| *target == "secure.example.test:443"),
        "{asked:?}"
    );
    assert!(
        asked.iter().all(|request| !request.target.contains("127.0.0.1")),
        "{asked:?}"
    );
    assert_eq!(direct.taken().len(), 2);
}

#[test]
fn an_archive_that_came_by_a_proxy_is_held_to_the_same_rules() {
    let proxy = Server::start(|request| match request.target.as_str() {
        target if target.ends_with("/index.yaml") => {
            Answer::ok("apiVersion: v1\nentries:\n  web:\n  - {version: 1.0.0, urls: [web-1.0.0.tgz]}\n")
        }
        _ => Answer::ok(archive(&[("web/Chart.yaml", "name: web\n"), ("../x", "x")])),
    });
    let home = Home::new(&release("http://charts.example.test", "web", "1.0.0"));
    let (code, text) = home.run(&["fetch"], &[("HTTP_PROXY", &proxy.url())]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("leads out of the archive"), "{text}");
}
