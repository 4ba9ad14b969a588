//! Charts of Helm repositories and registries, and artifacts: chosen versions and fetched bytes.

use source_cache::{Declared, Digest, OciRevision, Protocol};

use crate::archives::{archive, chart};
use crate::registry::{Access, CHART, FLUX, Registry};
use crate::server::{Answer, Server};
use crate::support::{cache, fetch, helm_chart, oci_chart, options};

fn repository() -> Server {
    let digest = Digest::of(&chart("web", "1.3.0"));
    let index = format!(
        "apiVersion: v1\nentries:\n  web:\n  - {{version: 1.2.0, urls: [web-1.2.0.tgz]}}\n  \
         - {{version: 1.3.0, urls: [sub/web-1.3.0.tgz], digest: {}}}\n  - {{version: 2.0.0-rc.1, urls: [web-rc.tgz]}}\n",
        digest.hex()
    );
    Server::start(move |request| match request.path() {
        "/charts/index.yaml" => Answer::ok(index.clone()),
        "/charts/web-1.2.0.tgz" => Answer::ok(chart("web", "1.2.0")),
        "/charts/sub/web-1.3.0.tgz" => Answer::ok(chart("web", "1.3.0")),
        _ => Answer::status(404),
    })
}

#[test]
fn a_chart_of_a_helm_repository() {
    let (server, cache) = (repository(), cache());
    let url = format!("{}/charts", server.url());
    let locked = fetch(&options(), &cache.cache, &helm_chart(&url, "web", "1.x"), None).unwrap();
    assert_eq!(locked.resolved, "1.3.0");
    assert_eq!(locked.digest, Digest::of(&chart("web", "1.3.0")));
    assert_eq!(cache.cache.read(&locked.digest).unwrap(), chart("web", "1.3.0"));
    // A chart whose digest the index states is not downloaded again.
    server.taken();
    fetch(&options(), &cache.cache, &helm_chart(&url, "web", "1.x"), None).unwrap();
    assert_eq!(server.taken().len(), 1);
    // An exact version first, also on another machine that only has the lock file.
    let exact = fetch(&options(), &cache.cache, &helm_chart(&url, "web", "1.2.0"), None).unwrap();
    assert_eq!(exact.resolved, "1.2.0");
    let other = crate::support::cache();
    let again = fetch(
        &options(),
        &other.cache,
        &helm_chart(&url, "web", "1.x"),
        Some(&exact),
    )
    .unwrap();
    assert_eq!((again.resolved, again.digest), (exact.resolved, exact.digest));
}

#[test]
fn a_chart_of_a_registry() {
    let (registry, cache) = (Registry::start(Access::Token), cache());
    for version in ["1.0.0", "1.1.0", "1.2.0_build5", "2.0.0-rc.1", "latest"] {
        let bytes = chart("web", &version.replace('_', "+"));
        registry.push(
            "charts/web",
            version,
            &[("text/plain", b"readme".to_vec()), (CHART, bytes)],
        );
    }
    let host = registry.server.host();
    let resolved = |version: &str| {
        let declared = oci_chart(&host, "charts/web", version);
        let locked = fetch(&options(), &cache.cache, &declared, None).unwrap();
        let (name, digest) = locked.resolved.split_once('@').unwrap();
        assert!(Digest::parse(digest).is_some());
        assert!(cache.cache.has(&locked.digest));
        name.to_owned()
    };
    assert_eq!(resolved("1.x"), "1.2.0+build5");
    assert_eq!(resolved("1.0.0"), "1.0.0");
    assert_eq!(resolved("1.2.0+build5"), "1.2.0+build5");
    assert_eq!(resolved("*"), "1.2.0+build5");
    assert_eq!(resolved(">=2.0.0-0"), "2.0.0-rc.1");
}

#[test]
fn an_artifact_of_a_registry() {
    let (registry, cache) = (Registry::start(Access::Everybody), cache());
    let layers = |text: &str| {
        [
            (FLUX, archive(&[("a.yaml", text)])),
            ("a/b", archive(&[("b.yaml", text)])),
        ]
    };
    let first = registry.push("manifests", "v1.0.0", &layers("1"));
    registry.push("manifests", "v1.1.0", &layers("2"));
    registry.push("manifests", "v1.2.0-rc.1", &layers("3"));
    registry.push("manifests", "latest", &layers("4"));
    let fetched = |revision: OciRevision, layer: Option<&str>| {
        let declared = Declared {
            object: "OCIRepository/test/manifests".into(),
            url: format!("oci://{}/manifests", registry.server.host()),
            requested: revision.to_string(),
            protocol: Protocol::OciArtifact {
                revision,
                layer: layer.map(str::to_owned),
                insecure: true,
            },
            states_verify: false,
        };
        let locked = fetch(&options(), &cache.cache, &declared, None).unwrap();
        (
            locked.resolved.split('@').next().unwrap().to_owned(),
            locked.digest,
        )
    };
    let tag = |tag: &str| OciRevision::Tag(tag.to_owned());
    let semver =
        |range: &str, filter: Option<&str>| OciRevision::Semver(range.to_owned(), filter.map(str::to_owned));
    let layer = |index: usize, text: &str| Digest::of(&layers(text)[index].1);
    assert_eq!(fetched(tag("latest"), None), ("latest".into(), layer(0, "4")));
    assert_eq!(
        fetched(tag("latest"), Some("a/b")),
        ("latest".into(), layer(1, "4"))
    );
    assert_eq!(
        fetched(semver("1.x", None), None),
        ("v1.1.0".into(), layer(0, "2"))
    );
    assert_eq!(
        fetched(semver(">=1.0.0-0", Some(".*-rc.*")), None),
        ("v1.2.0-rc.1".into(), layer(0, "3"))
    );
    assert_eq!(
        fetched(OciRevision::Digest(first.to_string()), None),
        (first.to_string(), layer(0, "1"))
    );
}

#[test]
fn an_index_leads_to_a_manifest() {
    let (registry, cache) = (Registry::start(Access::Everybody), cache());
    let other = registry.push("web", "arm", &[(CHART, chart("web", "9.0.0"))]);
    let wanted = registry.push("web", "amd", &[(CHART, chart("web", "1.0.0"))]);
    registry.set_manifest(
        "web",
        "1.0.0",
        &format!(
            "{{\"manifests\":[{{\"digest\":\"{other}\",\"platform\":{{\"os\":\"linux\",\"architecture\":\"arm64\"}}}},\
             {{\"digest\":\"{wanted}\",\"platform\":{{\"os\":\"linux\",\"architecture\":\"amd64\"}}}}]}}"
        ),
    );
    let declared = oci_chart(&registry.server.host(), "web", "1.0.0");
    let locked = fetch(&options(), &cache.cache, &declared, None).unwrap();
    assert_eq!(locked.digest, Digest::of(&chart("web", "1.0.0")));
}
