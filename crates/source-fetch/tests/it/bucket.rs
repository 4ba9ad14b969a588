//! A server of one bucket, by the S3 protocol, with two objects per page of its list.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use source_cache::Digest;

use super::server::{Answer, Received, Server};

/// A bucket named `infra` on loopback.
#[derive(Clone)]
pub(crate) struct Bucket {
    pub(crate) server: Server,
    objects: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl Bucket {
    pub(crate) fn start(objects: &[(&str, &str)]) -> Self {
        let objects = objects
            .iter()
            .map(|(key, text)| ((*key).to_owned(), text.as_bytes().to_vec()));
        let objects = Arc::new(Mutex::new(objects.collect()));
        let known = Arc::clone(&objects);
        let server = Server::start(move |request| answer(request, &known.lock().unwrap()));
        Bucket { server, objects }
    }

    pub(crate) fn put(&self, key: &str, text: &str) {
        let mut objects = self.objects.lock().unwrap();
        objects.insert(key.to_owned(), text.as_bytes().to_vec());
    }
}

/// The entity tag of an object.
pub(crate) fn tag(bytes: &[u8]) -> String {
    Digest::of(bytes).hex()[..32].to_owned()
}

fn answer(request: &Received, objects: &BTreeMap<String, Vec<u8>>) -> Answer {
    let Some(path) = request.path().strip_prefix("/infra/") else {
        return Answer::status(404);
    };
    if !path.is_empty() {
        let key = decoded(path);
        let found = objects.get(&key);
        return found.map_or(Answer::status(404), |bytes| Answer::ok(bytes.clone()));
    }
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let parameter = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(known, _)| *known == name)
            .map(|(_, value)| decoded(value))
    };
    if parameter("list-type").as_deref() != Some("2") {
        return Answer::status(400);
    }
    let prefix = parameter("prefix").unwrap_or_default();
    let after = parameter("continuation-token").unwrap_or_default();
    let mut rest = objects
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix) && (after.is_empty() || **key > after));
    let page: Vec<_> = rest.by_ref().take(2).collect();
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><Name>infra</Name>");
    for (key, bytes) in &page {
        text.push_str(&format!(
            "<Contents><Key>{}</Key><ETag>&quot;{}&quot;</ETag><Size>{}</Size></Contents>",
            escaped(key),
            tag(bytes),
            bytes.len()
        ));
    }
    if let (true, Some((last, _))) = (rest.next().is_some(), page.last()) {
        text.push_str(&format!(
            "<IsTruncated>true</IsTruncated><NextContinuationToken>{}</NextContinuationToken>",
            escaped(last)
        ));
    }
    text.push_str("</ListBucketResult>");
    Answer::ok(text)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap()
}
