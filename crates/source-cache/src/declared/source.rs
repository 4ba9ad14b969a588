//! The source that a source object declares.

use source_tree::ObjectRef;
use yaml_node::Node;

use super::{Declared, GitRevision, OciRevision, Protocol, check_text, public_url, stated};

impl Declared {
    /// The source that a source object declares by its `spec`.
    ///
    /// # Errors
    /// Why it cannot be fetched: its kind has no content outside of the cluster, its address is missing, or has a variable.
    pub fn source(id: &ObjectRef, spec: &Node) -> Result<Declared, String> {
        let is_git = match id.kind.as_str() {
            "GitRepository" => true,
            "OCIRepository" => false,
            "Bucket" => return Declared::bucket(id, spec),
            kind => return Err(format!("content of kind {kind} is made in the cluster")),
        };
        let url = stated(spec, &["url"]).unwrap_or_default();
        if url.is_empty() {
            return Err("it states no spec.url".to_owned());
        }
        let reference = spec.get("ref");
        let (protocol, requested) = if is_git {
            let revision = GitRevision::read(reference);
            let requested = revision.to_string();
            (Protocol::Git { revision }, requested)
        } else {
            if !url.starts_with("oci://") {
                return Err("its spec.url does not begin with oci://".to_owned());
            }
            let revision = OciRevision::read(reference);
            let layer = stated(spec, &["layerSelector", "mediaType"]).map(str::to_owned);
            let mut requested = revision.to_string();
            if let Some(layer) = &layer {
                requested.push_str(&format!(", layer {layer}"));
            }
            let protocol = Protocol::OciArtifact {
                revision,
                layer,
                insecure: spec.get("insecure").and_then(Node::as_bool).unwrap_or_default(),
            };
            (protocol, requested)
        };
        check_text("its spec.url", url)?;
        check_text("its version", &requested)?;
        Ok(Declared {
            object: id.to_string(),
            url: public_url(url),
            requested,
            protocol,
            states_verify: spec.get("verify").is_some_and(|verify| !verify.is_null()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use source_tree::{FileId, Limits};

    #[track_caller]
    fn check(kind: &str, spec: &str, expected: Result<(&str, &str), &str>) {
        let spec = yaml_node::read_documents(spec, FileId::NONE, &Limits::default());
        let spec = spec.unwrap().remove(0);
        let declared = Declared::source(&ObjectRef::new(kind, "a", "b"), &spec);
        let found = declared.as_ref().map(|d| (d.url.as_str(), d.requested.as_str()));
        assert_eq!(found.map_err(String::as_str), expected);
    }

    #[test]
    fn sources_say_where_they_are_and_what_they_want() {
        check(
            "GitRepository",
            "{url: 'https://u:p@example.org/x', ref: {tag: v1}}",
            Ok(("https://example.org/x", "tag v1")),
        );
        check(
            "OCIRepository",
            "{url: 'oci://example.org/x', ref: {semver: 1.x}, layerSelector: {mediaType: a/b, operation: copy}}",
            Ok(("oci://example.org/x", "semver 1.x, layer a/b")),
        );
    }

    #[test]
    fn what_cannot_be_fetched_says_why() {
        check(
            "ExternalArtifact",
            "{}",
            Err("content of kind ExternalArtifact is made in the cluster"),
        );
        check("GitRepository", "{}", Err("it states no spec.url"));
        check("GitRepository", "{url: null}", Err("it states no spec.url"));
        check(
            "GitRepository",
            "{url: 'https://${HOST}/x'}",
            Err("its spec.url `https://${HOST}/x` holds a variable whose value is not known"),
        );
        check(
            "OCIRepository",
            "{url: 'https://example.org'}",
            Err("its spec.url does not begin with oci://"),
        );
    }
}
