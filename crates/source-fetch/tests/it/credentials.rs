//! Logins: found in the usual files, sent only to their server, and never shown.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use source_cache::Digest;
use source_fetch::{FetchOptions, UserFiles};

use crate::archives::chart;
use crate::registry::{Access, CHART, Registry};
use crate::server::{Answer, Server};
use crate::support::{cache, fetch, helm_chart, oci_chart, options};

struct Home {
    _temporary: tempfile::TempDir,
    folder: Utf8PathBuf,
}

impl Home {
    fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temporary.path()).unwrap().to_owned();
        Home {
            _temporary: temporary,
            folder,
        }
    }

    fn options(&self, config: &str, netrc: &str) -> FetchOptions {
        fs::write(self.folder.join("config.json"), config).unwrap();
        fs::write(self.folder.join("netrc"), netrc).unwrap();
        FetchOptions {
            user_files: UserFiles {
                registry_configs: vec![self.folder.join("config.json")],
                netrc: Some(self.folder.join("netrc")),
            },
            ..options()
        }
    }
}

/// `user:hunter2`
const AUTH: &str = "dXNlcjpodW50ZXIy";

#[test]
fn a_registry_gets_the_login_of_the_configuration() {
    let user = || ("user".to_owned(), "hunter2".to_owned());
    for access in [
        Access::TokenFor(user().0, user().1),
        Access::BasicFor(user().0, user().1),
    ] {
        let (registry, cache, home) = (Registry::start(access), cache(), Home::new());
        registry.push("web", "1.0.0", &[(CHART, chart("web", "1.0.0"))]);
        let declared = oci_chart(&registry.server.host(), "web", "1.0.0");
        let host = registry.server.host();
        let configured = home.options(
            &format!("{{\"auths\":{{\"{host}\":{{\"auth\":\"{AUTH}\"}}}}}}"),
            "",
        );
        fetch(&configured, &cache.cache, &declared, None).unwrap();
        let with_netrc = home.options("{}", "machine 127.0.0.1 login user password hunter2");
        fetch(&with_netrc, &crate::support::cache().cache, &declared, None).unwrap();
        for wrong in [
            home.options("{}", ""),
            home.options("not json", "machine 127.0.0.1 login user password no"),
        ] {
            let error = fetch(&wrong, &cache.cache, &declared, None).unwrap_err();
            assert!(error.reason.contains("401"), "{error}");
            assert!(error.hint.unwrap().contains("log in to 127.0.0.1"));
        }
    }
}

#[test]
fn another_host_gets_no_login() {
    // `localhost` is a different host from 127.0.0.1.
    let cdn = Server::start(|_| Answer::ok(chart("web", "1.0.0")));
    let elsewhere = format!("http://localhost:{}/web.tgz?signature=secret", cdn.port);
    let redirect = elsewhere.clone();
    let server = Server::start(move |request| match request.path() {
        "/index.yaml" => Answer::ok(format!(
            "apiVersion: v1\nentries:\n  web:\n  - {{version: 1.0.0, urls: ['{elsewhere}']}}\n  \
             - {{version: 2.0.0, urls: [web-2.tgz]}}\n"
        )),
        _ => Answer::redirect(&redirect),
    });
    let home = Home::new();
    let options = home.options("{}", "machine 127.0.0.1 login user password hunter2\n");
    for version in ["1.0.0", "2.0.0"] {
        let cache = cache();
        let declared = helm_chart(&server.url(), "web", version);
        let locked = fetch(&options, &cache.cache, &declared, None).unwrap();
        assert_eq!(locked.digest, Digest::of(&chart("web", "1.0.0")));
        let asked = server.taken();
        assert!(
            asked
                .iter()
                .all(|request| request.headers.contains_key("authorization")),
            "{asked:?}"
        );
        let asked = cdn.taken();
        assert_eq!(asked.len(), 1);
        assert!(
            asked
                .iter()
                .all(|request| !request.headers.contains_key("authorization")),
            "{asked:?}"
        );
    }
}

#[test]
fn a_registry_that_redirects_blobs_passes_no_token_on() {
    let cache = cache();
    let bytes = chart("web", "1.0.0");
    let served = bytes.clone();
    let store = Server::start(move |_| Answer::ok(served.clone()));
    let target = format!("http://localhost:{}/blob?X-Amz-Signature=secret", store.port);
    let manifest = format!(
        "{{\"layers\":[{{\"mediaType\":\"{CHART}\",\"digest\":\"{}\",\"size\":{}}}]}}",
        Digest::of(&bytes),
        bytes.len()
    );
    let server = Server::start(move |request| {
        let host = &request.headers["host"];
        match request.path() {
            "/token" => Answer::ok(r#"{"access_token":"granted"}"#),
            _ if !request.headers.contains_key("authorization") => Answer::status(401).header(
                "WWW-Authenticate",
                &format!("Bearer realm=\"http://{host}/token\",scope=\"x\""),
            ),
            path if path.contains("/manifests/") => Answer::ok(manifest.clone()),
            _ => Answer::redirect(&target),
        }
    });
    let declared = oci_chart(&server.host(), "web", "1.0.0");
    fetch(&options(), &cache.cache, &declared, None).unwrap();
    let asked = store.taken();
    assert_eq!(asked.len(), 1);
    assert!(!asked[0].headers.contains_key("authorization"));
}

#[test]
fn nothing_secret_is_in_an_error() {
    let server = Server::start(|request| match request.path() {
        "/charts/index.yaml" => Answer::redirect("/login?token=hunter2"),
        _ => Answer::status(403),
    });
    let cache = cache();
    let home = Home::new();
    let options = home.options("{}", "machine 127.0.0.1 login user password hunter2\n");
    let declared = helm_chart(&format!("{}/charts", server.url()), "web", "*");
    let error = fetch(&options, &cache.cache, &declared, None).unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("403") && text.contains("HelmRelease/test/web"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
}
