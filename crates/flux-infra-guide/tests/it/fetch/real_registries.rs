//! Real registries: Google's for tests and the one of the CNCF, without a login, with `htpasswd` and with tokens.
//!
//! `.ci/install-registries` puts their programs below `target/registries`; without them a test says that it is skipped. The
//! token of `tests/data/registry-token` is valid for the test registry only, and the key that signed it is deleted.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use camino::{Utf8Path, Utf8PathBuf};
use pretty_assertions::assert_eq;
use serde_json::json;
use source_cache::Digest;

use super::logins::{Home, release};
use super::registry::{CHART, FLUX};
use super::server::{Answer, Server};
use super::{JOB, archive, chart};

/// `user:hunter2`
const BASIC: &str = "Basic dXNlcjpodW50ZXIy";
/// The line of htpasswd for it.
const HTPASSWD: &str = "user:$2b$04$pqAfJ5iCi/DtD0ro.FUOcOUvhIirJFn80tluPfvlcdy8jOdiWE9dW\n";
const JWKS: &str = include_str!("../../data/registry-token/jwks.json");
const TOKEN: &str = include_str!("../../data/registry-token/token.jwt");

/// A registry that is stopped on drop.
struct Registry {
    child: Child,
    host: String,
    /// Arguments of a push.
    authorization: Option<String>,
}

impl Registry {
    /// Google's; `None` if its program is missing.
    fn google() -> Option<Self> {
        let program = program("go-containerregistry")?;
        let port = free_port();
        let mut command = Command::new(program);
        command.arg("-port").arg(port.to_string());
        Some(Registry::start(command, port, None))
    }

    /// The CNCF's, with a section `auth`; `None` if its program is missing.
    fn cncf(home: &Utf8Path, auth: &str, authorization: Option<&str>) -> Option<Self> {
        let program = program("distribution")?;
        let port = free_port();
        let config = home.join(format!("registry-{port}.yaml"));
        let text = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{inmemory: {{}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n{auth}"
        );
        fs::write(&config, text).unwrap();
        let mut command = Command::new(program);
        command
            .arg("serve")
            .arg(config)
            .env("OTEL_TRACES_EXPORTER", "none");
        Some(Registry::start(command, port, authorization))
    }

    fn start(mut command: Command, port: u16, authorization: Option<&str>) -> Self {
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Registry {
            child,
            host: format!("127.0.0.1:{port}"),
            authorization: authorization.map(str::to_owned),
        }
    }

    /// Pushes an artifact of one layer.
    fn push(&self, repository: &str, tag: &str, media_type: &str, layer: &[u8]) {
        let config = b"{}";
        let describe = |media_type: &str, bytes: &[u8]| json!({"mediaType": media_type, "digest": Digest::of(bytes).as_str(), "size": bytes.len()});
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": describe("application/vnd.cncf.helm.config.v1+json", config),
            "layers": [describe(media_type, layer)],
        });
        for blob in [config.as_slice(), layer] {
            let (status, head) = self.send("POST", &format!("/v2/{repository}/blobs/uploads/"), "", &[]);
            assert_eq!(status, 202, "{head}");
            let location = head.lines().find_map(|line| {
                line.split_once(": ")
                    .filter(|(name, _)| name.eq_ignore_ascii_case("location"))
            });
            let (_, location) = location.unwrap();
            let path = location.trim_start_matches(&format!("http://{}", self.host));
            let separator = if path.contains('?') { '&' } else { '?' };
            let target = format!("{path}{separator}digest={}", Digest::of(blob));
            let (status, head) = self.send("PUT", &target, "application/octet-stream", blob);
            assert_eq!(status, 201, "{head}");
        }
        let (status, head) = self.send(
            "PUT",
            &format!("/v2/{repository}/manifests/{tag}"),
            "application/vnd.oci.image.manifest.v1+json",
            &serde_json::to_vec(&manifest).unwrap(),
        );
        assert_eq!(status, 201, "{head}");
    }

    /// Status and headers of an answer.
    fn send(&self, method: &str, target: &str, content_type: &str, body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let mut head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.host,
            body.len()
        );
        if !content_type.is_empty() {
            head.push_str(&format!("Content-Type: {content_type}\r\n"));
        }
        if let Some(authorization) = &self.authorization {
            head.push_str(&format!("Authorization: {authorization}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let text = String::from_utf8_lossy(&answer);
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), head.to_owned())
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A program that `.ci/install-registries` has installed.
fn program(name: &str) -> Option<Utf8PathBuf> {
    let path = Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/registries")
        .join(name)
        .join("registry");
    if path.is_file() {
        return Some(path);
    }
    println!("skipped: no target/registries/{name}/registry, which .ci/install-registries makes");
    None
}

/// The objects that apply an artifact of manifests.
fn artifact(host: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: manifests\n  namespace: web\nspec:\n  \
         interval: 1h\n  insecure: true\n  url: oci://{host}/manifests\n  ref:\n    semver: '>=1.0.0-0'\n    \
         semverFilter: '.*-rc.*'\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  \
         name: manifests\n  namespace: web\nspec:\n  interval: 10m\n  path: ./deploy\n  prune: true\n  sourceRef:\n    \
         kind: OCIRepository\n    name: manifests\n"
    )
}

/// Pushes a chart and an artifact, fetches both with a configuration, then again after the registry has stopped.
fn check(registry: Registry, home: &Home, config: Option<&str>) {
    registry.push("charts/web", "1.0.0", CHART, &chart("web", "1.0.0"));
    registry.push(
        "charts/web",
        "1.2.0_build.5",
        CHART,
        &chart("web", "1.2.0+build.5"),
    );
    registry.push("charts/web", "2.0.0", CHART, &chart("web", "2.0.0"));
    let manifests = archive(&[("./deploy/job.yaml", JOB)]);
    registry.push("manifests", "1.0.0", FLUX, &manifests);
    registry.push("manifests", "1.1.0-rc.1", FLUX, &manifests);
    let objects = [
        release(&format!("oci://{}/charts", registry.host), "web", "1.x"),
        artifact(&registry.host),
    ];
    home.write("repo/clusters/test/objects.yaml", &objects.join("---\n"));
    if let Some(config) = config {
        let text = home.fetch(3);
        assert!(
            text.contains("answers 401") && text.contains("0 sources locked"),
            "{text}"
        );
        home.write(".docker/config.json", &config.replace("HOST", &registry.host));
    }
    let text = home.fetch(0);
    for line in [
        "+ HelmRelease/web/web: 1.x is 1.2.0+build.5@sha256:",
        "+ OCIRepository/web/manifests: semver >=1.0.0-0 of tags .*-rc.* is 1.1.0-rc.1@sha256:",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(home.run(&["fetch", "--check"], &[]).0, 0);
    drop(registry);
    let (code, rendered) = home.run(&["render"], &[]);
    assert_eq!(code, 0, "{rendered}");
    for image in ["web:1.2.0", "migrate:1.0.0"] {
        assert!(rendered.contains(&format!("example.org/{image}")), "{rendered}");
    }
    let text = home.fetch(0);
    assert!(text.contains("0 fetched: 0 bytes in 0 requests"), "{text}");
    // The requested version does not exist, and no server answers.
    let (code, text) = home.run(&["fetch", "--check"], &[]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("cannot connect to"), "{text}");
}

fn config() -> String {
    json!({"auths": {"HOST": {"auth": STANDARD.encode("user:hunter2")}}}).to_string()
}

#[test]
fn googles_registry() {
    let home = Home::new("");
    let Some(registry) = Registry::google() else {
        return;
    };
    check(registry, &home, None);
}

#[test]
fn the_registry_of_the_cncf() {
    let home = Home::new("");
    let Some(registry) = Registry::cncf(&home.folder, "", None) else {
        return;
    };
    check(registry, &home, None);
}

#[test]
fn the_registry_of_the_cncf_with_htpasswd() {
    let home = Home::new("");
    home.write("htpasswd", HTPASSWD);
    let auth = format!(
        "auth: {{htpasswd: {{realm: test, path: '{}/htpasswd'}}}}\n",
        home.folder
    );
    let Some(registry) = Registry::cncf(&home.folder, &auth, Some(BASIC)) else {
        return;
    };
    check(registry, &home, Some(&config()));
}

#[test]
fn the_registry_of_the_cncf_with_tokens() {
    let tokens = Server::start(|request| {
        let is_known = request.headers.get("authorization").map(String::as_str) == Some(BASIC);
        match is_known && request.path() == "/token" && request.target.contains("service=registry") {
            true => Answer::ok(json!({"token": TOKEN.trim()}).to_string()),
            false => Answer::status(401),
        }
    });
    let home = Home::new("");
    home.write("jwks.json", JWKS);
    let auth = format!(
        "auth: {{token: {{realm: '{}/token', service: registry, issuer: test, jwks: '{}/jwks.json'}}}}\n",
        tokens.url(),
        home.folder
    );
    let bearer = format!("Bearer {}", TOKEN.trim());
    let Some(registry) = Registry::cncf(&home.folder, &auth, Some(&bearer)) else {
        return;
    };
    check(registry, &home, Some(&config()));
}

/// `name` and `version` of a packed chart.
fn metadata(bytes: &[u8]) -> (String, String) {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let mut entries = archive.entries().unwrap().map(Result::unwrap);
    let is_it = |path: &std::path::Path| path.components().count() == 2 && path.ends_with("Chart.yaml");
    let mut entry = entries.find(|entry| is_it(&entry.path().unwrap())).unwrap();
    let mut text = String::new();
    entry.read_to_string(&mut text).unwrap();
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_matches(['"', '\'']).to_owned()
    };
    (field("name:"), field("version:"))
}

/// Real charts: every second one in a registry, the others in a Helm repository; then both are stopped.
#[test]
fn real_charts() {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/charts/charts");
    let Ok(entries) = folder.read_dir_utf8() else {
        println!("skipped: no ../shared");
        return;
    };
    let home = Home::new("");
    let Some(registry) = Registry::google() else {
        return;
    };
    let mut files: Vec<Utf8PathBuf> = entries.map(|entry| entry.unwrap().into_path()).collect();
    files.sort();
    // All of them take minutes in a build for tests.
    if std::env::var_os("FETCH_ALL_CHARTS").is_none() {
        files = files.into_iter().step_by(6).collect();
    }
    let mut index = String::from("apiVersion: v1\nentries:\n");
    let mut objects = Vec::new();
    let (served, written) = (folder.clone(), home.folder.join("index.yaml"));
    let server = Server::start(move |request| {
        let path = match request.path() {
            "/index.yaml" => written.clone(),
            path => served.join(path.trim_start_matches('/')),
        };
        fs::read(path).map_or(Answer::status(404), Answer::ok)
    });
    for (number, file) in files.iter().enumerate() {
        let bytes = fs::read(file).unwrap();
        let (name, version) = metadata(&bytes);
        let object = format!("c{number}");
        let url = match number % 2 {
            0 => {
                registry.push(
                    &format!("charts/{name}"),
                    &version.replace('+', "_"),
                    CHART,
                    &bytes,
                );
                format!("oci://{}/charts", registry.host)
            }
            _ => {
                let digest = Digest::of(&bytes);
                let file = file.file_name().unwrap();
                index.push_str(&format!(
                    "  {name}:\n  - {{name: {name}, version: '{version}', digest: {}, urls: ['{file}']}}\n",
                    digest.hex()
                ));
                server.url()
            }
        };
        let text = release(&url, &object, &format!("'{version}'"));
        objects.push(text.replace(&format!("chart: {object}\n"), &format!("chart: {name}\n")));
    }
    home.write("index.yaml", &index);
    home.write("repo/clusters/test/objects.yaml", &objects.join("---\n"));
    let given = home
        .run(&["render", "--charts", folder.as_str(), "--quiet"], &[])
        .1;
    let text = home.fetch(0);
    let all = format!("{} sources locked, {} fetched: ", files.len(), files.len());
    assert!(text.contains(&all), "{text}");
    drop(registry);
    let fetched = home.run(&["render", "--quiet"], &[]).1;
    assert!(
        fetched == given,
        "charts that were fetched are rendered otherwise than those of the folder"
    );
    assert!(fetched.matches("\nkind: Deployment\n").count() > files.len() / 2);
    let again = home.fetch(0);
    assert!(again.contains("0 fetched: 0 bytes in 0 requests"), "{again}");
}
