//! A source as a repository declares it: object, address and requested version.

mod bucket;
mod chart;
mod remote;
mod revision;
mod source;

use yaml_node::Node;

use crate::lock::LockKey;

pub use bucket::BucketRequest;
pub use revision::{GitRevision, OciRevision};

/// A source to fetch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declared {
    /// `Kind/namespace/name` of the object that declares it, or `remote-base` or `remote-file` of a kustomization.
    pub object: String,
    /// Its address, without credentials.
    pub url: String,
    /// The requested version, in one line.
    pub requested: String,
    /// How it is fetched.
    pub protocol: Protocol,
    /// Whether Flux verifies its signature, which is not done here.
    pub states_verify: bool,
}

/// How a declared source is fetched, with the requested version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// A chart of a Helm repository with an index.
    HelmRepository {
        /// The chart's name.
        chart: String,
        /// A version or range; `*` for the newest.
        version: String,
        /// Whether credentials may be sent to another host that the index names.
        pass_credentials: bool,
    },
    /// A chart in a registry, whose tags are its versions.
    OciChart {
        /// A version or range; `*` for the newest.
        version: String,
        /// Plain http.
        insecure: bool,
    },
    /// An artifact in a registry.
    OciArtifact {
        /// The requested version.
        revision: OciRevision,
        /// The media type of the layer; `None` for the first layer.
        layer: Option<String>,
        /// Plain http.
        insecure: bool,
    },
    /// A Git repository.
    Git {
        /// The requested commit.
        revision: GitRevision,
    },
    /// A public bucket, by the S3 protocol.
    Bucket(BucketRequest),
    /// One file, by http or https.
    File,
}

impl Declared {
    /// The key of its line in the lock file.
    pub fn key(&self) -> LockKey {
        LockKey {
            object: self.object.clone(),
            url: self.url.clone(),
            requested: self.requested.clone(),
        }
    }
}

/// A URL without credentials, which may be shown.
///
/// For ssh the user's name stays, since it is part of the address (`ssh://git@example.org`).
pub(crate) fn public_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let Some((user, host)) = authority.rsplit_once('@') else {
        return url.to_owned();
    };
    match (scheme, user.split_once(':')) {
        ("ssh", None) => url.to_owned(),
        ("ssh", Some((user, _))) => format!("{scheme}://{user}@{host}{path}"),
        _ => format!("{scheme}://{host}{path}"),
    }
}

/// The text of a field that is neither null, which charts often write, nor empty.
pub(crate) fn stated<'n>(node: &'n Node, path: &[&str]) -> Option<&'n str> {
    let value = node.at(path).filter(|value| !value.is_null())?;
    value.text().filter(|text| !text.is_empty())
}

/// Refuses a text that cannot be part of a request, since it has an unreplaced variable or a control character.
pub(crate) fn check_text(field: &str, text: &str) -> Result<(), String> {
    if text.contains("${") {
        return Err(format!(
            "{field} `{text}` holds a variable whose value is not known"
        ));
    }
    if text.contains(char::is_control) {
        return Err(format!("{field} holds a control character"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_part_of_an_address() {
        for (url, expected) in [
            (
                "https://user:secret@example.org/x?y=@",
                "https://example.org/x?y=@",
            ),
            ("https://token@example.org", "https://example.org"),
            ("ssh://git@example.org/x", "ssh://git@example.org/x"),
            ("ssh://git:secret@example.org/x", "ssh://git@example.org/x"),
            ("git@example.org:x/y", "git@example.org:x/y"),
            ("oci://example.org/a@b", "oci://example.org/a@b"),
        ] {
            assert_eq!(public_url(url), expected);
        }
    }
}
