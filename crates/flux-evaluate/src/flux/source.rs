//! GitRepository, OCIRepository, Bucket and references to sources.

use source_tree::{Mark, ObjectRef, RepoPath};
use yaml_node::Node;

use super::Fields;

/// A `sourceRef` or `chartRef`, with its default namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRef {
    /// The source.
    pub id: ObjectRef,
    /// Whether the reference sets the namespace.
    pub states_namespace: bool,
    /// The place of the reference.
    pub mark: Mark,
}

impl SourceRef {
    /// Reads the reference under `field`. `namespace` is that of the object that contains it.
    pub(crate) fn read(fields: &mut Fields<'_>, spec: &Node, field: &str, namespace: &str) -> Option<Self> {
        let reference = fields.mapping(spec, field)?;
        let kind = fields.text(reference, "kind").unwrap_or_default();
        let name = fields.text(reference, "name")?;
        let stated = fields.text(reference, "namespace");
        Some(SourceRef {
            id: ObjectRef::new(kind, stated.unwrap_or(namespace), name),
            states_namespace: stated.is_some(),
            mark: reference.mark,
        })
    }
}

/// A source object: <https://fluxcd.io/flux/components/source/>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// `spec.url`, or a Bucket's endpoint.
    pub url: Option<String>,
    /// `spec.ref`
    pub reference: SourceRevision,
    /// `spec.interval`
    pub interval: Option<String>,
    /// Name in `spec.secretRef`.
    pub secret: Option<String>,
    /// `spec.version` of a HelmChart.
    pub version: Option<String>,
    /// `spec.suspend`
    pub suspend: bool,
    /// `spec.ignore`.
    pub(crate) ignore: Option<String>,
    /// Whether `spec.layerSelector.operation` of an OCIRepository is `copy`.
    pub(crate) layer_is_copied: bool,
    /// `spec.include` of a GitRepository.
    pub(crate) include: Vec<Include>,
}

/// `spec.ref` of a GitRepository or OCIRepository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceRevision {
    /// `name`, such as `refs/heads/main`.
    pub name: Option<String>,
    /// `branch`
    pub branch: Option<String>,
    /// `tag`
    pub tag: Option<String>,
    /// `semver`
    pub semver: Option<String>,
    /// `commit`
    pub commit: Option<String>,
    /// `digest`
    pub digest: Option<String>,
}

impl SourceRevision {
    /// A reference to a branch or tag, by a name such as `refs/heads/main` or `main`.
    pub(crate) fn named(name: &str) -> Self {
        SourceRevision {
            name: Some(name.to_owned()),
            ..SourceRevision::default()
        }
    }

    /// The branch, if it sets one.
    pub(crate) fn branch(&self) -> Option<&str> {
        match (&self.name, &self.branch) {
            (Some(name), _) => name.strip_prefix("refs/heads/"),
            (None, branch) => branch.as_deref(),
        }
    }

    /// The first field that is set, without `refs/heads/` or `refs/tags/`.
    pub(crate) fn short(&self) -> Option<&str> {
        let fields = [
            &self.name,
            &self.branch,
            &self.tag,
            &self.semver,
            &self.commit,
            &self.digest,
        ];
        let stated = fields.into_iter().find_map(Option::as_deref)?;
        Some(short_ref(stated))
    }
}

/// An entry of `spec.include`: a folder of another GitRepository that is included in this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Include {
    /// The other repository, which is in the same namespace.
    pub(crate) repository: String,
    /// `fromPath`; by default the whole repository.
    pub(crate) from: RepoPath,
    /// `toPath`; by default the repository's name.
    pub(crate) to: RepoPath,
    pub(crate) mark: Mark,
}

impl Source {
    /// Reads an object whose wrong types evaluation has reported.
    pub fn of(object: &Node) -> Self {
        Source::read(object, &mut Fields::unreported(object))
    }

    pub(crate) fn read(object: &Node, fields: &mut Fields<'_>) -> Self {
        let Some(spec) = fields.mapping(object, "spec") else {
            return Source::default();
        };
        let url = fields
            .owned_text(spec, "url")
            .or_else(|| fields.owned_text(spec, "endpoint"));
        let reference = fields.mapping(spec, "ref").map(|reference| {
            let mut text = |field| fields.owned_text(reference, field);
            SourceRevision {
                name: text("name"),
                branch: text("branch"),
                tag: text("tag"),
                semver: text("semver"),
                commit: text("commit"),
                digest: text("digest"),
            }
        });
        let secret = fields
            .mapping(spec, "secretRef")
            .and_then(|secret| fields.owned_text(secret, "name"));
        let layer = fields.mapping(spec, "layerSelector");
        let operation = layer.and_then(|layer| fields.text(layer, "operation"));
        let include = fields.list(spec, "include").iter();
        let include = include.filter_map(|entry| Include::read(entry, fields)).collect();
        Source {
            layer_is_copied: operation == Some("copy"),
            include,
            url,
            reference: reference.unwrap_or_default(),
            interval: fields.owned_text(spec, "interval"),
            secret,
            version: fields.owned_text(spec, "version"),
            suspend: fields.bool(spec, "suspend"),
            ignore: fields.owned_text(spec, "ignore"),
        }
    }
}

impl Include {
    fn read(entry: &Node, fields: &mut Fields<'_>) -> Option<Self> {
        let repository = fields.mapping(entry, "repository")?;
        let repository = fields.text(repository, "name")?;
        Some(Include {
            repository: repository.to_owned(),
            from: RepoPath::new(fields.text(entry, "fromPath").unwrap_or_default()),
            to: RepoPath::new(fields.text(entry, "toPath").unwrap_or(repository)),
            mark: entry.mark,
        })
    }
}

/// A branch or tag without `refs/heads/` or `refs/tags/`.
fn short_ref(name: &str) -> &str {
    name.strip_prefix("refs/heads/")
        .or_else(|| name.strip_prefix("refs/tags/"))
        .unwrap_or(name)
}

/// Whether two URLs name one repository, ignoring protocol, user and a final `.git`.
pub(crate) fn is_same_repository(a: &str, b: &str) -> bool {
    let (a, b) = (normalised(a), normalised(b));
    !a.is_empty() && a == b
}

/// Whether a URL names the repository that has these remotes.
pub(crate) fn is_remote(remotes: &[String], url: &str) -> bool {
    let mut remotes = remotes.iter();
    remotes.any(|remote| is_same_repository(remote, url) || has_same_owner_and_name(remote, url))
}

/// Whether two URLs end in the same owner and name, on any host: a mirror, or an SSH alias.
fn has_same_owner_and_name(a: &str, b: &str) -> bool {
    fn end(url: &str) -> Option<(&str, &str)> {
        let (around, name) = url.split_once('/')?.1.rsplit_once('/')?;
        Some((around.rsplit('/').next()?, name))
    }
    let (a, b) = (normalised(a), normalised(b));
    end(&a).is_some_and(|a| end(&b) == Some(a))
}

fn normalised(url: &str) -> String {
    let url = url.trim().trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    let (has_scheme, rest) = match url.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, url),
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    // In `git@host:owner/name` the colon separates host and path, in a URL host and port.
    let (host, path) = match host.split_once(':') {
        Some((host, first)) if !has_scheme => (host, format!("{first}/{path}")),
        Some((host, _)) => (host, path.to_owned()),
        None => (host, path.to_owned()),
    };
    format!(
        "{}/{}",
        host.to_lowercase(),
        path.trim_matches('/').to_lowercase()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_has_the_same_owner_and_name() {
        let url = "https://github.com/acme/infra";
        assert!(has_same_owner_and_name(url, "git@work:acme/infra.git"));
        assert!(has_same_owner_and_name(
            url,
            "https://git.example.org/mirrors/acme/infra"
        ));
        for other in ["https://github.com/other/infra", "https://example.org/infra", ""] {
            assert!(!has_same_owner_and_name(url, other), "{other}");
        }
    }

    #[test]
    fn one_repository_has_many_urls() {
        for other in [
            "https://github.com/acme/infra.git",
            "ssh://git@github.com/acme/infra",
            "ssh://git@github.com:22/acme/infra.git/",
            "git@github.com:acme/infra.git",
            "https://user@GitHub.com/acme/infra/",
        ] {
            assert!(
                is_same_repository("https://github.com/acme/infra", other),
                "{other}"
            );
        }
        assert!(!is_same_repository(
            "https://github.com/acme/infra",
            "https://github.com/acme/infra2"
        ));
    }
}
