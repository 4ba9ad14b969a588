//! The source that a Bucket declares.

use source_tree::ObjectRef;
use yaml_node::Node;

use super::{Declared, Protocol, check_text, stated};
use crate::Digest;

/// Objects of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BucketRequest {
    /// `spec.bucketName`
    pub name: String,
    /// `spec.prefix`, with which the names of the objects begin; empty for all objects.
    pub prefix: String,
    /// `spec.ignore`: patterns of objects to leave out.
    pub ignore: Option<String>,
}

impl Declared {
    /// The source that a Bucket declares by its `spec`: <https://fluxcd.io/flux/components/source/buckets/>.
    pub(super) fn bucket(id: &ObjectRef, spec: &Node) -> Result<Declared, String> {
        let text = |field: &str| stated(spec, &[field]).unwrap_or_default().to_owned();
        let provider = text("provider");
        if !matches!(provider.as_str(), "" | "generic") {
            return Err(format!(
                "the provider {provider} asks the cloud for a login, and only buckets that everybody may read are fetched"
            ));
        }
        for field in ["secretRef", "sts"] {
            if spec.get(field).is_some_and(|value| !value.is_null()) {
                return Err(format!(
                    "its spec.{field} states a login, and only buckets that everybody may read are fetched"
                ));
            }
        }
        let (endpoint, name) = (text("endpoint"), text("bucketName"));
        if endpoint.is_empty() || name.is_empty() {
            return Err("it states no spec.endpoint or no spec.bucketName".to_owned());
        }
        // As in Flux's client, which refuses anything but host and port.
        if endpoint.contains(['/', '@', '?', '#']) {
            return Err(format!("its spec.endpoint `{endpoint}` is not a host and port"));
        }
        let is_insecure = spec.get("insecure").and_then(Node::as_bool).unwrap_or_default();
        let scheme = if is_insecure { "http" } else { "https" };
        let request = BucketRequest {
            name,
            prefix: text("prefix"),
            ignore: stated(spec, &["ignore"]).map(str::to_owned),
        };
        let mut requested = format!("bucket {}", request.name);
        if !request.prefix.is_empty() {
            requested.push_str(&format!(", prefix {}", request.prefix));
        }
        // The patterns decide the content, but may have many lines.
        if let Some(ignore) = &request.ignore {
            let digest = Digest::of(ignore.as_bytes());
            requested.push_str(&format!(", ignore {}", digest.short()));
        }
        check_text("its spec.endpoint", &endpoint)?;
        check_text("what it asks for", &requested)?;
        Ok(Declared {
            object: id.to_string(),
            url: format!("{scheme}://{endpoint}"),
            requested,
            protocol: Protocol::Bucket(request),
            states_verify: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use source_tree::{FileId, Limits};

    #[track_caller]
    fn check(spec: &str, expected: Result<(&str, &str), &str>) {
        let spec = yaml_node::read_documents(spec, FileId::NONE, &Limits::default());
        let spec = spec.unwrap().remove(0);
        let declared = Declared::source(&ObjectRef::new("Bucket", "a", "b"), &spec);
        let found = declared.as_ref().map(|d| (d.url.as_str(), d.requested.as_str()));
        assert_eq!(found.map_err(String::as_str), expected);
    }

    #[test]
    fn public_buckets() {
        check(
            "{endpoint: s3.example.org, bucketName: infra}",
            Ok(("https://s3.example.org", "bucket infra")),
        );
        check(
            "{provider: generic, endpoint: 'minio.example.org:9000', insecure: true, bucketName: infra, prefix: prod/}",
            Ok(("http://minio.example.org:9000", "bucket infra, prefix prod/")),
        );
        check(
            "{endpoint: s3.example.org, bucketName: infra, ignore: '*.md'}",
            Ok((
                "https://s3.example.org",
                "bucket infra, ignore sha256:ba405b6cd142",
            )),
        );
    }

    #[test]
    fn other_buckets_say_why() {
        check(
            "{provider: aws, endpoint: s3.amazonaws.com, bucketName: infra}",
            Err(
                "the provider aws asks the cloud for a login, and only buckets that everybody may read are fetched",
            ),
        );
        check(
            "{endpoint: s3.example.org, bucketName: infra, secretRef: {name: login}}",
            Err("its spec.secretRef states a login, and only buckets that everybody may read are fetched"),
        );
        check(
            "{endpoint: x}",
            Err("it states no spec.endpoint or no spec.bucketName"),
        );
        check(
            "{endpoint: 'https://x', bucketName: infra}",
            Err("its spec.endpoint `https://x` is not a host and port"),
        );
        check(
            "{endpoint: x, bucketName: '${NAME}'}",
            Err("what it asks for `bucket ${NAME}` holds a variable whose value is not known"),
        );
    }
}
