//! A line of the lock file.

use serde::{Deserialize, Serialize};

use crate::Digest;

/// A declared source with its content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedSource {
    /// `Kind/namespace/name` of the object that declares it, or `remote-base` or `remote-file` of a kustomization.
    pub object: String,
    /// Its address, without credentials.
    pub url: String,
    /// The requested version, such as `podinfo 6.x` or `branch main`.
    pub requested: String,
    /// The version that was found, such as `6.7.1` or `main@sha1:…`.
    pub resolved: String,
    /// The digest of its bytes in the cache.
    pub digest: Digest,
    /// The format of these bytes.
    pub content: LockedContent,
}

/// The format of a locked source's bytes.
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

/// A declaration: object, address and requested version. Two clusters may declare objects of the same name differently.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LockKey {
    /// `Kind/namespace/name`.
    pub object: String,
    /// Its address.
    pub url: String,
    /// The requested version.
    pub requested: String,
}

impl LockedSource {
    /// The declaration that it is the content of.
    pub fn key(&self) -> LockKey {
        LockKey {
            object: self.object.clone(),
            url: self.url.clone(),
            requested: self.requested.clone(),
        }
    }

    /// Its revision in file names: the digest or commit in `resolved`, else the digest of the bytes, shortened.
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

    /// The digest of the OCI artifact.
    pub fn artifact_digest(&self) -> Option<Digest> {
        Digest::parse(self.stated_revision())
    }

    /// The digest or commit at the end of `resolved`; all of a version without one.
    fn stated_revision(&self) -> &str {
        let parts = self.resolved.rsplit_once('@');
        parts.map_or(&self.resolved, |(_, revision)| revision)
    }

    /// Its line.
    pub(super) fn to_line(&self) -> String {
        // Strings only, which always serialize.
        serde_json::to_string(self).unwrap_or_default()
    }
}
