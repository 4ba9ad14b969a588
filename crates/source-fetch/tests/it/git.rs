//! Git repositories: chosen commits and their files, without running anything.

use std::fs;

use source_cache::{Declared, GitRevision, Listing, LockedSource, Protocol};
use source_fetch::{FetchOptions, Fetcher};

use crate::git_daemon::{Daemon, git};
use crate::git_http;
use crate::server::{Answer, Server};
use crate::support::{Silent, cache, fetch, options};

fn declared(url: &str, revision: GitRevision) -> Declared {
    Declared {
        object: "GitRepository/test/infra".into(),
        url: url.to_owned(),
        requested: revision.to_string(),
        protocol: Protocol::Git { revision },
        states_verify: false,
    }
}

/// Git needs more time than the test servers.
fn patient() -> FetchOptions {
    FetchOptions {
        timeout: std::time::Duration::from_secs(20),
        ..options()
    }
}

fn paths(cache: &source_cache::SourceCache, locked: &LockedSource) -> Vec<String> {
    let bytes = cache.read(&locked.digest).unwrap();
    let listing = Listing::parse(&String::from_utf8(bytes).unwrap()).unwrap();
    for (path, file) in listing.files() {
        assert!(cache.has(&file.digest), "{path}");
    }
    listing.files().map(|(path, _)| path.to_string()).collect()
}

#[test]
fn revisions_of_a_repository() {
    let (daemon, cache) = (Daemon::start(), cache());
    let first = daemon.commit("a.yaml", "1");
    git(&daemon.folder, &["tag", "-a", "-m", "x", "v1.0.0"]);
    let second = daemon.commit("deploy/b.yaml", "2");
    git(&daemon.folder, &["tag", "v1.1.0"]);
    git(&daemon.folder, &["update-ref", "refs/pull/7/head", &first]);
    git(&daemon.folder, &["checkout", "-q", "-b", "next"]);
    let third = daemon.commit("c.yaml", "3");
    git(&daemon.folder, &["tag", "v2.0.0-rc.1"]);
    git(&daemon.folder, &["checkout", "-q", "main"]);
    let url = format!("git://{}/infra", daemon.host());
    let check = |revision: GitRevision, resolved: String, files: &[&str]| {
        let declared = declared(&url, revision);
        let locked = fetch(&patient(), &cache.cache, &declared, None).unwrap();
        assert_eq!(locked.resolved, resolved);
        assert_eq!(paths(&cache.cache, &locked), files);
        // Another machine gets the same content by the lock file alone.
        let other = crate::support::cache();
        let again = fetch(&patient(), &other.cache, &declared, Some(&locked)).unwrap();
        assert_eq!(again, locked);
        let fetcher = Fetcher::new(patient()).unwrap();
        let (_, now) = fetcher.resolve(vec![declared], &mut Silent).remove(0);
        assert_eq!(now.unwrap(), resolved);
    };
    let both = &["a.yaml", "deploy/b.yaml"][..];
    check(
        GitRevision::Branch("main".into()),
        format!("main@sha1:{second}"),
        both,
    );
    check(
        GitRevision::Tag("v1.0.0".into()),
        format!("v1.0.0@sha1:{first}"),
        &["a.yaml"],
    );
    check(
        GitRevision::Semver("1.x".into()),
        format!("v1.1.0@sha1:{second}"),
        both,
    );
    check(
        GitRevision::Semver(">=2.0.0-0".into()),
        format!("v2.0.0-rc.1@sha1:{third}"),
        &["a.yaml", "c.yaml", "deploy/b.yaml"],
    );
    check(
        GitRevision::Name("refs/pull/7/head".into()),
        format!("refs/pull/7/head@sha1:{first}"),
        &["a.yaml"],
    );
    check(
        GitRevision::Commit(first.clone()),
        format!("sha1:{first}"),
        &["a.yaml"],
    );
    check(
        GitRevision::Any(String::new()),
        format!("HEAD@sha1:{second}"),
        both,
    );
    let error = fetch(
        &patient(),
        &cache.cache,
        &declared(&url, GitRevision::Tag("v9".into())),
        None,
    );
    assert_eq!(error.unwrap_err().reason, "the repository has no tag v9");
}

#[test]
fn a_locked_commit_stays_when_its_branch_moves() {
    let (daemon, cache) = (Daemon::start(), cache());
    let first = daemon.commit("a.yaml", "1");
    let url = format!("git://{}/infra", daemon.host());
    let declared = declared(&url, GitRevision::Branch("main".into()));
    let locked = fetch(&patient(), &cache.cache, &declared, None).unwrap();
    daemon.commit("a.yaml", "2");
    let other = crate::support::cache();
    let again = fetch(&patient(), &other.cache, &declared, Some(&locked)).unwrap();
    assert_eq!(
        (again.resolved, again.digest),
        (format!("main@sha1:{first}"), locked.digest)
    );
}

#[test]
fn a_server_of_plain_files() {
    let (daemon, cache) = (Daemon::start(), cache());
    let commit = daemon.commit("a.yaml", "1");
    daemon.commit("b.yaml", "1");
    git(&daemon.folder, &["update-server-info"]);
    let folder = daemon.folder.join(".git");
    let server =
        Server::start(
            move |request| match fs::read(folder.join(request.path().trim_start_matches('/'))) {
                Ok(bytes) => Answer::ok(bytes),
                Err(_) => Answer::status(404),
            },
        );
    let locked = fetch(
        &patient(),
        &cache.cache,
        &declared(&server.url(), GitRevision::Commit(commit)),
        None,
    );
    assert_eq!(paths(&cache.cache, &locked.unwrap()), ["a.yaml"]);
}

#[test]
fn a_server_of_git_itself() {
    let (daemon, cache) = (Daemon::start(), cache());
    let first = daemon.commit("a.yaml", "1");
    let second = daemon.commit("b.yaml", "1");
    git(&daemon.folder, &["tag", "-a", "v1.2.3", "-m", "x", &first]);
    let server = git_http::serve(daemon.folder.parent().unwrap(), None);
    let url = format!("{}/infra", server.url());
    for (revision, commit) in [
        (GitRevision::Branch("main".into()), &second),
        (GitRevision::Semver("~1.2".into()), &first),
        (GitRevision::Commit(first.clone()), &first),
        (GitRevision::Any(String::new()), &second),
    ] {
        let locked = fetch(&patient(), &cache.cache, &declared(&url, revision), None).unwrap();
        assert!(locked.resolved.ends_with(commit.as_str()), "{}", locked.resolved);
    }
}

#[test]
fn what_a_repository_states_does_not_run() {
    let (daemon, cache) = (Daemon::start(), cache());
    let canary = daemon.folder.parent().unwrap().join("canary");
    fs::write(
        daemon.folder.join(".gitattributes"),
        "* filter=evil export-subst\n",
    )
    .unwrap();
    fs::write(
        daemon.folder.join(".gitmodules"),
        format!("[submodule \"x\"]\n\tpath = x\n\turl = \"ext::sh -c 'touch {canary}'\"\n"),
    )
    .unwrap();
    std::os::unix::fs::symlink("/etc/passwd", daemon.folder.join("link")).unwrap();
    daemon.commit("a.yaml", "$Format:%H$");
    let url = format!("git://{}/infra", daemon.host());
    let locked = fetch(
        &patient(),
        &cache.cache,
        &declared(&url, GitRevision::Any("main".into())),
        None,
    )
    .unwrap();
    let files = paths(&cache.cache, &locked);
    assert_eq!(files, [".gitattributes", ".gitmodules", "a.yaml"]);
    assert!(!canary.exists());
}

#[test]
fn other_transports_are_refused() {
    let cache = cache();
    let canary = cache.cache.folder().join("canary");
    for url in [
        format!("ext::sh -c touch% {canary}"),
        "file:///tmp".to_owned(),
        "/tmp".to_owned(),
        "-u id".to_owned(),
        format!("ssh://-oProxyCommand=touch {canary}/x"),
    ] {
        let declared = declared(&url, GitRevision::Any(String::new()));
        let error = fetch(&patient(), &cache.cache, &declared, None).unwrap_err();
        assert_eq!(
            error.reason, "its address is not one of https, http, ssh or git",
            "{url}"
        );
    }
    assert!(!canary.exists());
    let restricted = FetchOptions {
        restrict_egress: true,
        ..patient()
    };
    for url in [
        "https://127.0.0.1/x",
        "git@localhost:x/y",
        "http://example.org/x",
        "git://example.org/x",
    ] {
        let declared = declared(url, GitRevision::Any(String::new()));
        let error = fetch(&restricted, &cache.cache, &declared, None).unwrap_err();
        let is_refused =
            error.reason.contains("--restrict-egress") || error.reason.contains("only https and ssh");
        assert!(is_refused, "{error}");
    }
}

#[test]
fn a_server_that_says_no() {
    let server = Server::start(|_| Answer::status(401).header("WWW-Authenticate", "Basic realm=\"x\""));
    let cache = cache();
    let declared = declared(&server.url(), GitRevision::Branch("main".into()));
    let error = fetch(&patient(), &cache.cache, &declared, None).unwrap_err();
    assert!(
        error.hint.unwrap().contains("credential helper"),
        "{}",
        error.reason
    );
}
