//! Buckets.

use source_cache::{BucketRequest, Declared, Digest, Listing, LockedSource, Protocol};
use source_fetch::FetchError;

use crate::bucket::{Bucket, tag};
use crate::server::{Answer, Server};
use crate::support::{Cache, cache, fetch, options};

fn declared(url: &str, prefix: &str, ignore: Option<&str>) -> Declared {
    Declared {
        object: "Bucket/test/infra".to_owned(),
        url: url.to_owned(),
        requested: "bucket infra".to_owned(),
        protocol: Protocol::Bucket(BucketRequest {
            name: "infra".to_owned(),
            prefix: prefix.to_owned(),
            ignore: ignore.map(str::to_owned),
        }),
        states_verify: false,
    }
}

fn paths(cache: &Cache, locked: &LockedSource) -> Vec<String> {
    let text = String::from_utf8(cache.cache.read(&locked.digest).unwrap()).unwrap();
    let listing = Listing::parse(&text).unwrap();
    listing.files().map(|(path, _)| path.to_string()).collect()
}

const OBJECTS: [(&str, &str); 6] = [
    (".sourceignore", "docs/\n"),
    ("apps/", ""),
    ("apps/a b&c.yaml", "a: 1\n"),
    ("apps/d.yaml", "d: 1\n"),
    ("clusters/x.yaml", "x: 1\n"),
    ("docs/readme.md", "text\n"),
];

#[test]
fn objects_page_by_page() {
    let (bucket, cache) = (Bucket::start(&OBJECTS), cache());
    let declared = declared(&bucket.server.url(), "", None);
    let locked = fetch(&options(), &cache.cache, &declared, None).unwrap();
    let expected = [
        ".sourceignore",
        "apps/a b&c.yaml",
        "apps/d.yaml",
        "clusters/x.yaml",
    ];
    assert_eq!(paths(&cache, &locked), expected);
    // The revision as in Flux: names and entity tags, without the file of patterns.
    let lines = OBJECTS[2..5]
        .iter()
        .map(|(key, text)| format!("{key} {}\n", tag(text.as_bytes())));
    let revision = Digest::of(lines.collect::<String>().as_bytes());
    assert_eq!(locked.resolved, revision.as_str());
    let asked = bucket.server.taken();
    assert!(asked.iter().all(|request| !request.target.contains("readme")));
    assert_eq!(
        asked
            .iter()
            .filter(|request| request.target.contains("list-type=2"))
            .count(),
        3
    );
}

#[test]
fn a_prefix_and_patterns_of_the_source() {
    let (bucket, cache) = (Bucket::start(&OBJECTS), cache());
    let url = bucket.server.url();
    let locked = fetch(&options(), &cache.cache, &declared(&url, "apps/", None), None).unwrap();
    assert_eq!(
        paths(&cache, &locked),
        [".sourceignore", "apps/a b&c.yaml", "apps/d.yaml"]
    );
    let ignore = Some("/*\n!/docs\n!/clusters\n");
    let locked = fetch(&options(), &cache.cache, &declared(&url, "", ignore), None).unwrap();
    assert_eq!(
        paths(&cache, &locked),
        [".sourceignore", "clusters/x.yaml", "docs/readme.md"]
    );
}

#[test]
fn what_is_in_the_cache_is_not_downloaded_again() {
    let (bucket, cache) = (Bucket::start(&OBJECTS), cache());
    let declared = declared(&bucket.server.url(), "", None);
    let locked = fetch(&options(), &cache.cache, &declared, None).unwrap();
    bucket.server.taken();
    bucket.put("apps/d.yaml", "d: 2\n");
    let moved = fetch(&options(), &cache.cache, &declared, None).unwrap();
    assert_ne!(
        (&moved.resolved, &moved.digest),
        (&locked.resolved, &locked.digest)
    );
    let asked = bucket.server.taken();
    let objects: Vec<&str> = asked
        .iter()
        .map(|request| request.path())
        .filter(|path| path.ends_with(".yaml"))
        .collect();
    assert_eq!(objects, ["/infra/apps/d.yaml"]);
    // The lock file counts: other content is reported and not kept.
    let error = fetch(&options(), &cache.cache, &declared, Some(&locked)).unwrap_err();
    assert!(error.reason.contains("has other bytes than it should"), "{error}");
    bucket.put("apps/d.yaml", "d: 1\n");
    assert_eq!(
        fetch(&options(), &cache.cache, &declared, Some(&locked)).unwrap(),
        locked
    );
}

#[test]
fn bad_buckets() {
    let error_of = |answer: fn(&str) -> Answer| -> FetchError {
        let server = Server::start(move |request| match request.path() {
            "/infra/.sourceignore" => Answer::status(404),
            _ => answer(&request.target),
        });
        let cache = cache();
        fetch(&options(), &cache.cache, &declared(&server.url(), "", None), None).unwrap_err()
    };
    let denied = error_of(|_| Answer::status(403));
    assert!(denied.reason.contains("403"), "{denied}");
    assert!(denied.hint.unwrap().contains("--source"));
    assert!(error_of(|_| Answer::status(404)).reason.contains("404"));
    assert!(
        error_of(|_| Answer::ok("<html>"))
            .reason
            .contains("no list of objects")
    );
    let endless = error_of(|_| {
        Answer::ok(
            "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>\
             <Contents><Key>a</Key><Size>1</Size></Contents></ListBucketResult>",
        )
    });
    assert!(endless.reason.contains("pages without end"), "{endless}");
    let outside = error_of(|_| {
        Answer::ok("<ListBucketResult><Contents><Key>../x</Key><Size>1</Size></Contents></ListBucketResult>")
    });
    assert!(outside.reason.contains("leads out of it"), "{outside}");
    let both = error_of(|_| {
        Answer::ok(
            "<ListBucketResult><Contents><Key>a</Key><Size>1</Size></Contents>\
             <Contents><Key>a/b</Key><Size>1</Size></Contents></ListBucketResult>",
        )
    });
    assert!(both.reason.contains("is an object as well"), "{both}");
    let large = error_of(|_| {
        Answer::ok(
            "<ListBucketResult><Contents><Key>a</Key><Size>10737418240</Size></Contents></ListBucketResult>",
        )
    });
    assert!(large.reason.contains("the limit"), "{large}");
    let changed = error_of(|target| match target.contains("list-type") {
        true => {
            Answer::ok("<ListBucketResult><Contents><Key>a</Key><Size>5</Size></Contents></ListBucketResult>")
        }
        false => Answer::ok("1234"),
    });
    assert!(changed.reason.contains("has changed"), "{changed}");
}
