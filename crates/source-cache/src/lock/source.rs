//! A line of the lock file.

use serde::{Deserialize, Serialize};

use crate::Digest;

/// One source in one content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedSource {
    /// `Kind/namespace/name` of the object that declares it, or `remote-base` or `remote-file` of a kustomization.
    pub object: String,
    /// Where it is, without credentials.
    pub url: String,
    /// Which version is asked for, such as `podinfo 6.x` or `branch main`.
    pub requested: String,
    /// Which version that was, such as `6.7.1` or `main@sha1:…`.
    pub resolved: String,
    /// The digest of its bytes in the cache.
    pub digest: Digest,
    /// What these bytes are.
    pub content: LockedContent,
}

/// What the bytes of a locked source are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LockedContent {
    /// A tar archive, compressed by gzip: a packed chart, or a layer of an OCI artifact.
    Archive,
    /// A [`Listing`](crate::Listing) of files, each of them in the cache.
    Tree,
    /// One file.
    File,
}

/// What is declared: the object, the address and what is requested. Two clusters may declare an object of one name
/// differently.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LockKey {
    /// `Kind/namespace/name`.
    pub object: String,
    /// Where it is.
    pub url: String,
    /// Which version is asked for.
    pub requested: String,
}

impl LockedSource {
    /// What it is the content of.
    pub fn key(&self) -> LockKey {
        LockKey {
            object: self.object.clone(),
            url: self.url.clone(),
            requested: self.requested.clone(),
        }
    }

    /// What tells its revision in names of files: the digest or commit in `resolved`, else that of the bytes, shortened.
    pub fn revision(&self) -> String {
        /// Digits of a commit or digest.
        const DIGITS: usize = 12;
        match self.stated_revision().split_once(':') {
            Some((algorithm, digits)) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                format!("{algorithm}:{}", digits.get(..DIGITS).unwrap_or(digits))
            }
            _ => self.digest.short(),
        }
    }

    /// The digest of the artifact that an OCI registry knows it by.
    pub fn artifact_digest(&self) -> Option<Digest> {
        Digest::parse(self.stated_revision())
    }

    /// The digest or commit that `resolved` ends in; all of it where it is a version.
    fn stated_revision(&self) -> &str {
        self.resolved
            .rsplit_once('@')
            .map_or(&self.resolved, |(_, revision)| revision)
    }

    /// Its line.
    pub(super) fn to_line(&self) -> String {
        // Texts and digests alone: nothing here that JSON has no form for.
        serde_json::to_string(self).unwrap_or_default()
    }
}
