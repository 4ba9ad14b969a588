//! A source as a repository declares it: the object, where it is, and which version is asked for.

mod bucket;
mod chart;
mod remote;
mod revision;
mod source;

use yaml_node::Node;

use crate::lock::LockKey;

pub use bucket::BucketRequest;
pub use revision::{GitRevision, OciRevision};

/// Something to fetch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declared {
    /// `Kind/namespace/name` of the object that declares it, or `remote-base` or `remote-file` of a kustomization.
    pub object: String,
    /// Where it is, without credentials.
    pub url: String,
    /// Which version is asked for, in one line.
    pub requested: String,
    /// How it is fetched.
    pub protocol: Protocol,
    /// Whether the object has Flux verify signatures, which nothing here does.
    pub states_verify: bool,
}

/// How a declared source is fetched, and what is asked for.
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
        /// Which of its versions.
        revision: OciRevision,
        /// The media type of the layer that is taken; the first layer without it.
        layer: Option<String>,
        /// Plain http.
        insecure: bool,
    },
    /// A Git repository.
    Git {
        /// Which of its commits.
        revision: GitRevision,
    },
    /// A bucket that everybody may read, by the protocol of S3.
    Bucket(BucketRequest),
    /// One file, by http or https.
    File,
}

impl Declared {
    /// What its line in the lock file is found by.
    pub fn key(&self) -> LockKey {
        LockKey {
            object: self.object.clone(),
            url: self.url.clone(),
            requested: self.requested.clone(),
        }
    }
}

/// A URL as far as it may be shown and sent anywhere: without the password in it.
///
/// The user's name stays for ssh, where it is part of the address (`ssh://git@example.org`).
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

/// A field that states something: neither null, which charts often write, nor empty.
pub(crate) fn stated<'n>(node: &'n Node, path: &[&str]) -> Option<&'n str> {
    let value = node.at(path).filter(|value| !value.is_null())?;
    value.text().filter(|text| !text.is_empty())
}

/// Why a text cannot be a part of a request: it holds a variable that nothing has replaced, or a line break.
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
