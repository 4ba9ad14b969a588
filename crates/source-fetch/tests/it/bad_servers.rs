//! Servers that fail, lie, hang or redirect wrongly: each gives one clear error, and leaves the cache intact.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use source_cache::{Digest, LockedSource};
use source_fetch::{FetchLimits, FetchOptions, Fetcher, Job};

use crate::archives::{archive, chart};
use crate::registry::{Access, CHART, Registry};
use crate::server::{Answer, Received, Server};
use crate::support::{Silent, cache, fetch, helm_chart, oci_chart, options};

const INDEX: &str = "apiVersion: v1\nentries:\n  web:\n  - {version: 1.0.0, urls: [web.tgz]}\n";

/// The error of fetching a chart for this answer to the request of its archive.
#[track_caller]
fn error_of_chart(
    answer: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    options: &FetchOptions,
) -> String {
    let server = Server::start(move |request| match request.path() {
        "/index.yaml" => Answer::ok(INDEX),
        _ => answer(request),
    });
    let cache = cache();
    let declared = helm_chart(&server.url(), "web", "*");
    let error = fetch(options, &cache.cache, &declared, None).unwrap_err();
    assert_eq!(
        (error.object.as_str(), error.url.as_str()),
        ("HelmRelease/test/web", server.url().as_str())
    );
    let blobs = walk(cache.cache.folder());
    assert_eq!(blobs, Vec::<String>::new(), "the cache keeps what failed");
    error.reason.replace(&server.url(), "URL")
}

fn walk(folder: &camino::Utf8Path) -> Vec<String> {
    let Ok(entries) = folder.read_dir_utf8() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.unwrap().into_path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else {
            found.push(path.to_string());
        }
    }
    found
}

#[test]
fn statuses() {
    for (status, expected) in [
        (401, "URL/web.tgz answers 401 Unauthorized"),
        (403, "URL/web.tgz answers 403 Forbidden"),
        (404, "URL/web.tgz answers 404 Not Found"),
        (
            503,
            "URL/web.tgz answers 503 Service Unavailable, also after 3 more attempts",
        ),
    ] {
        assert_eq!(
            error_of_chart(move |_| Answer::status(status), &options()),
            expected
        );
    }
}

#[test]
fn a_failure_that_passes_is_none() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        let first = count.fetch_add(1, Ordering::Relaxed);
        match (request.path(), first) {
            ("/index.yaml", 0) => Answer::status(502),
            ("/index.yaml", _) => Answer::ok(INDEX),
            (_, 2) => Answer::status(429).header("Retry-After", "0"),
            // Breaks off, and continues there.
            (_, 3) => Answer {
                cut: Some(40),
                ..Answer::ok(chart("web", "1.0.0"))
            },
            _ => Answer::ok(chart("web", "1.0.0")),
        }
    });
    let cache = cache();
    let locked = fetch(
        &options(),
        &cache.cache,
        &helm_chart(&server.url(), "web", "*"),
        None,
    )
    .unwrap();
    assert_eq!(locked.digest, Digest::of(&chart("web", "1.0.0")));
    let last = server.taken().pop().unwrap();
    assert_eq!(last.headers.get("range").map(String::as_str), Some("bytes=40-"));
}

#[test]
fn a_body_that_breaks_off() {
    let cut = |_: &Received| Answer {
        cut: Some(10),
        ..Answer::ok(chart("web", "1.0.0"))
    };
    let error = error_of_chart(cut, &options());
    assert_eq!(
        error,
        "the answer of URL/web.tgz breaks off, also after 3 more attempts"
    );
}

#[test]
fn a_server_that_hangs() {
    let options = FetchOptions {
        timeout: Duration::from_millis(100),
        retries: 1,
        ..options()
    };
    let began = Instant::now();
    let hang = |_: &Received| Answer {
        delay: Duration::from_secs(20),
        ..Answer::ok("x")
    };
    let error = error_of_chart(hang, &options);
    assert_eq!(
        error,
        "URL/web.tgz does not answer in time, also after 1 more attempts"
    );
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn redirects_end() {
    let error = error_of_chart(|_| Answer::redirect("/again"), &options());
    assert_eq!(error, "URL/web.tgz: more than 10 redirects");
    let error = error_of_chart(|_| Answer::redirect("file:///etc/passwd"), &options());
    assert!(error.starts_with("URL/web.tgz"), "{error}");
}

#[test]
fn archives_that_are_none() {
    for (bytes, expected) in [
        (
            b"<html>".to_vec(),
            "URL/web.tgz: it cannot be unpacked: it is not compressed by gzip",
        ),
        (
            archive(&[("web/../../etc/x", "x")]),
            "URL/web.tgz: it holds \"web/../../etc/x\", which leads out of the archive",
        ),
        (
            archive(&[("/etc/x", "x")]),
            "URL/web.tgz: it holds \"/etc/x\", which leads out of the archive",
        ),
    ] {
        assert_eq!(
            error_of_chart(move |_| Answer::ok(bytes.clone()), &options()),
            expected
        );
    }
}

#[test]
fn what_is_too_large_is_not_downloaded() {
    let limits = FetchLimits {
        chart_bytes: 100,
        ..FetchLimits::default()
    };
    let small = FetchOptions { limits, ..options() };
    let error = error_of_chart(|_| Answer::ok(vec![0; 1000]), &small);
    assert_eq!(error, "URL/web.tgz has more than 100 bytes, the limit");
    // A layer whose stated size is 10 GB.
    let registry = Registry::start(Access::Everybody);
    let digest = Digest::of(b"x");
    registry.set_manifest(
        "web",
        "1.0.0",
        &format!(
            "{{\"layers\":[{{\"mediaType\":\"{CHART}\",\"digest\":\"{digest}\",\"size\":10000000000}}]}}"
        ),
    );
    let declared = oci_chart(&registry.server.host(), "web", "1.0.0");
    let error = fetch(&options(), &cache().cache, &declared, None).unwrap_err();
    assert!(
        error.reason.ends_with("has more than 52428800 bytes, the limit"),
        "{error}"
    );
    assert_eq!(registry.server.taken().len(), 1);
    // An index.
    let limits = FetchLimits {
        index_bytes: 10,
        ..FetchLimits::default()
    };
    let server = Server::start(|_| Answer::ok(INDEX));
    let declared = helm_chart(&server.url(), "web", "*");
    let error = fetch(
        &FetchOptions { limits, ..options() },
        &cache().cache,
        &declared,
        None,
    )
    .unwrap_err();
    assert!(
        error.reason.contains("index.yaml has more than 10 bytes"),
        "{error}"
    );
}

#[test]
fn other_bytes_than_stated() {
    let registry = Registry::start(Access::Everybody);
    let bytes = chart("web", "1.0.0");
    registry.push("web", "1.0.0", &[(CHART, bytes.clone())]);
    let declared = oci_chart(&registry.server.host(), "web", "1.0.0");
    let locked = fetch(&options(), &cache().cache, &declared, None).unwrap();
    registry.damage(&Digest::of(&bytes), &chart("web", "6.6.6"));
    let cache = cache();
    for given in [None, Some(&locked)] {
        let error = fetch(&options(), &cache.cache, &declared, given).unwrap_err();
        assert!(error.reason.contains("has other bytes than it should"), "{error}");
    }
    assert_eq!(walk(cache.cache.folder()), Vec::<String>::new());
    // A Helm repository that replaces a chart in place.
    let server = Server::start(|request| match request.path() {
        "/index.yaml" => Answer::ok(INDEX),
        _ => Answer::ok(chart("web", "1.0.0")),
    });
    let declared = helm_chart(&server.url(), "web", "*");
    let locked = LockedSource {
        digest: Digest::of(b"as it was"),
        ..fetch(&options(), &cache.cache, &declared, None).unwrap()
    };
    let error = fetch(
        &options(),
        &crate::support::cache().cache,
        &declared,
        Some(&locked),
    )
    .unwrap_err();
    assert!(error.reason.contains("the lock file states"), "{error}");
    assert!(error.hint.unwrap().contains("--update"));
}

#[test]
fn a_manifest_by_digest_is_held_against_it() {
    let registry = Registry::start(Access::Everybody);
    let digest = registry.push("web", "1.0.0", &[(CHART, chart("web", "1.0.0"))]);
    let declared = oci_chart(&registry.server.host(), "web", "1.0.0");
    let locked = fetch(&options(), &cache().cache, &declared, None).unwrap();
    assert!(locked.resolved.ends_with(digest.as_str()));
    let lying = Server::start(|_| Answer::ok("{\"layers\":[]}"));
    let elsewhere = oci_chart(&lying.host(), "web", "1.0.0");
    let error = fetch(&options(), &cache().cache, &elsewhere, Some(&locked)).unwrap_err();
    assert!(
        error.reason.contains("answers with another manifest than"),
        "{error}"
    );
}

#[test]
fn restricted_egress_reaches_no_private_network() {
    let server = Server::start(|_| Answer::ok(INDEX));
    let restricted = FetchOptions {
        restrict_egress: true,
        ..options()
    };
    for url in [
        server.url(),
        format!("https://127.0.0.1:{}", server.port),
        format!("https://localhost:{}", server.port),
    ] {
        let error = fetch(&restricted, &cache().cache, &helm_chart(&url, "web", "*"), None).unwrap_err();
        assert!(error.reason.contains("--restrict-egress"), "{error}");
    }
    assert!(server.taken().is_empty());
}

#[test]
fn what_could_be_fetched_is() {
    let server = Server::start(|request| match request.path() {
        "/index.yaml" => Answer::ok(
            "apiVersion: v1\nentries:\n  web: [{version: 1.0.0, urls: [web.tgz]}]\n  api: [{version: 1.0.0, urls: [no]}]\n",
        ),
        "/web.tgz" => Answer::ok(chart("web", "1.0.0")),
        _ => Answer::status(404),
    });
    let jobs = ["api", "web", "gone"].map(|name| Job {
        declared: helm_chart(&server.url(), name, "*"),
        locked: None,
    });
    let cache = cache();
    let fetcher = Fetcher::new(options()).unwrap();
    let done = fetcher.fetch(jobs.to_vec(), &cache.cache, &mut Silent);
    let is_ok: Vec<bool> = done.iter().map(|done| done.result.is_ok()).collect();
    assert_eq!(is_ok, [false, true, false]);
    // The index was read once for all three.
    let indexes = server
        .taken()
        .into_iter()
        .filter(|request| request.path() == "/index.yaml");
    assert_eq!(indexes.count(), 1);
}

#[test]
fn a_cache_that_cannot_be_written() {
    let server = Server::start(|request| match request.path() {
        "/index.yaml" => Answer::ok(INDEX),
        _ => Answer::ok(chart("web", "1.0.0")),
    });
    let cache = cache();
    // A file instead of the folder: nobody can write below it, not even root.
    std::fs::write(cache.cache.folder(), "").unwrap();
    let error = fetch(
        &options(),
        &cache.cache,
        &helm_chart(&server.url(), "web", "*"),
        None,
    )
    .unwrap_err();
    assert!(error.reason.starts_with("cannot write the cache "), "{error}");
    assert!(error.hint.unwrap().contains("FLUX_INFRA_GUIDE_CACHE_DIR"));
}
