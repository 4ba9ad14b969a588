//! The text of a lock file turns into a [`Lock`].

use serde::Deserialize;
use thiserror::Error;

use super::{LOCK_FILE, Lock, LockedSource, VERSION};

/// Why a lock file cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{LOCK_FILE}:{line}: {reason}")]
pub struct LockError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl LockError {
    fn new(line: usize, reason: impl Into<String>) -> Self {
        LockError {
            line,
            reason: reason.into(),
        }
    }

    /// How to fix it.
    pub fn hint(&self) -> &'static str {
        "restore the file from Git, or delete it and run `flux-infra-guide fetch`"
    }
}

#[derive(Deserialize)]
struct Head {
    version: u32,
}

impl Lock {
    /// Parses the text that [`Lock::to_text`] writes. Lines may be in any order.
    ///
    /// # Errors
    /// The first invalid line.
    pub fn parse(text: &str) -> Result<Lock, LockError> {
        let mut lines = (1..).zip(text.lines());
        let (_, head) = lines
            .next()
            .ok_or_else(|| LockError::new(1, "the file is empty; its first line states the version"))?;
        let head: Head =
            serde_json::from_str(head).map_err(|_| LockError::new(1, wrong_head(head).to_owned()))?;
        if head.version != VERSION {
            let version = head.version;
            let reason =
                format!("version {version} is of another flux-infra-guide; this one knows version {VERSION}");
            return Err(LockError::new(1, reason));
        }
        let mut lock = Lock::default();
        for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let source: LockedSource = serde_json::from_str(line)
                .map_err(|error| LockError::new(number, wrong_line(line, &error)))?;
            if let Some(field) = broken_field(&source) {
                let reason = format!("`{field}` is empty or holds a line break");
                return Err(LockError::new(number, reason));
            }
            if lock.sources.insert(source.key(), source).is_some() {
                return Err(LockError::new(number, "an earlier line states the same source"));
            }
        }
        Ok(lock)
    }
}

fn wrong_head(line: &str) -> &'static str {
    match is_conflict(line) {
        true => "a merge conflict",
        false => "the first line states the version, such as {\"version\":1}",
    }
}

fn wrong_line(line: &str, error: &serde_json::Error) -> String {
    if is_conflict(line) {
        return "a merge conflict".to_owned();
    }
    // serde_json's message ends in a line, which is always 1 here, and a column.
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(&*text, |(reason, _)| reason);
    format!("column {}: {reason}", error.column())
}

fn is_conflict(line: &str) -> bool {
    ["<<<<<<<", "=======", ">>>>>>>", "|||||||"]
        .iter()
        .any(|mark| line.starts_with(mark))
}

fn broken_field(source: &LockedSource) -> Option<&'static str> {
    let fields = [
        ("object", &source.object),
        ("url", &source.url),
        ("requested", &source.requested),
        ("resolved", &source.resolved),
    ];
    let is_broken = |text: &str| text.is_empty() || text.contains(char::is_control);
    let mut broken = fields.into_iter().filter(|(_, text)| is_broken(text));
    broken.next().map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Digest, LockedContent};

    fn source(object: &str, requested: &str) -> LockedSource {
        LockedSource {
            object: object.to_owned(),
            url: "https://charts.example.org".to_owned(),
            requested: requested.to_owned(),
            resolved: "1.2.3".to_owned(),
            digest: Digest::of(b"x"),
            content: LockedContent::Archive,
        }
    }

    #[test]
    fn the_file_is_sorted_and_has_a_line_for_each_source() {
        let lock: Lock = [
            source("HelmRelease/web/b", "web 1.x"),
            source("HelmRelease/web/a", "web 2.x"),
            source("HelmRelease/web/a", "web 1.x"),
        ]
        .into_iter()
        .collect();
        let text = lock.to_text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[1].starts_with(
            "{\"object\":\"HelmRelease/web/a\",\"url\":\"https://charts.example.org\",\"requested\":\"web 1.x\","
        ));
        assert!(lines[3].contains("web/b"));
        assert_eq!(Lock::parse(&text), Ok(lock));
    }

    #[test]
    fn a_broken_file_is_said_with_its_line() {
        let good = [source("HelmRelease/web/a", "web 1.x")]
            .into_iter()
            .collect::<Lock>();
        let good = good.to_text();
        let line = good.lines().nth(1).unwrap();
        let check = |text: String, expected: &str| {
            assert_eq!(Lock::parse(&text).unwrap_err().to_string(), expected);
        };
        check(
            String::new(),
            "flux-infra-guide.lock:1: the file is empty; its first line states the version",
        );
        check(
            "x\n".into(),
            "flux-infra-guide.lock:1: the first line states the version, such as {\"version\":1}",
        );
        check(
            "{\"version\":2}\n".into(),
            "flux-infra-guide.lock:1: version 2 is of another flux-infra-guide; this one knows version 1",
        );
        check(
            format!("{good}{line}\n"),
            "flux-infra-guide.lock:3: an earlier line states the same source",
        );
        check(
            format!("{good}<<<<<<< HEAD\n"),
            "flux-infra-guide.lock:3: a merge conflict",
        );
        check(
            good.replace("sha256:2d", "sha256:zz"),
            "flux-infra-guide.lock:2: column 188: `sha256:zz711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881` \
             is not `sha256:` and 64 hexadecimal digits",
        );
        check(
            good.replace("\"url\"", "\"uri\""),
            "flux-infra-guide.lock:2: column 35: unknown field `uri`, expected one of `object`, `url`, `requested`, \
             `resolved`, `digest`, `content`",
        );
        check(
            good.replace("1.2.3", ""),
            "flux-infra-guide.lock:2: `resolved` is empty or holds a line break",
        );
        check(
            good.replace("\"archive\"}", "\"archive\""),
            "flux-infra-guide.lock:2: column 208: EOF while parsing an object",
        );
    }

    #[test]
    fn a_revision_is_short() {
        let mut locked = source("HelmRelease/web/a", "x");
        assert_eq!(locked.revision(), "sha256:2d711642b726");
        locked.resolved = "main@sha1:0123456789abcdef0123".into();
        assert_eq!(locked.revision(), "sha1:0123456789ab");
        assert_eq!(locked.artifact_digest(), None);
        locked.resolved = format!("1.0.0@{}", Digest::of(b"y"));
        assert_eq!(locked.artifact_digest(), Some(Digest::of(b"y")));
    }
}
